// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/measurement.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"
#include "common/text.h"
#include "format/base64.h"

namespace oskbc::owner {
namespace {

using core::Bytes;
using core::ByteView;

// What LAUNCH_MEASURE's input begins with, so that it is no other MAC of the TIK's.
constexpr std::uint8_t kLaunchMeasure = 0x04;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// Base64 of both has as many characters as the hexadecimal measurement. Random bytes whose base64
// is all hexadecimal digits, 1 in 10^30, are not worth a thought.
std::optional<Bytes> decode(std::string_view text) {
  if (auto bytes = tools::from_hex(text)) return bytes;
  auto bytes = core::base64::decode(text);
  // The measurement alone is nowhere given in base64.
  if (bytes && bytes->size() != kMacSize + kNonceSize) return std::nullopt;
  return bytes;
}

}  // namespace

Mac measure_launch(ByteView tik, const Firmware& firmware, std::uint32_t policy,
                   const Digest& digest, const Nonce& mnonce) {
  const std::array<std::uint8_t, 4> head = {kLaunchMeasure, firmware.api_major, firmware.api_minor,
                                            firmware.build_id};
  const ByteView used = has_full_measurement(firmware) ? ByteView(head) : ByteView();
  return hmac_sha256(tik, {used, tools::le_bytes(policy), digest, mnonce});
}

std::optional<Digest> find_measured(ByteView tik, const Firmware& firmware, std::uint32_t policy,
                                    std::span<const Digest> digests, const Nonce& mnonce,
                                    const Mac& measure) {
  std::optional<Digest> found;
  for (const Digest& digest : digests) {
    if (equal_in_constant_time(measure_launch(tik, firmware, policy, digest, mnonce), measure)) {
      found = digest;
    }
  }
  return found;
}

LaunchMeasurement parse_launch_measurement(std::string_view text) {
  const std::optional<Bytes> bytes = decode(trimmed(text));
  const std::size_t size = bytes ? bytes->size() : 0;
  if (size != kMacSize && size != kMacSize + kNonceSize) {
    core::fail(
        core::Status::argument,
        "a measurement is base64 of 48 bytes, as QEMU gives it, or 32 or 48 bytes in hexadecimal");
  }
  LaunchMeasurement measurement;
  const ByteView all = *bytes;
  std::ranges::copy(all.first(kMacSize), measurement.measure.begin());
  if (size > kMacSize)
    std::ranges::copy(all.subspan(kMacSize), measurement.mnonce.emplace().begin());
  return measurement;
}

std::string encode_launch_measurement(const Mac& measure, const Nonce& mnonce) {
  Bytes both(measure.begin(), measure.end());
  both.insert(both.end(), mnonce.begin(), mnonce.end());
  return core::base64::encode(both);
}

}  // namespace oskbc::owner
