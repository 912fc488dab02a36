// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/status.h"
#include "common/text.h"
#include "host/checks.h"
#include "host/kata_config.h"
#include "host/kernel.h"
#include "host/whole_file.h"

namespace oskbc::host {
namespace {

using core::Status;
using tools::printable;

std::string read_text(const std::string& file) {
  const core::Bytes bytes = read_whole_file(file, bounds::kText);
  return std::string(core::as_text(bytes));
}

// The kernel may be a link to a file of another name.
std::string resolved(const std::string& file) {
  const std::unique_ptr<char, decltype(&std::free)> path(::realpath(file.c_str(), nullptr),
                                                         std::free);
  return path ? path.get() : file;
}

// Where distributions and Kata put a kernel's configuration: beside it, by the release or with the
// kernel's own name.
std::vector<std::string> config_candidates(const std::string& kernel, const std::string& release) {
  const std::string file = resolved(kernel);
  const std::size_t name = file.rfind('/') + 1;
  const std::string config = file.substr(0, name) + "config";
  std::vector<std::string> candidates = {config + "-" + release};
  const std::size_t dash = file.find('-', name);
  if (dash != std::string::npos) candidates.push_back(config + file.substr(dash));
  return candidates;
}

struct FoundConfig {
  std::string text;
  std::string where;
};

std::optional<FoundConfig> find_config(const Setup& setup, const std::string& release,
                                       core::ByteView image) {
  if (!setup.kernel_config.empty()) {
    return FoundConfig{read_text(setup.kernel_config), setup.kernel_config};
  }
  for (const std::string& file : config_candidates(setup.kernel, release)) {
    if (::access(file.c_str(), F_OK) == 0) return FoundConfig{read_text(file), file};
  }
  if (auto text = embedded_config(image)) return FoundConfig{std::move(*text), "the kernel itself"};
  return std::nullopt;
}

std::string list(const std::vector<KernelNeed>& needs) {
  std::string text;
  for (const KernelNeed& need : needs) {
    if (!text.empty()) text += ", ";
    text += std::string(need.option) + " (" + std::string(need.why) + ")";
  }
  return text;
}

Verdict judge_config(const KataConfig* kata, const KernelConfig& config, const std::string& where) {
  if (config.size() == 0) {
    return bad(Status::argument,
               printable(where) + " is no kernel's configuration: it has no line CONFIG_...=");
  }
  std::vector<KernelNeed> missing = missing_options(config);
  if (kata != nullptr && kata->shared_fs == "virtio-9p") {
    const std::vector<KernelNeed> more = missing_9p_options(config);
    missing.insert(missing.end(), more.begin(), more.end());
  }
  if (missing.empty()) return good("all there, as " + printable(where) + " says");
  return bad(Status::unsupported,
             "the kernel lacks " + list(missing) + "; turn them on and build it again");
}

Verdict options(const KataConfig* kata, const Setup& setup, core::ByteView image, Kernel& kernel) {
  auto found = find_config(setup, kernel.release, image);
  if (!found) {
    return unknown(
        "neither is config-" + printable(kernel.release) +
        " beside the kernel, nor could one be read out of it (CONFIG_IKCONFIG); give --kernel-config F");
  }
  KernelConfig config(found->text);
  Verdict verdict = judge_config(kata, config, found->where);
  if (config.size() > 0) kernel.config = std::move(config);
  return verdict;
}

Verdict judge_image(const Setup& setup, core::ByteView image, Kernel& kernel) {
  kernel.release = kernel_release(image);
  if (!has_efi_stub(image)) {
    return bad(Status::unsupported,
               printable(setup.kernel) +
                   " is no EFI program, so OVMF can't start it; build it with CONFIG_EFI_STUB");
  }
  return good(printable(setup.kernel) + ", Linux " + printable(kernel.release));
}

Verdict no_kernel(const KataConfig* config) {
  if (config == nullptr) return unknown(not_named("--kernel F"));
  return bad(Status::argument, "not set in Kata's configuration; name the guest's kernel there");
}

}  // namespace

void check_kernel(const KataConfig* config, const Setup& setup, Report& report, Kernel& kernel) {
  core::Bytes image;
  report.check("kernel", [&] {
    if (setup.kernel.empty()) return no_kernel(config);
    image = read_whole_file(setup.kernel, bounds::kKernel);
    return judge_image(setup, image, kernel);
  });
  report.check("kernel options", [&] {
    return kernel.release.empty() ? unknown() : options(config, setup, image, kernel);
  });
}

}  // namespace oskbc::host
