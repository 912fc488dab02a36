// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string_view>

#include <openssl/core_dispatch.h>
#include <openssl/provider.h>

#include "fault/fault.h"

// Stands in for OpenSSL's functions that liboskbc calls and that can fail, so that an
// Injection of Kind::openssl fails them: those of libcrypto by the linker's --wrap, those of the
// provider, which are reached by pointers, by other tables of pointers.

namespace oskbc::fault {
namespace {

bool fails_in_openssl(const char* call) { return fails(Kind::openssl, call); }

// One cipher's functions and what stands in their place; a type for each cipher, because a function
// does not know in whose table it was found.
template <int Cipher>
struct Functions {
  static inline OSSL_FUNC_cipher_newctx_fn* new_context = nullptr;
  static inline OSSL_FUNC_cipher_decrypt_init_fn* decrypt_init = nullptr;
  static inline OSSL_FUNC_cipher_update_fn* update = nullptr;
  static inline OSSL_FUNC_cipher_final_fn* final = nullptr;
  static inline std::array<OSSL_DISPATCH, 64> table{};

  static void* may_make(void* provider) {
    return fails_in_openssl("newctx") ? nullptr : new_context(provider);
  }
  static int may_start(void* context, const unsigned char* key, std::size_t key_size,
                       const unsigned char* iv, std::size_t iv_size, const OSSL_PARAM* params) {
    if (fails_in_openssl("decrypt_init")) return 0;
    return decrypt_init(context, key, key_size, iv, iv_size, params);
  }
  static int may_update(void* context, unsigned char* out, std::size_t* written, std::size_t size,
                        const unsigned char* in, std::size_t in_size) {
    // It may have written by then.
    const int result = update(context, out, written, size, in, in_size);
    return fails_in_openssl("update") ? 0 : result;
  }
  static int may_end(void* context, unsigned char* out, std::size_t* written, std::size_t size) {
    return fails_in_openssl("final") ? 0 : final(context, out, written, size);
  }

  static void replace(OSSL_DISPATCH& entry) {
    // OpenSSL keeps all functions as of one type.
    const auto as_entry = [](auto* function) { return reinterpret_cast<void (*)()>(function); };
    switch (entry.function_id) {
      case OSSL_FUNC_CIPHER_NEWCTX:
        new_context = OSSL_FUNC_cipher_newctx(&entry);
        entry.function = as_entry(&may_make);
        break;
      case OSSL_FUNC_CIPHER_DECRYPT_INIT:
        decrypt_init = OSSL_FUNC_cipher_decrypt_init(&entry);
        entry.function = as_entry(&may_start);
        break;
      case OSSL_FUNC_CIPHER_UPDATE:
        update = OSSL_FUNC_cipher_update(&entry);
        entry.function = as_entry(&may_update);
        break;
      case OSSL_FUNC_CIPHER_FINAL:
        final = OSSL_FUNC_cipher_final(&entry);
        entry.function = as_entry(&may_end);
        break;
      default:
        break;
    }
  }
};

// The same for a digest.
struct DigestCalls {
  static inline OSSL_FUNC_digest_newctx_fn* new_context = nullptr;
  static inline OSSL_FUNC_digest_init_fn* init = nullptr;
  static inline OSSL_FUNC_digest_update_fn* update = nullptr;
  static inline OSSL_FUNC_digest_final_fn* final = nullptr;
  static inline std::array<OSSL_DISPATCH, 64> table{};

  static void* may_make(void* provider) {
    return fails_in_openssl("newctx") ? nullptr : new_context(provider);
  }
  static int may_start(void* context, const OSSL_PARAM* params) {
    return fails_in_openssl("digest_init") ? 0 : init(context, params);
  }
  static int may_update(void* context, const unsigned char* in, std::size_t size) {
    return fails_in_openssl("digest_update") ? 0 : update(context, in, size);
  }
  static int may_end(void* context, unsigned char* out, std::size_t* written, std::size_t size) {
    return fails_in_openssl("digest_final") ? 0 : final(context, out, written, size);
  }

