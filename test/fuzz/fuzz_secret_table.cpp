// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "fuzz/fuzz_common.h"
#include "owner/keys/secret_table.h"

namespace oskbc::fuzz {
namespace {

using owner::ParsedSecretTable;
using owner::ProbeResult;
using owner::SecretEntry;

bool same(const std::vector<SecretEntry>& a, const std::vector<SecretEntry>& b) {
  return std::ranges::equal(a, b, [](const SecretEntry& left, const SecretEntry& right) {
    return left.guid == right.guid && std::ranges::equal(left.data, right.data);
  });
}

void check_refused(const ParsedSecretTable& table) {
  require(table.entries.empty(), "a table that is refused makes no files");
  require(*table.reason != '\0', "and says why");
}

void check_lengths(const ParsedSecretTable& table, ByteView area) {
  require(table.length <= area.size(), "a table is no longer than its area");
  require(table.entries.size() <= owner::kMaxSecretEntries, "the kernel drops what is more");
  const auto inside = [area](const SecretEntry& entry) {
    return entry.data.data() >= area.data() &&
           entry.data.data() + entry.data.size() <= area.data() + area.size();
  };
  require(std::ranges::all_of(table.entries, inside), "an entry lies in the area");
}

// Deleted entries and what follows the table don't come back, so that it never gets longer.
void check_rebuilt(const ParsedSecretTable& table, owner::TableLength length, std::size_t area) {
  const auto built = owner::build_secret_table(table.entries, length, area);
  const ParsedSecretTable again = owner::parse_secret_table(built.expose());
  require(again.result == ProbeResult::files, "a table that was read can be built");
  require(same(again.entries, table.entries), "and read again has the same entries");
  require(again.deleted == 0 && !again.too_many, "and no others");
}

void fuzz_secret_table(ByteView bytes) {
  constexpr std::size_t kPadding = 16;
  const ParsedSecretTable table = owner::parse_secret_table(bytes);
  if (table.result != ProbeResult::files) return check_refused(table);
  check_lengths(table, bytes);
  check_rebuilt(table, owner::TableLength::unpadded, bytes.size() + kPadding);
  check_rebuilt(table, owner::TableLength::padded, bytes.size() + kPadding);
}

const Target secret_table_target("secret_table", fuzz_secret_table);

}  // namespace
}  // namespace oskbc::fuzz
