// SPDX-License-Identifier: Apache-2.0
#include "source/secret_paths.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <new>
#include <string_view>

#include <boost/filesystem/operations.hpp>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::core {

std::string resolve_root(const std::string& directory) {
  // Resolved now, so that a later change of the working directory changes nothing; and so that
  // every spelling of "/" is known as the running system, which Boost's canonical() misses for
  // "//".
  const std::unique_ptr<char, decltype(&std::free)> path(realpath(directory.c_str(), nullptr),
                                                         &std::free);
  if (!path && errno == ENOMEM) throw std::bad_alloc();
  boost::system::error_code error;
  if (!path || !boost::filesystem::is_directory(path.get(), error)) {
    fail(Status::argument, "the root %s is not an existing directory", directory.c_str());
  }
  return path.get();
}

std::string checked_file(std::string path) {
  std::string_view rest = path;
  std::string_view name;
  bool climbs = false;
  while (!rest.empty()) {
    name = rest.substr(0, rest.find('/'));
    climbs |= name == "..";
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  }
  if (!name.empty() && !climbs && path.back() != '/') return path;
  fail(Status::argument, "the keyset file's path is no path of a file below the root");
}

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
  for (const char* program :
       {"sbin/modprobe", "usr/sbin/modprobe", "bin/modprobe", "usr/bin/modprobe"}) {
    std::string path = below(program);
    if (boost::filesystem::exists(path, ignored)) return path;
  }
  return std::nullopt;
}

}  // namespace oskbc::core
