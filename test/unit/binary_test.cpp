// SPDX-License-Identifier: Apache-2.0
#include "common/binary.h"

#include "support/catch.h"

namespace oskbc::binary_test {

TEST_CASE("integers are stored and loaded in little endian") {
  core::Bytes bytes(11, 0xee);
  tools::store_le(bytes, 1, std::uint64_t{0x1122334455667788});
  CHECK(bytes == core::Bytes{0xee, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0xee, 0xee});
  CHECK(tools::load_le<std::uint64_t>(bytes, 1) == 0x1122334455667788);
  CHECK(tools::load_le<std::uint32_t>(bytes, 1) == 0x55667788);
  CHECK(tools::load_le<std::uint16_t>(bytes, 2) == 0x6677);
  CHECK(tools::load_le<std::uint8_t>(bytes, 10) == 0xee);
}

}  // namespace oskbc::binary_test
