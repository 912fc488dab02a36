// SPDX-License-Identifier: Apache-2.0
// Stands in for a fuzzing engine: runs a target on the files given, and on the files of the
// directories given. A finding aborts, after the name of its file.
//
// usage: fuzz_replay TARGET FILE|DIRECTORY...
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "fuzz/fuzz_common.h"

namespace {

using oskbc::fuzz::Target;

namespace fs = std::filesystem;

std::vector<fs::path> files_below(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

// In memory of its exact size, so that the address sanitizer sees the first byte too many.
std::vector<std::uint8_t> read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return {text.begin(), text.end()};
}

void replay(const Target& target, const fs::path& path) {
  const std::vector<std::uint8_t> bytes = read(path);
  // Stays the last line if the target aborts.
  static_cast<void>(std::printf("%s\n", path.c_str()));
  static_cast<void>(std::fflush(stdout));
  target.execute(bytes);
}

}  // namespace

int main(int argc, char** argv) try {
  const Target* target = argc < 3 ? nullptr : Target::find(argv[1]);
  if (target == nullptr) throw std::runtime_error("usage: fuzz_replay TARGET FILE|DIRECTORY...");
  std::size_t count = 0;
  for (int i = 2; i < argc; ++i) {
    for (const fs::path& path : files_below(argv[i])) {
      replay(*target, path);
      ++count;
    }
  }
  if (count == 0) throw std::runtime_error("no input");
  static_cast<void>(std::printf("%zu inputs, and every property holds\n", count));
  return 0;
} catch (const std::exception& error) {
  static_cast<void>(std::fprintf(stderr, "replay: %s\n", error.what()));
  return 64;
}
