// SPDX-License-Identifier: Apache-2.0
// The headers alone, the wrapper first and everything twice.
// clang-format off
#include <oskbc/oskbc.hpp>
#include <oskbc/oskbc.h>
#include <oskbc/oskbc.hpp>
// clang-format on

#include <type_traits>

static_assert(std::is_same_v<oskbc_status, int>);
static_assert(std::is_same_v<decltype(&oskbc_version), const char* (*)()>);
static_assert(std::is_same_v<decltype(&oskbc_wipe), void (*)(void*, std::size_t)>);

int main() { return oskbc_version() == nullptr ? 1 : 0; }
