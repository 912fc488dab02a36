// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/secret_bytes.h"

// The key provider protocol of ocicrypt, seen with its Go and Rust clients (lib/README.md).
namespace oskbc::core::keyprovider {

enum class Operation { keywrap, keyunwrap };

// A list of parameters, decoded, under its provider's name.
struct Parameters {
  std::string provider;
  std::vector<std::string> values;
};

struct Request {
  Operation operation = Operation::keyunwrap;
  std::vector<Parameters> parameters;  // of keywrap
  SecretBytes options;                 // of keywrap: the plain private options of a layer
  // Of keyunwrap: the packet's JSON. ocicrypt sends one at a time, but others the whole annotation;
  // where it has several, one that is not base64 is empty.
  std::vector<Bytes> annotations;
};

// Reads a request; throws Status::request. What belongs to the other operation may be null, but not
// malformed.
[[nodiscard]] Request parse_request(std::string_view text);

// The longest answer for this many bytes. Bytes are written as numbers, of one to three digits.
[[nodiscard]] std::size_t longest_answer(Operation operation, std::size_t size) noexcept;

// Writes the answer that carries `bytes`, into room for longest_answer(); returns its length. They
// may lie at the end of that room: no number is written over a byte that is still to be read.
std::size_t write_answer(Operation operation, ByteView bytes, ByteSpan out) noexcept;

}  // namespace oskbc::core::keyprovider
