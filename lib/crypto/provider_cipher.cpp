// SPDX-License-Identifier: Apache-2.0
#include "crypto/provider_cipher.h"

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status.h"

namespace oskbc::core {
namespace {

// Room for what a cipher may hold back until its end; GCM and CTR hold back nothing.
constexpr std::size_t kMaxBlock = 32;

bool is_named(const OSSL_ALGORITHM& algorithm, std::string_view name) {
  const std::string_view names = algorithm.algorithm_names;
  return names.substr(0, names.find(':')) == name;
}

// OpenSSL refuses input that has the right lengths without a word, and leaves an error only here. A
// mark in its queue at each call would cost a fifteenth of an unwrap; this takes the error away if
// the caller has none of its own before it.
[[noreturn, gnu::cold]] void no_memory() {
  const unsigned long error = ERR_peek_error();
  if (error == ERR_peek_last_error() && ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE) {
    ERR_get_error();
  }
  throw std::bad_alloc();
}

}  // namespace

CipherProvider::CipherProvider() {
  const evp::ErrorQueueMark mark;
  library_.reset(OSSL_LIB_CTX_new());
  if (!library_) throw std::bad_alloc();
  provider_.reset(OSSL_PROVIDER_load(library_.get(), "default"));
  // It is a part of libcrypto: only a lack of memory keeps it from loading, and not every error
  // that OpenSSL leaves for that says so.
  if (!provider_) throw std::bad_alloc();
}

const OSSL_DISPATCH* CipherProvider::find(int operation, const char* name) const {
  int no_cache = 0;
  const OSSL_ALGORITHM* algorithm =
      OSSL_PROVIDER_query_operation(provider_.get(), operation, &no_cache);
  for (; algorithm != nullptr && algorithm->algorithm_names != nullptr; ++algorithm) {
    if (is_named(*algorithm, name)) return algorithm->implementation;
  }
  fail(Status::internal, "OpenSSL's default provider has no %s", name);
}

ProviderCipher::ProviderCipher(const CipherProvider& provider, const char* name)
    : provider_context_(OSSL_PROVIDER_get0_provider_ctx(provider.get())) {
  take_functions(provider.find(OSSL_OP_CIPHER, name));
  const bool complete = new_context_ != nullptr && free_context_ != nullptr &&
                        encrypt_init_ != nullptr && decrypt_init_ != nullptr &&
                        update_ != nullptr && final_ != nullptr && get_params_ != nullptr;
  if (!complete) fail(Status::internal, "OpenSSL's %s lacks a function", name);
}

void ProviderCipher::take_functions(const OSSL_DISPATCH* functions) {
  for (const OSSL_DISPATCH* entry = functions; entry->function_id != 0; ++entry) {
    switch (entry->function_id) {
      case OSSL_FUNC_CIPHER_NEWCTX:
        new_context_ = OSSL_FUNC_cipher_newctx(entry);
        break;
      case OSSL_FUNC_CIPHER_FREECTX:
        free_context_ = OSSL_FUNC_cipher_freectx(entry);
        break;
      case OSSL_FUNC_CIPHER_ENCRYPT_INIT:
        encrypt_init_ = OSSL_FUNC_cipher_encrypt_init(entry);
        break;
      case OSSL_FUNC_CIPHER_DECRYPT_INIT:
        decrypt_init_ = OSSL_FUNC_cipher_decrypt_init(entry);
        break;
      case OSSL_FUNC_CIPHER_UPDATE:
        update_ = OSSL_FUNC_cipher_update(entry);
        break;
      case OSSL_FUNC_CIPHER_FINAL:
        final_ = OSSL_FUNC_cipher_final(entry);
        break;
      case OSSL_FUNC_CIPHER_GET_CTX_PARAMS:
        get_params_ = OSSL_FUNC_cipher_get_ctx_params(entry);
        break;
      default:
        break;
    }
  }
}

// One call's state.
class ProviderCipher::Context {
 public:
  explicit Context(const ProviderCipher& cipher)
      : cipher_(cipher), context_(cipher.new_context_(cipher.provider_context_)) {
    if (context_ == nullptr) no_memory();
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { cipher_.free_context_(context_); }

  [[nodiscard]] void* get() const noexcept { return context_; }

  // Everything between initialisation and the end.
  [[nodiscard]] bool process(ByteView in, ByteSpan out) const {
    std::size_t written = 0;
    if (!in.empty() &&
        (cipher_.update_(context_, out.data(), &written, out.size(), in.data(), in.size()) != 1 ||
         written != in.size())) {
      return false;
    }
    std::array<std::uint8_t, kMaxBlock> rest{};
    return cipher_.final_(context_, rest.data(), &written, rest.size()) == 1 && written == 0;
  }

 private:
  const ProviderCipher& cipher_;
  void* context_;
};

bool ProviderCipher::start(const Context& context, ByteView key, ByteView iv, ByteView tag) const {
  // OpenSSL does not write to a parameter that it is given, but takes it as void*.
  auto* expected_tag = const_cast<std::uint8_t*>(tag.data());
  const std::array params = {
      tag.empty()
          ? OSSL_PARAM_construct_end()
          : OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, expected_tag, tag.size()),
      OSSL_PARAM_construct_end()};
  return decrypt_init_(context.get(), key.data(), key.size(), iv.data(), iv.size(),
                       params.data()) == 1;
}

bool ProviderCipher::decrypt(ByteView key, ByteView iv, ByteView in, ByteView tag,
                             ByteSpan out) const {
  const Context context(*this);
  return start(context, key, iv, tag) && context.process(in, out);
}

bool ProviderCipher::decrypt_with(ByteView associated, ByteView key, ByteView iv, ByteSpan text,
                                  ByteView tag) const {
  const Context context(*this);
  std::size_t ignored = 0;
  return start(context, key, iv, tag) &&
         update_(context.get(), nullptr, &ignored, associated.size(), associated.data(),
                 associated.size()) == 1 &&
         context.process(text, text);
}

bool ProviderCipher::unwrap_key(ByteView kek, ByteView wrapped, ByteSpan key) const {
  constexpr std::size_t kHalf = 8;
  constexpr std::array<std::uint8_t, kHalf> kInitial = {0xa6, 0xa6, 0xa6, 0xa6,
                                                        0xa6, 0xa6, 0xa6, 0xa6};
  const Context context(*this);
  unsigned unpadded = 0;
  const std::array params = {OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_PADDING, &unpadded),
                             OSSL_PARAM_construct_end()};
  bool good = decrypt_init_(context.get(), kek.data(), kek.size(), nullptr, 0, params.data()) == 1;
  std::array<std::uint8_t, 2 * kHalf> block{};
  std::ranges::copy(wrapped.first(kHalf), block.begin());
  std::ranges::copy(wrapped.subspan(kHalf), key.begin());
  for (std::size_t step = 6 * key.size() / kHalf; good && step > 0; --step) {
    const ByteSpan part = key.subspan((step - 1) * kHalf % key.size(), kHalf);
    block[kHalf - 1] ^= static_cast<std::uint8_t>(step);
    std::ranges::copy(part, block.begin() + kHalf);
    good = context.process(block, block);
    std::ranges::copy(ByteSpan(block).last(kHalf), part.begin());
  }
  good = good && CRYPTO_memcmp(block.data(), kInitial.data(), kHalf) == 0;
  wipe(block);
  return good;
}

bool ProviderCipher::encrypt(ByteView key, ByteView iv, ByteView in, ByteSpan out,
                             ByteSpan tag) const {
  const Context context(*this);
  if (encrypt_init_(context.get(), key.data(), key.size(), iv.data(), iv.size(), nullptr) != 1 ||
      !context.process(in, out)) {
    return false;
  }
  if (tag.empty()) return true;
  std::array params = {
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag.data(), tag.size()),
      OSSL_PARAM_construct_end()};
  return get_params_(context.get(), params.data()) == 1;
}

}  // namespace oskbc::core
