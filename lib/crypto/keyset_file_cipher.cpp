// SPDX-License-Identifier: Apache-2.0
#include "crypto/keyset_file_cipher.h"

#include <memory>
#include <new>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status.h"
#include "base/wrap_type.h"

namespace oskbc::core {
namespace {

// A digest's functions, as ProviderCipher has a cipher's.
struct DigestFunctions {
  explicit DigestFunctions(const OSSL_DISPATCH* functions) {
    for (const OSSL_DISPATCH* entry = functions; entry->function_id != 0; ++entry) take(*entry);
    if (make == nullptr || free == nullptr || start == nullptr || update == nullptr ||
        end == nullptr) {
      fail(Status::internal, "OpenSSL's digest lacks a function");
    }
  }

  OSSL_FUNC_digest_newctx_fn* make = nullptr;
  OSSL_FUNC_digest_freectx_fn* free = nullptr;
  OSSL_FUNC_digest_init_fn* start = nullptr;
  OSSL_FUNC_digest_update_fn* update = nullptr;
  OSSL_FUNC_digest_final_fn* end = nullptr;

 private:
  void take(const OSSL_DISPATCH& entry) {
    switch (entry.function_id) {
      case OSSL_FUNC_DIGEST_NEWCTX:
        make = OSSL_FUNC_digest_newctx(&entry);
        break;
      case OSSL_FUNC_DIGEST_FREECTX:
        free = OSSL_FUNC_digest_freectx(&entry);
        break;
      case OSSL_FUNC_DIGEST_INIT:
        start = OSSL_FUNC_digest_init(&entry);
        break;
      case OSSL_FUNC_DIGEST_UPDATE:
        update = OSSL_FUNC_digest_update(&entry);
        break;
      case OSSL_FUNC_DIGEST_FINAL:
        end = OSSL_FUNC_digest_final(&entry);
        break;
      default:
        break;
    }
  }
};

}  // namespace

Sha256 sha256(const CipherProvider& provider, ByteView bytes) {
  const evp::ErrorQueueMark mark;
  const DigestFunctions digest(provider.find(OSSL_OP_DIGEST, "SHA2-256"));
  const std::unique_ptr<void, OSSL_FUNC_digest_freectx_fn*> context(
      digest.make(OSSL_PROVIDER_get0_provider_ctx(provider.get())), digest.free);
  if (!context) throw std::bad_alloc();
  Sha256 result{};
  std::size_t written = 0;
  if (digest.start(context.get(), nullptr) != 1 ||
      digest.update(context.get(), bytes.data(), bytes.size()) != 1 ||
      digest.end(context.get(), result.data(), &written, result.size()) != 1) {
    fail(Status::internal, "OpenSSL's SHA-256 fails");
  }
  return result;
}

bool open_gcm(const CipherProvider& provider, ByteView key, ByteView iv, ByteView associated,
              ByteView tag, ByteSpan text) {
  const evp::ErrorQueueMark mark;
  // OpenSSL takes shorter tags, too.
  const bool lengths_fit = key.size() == kKekSize && iv.size() == iv_size(WrapType::a256gcm) &&
                           tag.size() == kGcmTagSize;
  const ProviderCipher gcm(provider, "AES-256-GCM");
  if (lengths_fit && gcm.decrypt_with(associated, key, iv, text, tag)) return true;
  wipe(text);
  return false;
}

bool unwrap_key(const CipherProvider& provider, ByteView kek, ByteView wrapped, ByteSpan key) {
  const evp::ErrorQueueMark mark;
  return ProviderCipher(provider, "AES-256-ECB").unwrap_key(kek, wrapped, key);
}

}  // namespace oskbc::core
