// SPDX-License-Identifier: Apache-2.0
#include "host/agent_checks.h"

#include <string>

#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using core::Status;
using host::Initrd;
using tools::Mark;

namespace {

Initrd initrd(const std::string& path, const std::string& content, const std::string& link = "") {
  const core::ByteView bytes = core::as_bytes(content);
  Initrd result;
  result.files[path] = {link, link.empty(), {bytes.begin(), bytes.end()}};
  return result;
}

Mark config_mark(const std::string& text, const std::string& command_line = "") {
  return host::check_agent_config(initrd("etc/agent-config.toml", text), command_line).mark;
}

}  // namespace

TEST_CASE("the library is known by its soname, and has to be there behind its link") {
  CHECK(host::check_agent(initrd("usr/lib/liboskbc.so.0", "")).mark == Mark::ok);
  CHECK(host::check_agent(initrd("usr/lib/liboskbc.so.0.1.0", "")).mark == Mark::ok);
  CHECK(host::check_agent(initrd("usr/lib/liboskbc.so.0", "", "gone")).mark == Mark::fail);
  CHECK(host::check_agent(initrd("usr/lib/liboskbc.so.1", "")).mark == Mark::fail);
}

TEST_CASE("an agent without the library has to know the broker's name") {
  const std::string knows =
      "\x7f"
      "ELF offline_sev_kbc";
  CHECK(host::check_agent(initrd("usr/bin/attestation-agent", knows)).mark == Mark::ok);
  CHECK(host::check_agent(initrd("usr/bin/kata-agent",
                                 "\x7f"
                                 "ELF"))
            .mark == Mark::fail);
  CHECK(host::check_agent(initrd("usr/share/doc", knows)).mark == Mark::fail);
  CHECK(host::check_agent(initrd("etc/agent-config.toml", knows)).mark == Mark::fail);
}

TEST_CASE("the agent's configuration has to select this broker") {
  CHECK(config_mark("aa_kbc_params = \"offline_sev_kbc::null\"\n") == Mark::ok);
  CHECK(config_mark("aa_kbc_params = 'offline_sev_kbc::x::y'\n[endpoints]\n") == Mark::ok);
  for (const char* text :
       {"", "aa_kbc_params = \"cc_kbc::null\"\n", "aa_kbc_params = \"offline_sev_kbc\"\n",
        "aa_kbc_params = \"\"\n", "[agent]\naa_kbc_params = \"offline_sev_kbc::null\"\n"}) {
    INFO(text);
    const auto verdict = host::check_agent_config(initrd("etc/agent-config.toml", text), "");
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
  const Initrd other = initrd("run/a.toml", right);
  CHECK(host::check_agent_config(other, "agent.config_file=/run/a.toml").mark == Mark::ok);
  CHECK(host::check_agent_config(other, "agent.config_file=/run/b.toml").mark == Mark::fail);
  CHECK(host::check_agent_config(other, "").mark == Mark::fail);
  CHECK(host::check_agent_config(other, "agent.aa_kbc_params=offline_sev_kbc::null").mark ==
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
