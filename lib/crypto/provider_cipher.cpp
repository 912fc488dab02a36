// SPDX-License-Identifier: Apache-2.0
#include "crypto/provider_cipher.h"

#include <array>
#include <new>
#include <string_view>

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::core {
namespace {

// Room for what a cipher may hold back until its end; GCM and CTR hold back nothing.
constexpr std::size_t kMaxBlock = 32;

bool is_named(const OSSL_ALGORITHM& algorithm, std::string_view name) {
  const std::string_view names = algorithm.algorithm_names;
  return names.substr(0, names.find(':')) == name;
}

const OSSL_DISPATCH* find_cipher(const CipherProvider& provider, const char* name) {
  int no_cache = 0;
  const OSSL_ALGORITHM* algorithm =
      OSSL_PROVIDER_query_operation(provider.get(), OSSL_OP_CIPHER, &no_cache);
  for (; algorithm != nullptr && algorithm->algorithm_names != nullptr; ++algorithm) {
    if (is_named(*algorithm, name)) return algorithm->implementation;
  }
  fail(Status::internal, "OpenSSL's default provider has no %s", name);
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

ProviderCipher::ProviderCipher(const CipherProvider& provider, const char* name)
    : provider_context_(OSSL_PROVIDER_get0_provider_ctx(provider.get())) {
  take_functions(find_cipher(provider, name));
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
    if (context_ == nullptr) throw std::bad_alloc();
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

bool ProviderCipher::decrypt(ByteView key, ByteView iv, ByteView in, ByteView tag,
                             ByteSpan out) const {
  const Context context(*this);
  // OpenSSL does not write to a parameter that it is given, but takes it as void*.
  auto* expected_tag = const_cast<std::uint8_t*>(tag.data());
  const std::array params = {
      tag.empty()
          ? OSSL_PARAM_construct_end()
          : OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, expected_tag, tag.size()),
      OSSL_PARAM_construct_end()};
  return decrypt_init_(context.get(), key.data(), key.size(), iv.data(), iv.size(),
                       params.data()) == 1 &&
         context.process(in, out);
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
