// SPDX-License-Identifier: Apache-2.0
#include "source/chain.h"

#include <sys/utsname.h>

#include <algorithm>
#include <fstream>

#include <boost/filesystem/operations.hpp>

namespace oskbc::core {
namespace {

namespace fs = boost::filesystem;

bool exists(const std::string& path) {
  boost::system::error_code ignored;
  return fs::exists(path, ignored);
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  boost::system::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  return names;
}

bool lists_module(const std::string& file) {
  std::ifstream lines(file);
  std::string line;
  while (std::getline(lines, line)) {
    // "kernel/.../efi_secret.ko.xz: dependencies": the line of the module itself, not of a
    // dependent.
    if (line.substr(0, line.find(':')).find("/efi_secret.ko") != std::string::npos) return true;
  }
  return false;
}

// The running kernel's release, or all that another root has.
std::vector<std::string> releases(const SecretPaths& paths) {
  if (!paths.is_running_system()) return names_in(paths.modules());
  utsname kernel{};
  if (uname(&kernel) != 0) return {};
  return {kernel.release};
}

bool any_release_lists(const SecretPaths& paths, const char* list) {
  const auto all = releases(paths);
  return std::any_of(all.begin(), all.end(), [&](const std::string& release) {
    return lists_module(paths.modules() + "/" + release + "/" + list);
  });
}

bool is_visible(System& system, const SecretPaths& paths) {
  if (paths.is_running_system()) return system.is_securityfs(paths.securityfs()) == 1;
  return exists(paths.securityfs());
}

std::vector<Guid> guids_in(const std::string& folder) {
  std::vector<Guid> guids;
  for (const std::string& name : names_in(folder)) {
    if (const auto guid = Guid::parse(name)) guids.push_back(*guid);
  }
  return guids;
}

std::string explain_module(const Chain& chain, const SecretPaths& paths) {
  if (chain.module_installed) {
    return "the module efi_secret is installed but not loaded; see dmesg, or load it with modprobe";
  }
  return "the module efi_secret was not found below " + paths.modules() +
         "; put it into the initrd (CONFIG_EFI_SECRET=m)";
}

}  // namespace

Chain inspect(System& system, const SecretPaths& paths, const Guid& guid) {
  Chain chain;
  chain.securityfs = is_visible(system, paths);
  chain.module_loaded =
      exists(paths.loaded_module()) || any_release_lists(paths, "modules.builtin");
  chain.module_installed = any_release_lists(paths, "modules.dep");
  chain.secret_area = exists(paths.device());
  for (const std::string& folder : paths.folders()) {
    if (!chain.entry && exists(folder)) {
      chain.folder = folder;
      chain.entries = guids_in(folder);
      chain.entry =
          std::find(chain.entries.begin(), chain.entries.end(), guid) != chain.entries.end();
    }
  }
  return chain;
}

Cause cause_of(const Chain& chain) noexcept {
  if (chain.entry) return Cause::none;
  if (!chain.folder.empty()) return Cause::not_among;
  if (!chain.securityfs) return Cause::no_securityfs;
  if (!chain.module_loaded) return Cause::no_module;
  if (!chain.secret_area) return Cause::no_secret_area;
  return Cause::not_populated;
}

std::string describe_entries(const std::vector<Guid>& entries) {
  std::string text = std::to_string(entries.size()) + (entries.size() == 1 ? " entry" : " entries");
  const char* joint = ", among them ";
  for (const Guid& entry : entries) {
    if (entry.known_as().empty()) continue;
    text.append(joint).append(entry.known_as());
    joint = ", ";
  }
  return text;
}

std::string explain(const Chain& chain, const SecretPaths& paths, const Guid& guid) {
  switch (cause_of(chain)) {
    case Cause::none:
      return "the entry " + guid.text() + " is there";
    case Cause::no_securityfs:
      return "securityfs is not mounted on " + paths.securityfs() +
             "; mount it (mount -t securityfs securityfs " + paths.securityfs() + ")";
    case Cause::no_module:
      return explain_module(chain, paths);
    case Cause::no_secret_area:
      return "the firmware announced no EFI secret area: this is not an SEV guest, or its OVMF is not the AmdSev one";
    case Cause::not_populated:
      return "the firmware's EFI secret area was not populated: nothing was injected before the boot, or its table is malformed (see dmesg)";
    case Cause::not_among:
      break;
  }
  if (chain.entries.empty()) return "no entry is left in " + chain.folder + ": it was read already";
  return "no entry " + guid.text() + " in " + chain.folder + ", which has " +
         describe_entries(chain.entries) + "; inject a table with this entry";
}

}  // namespace oskbc::core