  static void replace(OSSL_DISPATCH& entry) {
    const auto as_entry = [](auto* function) { return reinterpret_cast<void (*)()>(function); };
    switch (entry.function_id) {
      case OSSL_FUNC_DIGEST_NEWCTX:
        new_context = OSSL_FUNC_digest_newctx(&entry);
        entry.function = as_entry(&may_make);
        break;
      case OSSL_FUNC_DIGEST_INIT:
        init = OSSL_FUNC_digest_init(&entry);
        entry.function = as_entry(&may_start);
        break;
      case OSSL_FUNC_DIGEST_UPDATE:
        update = OSSL_FUNC_digest_update(&entry);
        entry.function = as_entry(&may_update);
        break;
      case OSSL_FUNC_DIGEST_FINAL:
        final = OSSL_FUNC_digest_final(&entry);
        entry.function = as_entry(&may_end);
        break;
      default:
        break;
    }
  }
};

// Another table of functions, with ours in it.
template <typename Calls>
const OSSL_DISPATCH* in_place_of(const OSSL_DISPATCH* functions) {
  auto& table = Calls::table;
  std::size_t count = 0;
  for (; functions[count].function_id != 0 && count + 1 < table.size(); ++count) {
    table[count] = functions[count];
    Calls::replace(table[count]);
  }
  table[count] = {0, nullptr};
  return table.data();
}

bool starts_with(const char* names, std::string_view name) {
  const std::string_view all = names;
  return all.substr(0, all.find(':')) == name;
}

// The provider's list of ciphers or digests with our tables in it.
template <int Operation>
const OSSL_ALGORITHM* watched(const OSSL_ALGORITHM* algorithms) {
  static std::array<OSSL_ALGORITHM, 512> list;
  std::size_t count = 0;
  for (; algorithms[count].algorithm_names != nullptr && count + 1 < list.size(); ++count) {
    list[count] = algorithms[count];
    OSSL_ALGORITHM& algorithm = list[count];
    const auto is = [&](std::string_view name) {
      return starts_with(algorithm.algorithm_names, name);
    };
    if (is("AES-256-GCM"))
      algorithm.implementation = in_place_of<Functions<0>>(algorithm.implementation);
    if (is("AES-256-CTR"))
      algorithm.implementation = in_place_of<Functions<1>>(algorithm.implementation);
    if (is("AES-256-ECB"))
      algorithm.implementation = in_place_of<Functions<2>>(algorithm.implementation);
    if (is("SHA2-256"))
      algorithm.implementation = in_place_of<DigestCalls>(algorithm.implementation);
  }
  list[count] = {};
  return list.data();
}

const OSSL_ALGORITHM* watched(int operation, const OSSL_ALGORITHM* algorithms) {
  return operation == OSSL_OP_DIGEST ? watched<OSSL_OP_DIGEST>(algorithms)
                                     : watched<OSSL_OP_CIPHER>(algorithms);
}

}  // namespace

}  // namespace oskbc::fault

extern "C" {
OSSL_LIB_CTX* __real_OSSL_LIB_CTX_new();
OSSL_LIB_CTX* __wrap_OSSL_LIB_CTX_new();
OSSL_LIB_CTX* __wrap_OSSL_LIB_CTX_new() {
  return oskbc::fault::fails_in_openssl("OSSL_LIB_CTX_new") ? nullptr : __real_OSSL_LIB_CTX_new();
}

OSSL_PROVIDER* __real_OSSL_PROVIDER_load(OSSL_LIB_CTX* library, const char* name);
OSSL_PROVIDER* __wrap_OSSL_PROVIDER_load(OSSL_LIB_CTX* library, const char* name);
OSSL_PROVIDER* __wrap_OSSL_PROVIDER_load(OSSL_LIB_CTX* library, const char* name) {
  if (oskbc::fault::fails_in_openssl("OSSL_PROVIDER_load")) return nullptr;
  return __real_OSSL_PROVIDER_load(library, name);
}

const OSSL_ALGORITHM* __real_OSSL_PROVIDER_query_operation(const OSSL_PROVIDER* provider,
                                                           int operation, int* no_cache);
const OSSL_ALGORITHM* __wrap_OSSL_PROVIDER_query_operation(const OSSL_PROVIDER* provider,
                                                           int operation, int* no_cache);
const OSSL_ALGORITHM* __wrap_OSSL_PROVIDER_query_operation(const OSSL_PROVIDER* provider,
                                                           int operation, int* no_cache) {
  if (oskbc::fault::fails_in_openssl("OSSL_PROVIDER_query_operation")) return nullptr;
  return oskbc::fault::watched(operation,
                               __real_OSSL_PROVIDER_query_operation(provider, operation, no_cache));
}
}
