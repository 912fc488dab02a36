// SPDX-License-Identifier: Apache-2.0
#pragma once

// Catch2 as all tests see it, version 2 (Debian 12) or 3, by version 3's names for what both have.
#if __has_include(<catch2/catch_test_macros.hpp>)

#include <catch2/catch_message.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_adapters.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <catch2/matchers/catch_matchers_vector.hpp>

namespace Catch {

using Matchers::ContainsSubstring;
using Matchers::EndsWith;
using Matchers::StartsWith;

}  // namespace Catch

#else

#include <string>

#include <catch2/catch.hpp>

namespace Catch {

inline Matchers::StdString::ContainsMatcher ContainsSubstring(const std::string& text) {
  return Matchers::Contains(text);
}

}  // namespace Catch

#endif
