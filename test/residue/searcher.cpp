// SPDX-License-Identifier: Apache-2.0
#include "searcher.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <stdexcept>

namespace oskbc_test {
namespace {

// The one place that holds plain copies of what was searched, and so is left out.
alignas(4096) std::array<std::uint8_t, std::size_t{1} << 20> chunk;

std::uint64_t start_of(const std::uint8_t* bytes) {
  std::uint64_t start = 0;
  std::memcpy(&start, bytes, sizeof start);
  return start;
}

std::uint64_t start_of(const Needle* needle) { return start_of(needle->masked.data()); }

bool by_start(const Needle* a, const Needle* b) { return start_of(a) < start_of(b); }

constexpr std::uint16_t low_bits(std::uint64_t start) { return static_cast<std::uint16_t>(start); }

// The parts of a region before and after the chunk's own pages.
std::array<Region, 2> without_chunk(const Region& region) {
  const auto begin = reinterpret_cast<std::uintptr_t>(chunk.data());
  Region before = region;
  Region after = region;
  before.end = std::clamp(begin, region.begin, region.end);
  after.begin = std::clamp(begin + chunk.size(), region.begin, region.end);
  if (after.begin <= before.end) return {region, {}};
  return {before, after};
}

}  // namespace

Searcher::Searcher(std::span<const Needle> needles, const Piece& mask)
    : needles_(needles),
      mask_(mask),
      start_mask_(start_of(mask.data())),
      memory_(open("/proc/self/mem", O_RDONLY | O_CLOEXEC)) {
  if (memory_ < 0) throw std::runtime_error("/proc/self/mem");
  for (const Needle& needle : needles_) {
    by_start_.push_back(&needle);
    starts_.set(low_bits(start_of(&needle)));
  }
  std::sort(by_start_.begin(), by_start_.end(), by_start);
  start_thread();
}

Searcher::~Searcher() {
  task_ = Task::end;
  task_.notify_all();
  pthread_join(thread_, nullptr);
  close(memory_);
}

std::span<const Finding> Searcher::search(Scope scope) {
  order(scope == Scope::writable ? Task::writable : Task::readable);
  if (failed_) throw std::runtime_error("memory could not be searched");
  return {findings_.data(), found_};
}

void Searcher::order(Task task) {
  task_ = task;
  task_.notify_all();
  task_.wait(task);
}

// With a small stack, because that is searched, too.
void Searcher::start_thread() {
  constexpr std::size_t kStack = std::size_t{1} << 17;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStack);
  const int error = pthread_create(&thread_, &attributes, &serve, this);
  pthread_attr_destroy(&attributes);
  if (error != 0) throw std::runtime_error("no thread");
}

void* Searcher::serve(void* self) {
  auto& searcher = *static_cast<Searcher*>(self);
  for (;;) {
    searcher.task_.wait(Task::none);
    const Task task = searcher.task_;
    if (task == Task::end) return nullptr;
    try {
      searcher.search_all(task == Task::writable);
    } catch (const std::exception&) {
      searcher.failed_ = true;
    }
    searcher.task_ = Task::none;
    searcher.task_.notify_all();
  }
}

void Searcher::search_all(bool only_writable) {
  found_ = 0;
  searched_ = 0;
  for (const Region& whole : memory_regions()) {
    if (!whole.readable || (only_writable && !whole.writable)) continue;
    for (const Region& part : without_chunk(whole)) search_region(part);
  }
  explicit_bzero(chunk.data(), chunk.size());
}

void Searcher::search_region(const Region& region) {
  for (std::uintptr_t address = region.begin; address + kPiece <= region.end;) {
    const std::size_t wanted = std::min<std::size_t>(chunk.size(), region.end - address);
    const ssize_t size = pread(memory_, chunk.data(), wanted, static_cast<off_t>(address));
    // The kernel's own pages, [vvar] say, can't be read this way; a page of ours always can.
    if (size < static_cast<ssize_t>(wanted) && region.writable) {
      throw std::runtime_error("a writable page could not be read");
    }
    if (size < static_cast<ssize_t>(kPiece)) return;
    search_chunk(region, address, static_cast<std::size_t>(size));
    if (static_cast<std::size_t>(size) < chunk.size()) return;
    // What lies over the edge is in the next chunk once more.
    address += chunk.size() - (kPiece - 1);
  }
}

void Searcher::search_chunk(const Region& region, std::uintptr_t address, std::size_t size) {
  const std::size_t places = size - kPiece + 1;
  for (std::size_t i = 0; i < places; ++i) {
    const std::uint64_t start = start_of(&chunk[i]) ^ start_mask_;
    if (starts_[low_bits(start)]) match(start, &chunk[i], region, address + i);
  }
  searched_ += places;
}

void Searcher::match(std::uint64_t start, const std::uint8_t* found_at, const Region& region,
                     std::uintptr_t address) {
  auto candidate = std::lower_bound(
      by_start_.begin(), by_start_.end(), start,
      [](const Needle* needle, std::uint64_t wanted) { return start_of(needle) < wanted; });
  const std::uint64_t rest = start_of(found_at + 8) ^ start_of(&mask_[8]);
  for (; candidate != by_start_.end() && start_of(*candidate) == start; ++candidate) {
    if (start_of(&(*candidate)->masked[8]) != rest) continue;
    if (found_ == findings_.size()) throw std::runtime_error("more findings than fit");
    findings_[found_++] = {*candidate, address, region.locked, region.dumped};
  }
}

}  // namespace oskbc_test
