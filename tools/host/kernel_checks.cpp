// SPDX-License-Identifier: Apache-2.0
#include "host/kernel_checks.h"

#include <utility>
#include <vector>

#include <boost/filesystem/operations.hpp>

#include "host/bounds.h"
#include "host/kernel_image.h"
#include "host/whole_file.h"
#include "owner/printable.h"

namespace oskbc::host {
namespace {

using core::Status;
using owner::printable;

std::string read_text(const std::string& file) {
  const core::Bytes bytes = read_whole_file(file, bounds::kText);
  return std::string(core::as_text(bytes));
}

// Where distributions and Kata put a kernel's configuration: beside it, by the release or with the
// kernel's own name. The kernel may be a link to a file of another name.
std::vector<std::string> config_places(const std::string& kernel, const std::string& release) {
  boost::system::error_code error;
  const boost::filesystem::path file = boost::filesystem::canonical(kernel, error);
  const std::string folder = file.parent_path().string() + "/";
  const std::string name = file.filename().string();
  std::vector<std::string> places = {folder + "config-" + release};
  const std::size_t dash = name.find('-');
  if (dash != std::string::npos) places.push_back(folder + "config" + name.substr(dash));
  return places;
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
  for (const std::string& place : config_places(setup.kernel, release)) {
    boost::system::error_code error;
    if (boost::filesystem::exists(place, error)) return FoundConfig{read_text(place), place};
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

void check_kernel(const KataConfig* config, const Setup& setup, Findings& findings,
                  Kernel& kernel) {
  core::Bytes image;
  findings.check("kernel", [&] {
    if (setup.kernel.empty()) return no_kernel(config);
    image = read_whole_file(setup.kernel, bounds::kKernel);
    return judge_image(setup, image, kernel);
  });
  findings.check("kernel options", [&] {
    return kernel.release.empty() ? unknown() : options(config, setup, image, kernel);
  });
}

}  // namespace oskbc::host
