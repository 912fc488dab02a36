// SPDX-License-Identifier: Apache-2.0
#include "secrets.h"

#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "support/jwe_maker.h"

namespace oskbc_test {
namespace {

constexpr std::size_t kTagSize = 16;

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void need(bool done) {
  if (!done) throw std::runtime_error("OpenSSL failed");
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  need(RAND_bytes(bytes_of(bytes), static_cast<int>(size)) == 1);
  return bytes;
}

std::string base64(const std::string& bytes) {
  std::string text(bytes.size() / 3 * 4 + 5, '\0');
  const int size = EVP_EncodeBlock(bytes_of(text), bytes_of(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// As oskbc_keyprovider() answers.
std::string decimal(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    if (!text.empty()) text += ',';
    text += std::to_string(static_cast<unsigned char>(byte));
  }
  return text;
}

// The first character as \u00XX, so that a value is decoded in two steps.
std::string escape_first(const std::string& text) {
  constexpr char kDigits[] = "0123456789abcdef";
  const auto first = static_cast<unsigned char>(text[0]);
  return std::string("\\u00") + kDigits[first >> 4] + kDigits[first & 0x0f] + text.substr(1);
}

// Encrypted, with the tag after it where the cipher has one.
std::string seal(const EVP_CIPHER* cipher, const std::string& key, const std::string& iv,
                 const std::string& plain, bool tagged) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::string out(plain.size() + (tagged ? kTagSize : 0), '\0');
  int size = 0;
  need(EVP_EncryptInit_ex(context.get(), cipher, nullptr, bytes_of(key), bytes_of(iv)) == 1);
  need(EVP_EncryptUpdate(context.get(), bytes_of(out), &size, bytes_of(plain),
                         static_cast<int>(plain.size())) == 1);
  need(EVP_EncryptFinal_ex(context.get(), bytes_of(out) + size, &size) == 1);
  if (tagged) {
    need(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize,
                             bytes_of(out) + plain.size()) == 1);
  }
  return out;
}

std::string packet(std::size_t number, const std::string& wrapped, const std::string& iv,
                   const char* type) {
  return R"({"kid":"key_id)" + std::to_string(number) + R"(","wrapped_data":")" + base64(wrapped) +
         R"(","iv":")" + base64(iv) + R"(","wrap_type":")" + type + R"("})";
}

Needle mask_piece(Secret secret, std::size_t number, const std::string& whole, std::size_t position,
                  const Piece& mask) {
  Needle needle{secret, static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(position),
                mask};
  for (std::size_t i = 0; i < kPiece; ++i) {
    needle.masked[i] ^= static_cast<std::uint8_t>(whole[position + i]);
  }
  return needle;
}

void cut_up(std::vector<Needle>& needles, Secret secret, std::size_t number,
            const std::string& whole, const Piece& mask) {
  for (std::size_t position = 0; position + kPiece <= whole.size(); position += kPiece) {
    needles.push_back(mask_piece(secret, number, whole, position, mask));
  }
}

}  // namespace

Secrets make_secrets(std::size_t count, std::size_t plaintext_size) {
  Secrets secrets;
  for (std::size_t i = 0; i < count; ++i) {
    secrets.keys.push_back(random_bytes(32));
    secrets.plaintexts.push_back(random_bytes(plaintext_size));
  }
  secrets.kek = random_bytes(32);
  secrets.cek = random_bytes(32);
  return secrets;
}

std::string keyset_text(const Secrets& secrets, bool escaped) {
  std::string text = "{";
  for (std::size_t i = 0; i < secrets.keys.size(); ++i) {
    const std::string value = base64(secrets.keys[i]);
    if (i != 0) text += ", ";
    text +=
        "\"key_id" + std::to_string(i) + R"(": ")" + (escaped ? escape_first(value) : value) + '"';
  }
  return text + "}";
}

std::string sealed_keyset(const Secrets& secrets, const std::string& text, bool wraps) {
  oskbc::test::JweMaker maker;
  maker.kek = secrets.kek;
  maker.cek = secrets.cek;
  maker.wraps = wraps;
  return maker.make(text);
}

std::string seal_gcm(const Secrets& secrets, std::size_t number) {
  const std::string iv = random_bytes(12);
  return packet(number,
                seal(EVP_aes_256_gcm(), secrets.keys[number], iv, secrets.plaintexts[number],
                     /*tagged=*/true),
                iv, "A256GCM");
}

std::string seal_ctr(const Secrets& secrets, std::size_t number) {
  const std::string iv = random_bytes(16);
  return packet(number,
                seal(EVP_aes_256_ctr(), secrets.keys[number], iv, secrets.plaintexts[number],
                     /*tagged=*/false),
                iv, "A256CTR");
}

std::vector<Needle> mask_needles(const Secrets& secrets, const Piece& mask) {
  std::vector<Needle> needles;
  for (std::size_t i = 0; i < secrets.keys.size(); ++i) {
    cut_up(needles, Secret::key, i, secrets.keys[i], mask);
    cut_up(needles, Secret::base64, i, base64(secrets.keys[i]), mask);
    cut_up(needles, Secret::plaintext, i, secrets.plaintexts[i], mask);
    cut_up(needles, Secret::decimal, i, decimal(secrets.plaintexts[i]), mask);
  }
  const std::size_t kek = secrets.keys.size();
  cut_up(needles, Secret::file_key, kek, secrets.kek, mask);
  cut_up(needles, Secret::file_key, kek + 1, secrets.cek, mask);
  cut_up(needles, Secret::base64, kek, base64(secrets.kek), mask);
  return needles;
}

}  // namespace oskbc_test
