// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/error.h"
#include "support/catch.h"

namespace oskbc::test {

// Planted in the input of tests: a message that holds one of them has let input out. The second is
// base64 of the first, the third stands where only digits can.
inline constexpr std::string_view kMarker = "MARKER";
inline constexpr std::string_view kMarkerInBase64 = "TUFSS0VS";
inline constexpr std::string_view kMarkerInDigits = "271828";

[[nodiscard]] inline bool holds_marker(std::string_view text) {
  for (const std::string_view marker : {kMarker, kMarkerInBase64, kMarkerInDigits}) {
    if (text.find(marker) != std::string_view::npos) return true;
  }
  return false;
}

struct Failure {
  core::Status status{};  // ok
  std::string text;
};

// What `call` fails with; Status::ok if it doesn't. A message has to say something, in one line of
// plain ASCII, and nothing that came in.
template <typename Call>
[[nodiscard]] Failure failure_of(Call call) {
  try {
    call();
  } catch (const core::Error& error) {
    const std::string text = error.what();
    const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7f; };
    if (text.empty()) FAIL_CHECK("an error without a text");
    if (!std::all_of(text.begin(), text.end(), is_plain)) FAIL_CHECK("not plain: " << text);
    if (holds_marker(text)) FAIL_CHECK("the message holds input: " << text);
    return {error.status(), text};
  }
  return {};
}

template <typename Call>
[[nodiscard]] core::Status status_of(Call call) {
  return failure_of(call).status;
}

}  // namespace oskbc::test
