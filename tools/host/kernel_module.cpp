// SPDX-License-Identifier: Apache-2.0
#include "host/kernel_module.h"

#include <algorithm>

#include "base/status.h"
#include "host/archives.h"
#include "host/bounds.h"

namespace oskbc::host {
namespace {

constexpr std::string_view kModules = "lib/modules/";
constexpr std::string_view kName = "/efi_secret.ko";

// What is behind lib/modules/, be that in the root or in usr/.
std::string_view below_modules(std::string_view path) {
  if (path.starts_with("usr/")) path.remove_prefix(4);
  return path.starts_with(kModules) ? path.substr(kModules.size()) : std::string_view();
}

core::Bytes plain(const InitrdFile& file, const std::string& path) {
  if (compression_of(file.content) == nullptr) return file.content;
  return unpack(file.content, bounds::kModule, path).bytes;
}

// The first word of the module's own "vermagic=6.1.0-18-amd64 SMP preempt mod_unload".
std::string release_in(core::ByteView module) {
  constexpr std::string_view kKey("\0vermagic=", 10);
  std::string_view text = core::as_text(module);
  // It may be the first of its section, behind no NUL of its own.
  const std::size_t start = text.find(kKey.substr(1));
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start + kKey.size() - 1);
  return std::string(text.substr(0, text.find_first_of(std::string_view(" \0", 2))));
}

bool names_module(const Initrd& initrd, const std::string& release, const char* list) {
  const InitrdFile* file = initrd.find(std::string(kModules) + release + "/" + list);
  return file != nullptr && core::as_text(file->content).find(kName) != std::string_view::npos;
}

}  // namespace

bool is_module_path(std::string_view path) {
  const std::size_t name = path.rfind('/');
  return name != std::string_view::npos && path.substr(name).starts_with(kName) &&
         !below_modules(path).empty();
}

bool is_module_list(std::string_view path) {
  const std::string_view below = below_modules(path);
  return below.ends_with("/modules.dep") || below.ends_with("/modules.builtin");
}

std::vector<KernelModule> find_modules(const Initrd& initrd) {
  std::vector<KernelModule> modules;
  for (const auto& [path, file] : initrd.files) {
    if (!file.is_file || !is_module_path(path)) continue;
    const std::string_view below = below_modules(path);
    modules.push_back(
        {path, std::string(below.substr(0, below.find('/'))), release_in(plain(file, path))});
  }
  return modules;
}

bool is_listed(const Initrd& initrd, const std::string& release) {
  return names_module(initrd, release, "modules.dep");
}

bool lists_built_in(const Initrd& initrd, const std::string& release) {
  return names_module(initrd, release, "modules.builtin");
}

}  // namespace oskbc::host
