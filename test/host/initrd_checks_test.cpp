// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <tuple>

#include "base/status.h"
#include "host/checks.h"
#include "host/initrd.h"
#include "host/kata_config.h"
#include "host/kernel.h"
#include "host/pack.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::initrd_checks_test {

using core::Status;
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

TEST_CASE("a module that the initrd's modprobe cannot read is as good as none") {
  // By what the programs have in them: kmod's features, or busybox's name.
  const std::string debian = "+ZSTD +XZ -ZLIB +LIBCRYPTO -EXPERIMENTAL";
  const std::string plain = "-ZSTD -XZ -ZLIB -LIBCRYPTO";
  const std::string busybox = "BusyBox v1.35.0 (Debian)";
  for (const auto& [modprobe, packing, mark] : {std::tuple{debian, "zstd", Mark::ok},
                                                {debian, "xz", Mark::ok},
                                                {debian, "gzip", Mark::fail},
                                                {plain, "zstd", Mark::fail},
                                                {plain, "xz", Mark::fail},
                                                {busybox, "zstd", Mark::fail},
                                                {busybox, "xz", Mark::ok},
                                                {busybox, "gzip", Mark::ok},
                                                {std::string(), "zstd", Mark::warn}}) {
    INFO(modprobe << ", " << packing);
    Initrd initrd = right_initrd();
    initrd.files.erase("lib/modules/6.1/kernel/efi_secret.ko");
    initrd.files["lib/modules/6.1/kernel/efi_secret.ko.x"] = {
        "", true, test::pack("vermagic=6.1 SMP", packing)};
    put(initrd, "bin/kmod", modprobe);
    initrd.files["sbin/modprobe"] = {"../bin/kmod", false, {}};
    const host::Verdict verdict = host::check_module(initrd, kernel());
    CHECK(verdict.mark == mark);
    CHECK_THAT(verdict.text, Catch::ContainsSubstring(std::string("compressed with ") + packing));
    if (mark == Mark::fail) CHECK(verdict.status == Status::no_secret);
    Kernel unpacking = kernel();
    unpacking.config.emplace("CONFIG_MODULE_DECOMPRESS=y\n");
    CHECK(host::check_module(initrd, unpacking).mark == (mark == Mark::fail ? Mark::warn : mark));
  }
}

TEST_CASE("without a kernel there is nothing to compare with") {
  CHECK(mark_of(right_initrd(), kernel("")) == Mark::skip);
}

namespace {

Initrd initrd_with(const std::string& path, const std::string& content,
                   const std::string& link = "") {
  const core::ByteView bytes = core::as_bytes(content);
  Initrd result;
  result.files[path] = {link, link.empty(), {bytes.begin(), bytes.end()}};
  return result;
}

Mark config_mark(const std::string& text, const std::string& command_line = "") {
  return host::check_agent_config(initrd_with("etc/agent-config.toml", text), command_line).mark;
}

}  // namespace

TEST_CASE("the library is known by its soname, and its link has to lead to a file") {
  CHECK(host::check_agent(initrd_with("usr/lib/liboskbc.so.0", "")).mark == Mark::ok);
  CHECK(host::check_agent(initrd_with("usr/lib/liboskbc.so.0.1.0", "")).mark == Mark::ok);
  CHECK(host::check_agent(initrd_with("usr/lib/liboskbc.so.0", "", "gone")).mark == Mark::fail);
  CHECK(host::check_agent(initrd_with("usr/lib/liboskbc.so.1", "")).mark == Mark::fail);
}

TEST_CASE("an agent without the library has to know the broker's name") {
  const std::string knows =
      "\x7f"
      "ELF offline_sev_kbc";
  CHECK(host::check_agent(initrd_with("usr/bin/attestation-agent", knows)).mark == Mark::ok);
  CHECK(host::check_agent(initrd_with("usr/bin/kata-agent",
                                      "\x7f"
                                      "ELF"))
            .mark == Mark::fail);
  CHECK(host::check_agent(initrd_with("usr/share/doc", knows)).mark == Mark::fail);
  CHECK(host::check_agent(initrd_with("etc/agent-config.toml", knows)).mark == Mark::fail);
}

TEST_CASE("the agent's configuration has to select this broker") {
  CHECK(config_mark("aa_kbc_params = \"offline_sev_kbc::null\"\n") == Mark::ok);
  CHECK(config_mark("aa_kbc_params = 'offline_sev_kbc::x::y'\n[endpoints]\n") == Mark::ok);
  for (const char* text :
       {"", "aa_kbc_params = \"cc_kbc::null\"\n", "aa_kbc_params = \"offline_sev_kbc\"\n",
        "aa_kbc_params = \"\"\n", "[agent]\naa_kbc_params = \"offline_sev_kbc::null\"\n"}) {
    INFO(text);
    const auto verdict = host::check_agent_config(initrd_with("etc/agent-config.toml", text), "");
    CHECK(verdict.mark == Mark::fail);
    CHECK(verdict.status == Status::params);
  }
}

TEST_CASE("a configuration that is no TOML is an error of its own") {
  CHECK(test::status_of([] { config_mark("aa_kbc_params = offline\n"); }) == Status::argument);
  CHECK(test::status_of([] { config_mark("aa_kbc_params = 1\n"); }) == Status::argument);
}

TEST_CASE("the command line says where the configuration is, or replaces it") {
  const std::string right = "aa_kbc_params = \"offline_sev_kbc::null\"\n";
  const Initrd other = initrd_with("run/a.toml", right);
  CHECK(host::check_agent_config(other, "agent.config_file=/run/a.toml").mark == Mark::ok);
  CHECK(host::check_agent_config(other, "agent.config_file=/run/b.toml").mark == Mark::fail);
  CHECK(host::check_agent_config(other, "").mark == Mark::fail);
  CHECK(host::check_agent_config(other, "agent.aa_kbc_params=offline_sev_kbc::null").mark ==
        Mark::ok);
  CHECK(host::check_agent_config(other, "a agent.aa_kbc_params=\"offline_sev_kbc::null\" b").mark ==
        Mark::ok);
  CHECK(host::check_agent_config(other, "agent.aa_kbc_params=cc_kbc::null").mark == Mark::fail);
}

TEST_CASE("the line of --append is the guest's; Kata's parameters are a part of it") {
  host::KataConfig config;
  config.kernel_params = "a";
  host::Setup setup;
  CHECK(host::command_line(nullptr, setup).empty());
  CHECK(host::command_line(&config, setup) == "a");
  setup.append = "a b";
  CHECK(host::command_line(&config, setup) == "a b");
}

}  // namespace oskbc::initrd_checks_test
