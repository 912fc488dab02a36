// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "oskbc/oskbc.h"

// What all measurements work on. Made anew each time and always the same, but for the IV.
namespace oskbc::bench {

inline constexpr std::size_t kPlainSize = 193;  // of a layer's private options, as ocicrypt writes

// A keyset of keys with 32 bytes, in no order of ids.
struct KeysetMaterial {
  explicit KeysetMaterial(std::size_t count);

  // As many keys as the bound on a keyset's text lets in.
  static std::size_t largest();

  std::string text;
  std::vector<std::string> values;  // base64
  core::Bytes key;                  // of key_id
  std::string key_id;
};

// The same keyset in a file, and what is injected for it.
struct FileMaterial {
  explicit FileMaterial(const KeysetMaterial& keyset);

  std::string file;
  std::string injected;
};

// A packet of the generation that is written today, under the keyset's key, with its parts.
struct PacketMaterial {
  explicit PacketMaterial(const KeysetMaterial& keyset);

  // The same as the programs of October 2021 wrote it: arrays of numbers.
  [[nodiscard]] std::string with_numbers() const;
  // ocicrypt's request around it.
  [[nodiscard]] std::string request() const;

  // By its members, as an agent has them.
  oskbc_status unwrap_fields(const oskbc_client* client, std::uint8_t* out,
                             std::size_t* length) const;

  std::string kid;
  core::Bytes iv;
  core::Bytes wrapped;
  std::string text;
  std::string iv_text;  // base64
  std::string wrapped_text;
};

}  // namespace oskbc::bench
