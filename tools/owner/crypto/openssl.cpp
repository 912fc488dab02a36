// SPDX-License-Identifier: Apache-2.0
#include "owner/crypto/openssl.h"

#include "base/error.h"
#include "base/status.h"

namespace oskbc::owner::ossl {

OSSL_LIB_CTX* library() {
  static const core::evp::LibraryContext context =
      made(core::evp::LibraryContext(OSSL_LIB_CTX_new()));
  return context.get();
}

void require(bool worked, const char* what) {
  if (!worked) core::fail(core::Status::internal, "OpenSSL could not %s", what);
}

}  // namespace oskbc::owner::ossl
