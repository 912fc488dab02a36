// SPDX-License-Identifier: Apache-2.0
#include "ttrpc/frame.h"

#include "ttrpc/protobuf.h"

namespace oskbc::ttrpc {
namespace {

using core::Bytes;
using core::ByteView;

std::uint32_t read_number(std::span<const std::uint8_t> bytes) noexcept {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8U | byte;
  return value;
}

void append_number(Bytes& out, std::uint32_t value) {
  for (unsigned shift = 32; shift != 0;) {
    shift -= 8;
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

Bytes write_frame(std::uint32_t stream, Type type, const Bytes& message) {
  Bytes frame;
  frame.reserve(kHeaderSize + message.size());
  append_header(frame, {static_cast<std::uint32_t>(message.size()), stream, type, 0});
  frame.insert(frame.end(), message.begin(), message.end());
  return frame;
}

void read_status(ByteView status, Response& response) {
  for (Fields fields(status, "ttRPC status"); fields.next();) {
    if (fields.is_integer(1)) response.code = static_cast<int>(fields.integer());
    if (fields.is_bytes(2)) response.message = fields.text();
  }
}

std::size_t varint_size(std::size_t value) noexcept {
  std::size_t size = 1;
  for (; value > 0x7f; value >>= 7U) ++size;
  return size;
}

// A tag of one byte, the length, the bytes.
std::size_t field_size(std::size_t size) noexcept { return 1 + varint_size(size) + size; }

}  // namespace

Header read_header(std::span<const std::uint8_t, kHeaderSize> bytes) noexcept {
  return {read_number(bytes.first<4>()), read_number(bytes.subspan<4, 4>()), bytes[8], bytes[9]};
}

void append_header(Bytes& out, const Header& header) {
  append_number(out, header.size);
  append_number(out, header.stream);
  out.push_back(header.type);
  out.push_back(header.flags);
}

Request read_request(ByteView data) {
  Request request;
  for (Fields fields(data, "ttRPC request"); fields.next();) {
    if (fields.is_bytes(1)) request.service = fields.text();
    if (fields.is_bytes(2)) request.method = fields.text();
    if (fields.is_bytes(3)) request.payload = fields.bytes();
  }
  return request;
}

Bytes write_request(std::uint32_t stream, const Request& request) {
  Bytes message;
  append_bytes(message, 1, core::as_bytes(request.service));
  append_bytes(message, 2, core::as_bytes(request.method));
  append_bytes(message, 3, request.payload);
  return write_frame(stream, Type::request, message);
}

Response read_response(ByteView data) {
  Response response;
  for (Fields fields(data, "ttRPC response"); fields.next();) {
    if (fields.is_bytes(1)) read_status(fields.bytes(), response);
    if (fields.is_bytes(2)) response.payload = fields.bytes();
  }
  return response;
}

Bytes write_refusal(std::uint32_t stream, int code, std::string_view message) {
  Bytes status;
  append_integer(status, 1, static_cast<std::uint64_t>(code));
  append_bytes(status, 2, core::as_bytes(message));
  Bytes response;
  append_bytes(response, 1, status);
  return write_frame(stream, Type::response, response);
}

std::size_t answer_size(std::size_t size) noexcept { return field_size(field_size(size)); }

Bytes write_answer_head(std::uint32_t stream, std::size_t size) {
  Bytes head;
  append_header(head, {static_cast<std::uint32_t>(answer_size(size)), stream, Type::response, 0});
  append_bytes_head(head, 2, field_size(size));
  append_bytes_head(head, 1, size);
  return head;
}

ByteView first_field(ByteView message, const char* what) {
  ByteView found;
  for (Fields fields(message, what); fields.next();) {
    if (fields.is_bytes(1)) found = fields.bytes();
  }
  return found;
}

}  // namespace oskbc::ttrpc
