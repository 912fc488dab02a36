// SPDX-License-Identifier: Apache-2.0
#include "owner/hashes_table.h"

#include <algorithm>
#include <string>

#include "owner/hex.h"
#include "owner/vectors.h"
#include "support/catch.h"

using namespace oskbc;

namespace {

core::Bytes pattern(std::size_t size, unsigned factor, unsigned offset) {
  core::Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(factor * i + offset);
  return bytes;
}

}  // namespace

TEST_CASE("the table is the one that QEMU makes of a kernel, an initrd and a command line") {
  const auto vectors = test::owner_vectors("launch_digests.json");
  const std::string append = vectors["cases"][1]["append_text"];
  const owner::KernelHashes hashes = {
      .command_line = owner::sha256(core::as_bytes({append.c_str(), append.size() + 1})),
      .initrd = owner::sha256(pattern(3333, 13, 11)),
      .kernel = owner::sha256(pattern(5000, 17, 3))};
  CHECK(owner::to_hex(hashes.kernel) == vectors["file_sha256"]["kernel"]);
  CHECK(owner::to_hex(hashes.initrd) == vectors["file_sha256"]["initrd"]);
  CHECK(std::ranges::equal(owner::make_hashes_table(hashes),
                           test::from_base64(vectors["hashes_table_full_b64"])));
}
