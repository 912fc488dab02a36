// SPDX-License-Identifier: Apache-2.0
#include "memory_regions.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>

#include "base/unique_fd.h"

namespace oskbc_test {
namespace {

// No larger than needed, because they are searched, too.
std::array<char, std::size_t{1} << 18> text;
std::array<Region, 512> regions;

std::string_view read_smaps() {
  const oskbc::core::UniqueFd fd(open("/proc/self/smaps", O_RDONLY | O_CLOEXEC));
  std::size_t size = 0;
  for (;;) {
    const ssize_t count = read(fd.get(), &text[size], text.size() - size);
    if (count < 0 || size == text.size()) throw std::runtime_error("/proc/self/smaps");
    if (count == 0) return {text.data(), size};
    size += static_cast<std::size_t>(count);
  }
}

// "7f00-7f01 rw-p ...", which starts with a digit of an address; all other lines with a name.
bool is_head(std::string_view line) {
  return std::string_view("0123456789abcdef").find(line[0]) != std::string_view::npos;
}

Region parse_head(std::string_view line) {
  Region region{};
  const char* end = line.data() + line.size();
  const auto first = std::from_chars(line.data(), end, region.begin, 16);
  std::from_chars(first.ptr + 1, end, region.end, 16);
  return region;
}

bool has_flag(std::string_view flags, std::string_view flag) {
  return flags.find(flag) != std::string_view::npos;
}

// "VmFlags: rd wr mr mw me ac lo dd": read, write, locked, don't dump (proc(5)).
void parse_flags(std::string_view flags, Region& region) {
  region.readable = has_flag(flags, " rd");
  region.writable = has_flag(flags, " wr");
  region.locked = has_flag(flags, " lo");
  region.dumped = !has_flag(flags, " dd");
}

}  // namespace

std::span<const Region> memory_regions() {
  std::size_t count = 0;
  std::string_view rest = read_smaps();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    if (is_head(line)) {
      regions.at(count++) = parse_head(line);
    } else if (line.starts_with("VmFlags:")) {
      parse_flags(line, regions.at(count - 1));
    }
  }
  return {regions.data(), count};
}

}  // namespace oskbc_test
