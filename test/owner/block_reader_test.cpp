// SPDX-License-Identifier: Apache-2.0
#include "owner/block_reader.h"

#include <string>

#include "owner/temp_folder.h"
#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using core::Status;
using test::TempFolder;

TEST_CASE("blocks are a file's bytes, in order and complete") {
  const TempFolder folder;
  std::string content;
  for (int i = 0; i < 100'000; ++i) content += std::to_string(i);
  const std::string file = folder.write("f", content);
  std::string read;
  int blocks = 0;
  owner::read_blocks(file, [&](core::ByteView block) {
    read += core::as_text(block);
    ++blocks;
  });
  CHECK(read == content);
  CHECK(blocks > 1);
}

TEST_CASE("an empty file has no blocks") {
  const TempFolder folder;
  owner::read_blocks(folder.write("f", ""), [](core::ByteView) { FAIL("a block"); });
}

TEST_CASE("what can't be read is an input error") {
  const TempFolder folder;
  const auto read = [](const std::string& file) {
    owner::read_blocks(file, [](core::ByteView) {});
  };
  CHECK(test::status_of([&] { read(folder.path("none")); }) == Status::io);
  CHECK(test::status_of([&] { read(folder.path()); }) == Status::io);
}
