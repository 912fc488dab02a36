// SPDX-License-Identifier: Apache-2.0
#include "broker/platform_trust.h"

#include <initializer_list>

#include "base/status.h"
#include "common/binary.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::platform_trust_test {

using broker::PlatformTrust;

namespace {

core::Bytes joined(const char* chain, std::initializer_list<const char*> names) {
  core::Bytes all;
  for (const char* name : names) {
    const core::Bytes bytes = test::from_base64(test::owner_vectors("chains.json")[chain][name]);
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

const test::TempFolder& folder() {
  static const test::TempFolder made;
  return made;
}

std::string root_file(const char* chain, std::initializer_list<const char*> names = {"ark"}) {
  return folder().write(std::string(chain) + std::to_string(names.size()) + ".cert",
                        core::ByteView(joined(chain, names)));
}

std::string verify(const PlatformTrust::Options& options, const char* chain,
                   std::initializer_list<const char*> names) {
  const PlatformTrust trust(options);
  return test::refusal_of([&] { trust.verify(joined(chain, {"pdh"}), joined(chain, names)); });
}

constexpr auto kWhole = {"pek", "oca", "cek", "ask", "ark"};

}  // namespace

TEST_CASE("a platform is trusted whose chain leads up to the owner's root") {
  const char* chain = GENERATE("rsa_2048", "rsa_4096");
  PlatformTrust::Options options;
  options.amd_roots = {root_file(chain)};
  CHECK(verify(options, chain, kWhole).empty());
  CHECK(verify(options, chain, {"pek", "oca", "cek", "ask"}).empty());
  CHECK(verify(options, chain, {"pek", "oca", "cek"}) ==
        "CEK signed by ASK: the ASK certificate is missing");
  options.amd_roots = {root_file(chain, {"ask", "ark"})};
  CHECK(verify(options, chain, {"pek", "oca", "cek"}).empty());
}

TEST_CASE("any of several roots will do, whatever stands before it") {
  PlatformTrust::Options options;
  options.amd_roots = {root_file("rsa_4096"), root_file("rsa_2048")};
  CHECK(verify(options, "rsa_2048", kWhole).empty());
  CHECK(verify(options, "rsa_4096", kWhole).empty());
  options.amd_roots.pop_back();
  CHECK_FALSE(verify(options, "rsa_2048", kWhole).empty());
}

TEST_CASE("an ARK that the client sends is trusted by its digest only") {
  PlatformTrust::Options options;
  options.ark_sha256 = {owner::Digest{1}, owner::sha256(joined("rsa_2048", {"ark"}))};
  CHECK(verify(options, "rsa_2048", kWhole).empty());
  CHECK(verify(options, "rsa_4096", kWhole) == "the ARK is not one that is trusted");
  CHECK_FALSE(verify(options, "rsa_2048", {"pek", "oca", "cek", "ask"}).empty());
}

TEST_CASE("the owner's CEKs stand for those that platforms export unsigned") {
  PlatformTrust::Options options;
  options.amd_roots = {root_file("rsa_2048", {"ask", "ark"})};
  const auto exported = {"pek", "oca", "cek_exported"};
  CHECK(verify(options, "rsa_2048", exported).find("as the platform exports it") !=
        std::string::npos);
  folder().write("ceks/one.cert", core::ByteView(joined("rsa_4096", {"cek"})));
  folder().write("ceks/two.cert", core::ByteView(joined("rsa_2048", {"cek"})));
  options.ceks = {folder().path("ceks")};
  CHECK(verify(options, "rsa_2048", exported).empty());
  folder().write("ceks/README", std::string_view("CEKs of rack 7"));
  CHECK(verify(options, "rsa_2048", exported).empty());
  const std::vector<std::string> passed_over = PlatformTrust(options).passed_over();
  REQUIRE(passed_over.size() == 1);
  CHECK(passed_over[0].find("ceks/README: ") != std::string::npos);
  options.ceks = {folder().path("ceks/README")};
  CHECK_THROWS_AS(PlatformTrust(options), core::Error);
  options.ceks = {folder().path("ceks/one.cert")};
  CHECK_FALSE(verify(options, "rsa_2048", exported).empty());
}

TEST_CASE("a link that does not hold is named") {
  PlatformTrust::Options options;
  options.amd_roots = {root_file("rsa_2048")};
  core::Bytes chain = joined("rsa_2048", kWhole);
  chain[20] ^= 1;
  const PlatformTrust trust(options);
  const std::string reason =
      test::refusal_of([&] { trust.verify(joined("rsa_2048", {"pdh"}), chain); });
  CHECK_FALSE(reason.empty());
  CHECK(verify(options, "rsa_2048", {}) == "PDH signed by PEK: the PEK certificate is missing");
}

TEST_CASE("that a platform was trusted is no help to another one") {
  PlatformTrust::Options options;
  options.amd_roots = {root_file("rsa_2048")};
  const PlatformTrust trust(options);
  const core::Bytes pdh = joined("rsa_2048", {"pdh"});
  core::Bytes chain = joined("rsa_2048", kWhole);
  const auto is_refused = [&](const core::Bytes& key) {
    return !test::refusal_of([&] { trust.verify(key, chain); }).empty();
  };
  for (int i = 0; i < 2; ++i) CHECK_FALSE(is_refused(pdh));
  core::Bytes other = pdh;
  other[1060] ^= 1;
  for (int i = 0; i < 2; ++i) CHECK(is_refused(other));
  chain.back() ^= 1;
  CHECK(is_refused(pdh));
}

TEST_CASE("what was verified with other roots or CEKs is verified anew") {
  PlatformTrust::Options options;
  options.amd_roots = {root_file("rsa_2048")};
  const core::Bytes pdh = joined("rsa_2048", {"pdh"});
  const core::Bytes chain = joined("rsa_2048", kWhole);
  const PlatformTrust before(options);
  CHECK(test::refusal_of([&] { before.verify(pdh, chain); }).empty());
  options.amd_roots = {root_file("rsa_4096")};
  const PlatformTrust after(options);
  CHECK_FALSE(test::refusal_of([&] { after.verify(pdh, chain); }).empty());
}

TEST_CASE("a platform is remembered for a while, and not more than a few thousand are") {
  using broker::VerifiedPlatforms;
  const auto platform = [](std::uint32_t number) {
    owner::Digest digest{};
    tools::store_le(digest, 0, number);
    return digest;
  };
  VerifiedPlatforms verified;
  const VerifiedPlatforms::Clock::time_point start{};
  verified.add(platform(1), start);
  CHECK(verified.has(platform(1), start + VerifiedPlatforms::kWhile - std::chrono::seconds(1)));
  CHECK_FALSE(verified.has(platform(1), start + VerifiedPlatforms::kWhile));
  CHECK_FALSE(verified.has(platform(2), start));
  for (std::uint32_t i = 1; i <= VerifiedPlatforms::kMost + 5; ++i) {
    verified.add(platform(i), start + std::chrono::milliseconds(i));
  }
  const auto now = start + std::chrono::minutes(1);
  for (std::uint32_t i = 1; i <= 5; ++i) CHECK_FALSE(verified.has(platform(i), now));
  CHECK(verified.has(platform(6), now));
  CHECK(verified.has(platform(VerifiedPlatforms::kMost + 5), now));
  // What is too old goes first, all of it.
  const auto later = start + VerifiedPlatforms::kWhile + std::chrono::seconds(1);
  verified.add(platform(VerifiedPlatforms::kMost + 5), later);
  verified.add(platform(0), later);
  CHECK(verified.has(platform(VerifiedPlatforms::kMost + 5), later));
  CHECK(verified.has(platform(0), later));
}

TEST_CASE("nobody is trusted without being told, and everybody only when told") {
  CHECK(test::status_of([] { const PlatformTrust trust({}); }) == core::Status::argument);
  PlatformTrust::Options options;
  options.skip = true;
  CHECK(verify(options, "rsa_2048", {}).empty());
}

TEST_CASE("a file that holds no root, or no CEK, is refused at the start") {
  PlatformTrust::Options options;
  options.amd_roots = {root_file("rsa_2048", {"ask"})};
  const auto made = [&] { return test::status_of([&] { const PlatformTrust trust(options); }); };
  CHECK(made() == core::Status::argument);
  options.amd_roots = {root_file("rsa_2048")};
  options.ceks = {root_file("rsa_2048")};
  CHECK(made() == core::Status::argument);
  options.ceks = {folder().path("none")};
  CHECK(made() == core::Status::io);
}

}  // namespace oskbc::platform_trust_test
