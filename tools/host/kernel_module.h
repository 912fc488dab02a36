// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/initrd.h"

// The module efi_secret in an initrd.
namespace oskbc::host {

// Whether the path is the module's, or of what modprobe reads to find one.
[[nodiscard]] bool is_module_path(std::string_view path);
[[nodiscard]] bool is_module_list(std::string_view path);

struct KernelModule {
  std::string path;
  std::string folder;   // the release that its folder is named after
  std::string release;  // the one that it was built for, as it says itself; may be empty
};

// All that the initrd holds, of whatever kernel.
[[nodiscard]] std::vector<KernelModule> find_modules(const Initrd& initrd);

// Whether modprobe would find it for this kernel.
[[nodiscard]] bool is_listed(const Initrd& initrd, const std::string& release);
// Whether the modules that this kernel has built in are listed, and it is among them.
[[nodiscard]] bool lists_built_in(const Initrd& initrd, const std::string& release);

}  // namespace oskbc::host
