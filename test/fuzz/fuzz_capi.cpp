// SPDX-License-Identifier: Apache-2.0
#include "fuzz/capi_session.h"

namespace oskbc::fuzz {

void fuzz(ByteView bytes) {
  static const Guest guest;
  CapiSession(guest, bytes).run();
}

}  // namespace oskbc::fuzz
