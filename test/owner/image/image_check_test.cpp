// SPDX-License-Identifier: Apache-2.0
#include "owner/image/image_check.h"

#include <string>

#include "base/status.h"
#include "crypto/key_wrap_cipher.h"
#include "format/base64.h"
#include "owner/image/image_layout.h"
#include "support/catch.h"
#include "unit/failure.h"
#include "unit/test_bytes.h"

namespace oskbc::image_check_test {

using core::Keyset;
using core::Status;
using core::WrapType;
using nlohmann::json;
using owner::LayerReport;
using owner::packet_generation;
using owner::PacketGeneration;
using test::ImageLayout;
using test::kEncryptedLayer;
using test::kPlainLayer;

namespace {

std::string packet_text(const std::string& kid, const std::string& wrap_type,
                        const std::string& more = "") {
  return R"({"kid":")" + kid + R"(","wrapped_data":"AA==","iv":"AA==","wrap_type":")" + wrap_type +
         "\"" + more + "}";
}

constexpr const char* kAgent = "org.opencontainers.image.enc.keys.provider.attestation-agent";
constexpr const char* kOptions = R"({"symkeyopts":"MARKER"})";

// A throw-away key per number.
core::Bytes key(unsigned number) { return test::counting(32, number); }

Keyset keyset(const std::string& id, unsigned number) {
  return Keyset::parse(json{{id, core::base64::encode(core::ByteView(key(number)))}}.dump());
}

std::string packet(const std::string& kid, unsigned number, WrapType type = WrapType::a256gcm,
                   const std::string& options = kOptions) {
  core::Packet packet{kid, core::Bytes(options.size() + core::tag_size(type)),
                      core::Bytes(core::iv_size(type)), type};
  core::KeyWrapCipher().wrap(type, key(number), core::as_bytes(options), packet.iv, packet.wrapped);
  return core::base64::encode(core::as_bytes(core::write_packet(packet)));
}

LayerReport report_of(const std::string& media_type, const json& annotations,
                      const Keyset* keys = nullptr) {
  const ImageLayout layout;
  layout.set_index({layout.add_manifest({layout.add("layer", media_type, annotations)})});
  const auto reports = owner::check_image(layout.path(), keys);
  REQUIRE(reports.size() == 1);
  return reports.front();
}

}  // namespace

TEST_CASE("every generation of the packet is told from the others") {
  CHECK(packet_generation(R"({"kid":"k","wrapped_data":[1],"iv":[2],"wrap_type":"aes_256_ctr"})") ==
        PacketGeneration::october_2021);
  CHECK(packet_generation(packet_text("key_id1", "aes_256_ctr")) ==
        PacketGeneration::november_2021);
  CHECK(packet_generation(packet_text("key_id1", "aes_256_gcm")) ==
        PacketGeneration::december_2022);
  for (const char* kid :
       {"kbs:///default/key/1", "kbs://host:8080/default/key/1", "key_id1", "default/key/1"}) {
    INFO(kid);
    CHECK(packet_generation(packet_text(kid, "A256GCM")) == PacketGeneration::february_2023);
    CHECK(packet_generation(packet_text(kid, "A256CTR")) == PacketGeneration::february_2023);
  }
  for (const char* kid : {"kbs:///kbs:///default/key/1", "kbs:////default/key/1"}) {
    INFO(kid);
    CHECK(packet_generation(packet_text(kid, "A256GCM")) == PacketGeneration::march_2023);
  }
  CHECK(packet_generation(packet_text(
            "kbs:///default/key/1", "A256GCM",
            R"(,"version":"0.1.0","provider":"kbs","provider_settings":{},"annotations":{})")) ==
        PacketGeneration::september_2023);
  for (const char* kid : {"/default/key/1", "host/default/key/1"}) {
    INFO(kid);
    CHECK(packet_generation(packet_text(kid, "A256GCM")) == PacketGeneration::may_2026);
  }
}

TEST_CASE("a packet that can't be read has no generation") {
  CHECK(test::status_of([] { static_cast<void>(packet_generation("{}")); }) ==
        core::Status::packet);
}

TEST_CASE("generations have names that differ") {
  CHECK(owner::name_of(PacketGeneration::october_2021) == std::string("October 2021"));
  CHECK(owner::name_of(PacketGeneration::september_2023) == std::string("September 2023 (V2)"));
}

TEST_CASE("a layer tells its key, its packet's generation and whether the keyset opens it") {
  const Keyset keys = keyset("default/key/1", 1);
  const LayerReport report =
      report_of(kEncryptedLayer, {{kAgent, packet("kbs:///default/key/1", 1)}}, &keys);
  CHECK(report.number == 1);
  CHECK(report.count == 1);
  CHECK(report.encrypted);
  REQUIRE(report.recipients.size() == 1);
  const owner::Recipient& recipient = report.recipients.front();
  CHECK(recipient.scheme == "provider.attestation-agent");
  CHECK(recipient.packet.value().kid == "kbs:///default/key/1");
  CHECK(recipient.generation == owner::PacketGeneration::february_2023);
  CHECK(recipient.opens == true);
  CHECK(report.verdict(true) == Status::ok);
}

TEST_CASE("without a keyset nothing is said about opening") {
  const LayerReport report = report_of(kEncryptedLayer, {{kAgent, packet("k", 1)}});
  CHECK_FALSE(report.recipients.front().opens);
  CHECK(report.verdict(false) == Status::ok);
}

