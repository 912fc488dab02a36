// SPDX-License-Identifier: Apache-2.0
#include "base64.h"

#include <openssl/evp.h>

#include "failure.h"

namespace agent {

oskbc::Buffer unbase64(std::string_view text) {
  // What a manifest holds is far smaller; the bound keeps the length in OpenSSL's int.
  constexpr std::size_t kLongest = 4 << 20;
  if (text.empty() || text.size() % 4 != 0 || text.size() > kLongest) {
    throw Failure(kBadImage, "a value of the image is no base64");
  }
  oskbc::Buffer bytes(text.size() / 4 * 3);
  const int length =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (length < 0) throw Failure(kBadImage, "a value of the image is no base64");
  // OpenSSL counts the padding as bytes.
  const std::size_t end = text.find_last_not_of('=');
  bytes.truncate(static_cast<std::size_t>(length) - (text.size() - 1 - end));
  return bytes;
}

}  // namespace agent
