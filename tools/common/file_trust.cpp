// SPDX-License-Identifier: Apache-2.0
#include "common/file_trust.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "base/status.h"
#include "common/error.h"
#include "common/io.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::Status;

constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode) & 07777U);
  return text;
}

bool is_somebody_elses(const struct stat& status) {
  return status.st_uid != 0 && status.st_uid != ::geteuid();
}

// Why somebody else may change the file; "" if nobody can.
std::string loose(const struct stat& status) {
  if ((status.st_mode & kOthersWrite) != 0) {
    return "others may write to it (mode " + octal(status.st_mode) + ")";
  }
  if (is_somebody_elses(status)) return "it belongs to another user";
  return {};
}

}  // namespace

std::string check_mode(const std::string& file, Holds holds, bool allow_loose) {
  struct stat status {};
  if (file == "-" || ::stat(file.c_str(), &status) != 0) return {};
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return {};
  const std::string why = loose(status);
  if (!why.empty() && !allow_loose) {
    fail(
        Status::argument,
        "%s: %s; who can change it decides which keys are released: chmod go-w, or --allow-loose-modes",
        file.c_str(), why.c_str());
  }
  if (!why.empty()) return file + ": " + why;
  if (holds == Holds::keys && (status.st_mode & S_IROTH) != 0) {
    return file + ": others may read the keys in it (mode " + octal(status.st_mode) +
           "); chmod 0600";
  }
  return {};
}

bool is_in_memory(const std::string& file) {
  const std::string path = absolute_path(file);
  const std::string folder = path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
  struct statfs about {};
  if (statfs(folder.c_str(), &about) != 0) fail_io("looking at the folder", folder);
  return about.f_type == TMPFS_MAGIC || about.f_type == RAMFS_MAGIC;
}

}  // namespace oskbc::tools
