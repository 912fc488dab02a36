// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "source/secret_paths.h"
#include "source/system.h"

// Why the module efi_secret is not there, or of no use, as far as the guest can tell.
namespace oskbc::tools {

// What a program ended with and what it said, on either stream; what is too much is cut.
struct Heard {
  int status = 0;  // its exit status, or -errno as of core::System::run()
  std::string words;
};
[[nodiscard]] Heard run_and_listen(const std::vector<std::string>& arguments,
                                   std::chrono::milliseconds limit, std::size_t most);

// The running kernel, that remembers how modprobe ended: the library has no use for its words.
class ListeningSystem final : public core::System {
 public:
  int open_regular(const std::string& path) override { return system_.open_regular(path); }
  long size(int fd) override { return system_.size(fd); }
  long read(int fd, core::ByteSpan out) override { return system_.read(fd, out); }
  int refill(int fd) override { return system_.refill(fd); }
  int unlink(const std::string& path) override { return system_.unlink(path); }
  int is_securityfs(const std::string& directory) override {
    return system_.is_securityfs(directory);
  }
  int mount_securityfs(const std::string& directory) override {
    return system_.mount_securityfs(directory);
  }
  int run(const std::vector<std::string>& arguments, std::chrono::milliseconds limit) override;

  [[nodiscard]] const std::optional<Heard>& heard() const { return heard_; }

 private:
  core::System& system_ = core::linux_system();
  std::optional<Heard> heard_;
};

// What is known of the module and its kernel.
struct ModuleFacts {
  std::optional<std::string> modprobe;  // its path
  std::optional<Heard> heard;           // where it was started
  std::string file;                     // as modules.dep has it; empty where it has none
  std::string modules;                  // where they are looked for
  // Whether the kernel was built with CONFIG_EFI_COCO_SECRET, where that can be told, and by what.
  std::optional<bool> keeps_area;
  std::string config;
};

[[nodiscard]] ModuleFacts module_facts(const core::SecretPaths& paths,
                                       const ListeningSystem& system);

// Why the module is not loaded, and what to do.
[[nodiscard]] std::string explain_module(const ModuleFacts& facts);
// Why no secret area shows though the module is loaded; empty where it is not the kernel's fault
// for all that is known.
[[nodiscard]] std::string explain_area(const ModuleFacts& facts);

}  // namespace oskbc::tools
