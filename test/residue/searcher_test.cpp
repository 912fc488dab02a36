// SPDX-License-Identifier: Apache-2.0
// That the search would find what a library left behind.
#include "searcher.h"

#include <alloca.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent.h"
#include "base/unique_fd.h"
#include "support/catch.h"

namespace oskbc_test {
namespace {

constexpr Piece kMask = {0x5c, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xc5};

// Made while it is written, so that it is nowhere else; another one for each seed, because the test
// before has left its own.
std::uint8_t secret_byte(unsigned seed, unsigned position) {
  return static_cast<std::uint8_t>(seed * 101U + position * 37U + 11U);
}

void write_secret(volatile std::uint8_t* destination, unsigned seed) {
  for (unsigned i = 0; i < kPiece; ++i) destination[i] = secret_byte(seed, i);
}

Needle secret_needle(unsigned seed) {
  Needle needle{Secret::key, 0, 0, kMask};
  for (unsigned i = 0; i < kPiece; ++i) needle.masked[i] ^= secret_byte(seed, i);
  return needle;
}

struct Search {
  explicit Search(unsigned seed) : needles{secret_needle(seed)} {}
  std::vector<Needle> needles;
  Searcher searcher{needles, kMask};
};

// Deep enough that what is called next does not run over it.
[[gnu::noinline]] void leave_on_stack(unsigned seed) {
  auto* destination = static_cast<std::uint8_t*>(alloca(32768));
  write_secret(destination + 64, seed);
  // clang drops what nobody can see any more, volatile or not.
  asm volatile("" : : "r"(destination) : "memory");
}

TEST_CASE("the search finds nothing where nothing is, in all that is readable") {
  Search search(1);
  CHECK(search.searcher.search(Scope::readable).empty());
  CHECK(search.searcher.searched() > 1'000'000);
}

TEST_CASE("the search finds a secret in freed memory") {
  Search search(2);
  auto* block = static_cast<std::uint8_t*>(std::malloc(1024));
  write_secret(block + 512, 2);
  std::free(block);
  CHECK(search.searcher.search(Scope::writable).size() == 1);
}

TEST_CASE("the search finds a secret on the unused part of the stack") {
  Search search(3);
  leave_on_stack(3);
  const std::size_t found = search.searcher.search(Scope::writable).size();
  CHECK(found == 1);
}

TEST_CASE("the search finds a secret over the edge of what it reads at once") {
  Search search(4);
  std::vector<std::uint8_t> block(std::size_t{3} << 20);
  for (std::size_t i = 0; i < 3; ++i) write_secret(&block[i * 0xffff9], 4);
  CHECK(search.searcher.search(Scope::writable).size() == 3);
}

TEST_CASE("nlohmann/json leaves keys behind, which is why the keyset is not read by it") {
  Agent agent;
  agent.keeper().put_keyset(Keeper::Form::plain);
  char path[1024];
  REQUIRE(fake_tree_path(&agent.tree(), FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID, path,
                         sizeof path) == 0);
  std::vector<char> text(agent.keeper().keyset_size());
  const oskbc::core::UniqueFd fd(open(path, O_RDONLY | O_CLOEXEC));
  REQUIRE(read(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  auto keyset = std::make_unique<nlohmann::json>(nlohmann::json::parse(text));
  REQUIRE(keyset->size() == Keeper::kKeys);
  keyset.reset();
  explicit_bzero(text.data(), text.size());
  const Tally tally = agent.search(Scope::readable);
  print_row("nlohmann/json, keyset parsed and dropped", tally);
  CHECK(tally.all_strays() > 0);
}

}  // namespace
}  // namespace oskbc_test
