// SPDX-License-Identifier: Apache-2.0
// OpenSSL refuses, at whatever call.
#include <string>
#include <string_view>

#include "fault/sweep.h"
#include "support/catch.h"

using namespace oskbc::fault;

namespace {

// Where only a lack of memory makes the call fail, its failure means that. What the cipher refuses
// has one status, whatever it was. The rest is an OpenSSL that is not what it should be.
oskbc_status meaning(std::string_view call) {
  if (call == "OSSL_LIB_CTX_new" || call == "OSSL_PROVIDER_load" || call == "newctx") {
    return OSKBC_E_NO_MEMORY;
  }
  if (call == "decrypt_init" || call == "update" || call == "final") return OSKBC_E_DECRYPT;
  return OSKBC_E_INTERNAL;
}

bool as_it_means(const Operation& /*operation*/, const char* call, oskbc_status status) {
  return status == meaning(call);
}

void sweep_openssl(const Operation& operation) {
  sweep(operation, {.kind = Kind::openssl}, as_it_means);
}

}  // namespace

TEST_CASE("opening with an OpenSSL that refuses leaves the secret alone") {
  sweep_openssl(open_operations().front());
}

// What a cipher refuses of a file is for another key. The secret is gone by then, as it has to be.
TEST_CASE("opening a keyset in a file with an OpenSSL that refuses gives no client") {
  for (const Operation& operation : open_operations()) {
    if (operation.name.find("in a file") == std::string::npos) continue;
    sweep(operation, {.kind = Kind::openssl},
          [](const Operation& /*operation*/, const char* call, oskbc_status status) {
            const oskbc_status meant = meaning(call);
            return status == (meant == OSKBC_E_DECRYPT ? OSKBC_E_KEYSET_FILE_KEY : meant);
          });
  }
}

TEST_CASE("a client's calls with an OpenSSL that refuses give nothing away") {
  for (const Operation& operation : client_operations()) sweep_openssl(operation);
}
