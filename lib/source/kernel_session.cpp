// SPDX-License-Identifier: Apache-2.0
#include "source/kernel_session.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/filesystem/operations.hpp>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"

namespace oskbc::core {

KernelSession::~KernelSession() {
  try {
    unload_module();
  } catch (
      ...) {  // NOLINT(bugprone-empty-catch): out of memory; the module stays, which harms nothing
  }
}

void KernelSession::mount_securityfs() {
  const std::string directory = paths_.securityfs();
  if (system_.is_securityfs(directory) == 1) return;
  const int error = -system_.mount_securityfs(directory);
  const bool no_securityfs = error == ENODEV || error == ENOENT || error == ENOTDIR;
  // Busy: somebody else was faster.
  if (error == 0 || error == EBUSY || no_securityfs) return;
  fail(Status::io, "mounting securityfs on %s failed: %s (errno %d)", directory.c_str(),
       std::strerror(error), error);
}

void KernelSession::load_module() {
  boost::system::error_code ignored;
  if (boost::filesystem::exists(paths_.loaded_module(), ignored)) return;
  const auto program = paths_.modprobe();
  if (!program) return;
  const int outcome = modprobe(*program, /*remove=*/false);
  // Without a status (ECHILD) whoever looks for the secret next will see whether it worked.
  loaded_ = outcome == 0 || outcome == -ECHILD;
  if (outcome >= 0 || loaded_) return;
  fail(Status::io, "%s efi_secret failed: %s (errno %d)", program->c_str(), std::strerror(-outcome),
       -outcome);
}

bool KernelSession::unload_module() {
  if (!std::exchange(loaded_, false)) return true;
  const auto program = paths_.modprobe();
  return program && modprobe(*program, /*remove=*/true) == 0;
}

int KernelSession::modprobe(const std::string& program, bool remove) {
  std::vector<std::string> arguments = {program};
  if (remove) arguments.emplace_back("-r");
  arguments.emplace_back("efi_secret");
  return system_.run(arguments, limits::kModprobe);
}

}  // namespace oskbc::core
