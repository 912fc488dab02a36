// SPDX-License-Identifier: Apache-2.0
#include "host/kernel.h"

#include <algorithm>
#include <string>

#include "base/status.h"
#include "common/binary.h"
#include "host/initrd.h"
#include "host/pack.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::kernel_test {

using core::Bytes;
using core::Status;
using host::Initrd;
using host::KernelConfig;
using test::operator+;

namespace {

void put(Bytes& image, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), image.begin() + static_cast<std::ptrdiff_t>(at));
}

// Two sectors of setup after the first, then the payload.
Bytes kernel(const Bytes& payload = {}) {
  Bytes image(1536);
  put(image, 0, "MZ");
  image[0x1f1] = 2;
  put(image, 0x202, "HdrS");
  tools::store_le<std::uint16_t>(image, 0x206, 0x20f);
  tools::store_le<std::uint16_t>(image, 0x20e, 0x300);
  put(image, 0x500, "6.1.0-sev (me@here) #1");
  tools::store_le<std::uint32_t>(image, 0x248, 0);
  tools::store_le<std::uint32_t>(image, 0x24c, static_cast<std::uint32_t>(payload.size()));
  return image + payload;
}

std::string vmlinux(const std::string& config) {
  const Bytes packed = test::pack(config, "gzip");
  return "code IKCFG_ST" + std::string(core::as_text(packed)) + "IKCFG_ED code";
}

Status status_of(const Bytes& image) {
  return test::status_of([&] { static_cast<void>(host::kernel_release(image)); });
}

}  // namespace

TEST_CASE("a bzImage names its release") {
  CHECK(host::kernel_release(kernel()) == "6.1.0-sev");
  CHECK(host::has_efi_stub(kernel()));
}

TEST_CASE("what is no bzImage, or names no release, is refused") {
  Bytes image = kernel();
  image[0x202] = 'x';
  CHECK(status_of(image) == Status::argument);
  CHECK(status_of({}) == Status::argument);
  image = kernel();
  tools::store_le<std::uint16_t>(image, 0x20e, 0);
  CHECK(status_of(image) == Status::argument);
  tools::store_le<std::uint16_t>(image, 0x20e, 0xffff);
  CHECK(status_of(image) == Status::argument);
  image = kernel();
  image.resize(0x505);
  CHECK(status_of(image) == Status::argument);
  image.resize(0x24f);
  CHECK(status_of(image) == Status::argument);
}

TEST_CASE("a unified kernel image is told as one") {
  Bytes image(0x80);
  put(image, 0, "MZ");
  tools::store_le<std::uint32_t>(image, 0x3c, 0x40);
  put(image, 0x40, "PE");
  tools::store_le<std::uint16_t>(image, 0x46, 1);
  put(image, 0x58, ".linux");
  const auto failure = test::failure_of([&] { static_cast<void>(host::kernel_release(image)); });
  CHECK(failure.status == Status::argument);
  CHECK_THAT(failure.text, Catch::ContainsSubstring("this is a unified kernel image"));
}

TEST_CASE("a kernel without an EFI stub is told") {
  Bytes image = kernel();
  image[0] = 0;
  CHECK_FALSE(host::has_efi_stub(image));
  CHECK_FALSE(host::has_efi_stub({}));
}

TEST_CASE("the configuration is found inside, however the kernel is packed") {
  const std::string text = "CONFIG_EFI=y\n";
  CHECK(host::embedded_config(kernel(test::pack(vmlinux(text), "gzip"))) == text);
  for (const char* filter : {"bzip2", "xz", "lzma", "zstd"}) {
    INFO(filter);
    const Bytes with_size = test::pack(vmlinux(text), filter) + Bytes{0, 0, 1, 0};
    CHECK(host::embedded_config(kernel(with_size)) == text);
  }
}

TEST_CASE("a configuration that is not there or can't be read is none") {
  CHECK_FALSE(host::embedded_config({}));
  CHECK_FALSE(host::embedded_config(kernel()));
  CHECK_FALSE(host::embedded_config(kernel(Bytes(100, 'x'))));
  CHECK_FALSE(host::embedded_config(kernel(test::pack("code", "gzip"))));
  CHECK_FALSE(host::embedded_config(kernel(test::pack("code IKCFG_ST code", "gzip"))));
  CHECK_FALSE(host::embedded_config(kernel(test::pack("IKCFG_ST nothing IKCFG_ED", "gzip"))));
  Bytes image = kernel(test::pack(vmlinux("x"), "gzip"));
  tools::store_le<std::uint32_t>(image, 0x248, 0xffffffff);
  CHECK_FALSE(host::embedded_config(image));
  image = kernel(test::pack(vmlinux("x"), "gzip"));
  tools::store_le<std::uint32_t>(image, 0x24c, 0xffffffff);
  CHECK_FALSE(host::embedded_config(image));
}

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
  for (const char* list : {"efi_secret.ko:\n", "other.ko:\nefi_secret.ko: other.ko\n"}) {
    CHECK(host::is_listed(initrd("lib/modules/1/modules.dep", module(list)), "1"));
  }
  CHECK_FALSE(
      host::is_listed(initrd("lib/modules/1/modules.dep", module("my_efi_secret.ko:\n")), "1"));
  CHECK(host::lists_built_in(files, "2"));
  CHECK_FALSE(host::lists_built_in(files, "1"));
  CHECK(host::is_module_list("usr/lib/modules/1/modules.dep"));
  CHECK_FALSE(host::is_module_list("lib/modules/1/modules.dep.bin"));
}

}  // namespace oskbc::kernel_test
