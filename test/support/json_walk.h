// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "format/json_reader.h"
#include "support/json_oracle.h"

// What tests do with JsonReader to hold it against another one. What is malformed throws
// Status::packet.
namespace oskbc::test {

inline void walk_json(std::string_view text) {
  core::JsonReader reader(text, core::Status::packet, "text");
  reader.skip_value();
  reader.finish();
}

// The names and strings of a flat object.
[[nodiscard]] inline Members read_members(std::string_view text) {
  core::JsonReader reader(text, core::Status::packet, "text");
  Members members;
  for (bool more = reader.enter_object(); more; more = reader.next_member()) {
    std::string name = core::to_string(reader.name());
    members.emplace_back(std::move(name), core::to_string(reader.string()));
  }
  reader.finish();
  return members;
}

}  // namespace oskbc::test
