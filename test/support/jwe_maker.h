// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/evp.h>

// Keysets in files, made by OpenSSL's usual interface, which the library does not use.
namespace oskbc::test {

// What a file is made of; each part can be another than it should be.
struct JweMaker {
  std::string kek = std::string(32, 'k');
  bool wraps = false;                      // A256KW instead of dir
  std::string cek = std::string(32, 'c');  // of A256KW
  std::string kid = "oskbc/keyset/key";
  std::string header;  // if it is another than alg, enc and kid
  std::string iv = std::string(12, 'i');

  [[nodiscard]] std::string make(std::string_view plain) const;
};

namespace jwe_maker {

inline void check(bool worked) {
  if (!worked) throw std::runtime_error("OpenSSL refuses to make a JWE");
}

inline const std::uint8_t* bytes(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

inline std::uint8_t* bytes(std::string& text) {
  return reinterpret_cast<std::uint8_t*>(text.data());
}

inline std::string base64url(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(bytes(out), bytes(text), static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  out.erase(std::min(out.size(), out.find('=')));
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

inline std::string wrap_key(const std::string& kek, const std::string& key) {
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  std::string out(key.size() + 8, '\0');
  int size = 0;
  check(EVP_EncryptInit_ex(context.get(), EVP_aes_256_wrap(), nullptr, bytes(kek), nullptr) == 1);
  check(EVP_EncryptUpdate(context.get(), bytes(out), &size, bytes(key),
                          static_cast<int>(key.size())) == 1);
  return out;
}

struct Sealed {
  std::string ciphertext;
  std::string tag;
};

inline Sealed seal(const std::string& key, const std::string& iv, const std::string& associated,
                   std::string_view plain) {
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  Sealed sealed{std::string(plain.size(), '\0'), std::string(16, '\0')};
  int size = 0;
  check(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(iv)) == 1);
  check(EVP_EncryptUpdate(context.get(), nullptr, &size, bytes(associated),
                          static_cast<int>(associated.size())) == 1);
  check(EVP_EncryptUpdate(context.get(), bytes(sealed.ciphertext), &size, bytes(plain),
                          static_cast<int>(plain.size())) == 1);
  check(EVP_EncryptFinal_ex(context.get(), bytes(sealed.tag), &size) == 1);
  check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, 16, sealed.tag.data()) == 1);
  return sealed;
}

inline std::string member(const std::string& name, std::string_view value) {
  return "\"" + name + "\":\"" + base64url(value) + "\"";
}

}  // namespace jwe_maker

inline std::string JweMaker::make(std::string_view plain) const {
  using namespace jwe_maker;
  const std::string usual = std::string(R"({"alg":")") + (wraps ? "A256KW" : "dir") +
                            R"(","enc":"A256GCM","kid":")" + kid + "\"}";
  const std::string& said = header.empty() ? usual : header;
  const Sealed sealed = seal(wraps ? cek : kek, iv, base64url(said), plain);
  return "{" + member("ciphertext", sealed.ciphertext) + "," +
         (wraps ? member("encrypted_key", wrap_key(kek, cek)) + "," : "") + member("iv", iv) + "," +
         member("protected", said) + "," + member("tag", sealed.tag) + "}";
}

[[nodiscard]] inline std::string sha256_of(std::string_view text) {
  std::string digest(32, '\0');
  unsigned size = 0;
  jwe_maker::check(EVP_Digest(text.data(), text.size(), jwe_maker::bytes(digest), &size,
                              EVP_sha256(), nullptr) == 1);
  return digest;
}

// A keyset to inject that opens a file, with more members if any are given, each after a comma.
[[nodiscard]] inline std::string keyset_for(std::string_view file, const std::string& kek,
                                            const std::string& more = {}) {
  const auto base64 = [](const std::string& text) {
    std::string out((text.size() + 2) / 3 * 4 + 1, '\0');
    EVP_EncodeBlock(jwe_maker::bytes(out), jwe_maker::bytes(text), static_cast<int>(text.size()));
    out.pop_back();
    return out;
  };
  return R"({"oskbc/keyset/key":")" + base64(kek) + R"(","oskbc/keyset/sha256":")" +
         base64(sha256_of(file)) + "\"" + more + "}";
}

}  // namespace oskbc::test
