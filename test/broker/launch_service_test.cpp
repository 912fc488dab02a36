// SPDX-License-Identifier: Apache-2.0
#include "broker/launch_service.h"

#include <nlohmann/json.hpp>

#include "launches.h"
#include "owner/keys/secret_table.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "support/platform.h"
#include "support/platform_certificates.h"
#include "unit/failure.h"

namespace oskbc::launch_service_test {

using broker::LaunchService;
using broker::SecretRequest;
using test::Platform;

namespace {

constexpr owner::Digest kDigest{0xd1};
constexpr owner::Nonce kNonce{0x0e};
constexpr std::int32_t kPolicy = 5;

constexpr const char* kKeys = R"({"key_id1": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="})";

std::string keysets_with(const char* digests) {
  return std::string(R"({"K": {"allowed_keys": ["key_id1"], )") + digests +
         R"("allowed-policies": [5]}, "OLD": {"allowed_keys": ["key_id1"], )" + digests +
         R"("min-api-major": 0}})";
}

const std::string kDigests = "\"allowed_digests\": [\"" + tools::to_hex(owner::Digest{0x0f}) +
                             "\", \"" + tools::to_hex(kDigest) + "\"], ";

owner::PrivateKey new_key() {
  owner::SystemRandom random;
  return owner::PrivateKey::generate(random);
}

// Making them takes longer than any test.
struct Host {
  owner::PrivateKey key = new_key();
  test::PlatformCertificates certificates = test::make_platform_certificates(key);
  Platform platform{std::move(key)};
};

Host& host() {
  static Host made;
  return made;
}

// An owner with all that a service needs, and a platform.
struct World {
  explicit World(LaunchService::Options chosen = {}, const std::string& digests = kDigests)
      : options(chosen), keysets(keysets_with(digests.c_str())) {}

  LaunchService::Options options;
  std::string keysets;
  test::EmptyDatabase database{"sqlite"};
  const test::TempFolder& folder = database.folder();
  const test::PlatformCertificates& certificates = host().certificates;
  Platform& platform = host().platform;
  broker::LaunchStore store{database.open(), test::state_key(), test::limits(3)};
  std::shared_ptr<const broker::PlatformTrust> trust =
      std::make_shared<const broker::PlatformTrust>(broker::PlatformTrust::Options{
          {folder.write("ark", core::ByteView(certificates.ark))}, {}, {}, {}});
  broker::Audit audit{folder.path("audit")};
  LaunchService service{store, trust, audit, read_keysets(), options};

  [[nodiscard]] std::shared_ptr<const broker::Keysets> read_keysets() const {
    return std::make_shared<const broker::Keysets>(
        folder.write("keys.json", std::string_view(kKeys)), folder.write("keysets.json", keysets),
        3072);
  }
  [[nodiscard]] core::Bytes chain() const {
    core::Bytes all = certificates.pek;
    for (const core::Bytes* more : {&certificates.oca, &certificates.cek, &certificates.ask}) {
      all.insert(all.end(), more->begin(), more->end());
    }
    return all;
  }
  broker::Bundle open(const broker::Client& client = {"host", ""}) {
    return service.bundle(certificates.pdh, chain(), kPolicy, client);
  }
  [[nodiscard]] nlohmann::json last_line() const {
    const std::string text = folder.read("audit");
    const std::size_t before = text.rfind('\n', text.size() - 2);
    return nlohmann::json::parse(text.substr(before == std::string::npos ? 0 : before + 1));
  }
};

// A launch of the platform's, up to its measurement.
struct Measured {
  explicit Measured(World& world, const owner::Digest& digest = kDigest,
                    const broker::Client& client = {"host", ""})
      : bundle(world.open(client)),
        guest(world.platform.start(bundle.godh, bundle.blob, kPolicy)),
        measurement(world.platform.measure(guest, digest, kNonce)) {}

  [[nodiscard]] SecretRequest request() const {
    return {measurement, bundle.connection, 1, 55, 24, kPolicy, "K"};
  }

  broker::Bundle bundle;
  Platform::Guest guest;
  core::Bytes measurement;
};

std::string refusal(const std::function<void()>& call) {
  try {
    call();
    return "";
  } catch (const broker::ClientError& refused) {
    return refused.what();
  }
}

std::string refusal(World& world, const SecretRequest& request, const broker::Client& client = {}) {
  return refusal([&] { static_cast<void>(world.service.secret(request, client)); });
}

}  // namespace

