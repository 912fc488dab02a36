// SPDX-License-Identifier: Apache-2.0
#include "host/initrd_checks.h"

#include <string_view>

#include "host/agent_checks.h"
#include "host/bounds.h"
#include "host/initrd.h"
#include "host/kata_checks.h"
#include "host/kernel_module.h"
#include "host/module_check.h"
#include "host/whole_file.h"
#include "owner/printable.h"

namespace oskbc::host {
namespace {

using core::Status;
using owner::printable;

std::size_t wanted_bytes(std::string_view path) {
  if (is_module_path(path)) return bounds::kModule;
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
                  Findings& findings) {
  std::optional<Initrd> initrd;
  findings.check("initrd", [&] {
    if (setup.initrd.empty()) return no_initrd(config);
    const core::Bytes bytes = read_whole_file(setup.initrd, bounds::kInitrd);
    const std::string file = printable(setup.initrd);
    initrd = read_initrd(bytes, file, wanted_bytes);
    return judge_compression(*initrd, kernel, file);
  });
  findings.check("module", [&] { return initrd ? check_module(*initrd, kernel) : unknown(); });
  findings.check("agent", [&] { return initrd ? check_agent(*initrd) : unknown(); });
  findings.check("kernel_params", [&] { return check_kernel_params(config, setup); });
  findings.check("aa_kbc_params", [&] {
    return initrd ? check_agent_config(*initrd, command_line(config, setup)) : unknown();
  });
}

}  // namespace oskbc::host
