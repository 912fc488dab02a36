// SPDX-License-Identifier: Apache-2.0
#include "host/kernel_module.h"

#include <string>

#include "host/pack.h"
#include "support/catch.h"

using namespace oskbc;
using host::Initrd;

namespace {

Initrd initrd(const std::string& path, const core::Bytes& content) {
  Initrd result;
  result.files[path] = {"", true, content};
  return result;
}

core::Bytes module(std::string_view text) {
  const core::ByteView bytes = core::as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

constexpr std::string_view kModule(
    "\x7f"
    "ELF\0license=GPL\0vermagic=6.1.0-sev SMP mod_unload\0x",
    52);
const std::string kPath = "lib/modules/6.1.0-sev/kernel/drivers/virt/coco/efi_secret/efi_secret.ko";

}  // namespace

TEST_CASE("the module is known by its name, below lib/modules alone") {
  for (const char* suffix : {"", ".xz", ".gz", ".zst"}) {
    CHECK(host::is_module_path(kPath + suffix));
    CHECK(host::is_module_path("usr/" + kPath + suffix));
  }
  CHECK_FALSE(host::is_module_path("efi_secret.ko"));
  CHECK_FALSE(host::is_module_path("root/efi_secret.ko"));
  CHECK_FALSE(host::is_module_path("lib/modules/6.1.0-sev/other.ko"));
  CHECK_FALSE(host::is_module_path("lib/modules/6.1.0-sev/my_efi_secret.ko"));
}

TEST_CASE("a module says for which kernel it is, packed or not") {
  const core::Bytes plain = module(kModule);
  for (const core::Bytes& content :
       {plain, test::pack(kModule, "xz"), test::pack(kModule, "zstd")}) {
    const auto modules = host::find_modules(initrd(kPath, content));
    REQUIRE(modules.size() == 1);
    CHECK(modules[0].path == kPath);
    CHECK(modules[0].folder == "6.1.0-sev");
    CHECK(modules[0].release == "6.1.0-sev");
  }
  CHECK(host::find_modules(initrd("usr/" + kPath, plain))[0].folder == "6.1.0-sev");
}

TEST_CASE("a module that does not say is still one") {
  CHECK(host::find_modules(initrd(kPath, module("\x7f"
                                                "ELF")))[0]
            .release.empty());
  CHECK(host::find_modules(initrd(kPath, module("vermagic=")))[0].release.empty());
  CHECK(host::find_modules(initrd("other", module(kModule))).empty());
}

TEST_CASE("modprobe's lists are those of one kernel") {
  Initrd files = initrd("lib/modules/1/modules.dep", module("kernel/a/efi_secret.ko.xz: x\n"));
  files.files["lib/modules/2/modules.builtin"] = {"", true, module("kernel/a/efi_secret.ko\n")};
  CHECK(host::is_listed(files, "1"));
  CHECK_FALSE(host::is_listed(files, "2"));
  CHECK(host::lists_built_in(files, "2"));
  CHECK_FALSE(host::lists_built_in(files, "1"));
  CHECK(host::is_module_list("usr/lib/modules/1/modules.dep"));
  CHECK_FALSE(host::is_module_list("lib/modules/1/modules.dep.bin"));
}
