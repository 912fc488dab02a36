// SPDX-License-Identifier: Apache-2.0
#include "agent/layer_cipher.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "agent/base64.h"
#include "agent/failure.h"

namespace oskbc::agent {
namespace {

constexpr const char* kCipher = "AES_256_CTR_HMAC_SHA256";
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kNonceSize = 16;

[[noreturn]] void refuse(const std::string& text) { throw Failure(kBadImage, text); }

// The text of a string member, where it lies: a JSON library would make copies of the key that
// nobody wipes. The text was encrypted by the guest owner, and none of its values has an escape.
std::string_view member(std::string_view json, const std::string& name) {
  const std::string_view missing = "the layer's private options are not ocicrypt's";
  constexpr std::string_view kBetween = " \t\r\n:";
  std::size_t start = json.find('"' + name + '"');
  if (start == std::string_view::npos) refuse(std::string(missing));
  start = json.find_first_not_of(kBetween, start + name.size() + 2);
  if (start == std::string_view::npos || json[start] != '"') refuse(std::string(missing));
  const std::size_t end = json.find('"', ++start);
  if (end == std::string_view::npos) refuse(std::string(missing));
  return json.substr(start, end - start);
}

Buffer decode(std::string_view text, std::size_t size, const char* what) {
  Buffer bytes = unbase64(text);
  if (bytes.size() != size) refuse(std::string("the layer's ") + what + " has another length");
  return bytes;
}

struct PublicOptions {
  std::string cipher;
  std::string hmac;
};

PublicOptions read_public_options(const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    return {json.at("cipher"), json.at("hmac")};
  } catch (const nlohmann::json::exception&) {
    refuse("the layer's public options are not ocicrypt's");
  }
}

void check_hmac(const Buffer& layer, const Buffer& key, const Buffer& hmac) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> found{};
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), layer.data(), layer.size(),
           found.data(), nullptr) == nullptr) {
    refuse("the layer's HMAC cannot be computed");
  }
  if (CRYPTO_memcmp(found.data(), hmac.data(), found.size()) != 0) {
    refuse("the layer was changed after it was encrypted: its HMAC is another one");
  }
}

void decrypt_in_place(Buffer& layer, const Buffer& key, const Buffer& nonce) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  bool good = context && EVP_DecryptInit_ex(context.get(), EVP_aes_256_ctr(), nullptr, key.data(),
                                            nonce.data()) == 1;
  // OpenSSL's lengths are int.
  constexpr std::size_t kPiece = 1 << 30;
  for (std::size_t done = 0; good && done < layer.size();) {
    const int size = static_cast<int>(std::min(kPiece, layer.size() - done));
    int written = 0;
    good = EVP_DecryptUpdate(context.get(), layer.data() + done, &written, layer.data() + done,
                             size) == 1;
    done += static_cast<std::size_t>(size);
  }
  if (!good) refuse("the layer cannot be decrypted");
}

}  // namespace

void decrypt_layer(Buffer& layer, const Buffer& private_options,
                   const std::string& public_options) {
  const PublicOptions shown = read_public_options(public_options);
  if (shown.cipher != kCipher) refuse("the layer's cipher is not " + std::string(kCipher));
  const std::string_view hidden(reinterpret_cast<const char*>(private_options.data()),
                                private_options.size());
  const Buffer key = decode(member(hidden, "symkey"), kKeySize, "key");
  const Buffer nonce = decode(member(hidden, "nonce"), kNonceSize, "nonce");
  check_hmac(layer, key, decode(shown.hmac, SHA256_DIGEST_LENGTH, "HMAC"));
  decrypt_in_place(layer, key, nonce);
  // The HMAC shows that it is what was encrypted; this, that it is what the owner meant to encrypt.
  if (digest_of(layer) != member(hidden, "digest")) {
    refuse("the decrypted layer is another one than its options say");
  }
}

std::string digest_of(const Buffer& content) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256(content.data(), content.size(), digest.data());
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "sha256:";
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xF];
  }
  return text;
}

}  // namespace oskbc::agent
