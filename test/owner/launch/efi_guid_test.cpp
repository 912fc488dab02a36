// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/efi_guid.h"

#include "common/text.h"
#include "support/catch.h"

namespace oskbc::efi_guid_test {

TEST_CASE("an EFI GUID has its first three groups in little endian") {
  const owner::EfiGuid bytes = owner::to_efi_guid("00112233-4455-6677-8899-aabbccddeeff");
  CHECK(tools::to_hex(bytes) == "33221100554477668899aabbccddeeff");
}

TEST_CASE("an EFI GUID and its text are one another's inverse") {
  for (const char* text :
       {"e6f5a162-d67f-4750-a67c-5d065f2a9910", "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff"}) {
    const owner::EfiGuid bytes = owner::to_efi_guid(text);
    CHECK(owner::from_efi_guid(bytes).text() == text);
  }
}

TEST_CASE("only zeros are a zero GUID") {
  owner::EfiGuid guid{};
  CHECK(owner::is_zero(guid));
  guid.back() = 1;
  CHECK_FALSE(owner::is_zero(guid));
}

}  // namespace oskbc::efi_guid_test
