// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <tuple>

#include "base/status.h"
#include "fuzz/fuzz_common.h"
#include "owner/launch/fake_firmware.h"
#include "owner/launch/firmware_image.h"

namespace oskbc::fuzz {
namespace {

using core::Status;
using owner::FirmwareImage;

struct Reading {
  Status status;
  FirmwareImage image;
};

Reading read_image(ByteView bytes) {
  Reading reading{};
  reading.status = status_of([&] { reading.image = owner::read_firmware_image(bytes, "image"); });
  require(reading.status == Status::ok || reading.status == Status::argument,
          "an image is read or refused");
  return reading;
}

bool same_reading(const Reading& a, const Reading& b) {
  if (a.status != b.status || a.status != Status::ok) return a.status == b.status;
  const auto parts = [](const FirmwareImage& image) {
    return std::tuple(image.is_split, image.publishes_secret, image.verifies_hashes,
                      image.stops_at_wrong_hash, image.takes_named_files, image.unread_sections);
  };
  return parts(a.image) == parts(b.image);
}

Reading read_sections(const std::string& section) {
  return read_image(core::as_bytes(test::volume(test::file(test::kLoader, section))));
}

void fuzz_firmware(ByteView bytes) {
  static_cast<void>(read_image(bytes));
  const std::string text(core::as_text(bytes));
  // An engine does not guess a header's sum, nor what compresses to something.
  static_cast<void>(read_image(core::as_bytes(test::volume(text))));
  require(same_reading(read_sections(test::guided_section(test::kLzma, 1, test::lzma(text))),
                       read_sections(test::guided_section(test::kChecksum, 2, text))),
          "compressed sections are read as plain ones are");
}

const Target firmware_target("firmware", fuzz_firmware);

}  // namespace
}  // namespace oskbc::fuzz
