// SPDX-License-Identifier: Apache-2.0
#include "source/secret_paths.h"

#include <boost/filesystem/operations.hpp>

namespace oskbc::core {

std::array<std::string, 2> SecretPaths::folders() const {
  return {below("sys/kernel/security/secrets/coco"), below("sys/kernel/security/coco/efi_secret")};
}

std::array<std::string, 2> SecretPaths::files(const Guid& guid) const {
  auto paths = folders();
  for (std::string& path : paths) path += "/" + guid.text();
  return paths;
}

std::optional<std::string> SecretPaths::modprobe() const {
  boost::system::error_code ignored;
  for (const char* place :
       {"sbin/modprobe", "usr/sbin/modprobe", "bin/modprobe", "usr/bin/modprobe"}) {
    std::string path = below(place);
    if (boost::filesystem::exists(path, ignored)) return path;
  }
  return std::nullopt;
}

}  // namespace oskbc::core
