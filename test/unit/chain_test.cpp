// SPDX-License-Identifier: Apache-2.0
#include "source/chain.h"

#include "support/catch.h"
#include "support/fake_system.h"
#include "support/temp_tree.h"

namespace oskbc::chain_test {

using core::Cause;
using test::FakeSystem;
using test::TempTree;

namespace {

constexpr std::string_view kModule = "sys/module/efi_secret/initstate";
constexpr std::string_view kDevice = "sys/devices/platform/efi_secret.0/modalias";
constexpr std::string_view kModulesDep = "lib/modules/6.1.0/modules.dep";

struct Diagnosis {
  core::Chain chain;
  Cause cause;
  std::string text;
};

Diagnosis diagnose(const TempTree& tree) {
  FakeSystem system;
  const core::SecretPaths paths(tree.path());
  const core::Guid guid = core::keyset_guid();
  Diagnosis diagnosis;
  diagnosis.chain = core::inspect(system, paths, guid);
  diagnosis.cause = core::cause_of(diagnosis.chain);
  diagnosis.text = core::explain(diagnosis.chain, paths, guid);
  return diagnosis;
}

std::string entry(std::string_view guid) {
  return std::string(test::kFolder) + "/" + std::string(guid);
}

}  // namespace

TEST_CASE("no securityfs is the cause where it is not there") {
  const TempTree tree;
  const Diagnosis diagnosis = diagnose(tree);
  CHECK(diagnosis.cause == Cause::no_securityfs);
  CHECK_THAT(diagnosis.text, Catch::ContainsSubstring("securityfs is not mounted") &&
                                 Catch::ContainsSubstring(tree.path(test::kSecurityfs)));
}

TEST_CASE("a module that is not installed is the cause, and where it was looked for") {
  const TempTree tree;
  tree.make_folder(test::kSecurityfs);
  const Diagnosis diagnosis = diagnose(tree);
  CHECK(diagnosis.cause == Cause::no_module);
  CHECK_FALSE(diagnosis.chain.module_installed);
  CHECK_THAT(diagnosis.text,
             Catch::ContainsSubstring("not found below " + tree.path("lib/modules")));
}

TEST_CASE("a module that is installed but not loaded is told apart from a missing one") {
  const TempTree tree;
  tree.make_folder(test::kSecurityfs);
  tree.write(kModulesDep,
             "kernel/drivers/virt/coco/efi_secret/efi_secret.ko.xz: kernel/other.ko.xz\n");
  const Diagnosis diagnosis = diagnose(tree);
  CHECK(diagnosis.cause == Cause::no_module);
  CHECK(diagnosis.chain.module_installed);
  CHECK_THAT(diagnosis.text, Catch::ContainsSubstring("installed but not loaded"));
}

TEST_CASE("a module that only depends on efi_secret does not count as it") {
  const TempTree tree;
  tree.make_folder(test::kSecurityfs);
  tree.write(kModulesDep, "kernel/other.ko: kernel/drivers/virt/coco/efi_secret/efi_secret.ko\n");
  CHECK_FALSE(diagnose(tree).chain.module_installed);
}

TEST_CASE("a module that is built in counts as loaded") {
  const TempTree tree;
  tree.make_folder(test::kSecurityfs);
  tree.write("lib/modules/6.1.0/modules.builtin",
             "kernel/drivers/virt/coco/efi_secret/efi_secret.ko\n");
  CHECK(diagnose(tree).cause == Cause::no_secret_area);
}

TEST_CASE("no EFI secret area is the cause where the module is loaded without a device") {
  const TempTree tree;
  tree.make_folder(test::kSecurityfs);
  tree.write(kModule, "live\n");
  const Diagnosis diagnosis = diagnose(tree);
  CHECK(diagnosis.cause == Cause::no_secret_area);
  CHECK_THAT(diagnosis.text,
             Catch::ContainsSubstring("no EFI secret area") && Catch::ContainsSubstring("AmdSev"));
}

TEST_CASE("an area that was not populated is the cause where there is a device and no folder") {
  const TempTree tree;
  tree.make_folder(test::kSecurityfs);
  tree.write(kModule, "live\n");
  tree.write(kDevice, "platform:efi_secret\n");
  const Diagnosis diagnosis = diagnose(tree);
  CHECK(diagnosis.cause == Cause::not_populated);
  CHECK_THAT(diagnosis.text, Catch::ContainsSubstring("not populated"));
}

TEST_CASE(
    "an entry that is not among the others is the cause; they are counted, and known ones named") {
  const TempTree tree;
  tree.write(entry("736870e5-84f0-4973-92ec-06879ce3da0b"), "password");
  tree.write(entry("1ee27366-0c87-43a6-af48-28543eaf7cb0"), "connection");
  tree.write(entry("00000000-1111-2222-3333-444444444444"), "unknown");
  tree.write(entry("no-guid"), "ignored");
  const Diagnosis diagnosis = diagnose(tree);
  CHECK(diagnosis.cause == Cause::not_among);
  CHECK_THAT(diagnosis.text, Catch::ContainsSubstring("3 entries") &&
                                 Catch::ContainsSubstring("a disk password") &&
                                 Catch::ContainsSubstring("connection key of online_sev_kbc") &&
                                 Catch::ContainsSubstring(std::string(core::kKeysetGuid)));
}

TEST_CASE("a folder without any entry means that the secret was read already") {
  const TempTree tree;
  tree.make_folder(test::kFolder);
  const Diagnosis diagnosis = diagnose(tree);
  CHECK(diagnosis.cause == Cause::not_among);
  CHECK_THAT(diagnosis.text, Catch::ContainsSubstring("read already"));
}

TEST_CASE("an entry below either path is no cause at all") {
  const TempTree tree;
  SECTION("mainline") { tree.write(test::kKeysetFile, "{}"); }
  SECTION("early patches") { tree.write(test::kOldKeysetFile, "{}"); }
  SECTION("early patches, with an empty mainline folder") {
    tree.make_folder(test::kFolder);
    tree.write(test::kOldKeysetFile, "{}");
  }
  const Diagnosis diagnosis = diagnose(tree);
  CHECK(diagnosis.cause == Cause::none);
  CHECK(diagnosis.chain.entry);
}

TEST_CASE("the running system needs securityfs mounted, not only its folder") {
  FakeSystem system;
  const core::SecretPaths paths("/");
  CHECK_FALSE(core::inspect(system, paths, core::keyset_guid()).securityfs);
  system.mounted = true;
  CHECK(core::inspect(system, paths, core::keyset_guid()).securityfs);
}

}  // namespace oskbc::chain_test
