// SPDX-License-Identifier: Apache-2.0
#include "host/module_check.h"

#include <string>

#include "support/catch.h"

using namespace oskbc;
using host::Initrd;
using host::Kernel;
using tools::Mark;

namespace {

void put(Initrd& initrd, const std::string& path, const std::string& content) {
  const core::ByteView bytes = core::as_bytes(content);
  initrd.files[path] = {"", true, {bytes.begin(), bytes.end()}};
}

Initrd right_initrd() {
  Initrd initrd;
  put(initrd, "lib/modules/6.1/kernel/efi_secret.ko", "vermagic=6.1 SMP");
  put(initrd, "lib/modules/6.1/modules.dep", "kernel/efi_secret.ko:");
  put(initrd, "sbin/modprobe", "");
  return initrd;
}

Kernel kernel(const char* release = "6.1") { return {release, std::nullopt}; }

Mark mark_of(const Initrd& initrd, const Kernel& of) { return host::check_module(initrd, of).mark; }

}  // namespace

TEST_CASE("the module for this very kernel is right") {
  CHECK(mark_of(right_initrd(), kernel()) == Mark::ok);
}

TEST_CASE("any other is not, and that is the status of a missing secret") {
  const host::Verdict verdict = host::check_module(right_initrd(), kernel("6.1-2"));
  CHECK(verdict.mark == Mark::fail);
  CHECK(verdict.status == core::Status::no_secret);
  CHECK_THAT(verdict.text, Catch::ContainsSubstring("for 6.1, but the kernel is 6.1-2"));
  Initrd initrd = right_initrd();
  put(initrd, "lib/modules/6.1/kernel/efi_secret.ko", "vermagic=6.2 SMP");
  CHECK_THAT(host::check_module(initrd, kernel()).text,
             Catch::ContainsSubstring("was built for 6.2"));
}

TEST_CASE("of several modules, this kernel's counts") {
  Initrd initrd = right_initrd();
  put(initrd, "lib/modules/5.19/kernel/efi_secret.ko", "vermagic=5.19 SMP");
  put(initrd, "lib/modules/7.0/kernel/efi_secret.ko", "vermagic=7.0 SMP");
  CHECK(mark_of(initrd, kernel()) == Mark::ok);
}

TEST_CASE("what is built in needs no module") {
  Kernel built_in = kernel();
  built_in.config.emplace("CONFIG_EFI_SECRET=y\n");
  CHECK(mark_of(Initrd(), built_in) == Mark::ok);
  built_in.config.emplace("CONFIG_EFI_SECRET=m\n");
  CHECK(mark_of(Initrd(), built_in) == Mark::fail);
}

TEST_CASE("without a kernel there is nothing to compare with") {
  CHECK(mark_of(right_initrd(), kernel("")) == Mark::skip);
}
