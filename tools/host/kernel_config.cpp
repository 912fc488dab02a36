// SPDX-License-Identifier: Apache-2.0
#include "host/kernel_config.h"

#include <algorithm>
#include <span>

namespace oskbc::host {
namespace {

constexpr KernelNeed kNeeds[] = {
    {"CONFIG_EFI", "the secret area is announced in a table of the firmware's", false},
    {"CONFIG_EFI_STUB", "OVMF starts a measured kernel as an EFI program", false},
    {"CONFIG_AMD_MEM_ENCRYPT", "without it the kernel can't run in encrypted memory", false},
    {"CONFIG_BLK_DEV_INITRD", "the guest's root is its initrd", false},
    {"CONFIG_SECURITYFS", "the secret's files are there", false},
    {"CONFIG_EFI_COCO_SECRET", "the kernel keeps the firmware's secret area for the module", false},
    {"CONFIG_EFI_SECRET", "it is the module that shows the secret", true},
};

constexpr KernelNeed k9pNeeds[] = {
    {"CONFIG_NET_9P_VIRTIO", "shared_fs is virtio-9p", true},
    {"CONFIG_9P_FS", "shared_fs is virtio-9p", true},
};

std::vector<KernelNeed> missing(const KernelConfig& config, std::span<const KernelNeed> needs) {
  std::vector<KernelNeed> result;
  for (const KernelNeed& need : needs) {
    const std::string value = config.value(need.option);
    if (value != "y" && !(need.may_be_module && value == "m")) result.push_back(need);
  }
  return result;
}

}  // namespace

KernelConfig::KernelConfig(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (!line.starts_with("CONFIG_") || equals == std::string_view::npos) continue;
    values_.insert_or_assign(std::string(line.substr(0, equals)),
                             std::string(line.substr(equals + 1)));
  }
}

std::string KernelConfig::value(std::string_view option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? "n" : found->second;
}

bool KernelConfig::is_on(std::string_view option) const { return value(option) == "y"; }

std::vector<KernelNeed> missing_options(const KernelConfig& config) {
  std::vector<KernelNeed> needs = missing(config, kNeeds);
  if (config.value("CONFIG_EFI_SECRET") == "m" && !config.is_on("CONFIG_MODULES")) {
    needs.push_back({"CONFIG_MODULES", "efi_secret is a module", false});
  }
  return needs;
}

std::vector<KernelNeed> missing_9p_options(const KernelConfig& config) {
  return missing(config, k9pNeeds);
}

}  // namespace oskbc::host
