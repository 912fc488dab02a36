// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/firmware_image.h"

#include <string>

#include "base/status.h"
#include "owner/launch/fake_firmware.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::firmware_image_test {

using core::Status;
using owner::FirmwareImage;
using test::amdsev_files;
using test::file;
using test::guided_section;
using test::number;
using test::section;
using test::verifier;
using test::volume;
using test::wrap;

namespace {

FirmwareImage read(const std::string& image) {
  return owner::read_firmware_image(core::as_bytes(image), "ovmf.fd");
}

// What it is refused with; empty where it is not.
std::string refusal(const std::string& image) {
  const auto failure = test::failure_of([&] { static_cast<void>(read(image)); });
  if (!failure.text.empty()) CHECK(failure.status == Status::argument);
  return failure.text;
}

std::string with_byte(std::string image, std::size_t at, unsigned value) {
  image.at(at) = static_cast<char>(value);
  return image;
}

// The offset of the first volume with files, and of its first file, in what wrap() makes.
constexpr std::size_t kVolumeAt = 72;
constexpr std::size_t kFileAt = kVolumeAt + 64;
constexpr std::size_t kSectionAt = kFileAt + 24;

// A program for UEFI with one section of this name.
std::string program(const std::string& name) {
  std::string image =
      "MZ" + std::string(0x3a, '\0') + number(0x40, 4) + "PE" + std::string(2, '\0');
  image += number(0x8664, 2) + number(1, 2) + std::string(12, '\0') + number(8, 2) + number(0, 2);
  return image + std::string(8, '\0') + name + std::string(40 - name.size(), '\0');
}

}  // namespace

TEST_CASE("an AmdSev build has all that a measured launch needs") {
  const FirmwareImage firmware = read(wrap(amdsev_files()));
  CHECK_FALSE(firmware.is_split);
  CHECK(firmware.publishes_secret);
  CHECK(firmware.verifies_hashes);
  CHECK(firmware.stops_at_wrong_hash);
  CHECK_FALSE(firmware.takes_named_files);
  CHECK(firmware.unread_sections == 0);
  CHECK(owner::missing_in(firmware).empty());
}

TEST_CASE("another build lacks the driver for the secret, and what verifies the hashes") {
  const FirmwareImage firmware =
      read(wrap(file(test::kRandomDriver, section(test::kProgram, "MZ"))));
  CHECK_FALSE(firmware.publishes_secret);
  CHECK_FALSE(firmware.verifies_hashes);
  const auto missing = owner::missing_in(firmware);
  REQUIRE(missing.size() == 2);
  CHECK_THAT(missing[0], Catch::ContainsSubstring("SecretDxe"));
  CHECK_THAT(missing[1], Catch::ContainsSubstring("promises nothing"));
}

TEST_CASE("one program has to know all three hashes") {
  const std::string all = verifier();
  const std::string half = section(test::kProgram, all.substr(4, 34));
  const std::string other = section(test::kProgram, all.substr(38));
  CHECK_FALSE(read(wrap(file(test::kLoader, half) + file(test::kLoader, other))).verifies_hashes);
  // Data is no program.
  CHECK_FALSE(read(wrap(file(test::kLoader, section(0x19, all)))).verifies_hashes);
  CHECK(read(wrap(file(test::kLoader, all))).verifies_hashes);
}

TEST_CASE("an older build goes on after a wrong hash, a newer one takes files by name") {
  const FirmwareImage older = read(wrap(file(test::kLoader, verifier())));
  CHECK_FALSE(older.stops_at_wrong_hash);
  const FirmwareImage newer = read(wrap(file(test::kLoader, verifier(" etc/boot/"))));
  CHECK(newer.takes_named_files);
  CHECK_FALSE(read(wrap(file(test::kLoader, verifier(" etc/boot-menu-wait")))).takes_named_files);
}

TEST_CASE("volumes are found without compression too, wherever they lie") {
  const std::string plain = std::string(4096, '\xff') + volume(amdsev_files()) + "and more";
  CHECK(read(plain).publishes_secret);
  CHECK(read(plain).is_split);
  CHECK_THAT(owner::missing_in(read(plain)).front(), Catch::ContainsSubstring("OVMF_CODE"));
  const std::string checked =
      volume(file(test::kLoader, guided_section(test::kChecksum, 2, verifier())));
  CHECK(read(checked).verifies_hashes);
  const std::string compressed = volume(file(test::kLoader, section(1, number(0, 5) + verifier())));
  CHECK(read(compressed).verifies_hashes);
}

TEST_CASE("a compression that is unsupported is told with what was not found") {
  const std::string brotli = guided_section("3d532050-5cda-4fd0-879e-0f7f630d5afb", 1, "data");
  const std::string standard = section(1, number(100, 4) + number(1, 1) + "data");
  const FirmwareImage firmware = read(volume(file(test::kLoader, brotli + standard)));
  CHECK(firmware.unread_sections == 2);
  CHECK_THAT(owner::missing_in(firmware).back(), Catch::ContainsSubstring("2 of its sections"));
}

TEST_CASE("sizes that do not fit into 24 bits are read") {
  const std::string body = section(test::kProgram, "MZ");
  const std::string large_file = test::guid_bytes(test::kSecretDriver) + number(0, 2) +
                                 number(7, 1) + number(1, 1) + number(0, 3) + number(0xf8, 1) +
                                 number(32 + body.size(), 8) + body;
  CHECK(read(volume(large_file, "5473c07a-3dcb-4dca-bd6f-1e9689e7349a")).publishes_secret);
  const std::string known = verifier().substr(4);
  const std::string extended =
      number(0xffffff, 3) + number(test::kProgram, 1) + number(known.size() + 8, 4) + known;
  CHECK(read(volume(file(test::kLoader, extended))).verifies_hashes);
}

