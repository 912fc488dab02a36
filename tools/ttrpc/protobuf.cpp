// SPDX-License-Identifier: Apache-2.0
#include "ttrpc/protobuf.h"

#include "base/error.h"
#include "base/status.h"

namespace oskbc::ttrpc {
namespace {

using core::ByteView;

// The kinds of protobuf's encoding ("wire types"). Groups are gone since proto3.
enum Kind : unsigned { integer = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

constexpr unsigned kKindBits = 3;
constexpr std::uint64_t kMaxNumber = (1U << 29U) - 1;

}  // namespace

bool Fields::next() {
  if (rest_.empty()) return false;
  const std::uint64_t tag = varint();
  const std::uint64_t number = tag >> kKindBits;
  if (number == 0 || number > kMaxNumber) malformed();
  number_ = static_cast<std::uint32_t>(number);
  kind_ = static_cast<unsigned>(tag & ((1U << kKindBits) - 1));
  switch (kind_) {
    case Kind::integer:
      integer_ = varint();
      break;
    case Kind::fixed64:
      static_cast<void>(take(8));
      break;
    case Kind::bytes:
      bytes_ = take(varint());
      break;
    case Kind::fixed32:
      static_cast<void>(take(4));
      break;
    default:
      malformed();
  }
  return true;
}

bool Fields::is_bytes(std::uint32_t number) const noexcept {
  return number_ == number && kind_ == Kind::bytes;
}

bool Fields::is_integer(std::uint32_t number) const noexcept {
  return number_ == number && kind_ == Kind::integer;
}

std::uint64_t Fields::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = take(1).front();
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  malformed();
}

ByteView Fields::take(std::uint64_t size) {
  if (size > rest_.size()) malformed();
  const ByteView taken = rest_.first(static_cast<std::size_t>(size));
  rest_ = rest_.subspan(taken.size());
  return taken;
}

void Fields::malformed() const { core::fail(core::Status::request, "the message is no %s", what_); }

void append_varint(core::Bytes& out, std::uint64_t value) {
  for (; value > 0x7f; value >>= 7U) out.push_back(static_cast<std::uint8_t>(value | 0x80U));
  out.push_back(static_cast<std::uint8_t>(value));
}

void append_integer(core::Bytes& out, std::uint32_t number, std::uint64_t value) {
  append_varint(out, std::uint64_t{number} << kKindBits | Kind::integer);
  append_varint(out, value);
}

void append_bytes_head(core::Bytes& out, std::uint32_t number, std::size_t size) {
  append_varint(out, std::uint64_t{number} << kKindBits | Kind::bytes);
  append_varint(out, size);
}

void append_bytes(core::Bytes& out, std::uint32_t number, ByteView bytes) {
  append_bytes_head(out, number, bytes.size());
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace oskbc::ttrpc
