// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "format/base64.h"
#include "format/json_reader.h"

// Bytes in JSON: base64, or an array of numbers as the first Rust programs wrote them. `allocate`
// takes a length and gives the ByteSpan to fill, so that secrets go straight to where they stay.
namespace oskbc::core {

// False if the text is not canonical base64.
template <typename Allocate>
[[nodiscard]] bool read_base64(std::string_view text, Allocate allocate) {
  const auto size = base64::decoded_size(text);
  return size && base64::decode(text, allocate(*size));
}

template <typename Allocate>
void read_numbers(JsonReader& reader, Allocate allocate) {
  JsonReader counter = reader;
  std::size_t count = 0;
  for (bool more = counter.enter_array(); more; more = counter.next_element(), ++count) {
    counter.byte();
  }
  const ByteSpan out = allocate(count);
  std::size_t i = 0;
  for (bool more = reader.enter_array(); more; more = reader.next_element()) {
    out[i++] = reader.byte();
  }
}

}  // namespace oskbc::core
