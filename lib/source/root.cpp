// SPDX-License-Identifier: Apache-2.0
#include "source/root.h"

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <new>

#include <boost/filesystem/operations.hpp>

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

}  // namespace oskbc::core
