// SPDX-License-Identifier: Apache-2.0
#include "ttrpc/services.h"

#include <utility>

#include "ttrpc/protobuf.h"

namespace oskbc::ttrpc {

std::vector<Entry> entries_of(const Client& client) {
  std::vector<Entry> entries;
  for (std::string& id : client.key_ids()) {
    std::size_t size = 0;
    // Without a buffer, the answer is the length.
    const oskbc_status status = oskbc_get_resource(client.get(), id.c_str(), nullptr, &size);
    if (status != OSKBC_E_BUFFER) throw Exception(status);
    entries.push_back({std::move(id), size});
  }
  return entries;
}

core::Bytes write_entries(const std::vector<Entry>& entries) {
  core::Bytes message;
  for (const Entry& entry : entries) {
    core::Bytes one;
    append_bytes(one, 1, core::as_bytes(entry.id));
    append_integer(one, 2, entry.size);
    append_bytes(message, 1, one);
  }
  return message;
}

std::vector<Entry> read_entries(core::ByteView message) {
  std::vector<Entry> entries;
  for (Fields all(message, "list of entries"); all.next();) {
    if (!all.is_bytes(1)) continue;
    Entry entry;
    for (Fields fields(all.bytes(), "entry"); fields.next();) {
      if (fields.is_bytes(1)) entry.id = fields.text();
      if (fields.is_integer(2)) entry.size = fields.integer();
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace oskbc::ttrpc
