// SPDX-License-Identifier: Apache-2.0
#include "fuzz/capi_session.h"

namespace oskbc::fuzz {
namespace {

void fuzz_capi(ByteView bytes) {
  static const Guest guest;
  CapiSession(guest, bytes).run();
}

const Target capi_target("capi", fuzz_capi);

}  // namespace
}  // namespace oskbc::fuzz
