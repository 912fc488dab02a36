// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace oskbc::host {

// A kernel's configuration, as /boot has it: lines of CONFIG_X=y.
class KernelConfig {
 public:
  explicit KernelConfig(std::string_view text);

  // "y", "m", another value, or "n" for what is not there.
  [[nodiscard]] std::string value(std::string_view option) const;
  [[nodiscard]] bool is_on(std::string_view option) const;
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// What a guest's kernel needs, and why; as people have to read it.
struct KernelNeed {
  std::string_view option;
  std::string_view why;
  bool may_be_module;
};

// The needs that this kernel does not fulfil.
[[nodiscard]] std::vector<KernelNeed> missing_options(const KernelConfig& config);
// What virtio-9p, the guest's shared file system, needs besides.
[[nodiscard]] std::vector<KernelNeed> missing_9p_options(const KernelConfig& config);

}  // namespace oskbc::host
