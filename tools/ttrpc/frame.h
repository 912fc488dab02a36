// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

// ttRPC on the wire: ten bytes of header, big endian, and a protobuf message. Nothing here reads or
// writes a socket.
namespace oskbc::ttrpc {

inline constexpr std::size_t kHeaderSize = 10;
// What the Go and Rust implementations take, in either direction.
inline constexpr std::size_t kMaxData = std::size_t{4} << 20;

enum Type : std::uint8_t { request = 1, response = 2, data = 3 };

struct Header {
  std::uint32_t size = 0;    // of the data that follows
  std::uint32_t stream = 0;  // odd and rising: one for each request of a connection
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
};

[[nodiscard]] Header read_header(std::span<const std::uint8_t, kHeaderSize> bytes) noexcept;
void append_header(core::Bytes& out, const Header& header);

// Points into what was read.
struct Request {
  std::string_view service;
  std::string_view method;
  core::ByteView payload;
};

// Throws Status::request. A timeout and metadata are passed over: answers take microseconds.
[[nodiscard]] Request read_request(core::ByteView data);

// A whole frame.
[[nodiscard]] core::Bytes write_request(std::uint32_t stream, const Request& request);

// Points into what was read.
struct Response {
  int code = 0;  // gRPC's; 0 is OK
  std::string_view message;
  core::ByteView payload;
};

// Throws Status::request.
[[nodiscard]] Response read_response(core::ByteView data);

// A whole frame that refuses.
[[nodiscard]] core::Bytes write_refusal(std::uint32_t stream, int code, std::string_view message);

// What stands before an answer's bytes, where the answer is a message with these bytes as its field
// 1: the bytes themselves are a secret, and stay where they are.
[[nodiscard]] core::Bytes write_answer_head(std::uint32_t stream, std::size_t size);

// The size of that frame's data; it may not be over kMaxData.
[[nodiscard]] std::size_t answer_size(std::size_t size) noexcept;

// Field 1 of a message, which is all that most messages have: bytes, or a string.
[[nodiscard]] core::ByteView first_field(core::ByteView message, const char* what);

}  // namespace oskbc::ttrpc
