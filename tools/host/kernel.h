// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

// A guest's kernel: its image, the options that it was built with, and its module efi_secret.
namespace oskbc::host {

struct Compression;
struct Initrd;

// --- The image, as boot loaders see it (Linux, Documentation/arch/x86/boot.rst) ---

// The release that the kernel's header names, "6.1.0-18-amd64", which is also the name of the
// folder of its modules. Throws Status::argument for what is no bzImage or names none.
[[nodiscard]] std::string kernel_release(core::ByteView image);

// Whether UEFI firmware can start it (CONFIG_EFI_STUB).
[[nodiscard]] bool has_efi_stub(core::ByteView image);

// The configuration that the kernel carries (CONFIG_IKCONFIG). Nothing where there is none, or the
// kernel is compressed in a way that can't be read here.
[[nodiscard]] std::optional<std::string> embedded_config(core::ByteView image);

// --- The options ---

// A kernel's configuration, as /boot has it: lines of CONFIG_X=y.
class KernelConfig {
 public:
  explicit KernelConfig(std::string_view text);

  // "y", "m", another value, or "n" for what is not there.
  [[nodiscard]] std::string value(std::string_view option) const;
  [[nodiscard]] bool is_on(std::string_view option) const;
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// What a guest's kernel needs, and why; as people have to read it.
struct KernelNeed {
  std::string_view option;
  std::string_view why;
  bool may_be_module;
};

// The needs that this kernel does not fulfil.
[[nodiscard]] std::vector<KernelNeed> missing_options(const KernelConfig& config);
// What virtio-9p, the guest's shared file system, needs besides.
[[nodiscard]] std::vector<KernelNeed> missing_9p_options(const KernelConfig& config);

// What the checks of the initrd need of the kernel.
struct Kernel {
  std::string release;
  std::optional<KernelConfig> config;
};

// --- The module in an initrd ---

// Whether the path is the module's, or of what modprobe reads to find one.
[[nodiscard]] bool is_module_path(std::string_view path);
[[nodiscard]] bool is_module_list(std::string_view path);

struct KernelModule {
  std::string path;
  std::string folder;   // the release that its folder is named after
  std::string release;  // the one that it was built for, as it says itself; may be empty
  const Compression* compression = nullptr;  // of the file, by its content
};

// All that the initrd holds, of whatever kernel.
[[nodiscard]] std::vector<KernelModule> find_modules(const Initrd& initrd);

// Whether a modprobe can read a module that is compressed so, as far as its program tells.
enum class Readable { yes, no, unknown };
[[nodiscard]] Readable reads(core::ByteView modprobe, const Compression& compression);

// Whether modprobe would find it for this kernel.
[[nodiscard]] bool is_listed(const Initrd& initrd, const std::string& release);
// Whether the modules that this kernel has built in are listed, and it is among them.
[[nodiscard]] bool lists_built_in(const Initrd& initrd, const std::string& release);

}  // namespace oskbc::host
