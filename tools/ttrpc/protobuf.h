// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

// The little of protobuf's encoding that ttRPC and its messages here need. No library, because its
// messages copy answers into strings that nobody wipes, and its runtime is larger than all of the
// agent.
namespace oskbc::ttrpc {

// Walks over the fields of a message; unknown ones are the caller's to pass over. Throws
// Status::request for what is no protobuf, with `what` as the message's name.
//
//   for (Fields fields(data, "request"); fields.next();) {
//     if (fields.is_bytes(1)) ...fields.bytes()...
//   }
class Fields {
 public:
  Fields(core::ByteView message, const char* what) noexcept : rest_(message), what_(what) {}

  // Reads one field; false at the message's end.
  bool next();

  // Whether the field that was read has this number and is of that kind.
  [[nodiscard]] bool is_bytes(std::uint32_t number) const noexcept;
  [[nodiscard]] bool is_integer(std::uint32_t number) const noexcept;

  [[nodiscard]] core::ByteView bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::string_view text() const noexcept { return core::as_text(bytes_); }
  [[nodiscard]] std::uint64_t integer() const noexcept { return integer_; }

 private:
  using ByteView = core::ByteView;

  std::uint64_t varint();
  ByteView take(std::uint64_t size);
  [[noreturn]] void malformed() const;

  ByteView rest_;
  const char* what_;
  std::uint32_t number_ = 0;
  unsigned kind_ = 0;
  std::uint64_t integer_ = 0;
  ByteView bytes_;
};

// The longest encoding of a 32-bit integer.
inline constexpr std::size_t kMaxVarint32 = 5;

// What a message is written with. Fields come in the order of the calls.
void append_varint(core::Bytes& out, std::uint64_t value);
void append_integer(core::Bytes& out, std::uint32_t number, std::uint64_t value);
// The head of a field of bytes, which the caller appends.
void append_bytes_head(core::Bytes& out, std::uint32_t number, std::size_t size);
void append_bytes(core::Bytes& out, std::uint32_t number, core::ByteView bytes);

}  // namespace oskbc::ttrpc
