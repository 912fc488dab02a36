// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/status.h"

// A layer's annotation has a packet for each recipient: base64, commas between. As ocicrypt does,
// all of them are tried until one opens, whatever is wrong with the ones before: they can be for
// others, or for a key of the same name.
namespace oskbc::core {

[[nodiscard]] std::vector<std::string_view> split_recipients(std::string_view annotation);

// A packet's JSON. Throws Status::packet.
[[nodiscard]] Bytes decode_recipient(std::string_view base64);

// Of several packets' failures, the one that tells most: one that our key does not open tells more
// than one that is for another key. Of two that tell as much, the first.
class MostTelling {
 public:
  void note(const Error& error);
  // How much a status tells, as a number for comparisons.
  [[nodiscard]] static int weight(Status status) noexcept;
  // Status::packet where nothing was noted, since then there was no packet.
  [[nodiscard]] Error error() const;
  // Throws it.
  [[noreturn]] void report() const;

 private:
  std::optional<Error> error_;
};

// What `open` returns for the first packet that it does not throw an Error for.
template <typename Packets, typename Open>
auto open_first(const Packets& packets, Open open) -> decltype(open(*packets.begin())) {
  MostTelling reasons;
  for (const auto& packet : packets) {
    try {
      return open(packet);
    } catch (const Error& error) {
      reasons.note(error);
    }
  }
  reasons.report();
}

}  // namespace oskbc::core