TEST_CASE("a measured guest gets its keyset") {
  World world;
  const Measured launch(world, kDigest, {"host", "name"});
  const auto secret = world.service.secret(launch.request(), {"host", "name"});
  const auto table = world.platform.inject(launch.guest, secret.header, secret.data);
  const auto parsed = owner::parse_secret_table(table.expose());
  REQUIRE(parsed.entries.size() == 1);
  CHECK(core::as_text(parsed.entries[0].data) == kKeys);
  const auto line = world.last_line();
  CHECK(line["decision"] == "released");
  CHECK(line["client"] == "host");
  CHECK(line["client_name"] == "name");
  CHECK(line["digest"] == tools::to_hex(kDigest));
  CHECK(line["platform"] == tools::to_hex(owner::sha256(world.certificates.pdh)));
}

TEST_CASE("firmware before API 0.17 is answered in its way") {
  World world;
  const owner::Firmware before = world.platform.firmware;
  world.platform.firmware = {0, 16, 3};
  const Measured launch(world);
  const auto secret = world.service.secret(
      {launch.measurement, launch.bundle.connection, 0, 16, 3, kPolicy, "OLD"}, {});
  static_cast<void>(world.platform.inject(launch.guest, secret.header, secret.data));
  world.platform.firmware = before;
}

TEST_CASE("a refusal leaves the launch as it was") {
  World world;
  const Measured launch(world);
  SecretRequest request = launch.request();
  request.keyset = "NONE";
  CHECK(refusal(world, request) == "KEYSET INVALID");
  request = launch.request();
  request.build_id = 256;
  CHECK(refusal(world, request) == "BUILD-ID INVALID");
  CHECK(world.last_line()["reason"] == "a number from 0 to 255 is needed, not 256");
  request = launch.request();
  request.measurement = request.measurement.first(47);
  CHECK(refusal(world, request) == "MEASUREMENT INVALID");
  CHECK(refusal(world, launch.request()).empty());
  CHECK(refusal(world, launch.request()) == "CONNECTION ID INVALID");
}

TEST_CASE("every bit of a measurement counts") {
  World world;
  for (std::size_t i = 0; i < 48; ++i) {
    // Another one now and then, since failures close a launch.
    static std::unique_ptr<Measured> launch;
    if (i % 6 == 0) {
      if (launch) CHECK(refusal(world, launch->request()).empty());
      launch = std::make_unique<Measured>(world);
    }
    core::Bytes changed = launch->measurement;
    changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    SecretRequest request = launch->request();
    request.measurement = changed;
    CHECK(refusal(world, request) == "MEASUREMENT INVALID");
    if (i == 47) launch.reset();
  }
}

TEST_CASE("a keyset without digests releases nothing, but when measuring is left out") {
  World strict({}, "");
  CHECK(refusal(strict, Measured(strict).request()) == "MEASUREMENT INVALID");
  World lax({.skip_measurement = true}, "");
  const Measured launch(lax, owner::Digest{0xee});
  CHECK(refusal(lax, launch.request()).empty());
  CHECK(lax.last_line()["measurement_skipped"] == true);
}

TEST_CASE("bundles are refused with a text of their own") {
  World world;
  const auto bundle = [&](core::ByteView pdh, core::ByteView chain) {
    return refusal([&] { static_cast<void>(world.service.bundle(pdh, chain, kPolicy, {})); });
  };
  CHECK(bundle({}, world.chain()) == "PLATFORM PUBLIC KEY INVALID");
  CHECK(bundle(world.certificates.pek, world.chain()) == "PLATFORM PUBLIC KEY INVALID");
  CHECK(bundle(world.certificates.pdh, {}) == "CERTIFICATE CHAIN INVALID");
  for (int i = 0; i < 3; ++i) CHECK(bundle(world.certificates.pdh, world.chain()).empty());
  CHECK(bundle(world.certificates.pdh, world.chain()) == "TOO MANY CONNECTIONS");
  CHECK(world.last_line()["decision"] == "refused");
}

TEST_CASE("a launch that somebody changed in the database is none") {
  World world;
  const Measured launch(world);
  static_cast<void>(world.database.run("UPDATE oskbc_launches_2 SET policy = 4"));
  CHECK(refusal(world, launch.request()) == "CONNECTION ID INVALID");
  CHECK(world.last_line()["reason"].get<std::string>().find("altered") != std::string::npos);
}

TEST_CASE("new keysets count from the next request on") {
  World world;
  const Measured launch(world);
  world.keysets =
      R"({"NEW": {"allowed_keys": ["key_id1"], )" + kDigests + R"("min-api-major": 1}})";
  world.service.replace(world.read_keysets());
  CHECK(refusal(world, launch.request()) == "KEYSET INVALID");
  SecretRequest request = launch.request();
  request.keyset = "NEW";
  CHECK(refusal(world, request).empty());
}

