// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "format/base64.h"

// The facts of test/vectors/owner.
namespace oskbc::test {

// Stays until the end of the program, so that a loop may run over a part of it.
[[nodiscard]] inline const nlohmann::json& owner_vectors(const char* name) {
  static std::map<std::string, nlohmann::json> read_already;
  const auto known = read_already.find(name);
  if (known != read_already.end()) return known->second;
  std::ifstream file(std::string(OSKBC_OWNER_VECTORS) + "/" + name);
  if (!file) throw std::runtime_error(std::string("no vectors ") + name);
  return read_already.emplace(name, nlohmann::json::parse(file)).first->second;
}

[[nodiscard]] inline core::Bytes from_base64(const nlohmann::json& text) {
  return core::base64::decode(std::string_view(text.get_ref<const std::string&>())).value();
}

}  // namespace oskbc::test
