// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/output.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <boost/filesystem/operations.hpp>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::tools {
namespace {

constexpr mode_t kUserOnly = 0700;

}  // namespace

Option& add_json(Command& command, bool& json) {
  return command.add_flag("--json", json, "Write JSON");
}

Option& add_force(Command& command, bool& force, const char* about) {
  return command.add_flag("--force", force, about);
}

Option& add_output_directory(Command& command, std::string& directory) {
  return command.add_folder("-o,--output", directory, "Where the files go; made if it isn't there")
      .required();
}

OutputDirectory::OutputDirectory(const std::string& path)
    : path_(boost::filesystem::absolute(path).string()) {
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  is_new_ = ::mkdir(path_.c_str(), kUserOnly) == 0;
  if (is_new_ || errno == EEXIST) return;
  const int error = errno;
  core::fail(core::Status::io, "making the directory %s failed: %s (errno %d)", path_.c_str(),
             std::strerror(error), error);
}

OutputDirectory::~OutputDirectory() {
  // Does nothing to a directory with files.
  if (is_new_) ::rmdir(path_.c_str());
}

void OutputDirectory::add(const char* name, core::ByteView bytes, FileMode mode) {
  files_.push_back({path_of(name), bytes, mode});
}

void OutputDirectory::write(bool force) { write_files(files_, force); }

}  // namespace oskbc::tools