TEST_CASE("a layer that is not encrypted is found out, even with a packet") {
  CHECK(report_of(kPlainLayer, nullptr).verdict(false) == Status::argument);
  CHECK(report_of(kPlainLayer, {{kAgent, packet("k", 1)}}).verdict(false) == Status::argument);
}

TEST_CASE("a key that is missing, wrong or short does not open a layer") {
  const json annotations = {{kAgent, packet("k", 1)}};
  const Keyset missing = keyset("other", 1);
  const Keyset wrong = keyset("k", 2);
  const Keyset shorter = Keyset::parse(R"({"k":"QUJD"})");
  const auto verdict = [&](const Keyset& keys) {
    const LayerReport report = report_of(kEncryptedLayer, annotations, &keys);
    CHECK(report.recipients.front().opens == false);
    CHECK_FALSE(report.recipients.front().reason.empty());
    return report.verdict(true);
  };
  CHECK(verdict(missing) == Status::unknown_key);
  CHECK(verdict(wrong) == Status::decrypt);
  CHECK(verdict(shorter) == Status::decrypt);
}

TEST_CASE("a wrong key is noticed with CTR too, though CTR does not") {
  const json annotations = {{kAgent, packet("k", 1, WrapType::a256ctr)}};
  const Keyset right = keyset("k", 1);
  const Keyset wrong = keyset("k", 2);
  CHECK(report_of(kEncryptedLayer, annotations, &right).verdict(true) == Status::ok);
  CHECK(report_of(kEncryptedLayer, annotations, &wrong).verdict(true) == Status::decrypt);
}

TEST_CASE("one of several recipients is enough") {
  const Keyset keys = keyset("b", 2);
  const LayerReport report = report_of(kEncryptedLayer,
                                       {{kAgent, packet("a", 1) + "," + packet("b", 2)},
                                        {"org.opencontainers.image.enc.keys.jwe", "x"}},
                                       &keys);
  REQUIRE(report.recipients.size() == 3);
  CHECK(report.recipients[0].scheme == "jwe");
  CHECK(report.recipients[1].opens == false);
  CHECK(report.recipients[2].opens == true);
  CHECK(report.verdict(true) == Status::ok);
}

TEST_CASE("a layer for others, or for nobody, is not one for the guest") {
  CHECK(report_of(kEncryptedLayer, nullptr).verdict(false) == Status::unsupported);
  CHECK(
      report_of(kEncryptedLayer, {{"org.opencontainers.image.enc.keys.jwe", "x"}}).verdict(false) ==
      Status::unsupported);
}

TEST_CASE("a packet that can't be read is told with its reason") {
  for (const char* value : {"", "!", "e30=", "bm8gSlNPTg=="}) {
    const LayerReport report = report_of(kEncryptedLayer, {{kAgent, value}});
    CHECK_FALSE(report.recipients.front().packet);
    CHECK_FALSE(report.recipients.front().reason.empty());
    CHECK(report.verdict(false) == Status::packet);
  }
}

TEST_CASE("a layer whose blob is damaged is an error of the image") {
  const ImageLayout layout;
  const json layer = layout.add("layer", kPlainLayer);
  layout.set_index({layout.add_manifest({layer})});
  layout.folder().write(ImageLayout::name_of(layer["digest"]), "later");
  CHECK(test::status_of([&] { static_cast<void>(owner::check_image(layout.path(), nullptr)); }) ==
        Status::argument);
}

TEST_CASE("a foreign layer that is kept elsewhere hides no other") {
  for (const char* type : {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                           "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"}) {
    const ImageLayout layout;
    const json foreign = layout.add("foreign", type);
    const json own = layout.add("own", kPlainLayer);
    layout.set_index({layout.add_manifest({foreign, own})});
    CHECK_FALSE(owner::check_image(layout.path(), nullptr).front().absent);
    boost::filesystem::remove(layout.folder().path(ImageLayout::name_of(foreign["digest"])));
    const auto reports = owner::check_image("oci:" + layout.path(), nullptr);
    REQUIRE(reports.size() == 2);
    CHECK(reports[0].absent);
    CHECK(reports[0].verdict(false) == Status::argument);
    CHECK_FALSE(reports[1].absent);
    // One of the image's own may not be missing.
    boost::filesystem::remove(layout.folder().path(ImageLayout::name_of(own["digest"])));
    CHECK(test::status_of([&] { static_cast<void>(owner::check_image(layout.path(), nullptr)); }) ==
          Status::io);
  }
}

TEST_CASE("a signature beside an image is named, and is no layer of it") {
  const ImageLayout layout;
  const json image =
      layout.add_manifest({layout.add("a", kEncryptedLayer, json{{kAgent, packet("k", 1)}})});
  const json signature =
      layout.add_manifest({layout.add("{}", "application/vnd.dev.cosign.simplesigning.v1+json")});
  layout.set_index({image, signature});
  const auto reports = owner::check_image(layout.path(), nullptr);
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].verdict(false) == Status::ok);
  CHECK(reports[1].artifact == "application/vnd.dev.cosign.simplesigning.v1+json");
  CHECK(reports[1].verdict(false) == Status::ok);
}

}  // namespace oskbc::image_check_test
