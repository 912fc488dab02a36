// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <random>
#include <string>

namespace oskbc::test {

// Makes texts that are JSON, and texts that nearly are. The same seed makes the same texts
// everywhere: the standard fixes the engine's numbers, and its distributions, which it doesn't fix,
// stay unused.
class RandomJson {
 public:
  explicit RandomJson(unsigned seed) : engine_(seed) {}

  // Any value, of a depth that is small mostly and beyond the reader's bound sometimes.
  std::string value();
  // An object of strings.
  std::string flat_object();
  // Changes, removes, repeats or adds a few bytes.
  std::string mutated(std::string text);

 private:
  std::size_t below(std::size_t bound) { return engine_() % bound; }
  std::string space();
  std::string number();
  std::string string();
  std::string container(int depth);
  std::string value(int depth);
  std::string deep_value();
  std::string fragment();
  void mutate(std::string& text);

  std::mt19937 engine_;
};

}  // namespace oskbc::test
