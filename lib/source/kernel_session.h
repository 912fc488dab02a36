// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "source/secret_paths.h"
#include "source/system.h"

namespace oskbc::core {

// What opening changes in the kernel so that the secret comes into sight, and its undoing. What is
// already there is left alone. A securityfs that was mounted stays: others find it useful, and it
// holds no secret by itself.
class KernelSession {
 public:
  KernelSession(System& system, const SecretPaths& paths) noexcept
      : system_(system), paths_(paths) {}
  KernelSession(const KernelSession&) = delete;
  KernelSession& operator=(const KernelSession&) = delete;
  // Unloads what load_module() loaded. A kernel that can't unload is no failure, because what had
  // to be wiped is wiped by then.
  ~KernelSession();

  // Throws Status::io where mounting is not allowed or fails; a kernel without securityfs, or
  // without a folder to mount it on, is no failure yet: there is no secret then.
  void mount_securityfs();
  // Throws Status::io where modprobe can't be started or does not come back; its refusal is no
  // failure yet.
  void load_module();
  // Leaves the module loaded: with a secret that is kept.
  void keep_module() noexcept { loaded_ = false; }
  // Unloads now; true if there was nothing to unload or it worked.
  bool unload_module();

  [[nodiscard]] bool loaded_module() const noexcept { return loaded_; }

 private:
  int modprobe(const std::string& program, bool remove);

  System& system_;
  const SecretPaths& paths_;
  bool loaded_ = false;
};

}  // namespace oskbc::core
