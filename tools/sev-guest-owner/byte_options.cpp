// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/byte_options.h"

#include <string_view>

#include "common/text.h"
#include "format/base64.h"

namespace oskbc::tools {

core::Bytes parse_bytes(const std::string& text, std::size_t size, const std::string& option) {
  auto bytes = from_hex(text);
  if (!bytes || bytes->size() != size) bytes = core::base64::decode(std::string_view(text));
  if (bytes && bytes->size() == size) return std::move(*bytes);
  throw UsageError(option, std::to_string(size) + " bytes in hexadecimal or base64 are needed");
}

}  // namespace oskbc::tools
