// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

#include "memory_regions.h"
#include "needle.h"

namespace oskbc_test {

struct Finding {
  const Needle* needle;
  std::uintptr_t address;
  bool locked;
  bool dumped;
};

enum class Scope { readable, writable };

// Searches the memory of its own process, through /proc/self/mem, for masked needles. In a thread
// of its own that it starts at once, so that its frames don't cover what others left on their
// stacks.
class Searcher {
 public:
  Searcher(std::span<const Needle> needles, const Piece& mask);
  Searcher(const Searcher&) = delete;
  Searcher& operator=(const Searcher&) = delete;
  ~Searcher();

  // All places of all needles; valid until the next call. What is writable is what can hold new
  // secrets; what is readable, all of the process.
  [[nodiscard]] std::span<const Finding> search(Scope scope);
  // How many bytes the last search went through.
  [[nodiscard]] std::uint64_t searched() const { return searched_; }

 private:
  enum class Task { none, writable, readable, end };

  static void* serve(void* self);
  void start_thread();
  void search_all(bool only_writable);
  void search_region(const Region& region);
  void search_chunk(const Region& region, std::uintptr_t address, std::size_t size);
  void match(std::uint64_t start, const std::uint8_t* found_at, const Region& region,
             std::uintptr_t address);
  void order(Task task);

  std::span<const Needle> needles_;
  Piece mask_;
  std::uint64_t start_mask_ = 0;
  // By the low bits of a needle's first eight bytes; nearly all of memory stops at the first.
  std::bitset<std::size_t{1} << 16> starts_;
  std::vector<const Needle*> by_start_;

  std::array<Finding, 1024> findings_{};
  std::size_t found_ = 0;
  std::uint64_t searched_ = 0;
  bool failed_ = false;
  int memory_;
  std::atomic<Task> task_ = Task::none;
  pthread_t thread_{};
};

}  // namespace oskbc_test
