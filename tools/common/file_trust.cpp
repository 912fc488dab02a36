// SPDX-License-Identifier: Apache-2.0
#include "common/file_trust.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "base/error.h"
#include "base/status.h"

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

}  // namespace oskbc::tools
