// SPDX-License-Identifier: Apache-2.0
#include "oskbc/module_help.h"

#include <sys/stat.h>

#include <cerrno>
#include <string>

#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::module_help_test {

using namespace std::chrono_literals;
using tools::explain_module;
using tools::Heard;
using tools::ModuleFacts;

namespace {

std::string script(const test::TempFolder& folder, const std::string& name,
                   const std::string& lines) {
  const std::string path = folder.write(name, std::string_view("#!/bin/sh\n" + lines + "\n"));
  REQUIRE(::chmod(path.c_str(), 0700) == 0);
  return path;
}

Heard hear(const std::string& lines, std::chrono::milliseconds limit = 20s) {
  const test::TempFolder folder;
  return tools::run_and_listen({script(folder, "program", lines), "efi_secret"}, limit, 50);
}

ModuleFacts facts(int status, const std::string& words,
                  const std::string& file = "kernel/efi_secret.ko") {
  return {"/sbin/modprobe", Heard{status, words}, file, "/lib/modules", {}, {}};
}

}  // namespace

TEST_CASE("a program's status and its words on both streams are heard") {
  const Heard heard = hear("echo \"$1\"; echo two >&2; exit 7");
  CHECK(heard.status == 7);
  CHECK(heard.words == "efi_secret\ntwo\n");
}

TEST_CASE("what is too much is cut, and a program that does not end is ended") {
  CHECK(hear("while :; do echo more; done | head -n 10000").words.size() == 50);
  const Heard heard = hear("echo start; sleep 100", 200ms);
  CHECK(heard.status == -ETIMEDOUT);
  CHECK(heard.words == "start\n");
}

TEST_CASE("a program that is none has an error number") {
  CHECK(tools::run_and_listen({"/nonexistent"}, 1s, 50).status == -ENOENT);
}

TEST_CASE("modprobe's status and words are shown, and what they mean") {
  const std::string fatal =
      "modprobe: FATAL: Module efi_secret not found in directory /lib/modules/6.1\n";
  const std::string text = explain_module(facts(1, fatal, ""));
  CHECK_THAT(text, Catch::ContainsSubstring("/sbin/modprobe efi_secret exits with 1 and says \""
                                            "modprobe: FATAL: Module efi_secret not found"));
  CHECK_THAT(text, Catch::ContainsSubstring("(CONFIG_EFI_SECRET=m)"));
  CHECK_THAT(explain_module(facts(127, "a\x1b[m\nb\n")),
             Catch::ContainsSubstring("exits with 127 and says \"a\\x1b[m; b\""));
  CHECK_THAT(explain_module(facts(0, "")),
             Catch::ContainsSubstring("exits with 0 and says nothing: yet it is not loaded"));
  CHECK_THAT(explain_module(facts(-ETIMEDOUT, "")),
             Catch::ContainsSubstring("did not end in time"));
}

TEST_CASE("a compressed module is told from another kernel's") {
  for (const char* words :
       {"modprobe: ERROR: could not insert 'efi_secret': Exec format error\n",
        "modprobe: can't load module efi_secret (efi_secret.ko.zst): invalid module format\n"}) {
    INFO(words);
    CHECK_THAT(explain_module(facts(1, words, "kernel/efi_secret.ko.zst")),
               Catch::ContainsSubstring("it cannot read .zst, as kernel/efi_secret.ko.zst is"));
    CHECK_THAT(explain_module(facts(1, words)),
               Catch::ContainsSubstring("may be another kernel's"));
  }
  CHECK_THAT(explain_module(facts(1, "Permission denied", "kernel/efi_secret.ko.zst")),
             Catch::ContainsSubstring("see dmesg"));
}

TEST_CASE("a missing modprobe is told from a missing module") {
  const ModuleFacts neither = {{}, {}, "", "/lib/modules", {}, {}};
  CHECK_THAT(explain_module(neither), Catch::ContainsSubstring("was not found below"));
  CHECK_THAT(explain_module(neither), Catch::ContainsSubstring("there is no modprobe in"));
  const ModuleFacts no_modprobe = {{}, {}, "efi_secret.ko", "/lib/modules", {}, {}};
  CHECK_THAT(explain_module(no_modprobe), Catch::ContainsSubstring("installed, but there is no m"));
}

TEST_CASE("a kernel without the secret area's part is told before all") {
  ModuleFacts lacking = facts(1, "x");
  lacking.keeps_area = false;
  lacking.config = "/boot/config-6.1";
  CHECK_THAT(explain_module(lacking), Catch::ContainsSubstring("CONFIG_EFI_COCO_SECRET"));
  CHECK_THAT(tools::explain_area(lacking), Catch::ContainsSubstring("/boot/config-6.1"));
  lacking.keeps_area = true;
  CHECK(tools::explain_area(lacking).empty());
}

TEST_CASE("the kernel's configuration is found packed, in /boot, or beside the modules") {
  const std::string off = "CONFIG_EFI=y\n# CONFIG_EFI_COCO_SECRET is not set\n";
  const std::string on = "CONFIG_EFI=y\nCONFIG_EFI_COCO_SECRET=y\n";
  const test::TempFolder root;
  const core::SecretPaths paths(root.path());
  root.write("lib/modules/6.1/modules.dep", std::string_view("efi_secret.ko: a.ko\n"));
  CHECK(tools::module_facts(paths, {}).file == "efi_secret.ko");
  CHECK_FALSE(tools::module_facts(paths, {}).keeps_area);
  root.write("lib/modules/6.1/config", std::string_view(on));
  CHECK(tools::module_facts(paths, {}).keeps_area == true);
  root.write("boot/config-6.1", std::string_view(off));
  CHECK(tools::module_facts(paths, {}).keeps_area == false);
  root.write("proc/config.gz", std::string_view(on));
  root.write("bin/none", std::string_view(""));
  script(root, "bin/zcat", "cat \"$2\"");
  CHECK(tools::module_facts(paths, {}).keeps_area == true);
  CHECK(tools::module_facts(paths, {}).config == root.path("proc/config.gz"));
}

}  // namespace oskbc::module_help_test
