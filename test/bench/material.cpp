// SPDX-License-Identifier: Apache-2.0
#include "bench/material.h"

#include <cstdint>
#include <random>

#include "base/limits.h"
#include "base/wrap_type.h"
#include "crypto/key_wrap_cipher.h"
#include "format/base64.h"
#include "format/packet.h"
#include "support/jwe_maker.h"

namespace oskbc::bench {
namespace {

using core::Bytes;

// Coprime to every count below it, so that multiples walk through all ids in no order.
constexpr std::size_t kStride = 1'000'003;

std::string id_of(std::size_t number, std::size_t count) {
  return "default/key/" + std::to_string(number * kStride % count);
}

Bytes random_bytes(std::mt19937& random, std::size_t size) {
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

std::string numbers(const Bytes& bytes) {
  std::string text = "[";
  for (const std::uint8_t byte : bytes) text += std::to_string(byte) + ",";
  text.back() = ']';
  return text;
}

}  // namespace

KeysetMaterial::KeysetMaterial(std::size_t count) {
  std::mt19937 random(1);
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes value = random_bytes(random, core::kKekSize);
    values.push_back(core::base64::encode(value));
    text += (i == 0 ? "{\"" : ", \"") + id_of(i, count) + "\": \"" + values.back() + "\"";
    if (i != count / 2) continue;
    key = value;
    key_id = id_of(i, count);
  }
  text += "}";
}

std::size_t KeysetMaterial::largest() {
  // All ids of a set this large have nearly the same length.
  constexpr std::size_t kSample = 10'000;
  const std::size_t entry = KeysetMaterial(kSample).text.size() / kSample + 2;
  return core::limits::kKeysetText / entry;
}

FileMaterial::FileMaterial(const KeysetMaterial& keyset)
    : file(test::JweMaker().make(keyset.text)),
      injected(test::keyset_for(file, test::JweMaker().kek)) {}

PacketMaterial::PacketMaterial(const KeysetMaterial& keyset)
    : kid("kbs:///" + keyset.key_id),
      iv(core::iv_size(core::WrapType::a256gcm)),
      wrapped(kPlainSize + core::kGcmTagSize) {
  std::mt19937 random(2);
  const Bytes plain = random_bytes(random, kPlainSize);
  core::KeyWrapCipher().wrap(core::WrapType::a256gcm, keyset.key, plain, iv, wrapped);
  text = core::write_packet({kid, wrapped, iv, core::WrapType::a256gcm});
  iv_text = core::base64::encode(iv);
  wrapped_text = core::base64::encode(wrapped);
}

oskbc_status PacketMaterial::unwrap_fields(const oskbc_client* client, std::uint8_t* out,
                                           std::size_t* length) const {
  constexpr std::string_view kType = "A256GCM";
  return oskbc_unwrap_fields(client, kid.data(), kid.size(), kType.data(), kType.size(),
                             iv_text.data(), iv_text.size(), wrapped_text.data(),
                             wrapped_text.size(), out, length);
}

std::string PacketMaterial::with_numbers() const {
  return R"({"kid":")" + kid + R"(","wrapped_data":)" + numbers(wrapped) + R"(,"iv":)" +
         numbers(iv) + R"(,"wrap_type":"aes_256_gcm"})";
}

std::string PacketMaterial::request() const {
  return R"({"op":"keyunwrap","keywrapparams":{"ec":null,"optsdata":null},"keyunwrapparams":)"
         R"({"dc":{"Parameters":{}},"annotation":")" +
         core::base64::encode(core::as_bytes(text)) + R"("}})";
}

}  // namespace oskbc::bench
