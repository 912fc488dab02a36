// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/guid.h"
#include "fuzz/fuzz_common.h"
#include "owner/launch/efi_guid.h"

namespace oskbc::fuzz {
namespace {

using core::Guid;

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// By comparing shapes: each digit becomes a 0.
bool is_guid(std::string text) {
  for (char& c : text) {
    if (std::string_view("0123456789abcdef").find(c) != std::string_view::npos) c = '0';
  }
  return text == "00000000-0000-0000-0000-000000000000";
}

void check_efi_form(ByteView bytes) {
  owner::EfiGuid efi{};
  std::ranges::copy(bytes.first(std::min(bytes.size(), efi.size())), efi.begin());
  require(owner::to_efi_guid(owner::from_efi_guid(efi)) == efi, "16 bytes are one GUID");
}

void fuzz_guid(ByteView bytes) {
  const std::string_view text = core::as_text(bytes);
  const std::string lower = in_lower_case(text);
  const auto guid = Guid::parse(text);
  require(guid.has_value() == is_guid(lower), "a GUID is 8-4-4-4-12 digits");
  check_efi_form(bytes);
  if (!guid) return;
  require(guid->text() == lower, "its text is the input's in lower case");
  require(Guid::parse(guid->text()) == guid, "its text is that GUID again");
  require(owner::from_efi_guid(owner::to_efi_guid(*guid)) == *guid, "so are its bytes");
}

const Target guid_target("guid", fuzz_guid);

}  // namespace
}  // namespace oskbc::fuzz
