// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>

#include <boost/filesystem/path.hpp>

#include "base/guid.h"

namespace oskbc::core {

// The absolute path of an existing directory that shall stand for `/`. Throws Status::argument.
[[nodiscard]] std::string resolve_root(const std::string& directory);

// A file's path that can only be below a root: it has a name and no "..". Throws Status::argument.
[[nodiscard, gnu::cold]] std::string checked_file(std::string path);

// Where the kernel's interface is, below a root.
class SecretPaths {
 public:
  explicit SecretPaths(boost::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] std::string root() const { return root_.string(); }
  [[nodiscard]] bool is_running_system() const { return root_ == "/"; }
  // Where securityfs gets mounted.
  [[nodiscard]] std::string securityfs() const { return below("sys/kernel/security"); }
  // Where the entries are: mainline since 5.19 first, then the patches up to v6 (2021).
  [[nodiscard]] std::array<std::string, 2> folders() const;
  [[nodiscard]] std::array<std::string, 2> files(const Guid& guid) const;
  // Exists while the module is loaded.
  [[nodiscard]] std::string loaded_module() const { return below("sys/module/efi_secret"); }
  // Exists once the firmware has announced a secret area.
  [[nodiscard]] std::string device() const { return below("sys/devices/platform/efi_secret.0"); }
  [[nodiscard]] std::string modules() const { return below("lib/modules"); }
  // A file's that is named by its absolute path in the guest.
  [[nodiscard]] std::string file(const std::string& path) const {
    return below(path.c_str() + path.find_first_not_of('/'));
  }
  // The first modprobe in a fixed list of folders.
  [[nodiscard]] std::optional<std::string> modprobe() const;

 private:
  [[nodiscard]] std::string below(const char* path) const { return (root_ / path).string(); }

  boost::filesystem::path root_;
};

}  // namespace oskbc::core
