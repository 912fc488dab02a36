// SPDX-License-Identifier: Apache-2.0
#include "agent/base64.h"

#include "agent/failure.h"
#include "format/base64.h"

namespace oskbc::agent {

Buffer unbase64(std::string_view text) {
  Buffer bytes(core::base64::decoded_size(text).value_or(0));
  if (bytes.empty() || !core::base64::decode(text, {bytes.data(), bytes.size()})) {
    throw Failure(kBadImage, "a value of the image is no base64");
  }
  return bytes;
}

}  // namespace oskbc::agent
