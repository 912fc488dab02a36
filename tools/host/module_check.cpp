// SPDX-License-Identifier: Apache-2.0
#include "host/module_check.h"

#include <algorithm>

#include "host/kernel_module.h"
#include "owner/printable.h"

namespace oskbc::host {
namespace {

using core::Status;
using owner::printable;

Verdict missing(std::string text) { return bad(Status::no_secret, std::move(text)); }

bool has_modprobe(const Initrd& initrd) {
  const char* const places[] = {"sbin/modprobe", "usr/sbin/modprobe", "bin/modprobe",
                                "usr/bin/modprobe"};
  return std::ranges::any_of(places,
                             [&](const char* place) { return initrd.find(place) != nullptr; });
}

std::string folders(const std::vector<KernelModule>& modules) {
  std::string text;
  for (const KernelModule& module : modules) {
    if (!text.empty()) text += ", ";
    text += printable(module.folder);
  }
  return text;
}

Verdict no_module(const std::vector<KernelModule>& modules, const std::string& release) {
  if (modules.empty()) {
    return missing("efi_secret.ko is not in the initrd; build it for " + release +
                   " (CONFIG_EFI_SECRET=m) and put it into lib/modules/" + release);
  }
  return missing("efi_secret.ko is there for " + folders(modules) + ", but the kernel is " +
                 release + "; put the module of that kernel into the initrd");
}

Verdict judge(const Initrd& initrd, const KernelModule& module, const std::string& release) {
  if (!module.release.empty() && module.release != release) {
    return missing(printable(module.path) + " was built for " + printable(module.release) +
                   ", but the kernel is " + release +
                   ", which will refuse it; take the one that was built with it");
  }
  if (!is_listed(initrd, release)) {
    return missing(
        "modules.dep of " + release +
        " does not list efi_secret, so modprobe does not find it; run depmod on the initrd's tree");
  }
  if (!has_modprobe(initrd)) {
    return missing(
        "there is no modprobe in the initrd to load efi_secret with; add kmod or busybox's");
  }
  return good(printable(module.path) + ", built for " +
              (module.release.empty() ? release : printable(module.release)));
}

bool is_built_in(const Initrd& initrd, const Kernel& kernel) {
  return (kernel.config && kernel.config->is_on("CONFIG_EFI_SECRET")) ||
         lists_built_in(initrd, kernel.release);
}

}  // namespace

Verdict check_module(const Initrd& initrd, const Kernel& kernel) {
  const std::vector<KernelModule> modules = find_modules(initrd);
  if (kernel.release.empty()) {
    return unknown("the kernel is not known; the initrd has efi_secret.ko for " +
                   (modules.empty() ? "none" : folders(modules)));
  }
  if (is_built_in(initrd, kernel)) return good("built into the kernel");
  const std::string release = printable(kernel.release);
  const auto module = std::ranges::find(modules, kernel.release, &KernelModule::folder);
  if (module == modules.end()) return no_module(modules, release);
  return judge(initrd, *module, release);
}

}  // namespace oskbc::host
