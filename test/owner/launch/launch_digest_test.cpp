// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/launch_digest.h"

#include <algorithm>
#include <string>

#include "base/status.h"
#include "common/text.h"
#include "owner/vectors.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::launch_digest_test {

using core::Status;
using nlohmann::json;
using owner::DirectBoot;
using owner::Launch;
using owner::VmsaGeneration;
using test::failure_of;

namespace {

std::string pattern(std::size_t size, unsigned factor, unsigned offset) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(factor * i + offset);
  return bytes;
}

// The files that the vectors' recipe describes.
class Files {
 public:
  Files() {
    for (const auto& [name, image] : vectors_["ovmf_b64"].items()) {
      folder_.write(name, test::from_base64(image));
    }
    folder_.write("kernel", pattern(5000, 17, 3));
    folder_.write("initrd", pattern(3333, 13, 11));
    folder_.write("empty", "");
  }

  [[nodiscard]] const json& vectors() const { return vectors_; }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path(name); }
  [[nodiscard]] std::optional<DirectBoot> boot(const json& vector) const {
    if (!vector["kernel"].get<bool>()) return std::nullopt;
    DirectBoot boot{path("kernel"), std::nullopt, std::nullopt};
    if (vector["initrd"].is_string()) boot.initrd = path(vector["initrd"]);
    if (vector["append_text"].is_string()) boot.append = vector["append_text"];
    return boot;
  }

 private:
  json vectors_ = test::owner_vectors("launch_digests.json");
  test::TempFolder folder_;
};

owner::Digest digest_of(const Launch& launch, const json& vector) {
  if (!vector.contains("vcpus")) return launch.sev_digest();
  const bool legacy = vector["vmsa_fpu"].get<std::string>().starts_with("zero");
  return launch.sev_es_digest({vector["vcpus"], vector["vcpu_sig"]},
                              legacy ? VmsaGeneration::legacy : VmsaGeneration::init2);
}

}  // namespace

TEST_CASE("a launch has the digest that the platform measures") {
  const Files files;
  for (const json& vector : files.vectors()["cases"]) {
    INFO(vector["name"]);
    const Launch launch(files.path(vector["ovmf"]), files.boot(vector));
    CHECK(tools::to_hex(digest_of(launch, vector)) == vector["launch_digest"].get<std::string>());
  }
}

TEST_CASE("a kernel needs an image with an area for its hashes") {
  const Files files;
  for (const json& vector : files.vectors()["must_fail"]) {
    INFO(vector["ovmf"]);
    const DirectBoot boot{files.path("kernel"), std::nullopt, std::nullopt};
    const auto failure = failure_of([&] { Launch(files.path(vector["ovmf"]), boot); });
    CHECK(failure.status == Status::argument);
    CHECK(failure.text.find("no area for a kernel's hashes") != std::string::npos);
  }
  const auto failure = failure_of([&] {
    Launch(files.path("hash_base_zero"),
           DirectBoot{files.path("kernel"), std::nullopt, std::nullopt});
  });
  CHECK(failure.status == Status::argument);
}

TEST_CASE("without a kernel any image has its digest") {
  const Files files;
  for (const char* name :
       {"with_hash_table", "without_hash_entry", "hash_base_zero", "no_footer"}) {
    CHECK(tools::to_hex(Launch(files.path(name), std::nullopt).sev_digest()) ==
          files.vectors()["file_sha256"][name].get<std::string>());
  }
}

TEST_CASE("an empty initrd is as none, and an empty command line as none") {
  const Files files;
  const auto digest = [&](const std::optional<std::string>& initrd,
                          const std::optional<std::string>& append) {
    return Launch(files.path("with_hash_table"), DirectBoot{files.path("kernel"), initrd, append})
        .sev_digest();
  };
  CHECK(digest(files.path("empty"), std::nullopt) == digest(std::nullopt, std::nullopt));
  CHECK(digest(std::nullopt, "") == digest(std::nullopt, std::nullopt));
}

TEST_CASE("white space around a command line counts") {
  const Files files;
  const auto digest = [&](const char* append) {
    return Launch(files.path("with_hash_table"),
                  DirectBoot{files.path("kernel"), std::nullopt, append})
        .sev_digest();
  };
  CHECK(digest("quiet ") != digest("quiet"));
  CHECK(digest(" quiet") != digest("quiet"));
  CHECK(digest(" ") != digest(""));
}

TEST_CASE("SEV-ES needs an image that says where its vCPUs start") {
  const Files files;
  const Launch launch(files.path("no_footer"), std::nullopt);
  CHECK(test::status_of([&] {
          static_cast<void>(launch.sev_es_digest({1, 0x800f12}, VmsaGeneration::init2));
        }) == Status::argument);
}

TEST_CASE("the table of hashes that was measured is there to be looked at") {
  const Files files;
  const Launch launch(
      files.path("with_hash_table"),
      DirectBoot{files.path("kernel"), files.path("initrd"), "console=ttyS0 loglevel=7"});
  REQUIRE(launch.hashes_table());
  CHECK(std::ranges::equal(*launch.hashes_table(),
                           test::from_base64(files.vectors()["hashes_table_full_b64"])));
  owner::Sha256 hash;
  hash.update(launch.ovmf());
  hash.update(*launch.hashes_table());
  CHECK(hash.digest() == launch.sev_digest());
  CHECK_FALSE(Launch(files.path("with_hash_table"), std::nullopt).hashes_table());
}

// No other program has this one: it is put together of the pages that others agree on.
TEST_CASE("with debug swap the digest has the feature in each page") {
  const Files files;
  const json& vectors = files.vectors();
  const Launch launch(files.path("with_hash_table"), std::nullopt);
  const auto page = [&](const char* name) {
    core::Bytes vmsa = test::from_base64(vectors[name]);
    std::ranges::fill(core::ByteSpan(vmsa).subspan(0x408, 10), std::uint8_t{0});
    vmsa[0x3b0] = 0x20;
    return vmsa;
  };
  owner::Sha256 hash;
  hash.update(launch.ovmf());
  hash.update(page("vmsa_bsp_EPYC-v4_init2_b64"));
  hash.update(page("vmsa_ap_EPYC-v4_init2_b64"));
  hash.update(page("vmsa_ap_EPYC-v4_init2_b64"));
  CHECK(hash.digest() == launch.sev_es_digest({3, 0x800f12}, VmsaGeneration::legacy_debug_swap));
}

TEST_CASE("an empty image is refused, an endless one, and one that can't be read") {
  const Files files;
  CHECK(test::status_of([&] { Launch("/dev/zero", std::nullopt); }) == Status::argument);
  CHECK(test::status_of([&] { Launch(files.path("empty"), std::nullopt); }) == Status::argument);
  CHECK(test::status_of([&] { Launch(files.path("none"), std::nullopt); }) == Status::io);
  CHECK(test::status_of([&] {
          Launch(files.path("with_hash_table"),
                 DirectBoot{files.path("none"), std::nullopt, std::nullopt});
        }) == Status::io);
}

TEST_CASE("the table is found at the end of an image of many blocks") {
  const Files files;
  const test::TempFolder folder;
  const core::Bytes image = test::from_base64(files.vectors()["ovmf_b64"]["with_hash_table"]);
  std::string large(1'000'003, 'x');
  large += core::as_text(image);
  const Launch launch(folder.write("large", large),
                      DirectBoot{files.path("kernel"), std::nullopt, std::nullopt});
  CHECK_NOTHROW(static_cast<void>(launch.sev_es_digest({1, 0}, VmsaGeneration::legacy)));
}

}  // namespace oskbc::launch_digest_test