TEST_CASE("a launch is its client's, and nobody else's to use or to close") {
  World world;
  const Measured launch(world, kDigest, {"host", "name"});
  SecretRequest wrong = launch.request();
  wrong.measurement = core::ByteView(launch.measurement).first(40);
  for (int i = 0; i < 20; ++i) {
    CHECK(refusal(world, wrong, {"host", i % 2 == 0 ? "other" : ""}) == "CONNECTION ID INVALID");
  }
  CHECK(refusal(world, launch.request(), {"host", "other"}) == "CONNECTION ID INVALID");
  CHECK(refusal(world, launch.request(), {"elsewhere", "name"}).empty());
}

TEST_CASE("the audit says whose launch it was not") {
  World world;
  const Measured launch(world, kDigest, {"host", "name"});
  CHECK(refusal(world, launch.request(), {"host", "other"}) == "CONNECTION ID INVALID");
  CHECK(world.last_line()["reason"].get<std::string>() == "another client opened this launch");
  CHECK(world.last_line()["client_name"].get<std::string>() == "other");
}

TEST_CASE("where clients have no names, a launch is for whoever asks, but for one with a name") {
  World world;
  const Measured launch(world);
  CHECK(refusal(world, launch.request(), {"host", "name"}) == "CONNECTION ID INVALID");
  CHECK(refusal(world, launch.request(), {"elsewhere", ""}).empty());
}

TEST_CASE("a launch that was released is refused though its row was put back") {
  World world;
  const Measured launch(world);
  const auto before = world.database.run("SELECT sealed FROM oskbc_launches_2");
  CHECK(refusal(world, launch.request()).empty());
  static_cast<void>(world.database.run("UPDATE oskbc_launches_2 SET sealed = '" +
                                       before.at(0).at(0).value() + "'"));
  CHECK(refusal(world, launch.request()) == "CONNECTION ID INVALID");
  CHECK(world.last_line()["reason"].get<std::string>() ==
        "the launch was used before: somebody has brought an older state back");
}

TEST_CASE("a bundle is refused for a policy that no keyset allows") {
  World world;
  world.keysets = R"({"K": {"allowed_keys": ["key_id1"], "allowed-policies": [5]},
                      "L": {"allowed_keys": ["key_id1"], "allowed-policies": [7],
                            "allowed-clients": ["host-*.example"]},
                      "M": {"allowed_keys": ["key_id1"], "allowed-clients": ["any"]}})";
  world.service.replace(world.read_keysets());
  const auto bundle = [&](std::int32_t policy, const std::string& name) {
    return refusal([&] {
      static_cast<void>(
          world.service.bundle(world.certificates.pdh, world.chain(), policy, {"host", name}));
    });
  };
  CHECK(bundle(4, "") == "POLICY INVALID");
  CHECK(world.last_line()["reason"].get<std::string>() ==
        "no keyset that this client may have allows the policy");
  CHECK(bundle(7, "") == "POLICY INVALID");
  CHECK(bundle(7, "host-1.example.org") == "POLICY INVALID");
  CHECK(bundle(5, "").empty());
  CHECK(bundle(7, "host-1.example").empty());
  CHECK(bundle(4, "any").empty());
}

TEST_CASE("a keyset with allowed-clients is none for others") {
  World world;
  world.keysets = R"({"K": {"allowed_keys": ["key_id1"], )" + kDigests +
                  R"("allowed-clients": ["host-*"]}, "L": {"allowed_keys": ["key_id1"]}})";
  world.service.replace(world.read_keysets());
  for (const char* name : {"", "other", "HOST-1"}) {
    const Measured launch(world, kDigest, {"host", name});
    CHECK(refusal(world, launch.request(), {"host", name}) == "KEYSET INVALID");
    CHECK(world.last_line()["reason"].get<std::string>().starts_with("keyset K "));
  }
}

TEST_CASE("and is one for those in it") {
  World world;
  world.keysets = R"({"K": {"allowed_keys": ["key_id1"], )" + kDigests +
                  R"("allowed-clients": ["a", "host-*"]}})";
  world.service.replace(world.read_keysets());
  const Measured launch(world, kDigest, {"host", "host-1"});
  CHECK(refusal(world, launch.request(), {"host", "host-1"}).empty());
}

TEST_CASE("a broker that stops waits for what runs, and tells others to ask again") {
  World world;
  const auto text = [&] {
    try {
      static_cast<void>(world.service.bundle(world.certificates.pdh, world.chain(), kPolicy, {}));
      return std::string();
    } catch (const broker::ClientError& error) {
      CHECK(error.code() == broker::Code::unavailable);
      return std::string(error.what());
    }
  };
  const broker::Bundle open = world.open();
  world.service.drain(std::chrono::milliseconds(1));
  CHECK(text() == "BROKER STOPS");
  CHECK(world.store.find(open.connection).has_value());
}

}  // namespace oskbc::launch_service_test
