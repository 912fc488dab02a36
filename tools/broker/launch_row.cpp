// SPDX-License-Identifier: Apache-2.0
#include "broker/launch_row.h"

#include <algorithm>
#include <iterator>

#include "common/binary.h"
#include "common/text.h"

namespace oskbc::broker {
namespace {

using core::Bytes;

void add_number(Bytes& bytes, std::uint64_t number) {
  std::ranges::copy(tools::le_bytes(number), std::back_inserter(bytes));
}

void add_text(Bytes& bytes, const std::string& text) {
  add_number(bytes, text.size());
  std::ranges::copy(core::as_bytes(text), std::back_inserter(bytes));
}

owner::Digest digest_of(const std::string& text) {
  const auto bytes = tools::from_hex(text);
  owner::Digest digest{};
  if (!bytes || bytes->size() != digest.size()) {
    core::fail(core::Status::decrypt, "a launch in the state has no platform");
  }
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

}  // namespace

LaunchRow LaunchRow::of(ConnectionId id, const SqlRow& columns) {
  return {id,
          number_of<std::uint32_t>(columns[0].value()),
          digest_of(columns[1].value()),
          columns[2].value(),
          columns[3].value(),
          number_of<std::int64_t>(columns[4].value()),
          number_of<std::int64_t>(columns[5].value())};
}

Bytes LaunchRow::bound() const {
  Bytes bytes;
  add_number(bytes, static_cast<std::uint64_t>(id));
  add_number(bytes, policy);
  add_number(bytes, static_cast<std::uint64_t>(boot_expires));
  add_number(bytes, static_cast<std::uint64_t>(expires));
  bytes.insert(bytes.end(), pdh.begin(), pdh.end());
  add_text(bytes, owner);
  add_text(bytes, boot);
  return bytes;
}

}  // namespace oskbc::broker
