// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "common/agent_config.h"
#include "common/text.h"
#include "common/toml.h"
#include "format/uris.h"
#include "host/archives.h"
#include "host/checks.h"
#include "host/initrd.h"
#include "host/kata_config.h"
#include "host/kernel.h"
#include "host/whole_file.h"

namespace oskbc::host {
namespace {

using core::Status;
using tools::printable;

Verdict missing(std::string text) { return bad(Status::no_secret, std::move(text)); }

const InitrdFile* find_modprobe(const Initrd& initrd) {
  for (const char* path :
       {"sbin/modprobe", "usr/sbin/modprobe", "bin/modprobe", "usr/bin/modprobe"}) {
    if (const InitrdFile* file = initrd.find(path)) return file;
  }
  return nullptr;
}

// The program that modprobe is a link to.
bool is_modprobe_path(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "modprobe" || name == "kmod" || name == "busybox";
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

// Later kmods hand what they cannot read to a kernel that can.
bool unpacks(const Kernel& kernel) {
  return kernel.config && kernel.config->is_on("CONFIG_MODULE_DECOMPRESS");
}

Verdict judge_packed(const std::string& module, const Compression& compression,
                     core::ByteView modprobe, const Kernel& kernel) {
  const std::string packed = module + ", compressed with " + std::string(compression.name);
  switch (reads(modprobe, compression)) {
    case Readable::yes:
      return good(packed);
    case Readable::unknown:
      return doubtful(
          packed +
          ", and whether the initrd's modprobe reads that does not show; put it there uncompressed to be sure");
    case Readable::no:
      break;
  }
  const std::string mend = "; put it there uncompressed, and run depmod on the initrd's tree";
  if (unpacks(kernel)) {
    return doubtful(packed + ", which the initrd's modprobe itself does not read" + mend +
                    ", to be sure");
  }
  return missing(packed + ", which the initrd's modprobe cannot read" + mend);
}

Verdict judge_module(const Initrd& initrd, const KernelModule& module, const Kernel& kernel) {
  const std::string release = printable(kernel.release);
  if (!module.release.empty() && module.release != kernel.release) {
    return missing(printable(module.path) + " was built for " + printable(module.release) +
                   ", but the kernel is " + release +
                   ", which will refuse it; take the one that was built with it");
  }
  if (!is_listed(initrd, kernel.release)) {
    return missing(
        "modules.dep of " + release +
        " does not list efi_secret, so modprobe does not find it; run depmod on the initrd's tree");
  }
  const InitrdFile* modprobe = find_modprobe(initrd);
  if (modprobe == nullptr) {
    return missing(
        "there is no modprobe in the initrd to load efi_secret with; add kmod or busybox's");
  }
  const std::string found = printable(module.path) + ", built for " +
                            (module.release.empty() ? release : printable(module.release));
  if (module.compression == nullptr) return good(found);
  return judge_packed(found, *module.compression, modprobe->content, kernel);
}

bool is_built_in(const Initrd& initrd, const Kernel& kernel) {
  return (kernel.config && kernel.config->is_on("CONFIG_EFI_SECRET")) ||
         lists_built_in(initrd, kernel.release);
}

}  // namespace

Verdict check_module(const Initrd& initrd, const Kernel& kernel) {
  const std::vector<KernelModule> modules = find_modules(initrd);
  if (kernel.release.empty()) {
    return unknown("the kernel is unknown; the initrd has efi_secret.ko for " +
                   (modules.empty() ? "none" : folders(modules)));
  }
  if (is_built_in(initrd, kernel)) return good("built into the kernel");
  const std::string release = printable(kernel.release);
  const auto module = std::ranges::find(modules, kernel.release, &KernelModule::folder);
  if (module == modules.end()) return no_module(modules, release);
  return judge_module(initrd, *module, kernel);
}

namespace {

constexpr const char* kRight = "aa_kbc_params = \"offline_sev_kbc::null\"";

std::string_view file_name(std::string_view path) {
  // npos + 1 is 0.
  return path.substr(path.rfind('/') + 1);
}

// Whether a file may be the agent's configuration, or an agent, and so is worth a look into it.
bool is_agent_config_path(std::string_view path) { return path.ends_with(".toml"); }
bool is_agent_path(std::string_view path) {
  return file_name(path).find("agent") != std::string_view::npos && !is_agent_config_path(path);
}

Verdict judge_params(const std::string& params, const std::string& where) {
  try {
    core::check_params(params);
  } catch (const core::Error& error) {
    return bad(error.status(), where + " has \"" + printable(params) +
                                   "\", which does not select offline_sev_kbc; set " + kRight);
  }
  return good(where + " has \"" + printable(params) + "\"");
}

Verdict judge_config(const InitrdFile& file, const std::string& path) {
  const tools::TomlText text(core::as_text(file.content), path);
  const auto params = text.string("aa_kbc_params");
  if (params) return judge_params(*params, path);
  return bad(Status::params, path + " has no aa_kbc_params before its first table; add " + kRight);
}

}  // namespace

Verdict check_agent(const Initrd& initrd) {
  for (const auto& [path, file] : initrd.files) {
    if (file_name(path).starts_with("liboskbc.so.0") && initrd.find(path) != nullptr) {
      return good(printable(path));
    }
  }
  for (const auto& [path, file] : initrd.files) {
    if (core::as_text(file.content).find(core::kKbcName) != std::string_view::npos &&
        is_agent_path(path)) {
      return good(printable(path) + " knows offline_sev_kbc");
    }
  }
  return bad(
      Status::argument,
      "neither liboskbc.so.0 nor an agent that knows offline_sev_kbc is in the initrd; put your agent and its libraries there");
}

std::string command_line(const KataConfig* config, const Setup& setup) {
  if (setup.append) return *setup.append;
  return config != nullptr ? config->kernel_params : std::string();
}

Verdict check_agent_config(const Initrd& initrd, const std::string& command_line) {
  const std::string path =
      printable(tools::kernel_parameter(command_line, tools::kConfigFileParameter)
                    .value_or(std::string(tools::kAgentConfigFile)));
  if (const InitrdFile* file = initrd.find(path)) return judge_config(*file, path);
  if (const auto params = tools::kernel_parameter(command_line, tools::kParamsParameter)) {
    return judge_params(*params, "the kernel's command line");
  }
  return bad(Status::params, path + " is not in the initrd; put it there, with " + kRight);
}

namespace {

std::size_t wanted_bytes(std::string_view path) {
  if (is_module_path(path) || is_modprobe_path(path)) return bounds::kModule;
  if (is_module_list(path) || is_agent_config_path(path)) return bounds::kText;
  return is_agent_path(path) ? bounds::kAgent : 0;
}

std::string names_of(const std::vector<const Compression*>& archives) {
  std::string names;
  for (const Compression* archive : archives) {
    if (!names.empty()) names += ", ";
    names += archive != nullptr ? archive->name : "not compressed";
  }
  return names;
}

Verdict judge_compression(const Initrd& initrd, const Kernel& kernel, const std::string& file) {
  for (const Compression* archive : initrd.archives) {
    if (archive == nullptr) continue;
    if (archive->option.empty()) {
      return bad(Status::unsupported, file + " is compressed with " + std::string(archive->name) +
                                          ": " + std::string(archive->mend));
    }
    if (kernel.config && !kernel.config->is_on(archive->option)) {
      return bad(Status::unsupported, file + " is compressed with " + std::string(archive->name) +
                                          ", which this kernel can't read; build it with " +
                                          std::string(archive->option) +
                                          ", or compress the initrd otherwise");
    }
  }
  return good(file + ": " + std::to_string(initrd.files.size()) + " paths in " +
              std::to_string(initrd.archives.size()) + " archives (" + names_of(initrd.archives) +
              ")");
}

Verdict no_initrd(const KataConfig* config) {
  if (config == nullptr) return unknown(not_named("--initrd F"));
  return bad(Status::argument,
             std::string(config->image.empty() ? "not set"
                                               : "not set, but image is, which is not measured") +
                 "; name an initrd in Kata's configuration, and no image");
}

}  // namespace

void check_initrd(const KataConfig* config, const Setup& setup, const Kernel& kernel,
                  Report& report) {
  std::optional<Initrd> initrd;
  report.check("initrd", [&] {
    if (setup.initrd.empty()) return no_initrd(config);
    const core::Bytes bytes = read_whole_file(setup.initrd, bounds::kInitrd);
    const std::string file = printable(setup.initrd);
    initrd = read_initrd(bytes, file, wanted_bytes);
    return judge_compression(*initrd, kernel, file);
  });
  report.check("module", [&] { return initrd ? check_module(*initrd, kernel) : unknown(); });
  report.check("agent", [&] { return initrd ? check_agent(*initrd) : unknown(); });
  report.check("kernel_params", [&] { return check_kernel_params(config, setup); });
  report.check("aa_kbc_params", [&] {
    return initrd ? check_agent_config(*initrd, command_line(config, setup)) : unknown();
  });
}

}  // namespace oskbc::host
