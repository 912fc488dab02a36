// SPDX-License-Identifier: Apache-2.0
#include "broker/launch_ids.h"

#include <algorithm>
#include <charconv>

#include "base/guid.h"
#include "common/binary.h"
#include "common/text.h"
#include "owner/crypto/hash.h"

namespace oskbc::broker {
namespace {

constexpr std::size_t kGuidSize = 16;
constexpr std::size_t kIdDigits = 8;

// Version 8 is of whoever makes it (RFC 9562, 5.8).
constexpr std::size_t kVersion = 6;
constexpr std::size_t kVariant = 8;

std::string with_hyphens(std::string hex) {
  for (const std::size_t position : {20U, 16U, 12U, 8U}) hex.insert(position, 1, '-');
  return hex;
}

}  // namespace

LaunchIds::LaunchIds(const StateKey& key) : key_(key.derive("oskbc launch ids")) {}

std::string LaunchIds::launch_id(ConnectionId connection) const {
  const auto number = static_cast<std::uint32_t>(connection);
  std::array<std::uint8_t, kGuidSize> guid{};
  for (std::size_t i = 0; i < sizeof number; ++i) {
    guid[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  }
  const owner::Mac mac = key_.mac(tools::le_bytes(number));
  std::copy_n(mac.begin(), kGuidSize - sizeof number, guid.begin() + sizeof number);
  guid[kVersion] = static_cast<std::uint8_t>((guid[kVersion] & 0x0fU) | 0x80U);
  guid[kVariant] = static_cast<std::uint8_t>((guid[kVariant] & 0x3fU) | 0x80U);
  return with_hyphens(tools::to_hex(guid));
}

ConnectionId LaunchIds::connection(std::string_view launch_id) const {
  const auto guid = core::Guid::parse(launch_id);
  if (!guid) return 0;
  const std::string text = guid->text();
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + kIdDigits, number, 16);
  const auto connection = static_cast<ConnectionId>(number);
  const std::string right = this->launch_id(connection);
  const bool is_right = owner::equal_in_constant_time(core::as_bytes(std::string_view(text)),
                                                      core::as_bytes(std::string_view(right)));
  return is_right ? connection : 0;
}

}  // namespace oskbc::broker
