// SPDX-License-Identifier: Apache-2.0
#include "base/guid.h"

namespace oskbc::core {
namespace {

struct KnownEntry {
  std::string_view guid;
  std::string_view purpose;
};

// The last is the example of the kernel's Documentation/security/secrets/coco.rst, which nothing
// else uses; the one before is what libvirt, sevctl and GRUB give a disk's passphrase.
constexpr KnownEntry kKnownEntries[] = {
    {kKeysetGuid, "the keyset of offline_sev_kbc"},
    {"1ee27366-0c87-43a6-af48-28543eaf7cb0", "the connection key of online_sev_kbc"},
    {"0a46e24d-478c-4eb1-8696-113eeec3aa99", "the default entry of simple-kbs"},
    {"736869e5-84f0-4973-92ec-06879ce3da0b", "a disk password"},
    {"736870e5-84f0-4973-92ec-06879ce3da0b", "a disk password by the kernel documentation's GUID"},
};

constexpr bool has_dash_at(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

// Returns the digit in lower case, or 0.
constexpr char lower_hex_digit(char c) {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) return c;
  if (c >= 'A' && c <= 'F') return static_cast<char>(c - 'A' + 'a');
  return 0;
}

}  // namespace

std::optional<Guid> Guid::parse(std::string_view text) noexcept {
  if (text.size() != kTextSize) return std::nullopt;
  Guid guid;
  for (std::size_t i = 0; i < kTextSize; ++i) {
    const char c = has_dash_at(i) ? (text[i] == '-' ? '-' : '\0') : lower_hex_digit(text[i]);
    if (c == 0) return std::nullopt;
    guid.text_[i] = c;
  }
  return guid;
}

std::string_view Guid::known_as() const noexcept {
  for (const KnownEntry& entry : kKnownEntries) {
    if (entry.guid == std::string_view(text_.data(), text_.size())) return entry.purpose;
  }
  return {};
}

Guid keyset_guid() { return *Guid::parse(kKeysetGuid); }

}  // namespace oskbc::core
