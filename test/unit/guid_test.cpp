// SPDX-License-Identifier: Apache-2.0
#include "base/guid.h"

#include <string>

#include "support/catch.h"

namespace oskbc::guid_test {

using core::Guid;

namespace {

constexpr std::string_view kText = "01234567-89ab-cdef-0123-456789abcdef";

}  // namespace

TEST_CASE("a GUID is read and printed in lower case") {
  const auto guid = Guid::parse("01234567-89AB-cDeF-0123-456789ABCDEF");
  REQUIRE(guid);
  CHECK(guid->text() == kText);
  CHECK(guid == Guid::parse(kText));
  CHECK_FALSE(guid == Guid::parse("01234567-89ab-cdef-0123-456789abcdee"));
}

TEST_CASE("a GUID has 36 characters and nothing around them") {
  for (std::size_t size = 0; size < kText.size(); ++size) {
    CHECK_FALSE(Guid::parse(kText.substr(0, size)));
  }
  for (const char c : {' ', '\n', '\0', '0', '-', '}'}) {
    CHECK_FALSE(Guid::parse(std::string(kText) + c));
    CHECK_FALSE(Guid::parse(c + std::string(kText)));
  }
  CHECK_FALSE(Guid::parse("{" + std::string(kText.substr(1, 34)) + "}"));
  CHECK_FALSE(Guid::parse("0123456789abcdef0123456789abcdef"));
}

TEST_CASE("each position of a GUID takes its characters only, whatever byte comes") {
  const auto is_hex = [](int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  int wrong = 0;
  for (std::size_t position = 0; position < kText.size(); ++position) {
    for (int c = 0; c < 256; ++c) {
      std::string text(kText);
      text[position] = static_cast<char>(c);
      const bool fits = kText[position] == '-' ? c == '-' : is_hex(c);
      if (Guid::parse(text).has_value() != fits) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("nothing that could leave a folder is a GUID") {
  CHECK_FALSE(Guid::parse("../../../../../../etc/passwd........"));
  CHECK_FALSE(Guid::parse("01234567/89ab/cdef/0123/456789abcdef"));
}

TEST_CASE("the entries that people meet are known by their purpose") {
  CHECK(core::keyset_guid().text() == "e6f5a162-d67f-4750-a67c-5d065f2a9910");
  CHECK(core::keyset_guid().text() == core::kKeysetGuid);
  const auto purpose = [](const char* text) { return std::string(Guid::parse(text)->known_as()); };
  CHECK_THAT(purpose("E6F5A162-D67F-4750-A67C-5D065F2A9910"),
             Catch::ContainsSubstring("offline_sev_kbc"));
  CHECK_THAT(purpose("1ee27366-0c87-43a6-af48-28543eaf7cb0"),
             Catch::ContainsSubstring("online_sev_kbc"));
  CHECK_THAT(purpose("0a46e24d-478c-4eb1-8696-113eeec3aa99"),
             Catch::ContainsSubstring("simple-kbs"));
  CHECK(purpose("736869e5-84f0-4973-92ec-06879ce3da0b") == "a disk password");
  CHECK_THAT(purpose("736870e5-84f0-4973-92ec-06879ce3da0b"),
             Catch::ContainsSubstring("disk password by the kernel documentation's GUID"));
  CHECK(purpose("01234567-89ab-cdef-0123-456789abcdef").empty());
}

}  // namespace oskbc::guid_test
