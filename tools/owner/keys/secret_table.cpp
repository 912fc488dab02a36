// SPDX-License-Identifier: Apache-2.0
#include "owner/keys/secret_table.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"
#include "owner/launch/efi_guid.h"

namespace oskbc::owner {
namespace {

using core::fail;
using core::Status;

constexpr std::string_view kTableGuid = "1e74f542-71dd-4d66-963e-ef4287ff173b";

// A GUID and a length, before the table and before each entry.
constexpr std::size_t kHeaderSize = kEfiGuidSize + sizeof(std::uint32_t);
constexpr std::size_t kAlignment = 16;

struct KnownName {
  std::string_view name;
  std::string_view guid;
};

// The names under which the manual lists them (README.md here).
constexpr KnownName kKnownNames[] = {
    {"offline_sev_kbc", core::kKeysetGuid},
    {"online_sev_kbc", "1ee27366-0c87-43a6-af48-28543eaf7cb0"},
    {"simple-kbs", "0a46e24d-478c-4eb1-8696-113eeec3aa99"},
    {"luks-key", "736869e5-84f0-4973-92ec-06879ce3da0b"},
    {"disk-password", "736869e5-84f0-4973-92ec-06879ce3da0b"},
};

constexpr std::size_t align(std::size_t size) {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

bool same_guid(const SecretEntry& entry, const core::Guid& guid) { return entry.guid == guid; }

bool has_guid(std::span<const SecretEntry> entries, const core::Guid& guid) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const SecretEntry& entry) { return same_guid(entry, guid); });
}

void check_entries(std::span<const SecretEntry> entries) {
  if (entries.size() > kMaxSecretEntries) {
    fail(Status::argument, "the table would have %zu entries; the kernel drops all after %zu",
         entries.size(), kMaxSecretEntries);
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string text = entries[i].guid.text();
    if (is_zero(to_efi_guid(entries[i].guid))) {
      fail(Status::argument, "entry %zu has a GUID of zeros, which marks a deleted entry", i + 1);
    }
    if (has_guid(entries.first(i), entries[i].guid)) {
      fail(Status::argument, "entry %zu repeats %s; the kernel would refuse the whole table", i + 1,
           text.c_str());
    }
  }
}

std::size_t unpadded_size(std::span<const SecretEntry> entries) {
  std::size_t size = kHeaderSize;
  for (const SecretEntry& entry : entries) size += kHeaderSize + entry.data.size();
  return size;
}

// "e6f5a162-d67f-4750-a67c-5d065f2a9910 3053, ...": the largest first, as many as a message holds.
std::string bytes_per_entry(std::span<const SecretEntry> entries) {
  constexpr std::size_t kMost = 8;
  std::vector<SecretEntry> sorted(entries.begin(), entries.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const SecretEntry& a, const SecretEntry& b) {
    return a.data.size() > b.data.size();
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(kMost, sorted.size()); ++i) {
    text +=
        ", " + sorted[i].guid.text() + " " + std::to_string(kHeaderSize + sorted[i].data.size());
  }
  if (sorted.size() > kMost)
    text += ", and " + std::to_string(sorted.size() - kMost) + " smaller ones";
  return text;
}

void check_fits(std::span<const SecretEntry> entries, std::size_t size, std::size_t area) {
  if (size <= area) return;
  fail(Status::argument,
       "the table takes %zu bytes and the area has %zu: header %zu%s, padding %zu", size, area,
       kHeaderSize, bytes_per_entry(entries).c_str(), size - unpadded_size(entries));
}

// Returns the position after what was written.
std::size_t write_header(core::ByteSpan table, std::size_t position, const EfiGuid& guid,
                         std::size_t length) {
  std::copy(guid.begin(), guid.end(), table.subspan(position).begin());
  tools::store_le(table, position + kEfiGuidSize, static_cast<std::uint32_t>(length));
  return position + kHeaderSize;
}

class TableParser {
 public:
  explicit TableParser(core::ByteView area) : area_(area) {}

  ParsedSecretTable parse() {
    if (area_.size() < kHeaderSize)
      return refuse(ProbeResult::einval, "the area has no room for a table");
    const EfiGuid expected = to_efi_guid(kTableGuid);
    if (!std::equal(expected.begin(), expected.end(), area_.begin())) {
      return refuse(ProbeResult::enodev, "it does not start with the table's GUID");
    }
    table_.length = tools::load_le<std::uint32_t>(area_, kEfiGuidSize);
    if (table_.length < kHeaderSize)
      return refuse(ProbeResult::einval, "the table's length is too small");
    if (table_.length > area_.size()) {
      return refuse(ProbeResult::einval, "the table's length is more than the area's");
    }
    return parse_entries(area_.first(table_.length).subspan(kHeaderSize));
  }

 private:
  ParsedSecretTable parse_entries(core::ByteView rest) {
    while (rest.size() >= kHeaderSize && table_.entries.size() < kMaxSecretEntries) {
      const auto length = tools::load_le<std::uint32_t>(rest, kEfiGuidSize);
      if (length < kHeaderSize || length > rest.size()) {
        return refuse(ProbeResult::einval, "an entry's length is wrong");
      }
      if (!add_entry(rest.first(length)))
        return refuse(ProbeResult::eexist, "a GUID is there twice");
      rest = rest.subspan(length);
    }
    table_.too_many = rest.size() >= kHeaderSize;
    return std::move(table_);
  }

  bool add_entry(core::ByteView entry) {
    const auto guid = entry.first<kEfiGuidSize>();
    if (is_zero(guid)) {
      ++table_.deleted;
      return true;
    }
    const core::Guid name = from_efi_guid(guid);
    if (has_guid(table_.entries, name)) return false;
    table_.entries.push_back({name, entry.subspan(kHeaderSize)});
    return true;
  }

  ParsedSecretTable refuse(ProbeResult result, const char* reason) {
    table_.result = result;
    table_.reason = reason;
    table_.entries.clear();
    return std::move(table_);
  }

  core::ByteView area_;
  ParsedSecretTable table_;
};

}  // namespace

core::SecretBytes build_secret_table(std::span<const SecretEntry> entries, TableLength length,
                                     std::size_t area) {
  check_entries(entries);
  const std::size_t size = unpadded_size(entries);
  check_fits(entries, align(size), area);
  core::SecretBytes table(align(size));
  const core::ByteSpan out = table.expose_writable();
  const bool padded = length == TableLength::padded;
  std::size_t position = write_header(out, 0, to_efi_guid(kTableGuid), padded ? align(size) : size);
  for (const SecretEntry& entry : entries) {
    position =
        write_header(out, position, to_efi_guid(entry.guid), kHeaderSize + entry.data.size());
    std::copy(entry.data.begin(), entry.data.end(), out.subspan(position).begin());
    position += entry.data.size();
  }
  return table;
}

std::size_t secret_table_size(std::size_t entries, std::size_t data) noexcept {
  return align(kHeaderSize * (1 + entries) + data);
}

ParsedSecretTable parse_secret_table(core::ByteView area) { return TableParser(area).parse(); }

core::Guid entry_guid(const std::string& text) {
  for (const KnownName& known : kKnownNames) {
    if (known.name == text) return *core::Guid::parse(known.guid);
  }
  const auto guid = core::Guid::parse(text);
  if (!guid) {
    fail(
        Status::argument,
        "an entry's name is neither a GUID nor one of offline_sev_kbc, online_sev_kbc, simple-kbs, luks-key, disk-password");
  }
  return *guid;
}

}  // namespace oskbc::owner
