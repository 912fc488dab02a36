// SPDX-License-Identifier: Apache-2.0
#include "source/root.h"

#include <boost/filesystem/operations.hpp>

#include "base/status.h"

namespace oskbc::core {

std::string resolve_root(const std::string& directory) {
  boost::system::error_code error;
  // Resolved now, so that a later change of the working directory changes nothing; and so that
  // every spelling of "/" is known as the running system.
  const auto path = boost::filesystem::canonical(directory, error);
  if (directory.empty() || error || !boost::filesystem::is_directory(path, error)) {
    fail(Status::argument, "the root %s is not an existing directory", directory.c_str());
  }
  return path.string();
}

}  // namespace oskbc::core
