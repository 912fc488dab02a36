// SPDX-License-Identifier: Apache-2.0
#include "host/kernel_config.h"

#include <string>

#include "support/catch.h"

using namespace oskbc;
using host::KernelConfig;

namespace {

const std::string kRight =
    "CONFIG_EFI=y\nCONFIG_EFI_STUB=y\nCONFIG_AMD_MEM_ENCRYPT=y\nCONFIG_BLK_DEV_INITRD=y\n"
    "CONFIG_SECURITYFS=y\nCONFIG_EFI_COCO_SECRET=y\nCONFIG_EFI_SECRET=m\nCONFIG_MODULES=y\n";

std::string missing(const std::string& text) {
  std::string names;
  for (const host::KernelNeed& need : host::missing_options(KernelConfig(text))) {
    names += std::string(need.option) + " ";
  }
  return names;
}

}  // namespace

TEST_CASE("options have values; what is off or absent is n") {
  const KernelConfig config(
      "# CONFIG_OFF is not set\nCONFIG_ON=y\nCONFIG_MODULE=m\nCONFIG_TEXT=\"a=b\"\n"
      "CONFIG_ON_TOO=y");
  CHECK(config.size() == 4);
  CHECK(config.is_on("CONFIG_ON"));
  CHECK(config.is_on("CONFIG_ON_TOO"));
  CHECK_FALSE(config.is_on("CONFIG_MODULE"));
  CHECK(config.value("CONFIG_TEXT") == "\"a=b\"");
  CHECK(config.value("CONFIG_OFF") == "n");
  CHECK(config.value("CONFIG_O") == "n");
}

TEST_CASE("a right kernel lacks nothing, with the module or with it built in") {
  CHECK(missing(kRight).empty());
  std::string built_in = kRight;
  built_in.replace(built_in.find("SECRET=m"), 8, "SECRET=y");
  built_in.erase(built_in.find("CONFIG_MODULES"));
  CHECK(missing(built_in).empty());
}

TEST_CASE("each option is missed, and a module is no substitute for what must be built in") {
  for (const char* option :
       {"CONFIG_EFI=", "CONFIG_EFI_STUB=", "CONFIG_AMD_MEM_ENCRYPT=", "CONFIG_BLK_DEV_INITRD=",
        "CONFIG_SECURITYFS=", "CONFIG_EFI_COCO_SECRET=", "CONFIG_EFI_SECRET=", "CONFIG_MODULES="}) {
    INFO(option);
    const std::string name(option, std::string(option).size() - 1);
    std::string text = kRight;
    text.replace(text.find(option) + std::string(option).size(), 1, "n");
    CHECK(missing(text) == name + " ");
  }
  std::string text = kRight;
  text.replace(text.find("CONFIG_EFI=y"), 12, "CONFIG_EFI=m");
  CHECK(missing(text) == "CONFIG_EFI ");
}

TEST_CASE("virtio-9p needs its transport and its file system") {
  CHECK(host::missing_9p_options(KernelConfig(kRight)).size() == 2);
  CHECK(host::missing_9p_options(KernelConfig("CONFIG_9P_FS=m\nCONFIG_NET_9P_VIRTIO=y\n")).empty());
}
