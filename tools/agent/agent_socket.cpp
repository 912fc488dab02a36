// SPDX-License-Identifier: Apache-2.0
#include "agent/agent_socket.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::agent {
namespace {

using core::fail;
using core::Status;
using services::ListenAddress;

constexpr mode_t kFolderMode = 0755;

[[noreturn]] void fail_folder(const char* doing, const std::string& folder) {
  fail(Status::io, "%s the folder %s failed: %s", doing, folder.c_str(), std::strerror(errno));
}

// Every part of the path, so that a missing one is made, and the mode does not depend on the umask.
void make_folder(const std::string& folder) {
  if (mkdir(folder.c_str(), kFolderMode) == 0) {
    if (chmod(folder.c_str(), kFolderMode) != 0) fail_folder("making", folder);
  } else if (errno != EEXIST) {
    fail_folder("making", folder);
  }
}

void check_folder(const std::string& folder) {
  struct stat about {};
  if (stat(folder.c_str(), &about) != 0) fail_folder("looking at", folder);
  const bool ours = about.st_uid == 0 || about.st_uid == geteuid();
  // In a folder like /tmp, others can add files, but not take away this one.
  const bool others_replace =
      (about.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (about.st_mode & S_ISVTX) == 0;
  if (ours && !others_replace) return;
  fail(
      Status::io,
      "the folder %s belongs to others or can be written by them; a socket there could be replaced",
      folder.c_str());
}

}  // namespace

ListenAddress parse_socket_address(std::string_view text) {
  if (!text.starts_with("unix:")) {
    fail(
        Status::argument,
        "an address is not a Unix socket; write unix:///PATH (oskbc-agent-grpc listens on loopback, too)");
  }
  return services::parse_listen_address(text, services::Remote::refused);
}

void make_folder_of(const ListenAddress& address) {
  const std::string& path = address.path;
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    make_folder(path.substr(0, slash));
  }
  const std::string folder = path.substr(0, path.rfind('/'));
  check_folder(folder.empty() ? "/" : folder);
}

void hand_to_group(const ListenAddress& address, std::optional<gid_t> group) {
  const char* path = address.path.c_str();
  if (group && chown(path, static_cast<uid_t>(-1), *group) != 0) {
    fail(Status::io, "giving the socket %s to group %u failed: %s", path, *group,
         std::strerror(errno));
  }
  if (chmod(path, group ? 0660 : 0600) != 0) {
    fail(Status::io, "setting the mode of the socket %s failed: %s", path, std::strerror(errno));
  }
}

}  // namespace oskbc::agent
