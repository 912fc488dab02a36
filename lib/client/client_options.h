// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "source/secret_source.h"

namespace oskbc::core {

// How to open a client; the defaults are oskbc_options_new()'s.
struct ClientOptions {
  SourceOptions source;
  bool require_authenticated = false;

  // Both throw Status::argument.
  void set_root(const std::string& directory);
  void set_secret_guid(std::string_view guid);
};

}  // namespace oskbc::core
