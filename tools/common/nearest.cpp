// SPDX-License-Identifier: Apache-2.0
#include "common/nearest.h"

#include <algorithm>
#include <vector>

namespace oskbc::tools {
namespace {

// Words of command lines and configurations are short; what is longer is no slip of the pen, and
// would take long.
constexpr std::size_t kLongest = 64;

// How many letters have to be changed, added, left out or swapped with their neighbour (the optimal
// string alignment distance).
class Distance {
 public:
  Distance(std::string_view a, std::string_view b)
      : a_(a), b_(b), cost_(a.size() + 1, std::vector<std::size_t>(b.size() + 1)) {}

  std::size_t compute() {
    for (std::size_t i = 0; i <= a_.size(); ++i) {
      for (std::size_t j = 0; j <= b_.size(); ++j) cost_[i][j] = least(i, j);
    }
    return cost_[a_.size()][b_.size()];
  }

 private:
  // From the first `i` letters of the one to the first `j` of the other.
  [[nodiscard]] std::size_t least(std::size_t i, std::size_t j) const {
    if (i == 0 || j == 0) return i + j;
    const std::size_t changed = cost_[i - 1][j - 1] + (a_[i - 1] == b_[j - 1] ? 0 : 1);
    const std::size_t least = std::min({cost_[i - 1][j] + 1, cost_[i][j - 1] + 1, changed});
    const bool swapped = i > 1 && j > 1 && a_[i - 1] == b_[j - 2] && a_[i - 2] == b_[j - 1];
    return swapped ? std::min(least, cost_[i - 2][j - 2] + 1) : least;
  }

  std::string_view a_;
  std::string_view b_;
  std::vector<std::vector<std::size_t>> cost_;
};

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> known) {
  if (word.size() > kLongest) return {};
  std::string best;
  // Fewer than half of the letters, so that "a" is not meant by "b".
  std::size_t least = (word.size() + 1) / 2;
  for (const std::string& candidate : known) {
    const std::size_t cost = Distance(word, candidate).compute();
    if (cost >= least) continue;
    least = cost;
    best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
  const std::string meant = nearest(word, known);
  return meant.empty() ? std::string() : "; did you mean " + meant + "?";
}

}  // namespace oskbc::tools