TEST_CASE("an image that is nothing but OVMF's table of GUIDs is taken, and lacks all") {
  const std::string footer =
      number(18, 2) + test::guid_bytes("96b582de-1fb2-45f7-baea-a366c55a082d");
  const FirmwareImage firmware = read(std::string(1000, 'x') + footer + std::string(32, 'x'));
  CHECK(owner::missing_in(firmware).size() == 2);
}

TEST_CASE("what is no firmware is refused for what it is") {
  for (const std::string& image : {std::string(), std::string("{\"key_id1\": \"AAAA\"}"),
                                   std::string(100'000, '\0'), std::string(100, '\xff')}) {
    CHECK_THAT(refusal(image), Catch::ContainsSubstring("is no firmware"));
  }
  CHECK_THAT(refusal(volume("", test::kVariables)), Catch::ContainsSubstring("store of variables"));
  CHECK_THAT(refusal(program(".linux")), Catch::ContainsSubstring("is a unified kernel image"));
  CHECK_THAT(refusal(program(".text")), Catch::ContainsSubstring("is a program for UEFI"));
  std::string kernel = program(".setup");
  kernel.resize(0x202);
  CHECK_THAT(refusal(kernel + "HdrS and more"), Catch::ContainsSubstring("is a Linux kernel"));
  CHECK_THAT(refusal("QFI\xfb and more"), Catch::ContainsSubstring("qcow2"));
}

TEST_CASE("a unified kernel image is told from other programs") {
  CHECK(owner::is_unified_kernel(core::as_bytes(program(".linux"))));
  CHECK_FALSE(owner::is_unified_kernel(core::as_bytes(program(".text"))));
  const std::string whole = program(".linux");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(owner::is_unified_kernel(core::as_bytes(whole.substr(0, size))));
  }
  CHECK_FALSE(owner::is_unified_kernel(core::as_bytes(with_byte(whole, 0x3f, 0xff))));
}

TEST_CASE("a file that is cut is refused, wherever") {
  const std::string image = wrap(amdsev_files());
  const std::size_t end = image.size() - 64;
  for (std::size_t size = 0; size < end; ++size) {
    INFO(size);
    CHECK_FALSE(refusal(image.substr(0, size)).empty());
  }
  CHECK(refusal(image.substr(0, end)).empty());
}

TEST_CASE("sizes of nothing and of everything are refused") {
  const std::string image = wrap(amdsev_files());
  for (const unsigned value : {0x00U, 0xffU}) {
    INFO(value);
    std::string wrong = image;
    wrong.replace(kFileAt + 20, 3, 3, static_cast<char>(value));
    CHECK_THAT(refusal(wrong), Catch::ContainsSubstring("a file's size is wrong"));
    wrong = image;
    wrong.replace(kSectionAt, 3, 3, static_cast<char>(value));
    CHECK_THAT(refusal(wrong), Catch::ContainsSubstring("a section's size is wrong"));
    wrong = image;
    wrong.replace(kSectionAt + 4 + 16, 2, 2, static_cast<char>(value));
    CHECK_THAT(refusal(wrong), Catch::ContainsSubstring("data starts outside"));
  }
  const std::string large = with_byte(image, kFileAt + 19, 1);
  CHECK_FALSE(refusal(large).empty());
}

TEST_CASE("every byte of the headers may be wrong") {
  const std::string image = wrap(amdsev_files());
  for (std::size_t at = 0; at < kSectionAt + 24 + 32; ++at) {
    for (const unsigned value : {0x00U, 0x01U, 0x7fU, 0x80U, 0xffU}) {
      static_cast<void>(refusal(with_byte(image, at, value)));
    }
  }
}

TEST_CASE("nesting is bounded") {
  std::string sections = section(test::kProgram, "MZ");
  for (int i = 0; i < 7; ++i) sections = guided_section(test::kChecksum, 0, sections);
  CHECK(refusal(volume(file(test::kLoader, sections))).empty());
  for (int i = 0; i < 1000; ++i) sections = guided_section(test::kChecksum, 0, sections);
  CHECK_THAT(refusal(volume(file(test::kLoader, sections))),
             Catch::ContainsSubstring("nested too deep"));
}

TEST_CASE("a size that is only told is not believed") {
  std::string told = test::lzma("x");
  told.replace(5, 8, number(std::uint64_t{1} << 40, 8));
  CHECK_THAT(refusal(volume(file(test::kLoader, guided_section(test::kLzma, 1, told)))),
             Catch::ContainsSubstring("unpacks to more than"));
  told.replace(5, 8, number(100'000'000, 8));
  CHECK_THAT(refusal(volume(file(test::kLoader, guided_section(test::kLzma, 1, told)))),
             Catch::ContainsSubstring("compressed data is cut or wrong"));
}

TEST_CASE("of a decompression bomb, all that it unpacks to counts together") {
  // Each is a section of 60 MiB that holds nothing.
  const std::size_t size = std::size_t{60} << 20;
  std::string body = number(0xffffff, 3) + number(0x19, 1) + number(size, 4);
  body.resize(size);
  const std::string one = guided_section(test::kLzma, 1, test::lzma(body));
  CHECK(one.size() < 20'000);
  CHECK(refusal(volume(file(test::kLoader, one + one))).empty());
  CHECK_THAT(refusal(volume(file(test::kLoader, one + one + one))),
             Catch::ContainsSubstring("unpacks to more than"));
}

}  // namespace oskbc::firmware_image_test
