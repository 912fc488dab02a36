// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <new>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>

#include "crypto/evp.h"

// OpenSSL's objects with their owners, for the files of tools/owner that compute with them.
namespace oskbc::owner::ossl {

using core::evp::Deleter;
using core::evp::ErrorQueueMark;

using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using MacAlgorithm = std::unique_ptr<EVP_MAC, Deleter<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Deleter<EVP_MAC_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Group = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Deleter<EC_POINT_clear_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using NumberContext = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

// A library context of our own, so that neither OpenSSL's configuration file nor what the process
// did to the default context has a say.
[[nodiscard]] OSSL_LIB_CTX* library();

// For what OpenSSL makes and fails to make only without memory.
template <typename T>
[[nodiscard]] T made(T object) {
  if (!object) throw std::bad_alloc();
  return object;
}

// For calls that have no reason to fail. Throws Status::internal.
void require(bool worked, const char* what);

}  // namespace oskbc::owner::ossl
