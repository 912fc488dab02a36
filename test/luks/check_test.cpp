// SPDX-License-Identifier: Apache-2.0
#include "luks/check.h"

#include <sys/stat.h>

#include <string>

#include "base/status.h"
#include "common/file_trust.h"
#include "luks/luks_header.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::check_test {

using core::Status;
using luks::Wanted;
using test::changed_json;
using test::make_header;

namespace {

const Wanted kWanted{.uuid = test::kUuid, .cipher = "aes-xts-plain64", .keyslot_cipher = {}};

std::string refusal(const std::string& json, const Wanted& wanted = kWanted) {
  return test::refusal_of([&] { luks::check(luks::read_header(make_header(json)), wanted); });
}

// As it is on a disk, with the keyslots' areas.
core::Bytes make_disk(const std::string& json) {
  core::Bytes disk = make_header(json);
  disk.resize(16777216, 0x5a);
  disk.resize(disk.size() + 4096, 0xa5);
  return disk;
}

}  // namespace

TEST_CASE("a header that is as wanted passes") { CHECK(refusal(test::good_json()) == ""); }

TEST_CASE("a null cipher is refused wherever it is, and cannot be wanted") {
  const std::string keyslot = changed_json(R"("258048","encryption":"aes-xts-plain64")",
                                           R"("258048","encryption":"cipher_null-ecb")");
  CHECK_THAT(refusal(keyslot), Catch::StartsWith("keyslot 0 has a null cipher"));
  const std::string segment = changed_json(R"("0","encryption":"aes-xts-plain64")",
                                           R"("0","encryption":"cipher_null-ecb")");
  CHECK_THAT(refusal(segment), Catch::StartsWith("the disk's segment has a null cipher"));
  Wanted wanted = kWanted;
  wanted.cipher = "cipher_null-ecb";
  CHECK_THAT(refusal(segment, wanted), Catch::ContainsSubstring("a null cipher"));
  CHECK(test::status_of([&] { luks::check_wanted(wanted); }) == Status::argument);
  wanted = kWanted;
  wanted.keyslot_cipher = "capi:ecb(cipher_null)-plain64";
  CHECK(test::status_of([&] { luks::check_wanted(wanted); }) == Status::argument);
}

TEST_CASE("what differs from what is wanted is named") {
  Wanted wanted = kWanted;
  wanted.cipher = "serpent-xts-plain64";
  CHECK(refusal(test::good_json(), wanted) ==
        "the disk's segment has the cipher aes-xts-plain64, and not serpent-xts-plain64");
  wanted = kWanted;
  wanted.keyslot_cipher = "aes-xts-plain";
  CHECK(refusal(test::good_json(), wanted) ==
        "keyslot 0 has the cipher aes-xts-plain64, and not aes-xts-plain");
  wanted = kWanted;
  wanted.key_bits = 256;
  CHECK(refusal(test::good_json(), wanted) == "the volume's key has 512 bits, and not 256");
  wanted = kWanted;
  wanted.integrity = "hmac-sha256";
  CHECK(refusal(test::good_json(), wanted) == "the disk's integrity is none, and not hmac-sha256");
  wanted = kWanted;
  wanted.uuid[0] = 'a';
  CHECK_THAT(refusal(test::good_json(), wanted), Catch::ContainsSubstring("has the UUID c0ffee00"));
}

TEST_CASE("integrity is wanted in cryptsetup's words or the header's") {
  const std::string json = changed_json(
      R"("sector_size":512)", R"-("sector_size":512,"integrity":{"type":"hmac(sha256)"})-");
  Wanted wanted = kWanted;
  CHECK_THAT(refusal(json, wanted), Catch::ContainsSubstring("integrity is hmac(sha256)"));
  for (const char* name : {"hmac-sha256", "hmac(sha256)"}) {
    wanted.integrity = name;
    CHECK(refusal(json, wanted) == "");
  }
}

TEST_CASE("wants that are none are refused") {
  const auto status = [](const Wanted& wanted) {
    return test::status_of([&] { luks::check_wanted(wanted); });
  };
  CHECK(status(kWanted) == Status::ok);
  for (const char* uuid : {"", "c0ffee00", "C0FFEE00-1234-4ABC-8DEF-0123456789AB"}) {
    Wanted wanted = kWanted;
    wanted.uuid = uuid;
    CHECK(status(wanted) == Status::argument);
  }
  Wanted wanted = kWanted;
  wanted.cipher = "";
  CHECK(status(wanted) == Status::argument);
  wanted = kWanted;
  wanted.key_bits = 511;
  CHECK(status(wanted) == Status::argument);
}

TEST_CASE("a disk is read, and what was checked is copied with its keyslots") {
  const test::TempFolder folder;
  const std::string disk = folder.write("disk", make_disk(test::good_json()));
  CHECK(luks::check_device(disk, kWanted).key_size == 64);
  if (!tools::is_in_memory("/dev/shm/x")) return;
  const std::string copy = "/dev/shm/oskbc-check-test." + std::to_string(getpid());
  CHECK(luks::check_device(disk, kWanted, copy).key_size == 64);
  struct stat about {};
  REQUIRE(stat(copy.c_str(), &about) == 0);
  CHECK(about.st_size == 16777216);
  CHECK((about.st_mode & 07777) == 0600);
  CHECK(luks::check_device(copy, kWanted).key_size == 64);
  unlink(copy.c_str());
}

TEST_CASE("of a disk that is refused nothing is copied") {
  const test::TempFolder folder;
  const std::string disk =
      folder.write("disk", make_disk(changed_json("aes-xts-plain64", "cipher_null-ecb")));
  const std::string copy = "/dev/shm/oskbc-check-test-refused." + std::to_string(getpid());
  CHECK(test::refusal_of([&] { (void)luks::check_device(disk, kWanted, copy); }) != "");
  CHECK(access(copy.c_str(), F_OK) != 0);
}

TEST_CASE("a disk that is short, missing or none is told") {
  const test::TempFolder folder;
  const std::string disk = folder.write("disk", make_header(test::good_json()));
  if (tools::is_in_memory("/dev/shm/x")) {
    CHECK(test::refusal_of([&] { (void)luks::check_device(disk, kWanted, "/dev/shm/oskbc-x"); }) ==
          "the keyslots' areas are cut off");
  }
  const auto status = [](const std::string& device) {
    return test::status_of([&] { (void)luks::check_device(device, kWanted); });
  };
  CHECK(status(folder.path("none")) == Status::io);
  CHECK(status("/dev/null") == Status::argument);
  CHECK(status(folder.path()) == Status::argument);
  CHECK(test::refusal_of([&] { (void)luks::check_device(folder.write("e", ""), kWanted); }) ==
        "this is no LUKS header");
}

TEST_CASE("a copy on a disk is refused") {
  const test::TempFolder folder;
  const std::string disk = folder.write("disk", make_disk(test::good_json()));
  if (tools::is_in_memory(folder.path("copy"))) return;
  CHECK(test::status_of([&] { (void)luks::check_device(disk, kWanted, folder.path("copy")); }) ==
        Status::argument);
}

}  // namespace oskbc::check_test
