// SPDX-License-Identifier: Apache-2.0
#include "common/agent_config.h"

#include <optional>
#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::agent_config_test {

using core::Status;
using tools::AgentConfig;
using tools::kernel_parameter;

TEST_CASE("a kernel's parameter is a word of its own, and its last one counts") {
  CHECK(kernel_parameter("a b.c=1 d", "b.c=") == "1");
  CHECK(kernel_parameter("b.c=1 b.c=2", "b.c=") == "2");
  CHECK(kernel_parameter("b.c=", "b.c=") == "");
  CHECK(kernel_parameter("\tb.c=x=y\n", "b.c=") == "x=y");
  CHECK_FALSE(kernel_parameter("xb.c=1 b.c", "b.c="));
  CHECK_FALSE(kernel_parameter("", "b.c="));
}

TEST_CASE("quotes are the kernel's: around the value or all of it, and they keep spaces") {
  for (const char* line : {"x a.b=\"1 2\" y", "x \"a.b=1 2\" y", "a.b=\"1 2", "\"a.b=1 2"}) {
    INFO(line);
    CHECK(kernel_parameter(line, "a.b=") == "1 2");
  }
  CHECK(kernel_parameter("a.b=\"offline_sev_kbc::null\"\n", "a.b=") == "offline_sev_kbc::null");
  CHECK(kernel_parameter("a.b=\"\"", "a.b=") == "");
  CHECK(kernel_parameter("a.b=1\"2 3\"4", "a.b=") == "1\"2 3\"4");
  // What stands in another's quotes is that one's.
  CHECK_FALSE(kernel_parameter("x=\"1 a.b=2\"", "a.b="));
}

namespace {

constexpr const char* kVectors = OSKBC_VECTORS "/agent-config/";

std::optional<AgentConfig::Params> params_below(const test::TempFolder& root) {
  return AgentConfig(root.path(), "").find_params();
}

}  // namespace

TEST_CASE("what a line alone would misread is read as TOML") {
  for (const char* name : {"escape", "line-in-string", "multi-line-string", "quoted-key"}) {
    INFO(name);
    const AgentConfig config("", std::string(kVectors) + name + ".toml");
    CHECK(config.aa_kbc_params() == "offline_sev_kbc::null");
  }
}

TEST_CASE("of file and command line, the file counts") {
  const test::TempFolder root;
  CHECK_FALSE(params_below(root));
  CHECK(test::status_of([&] { static_cast<void>(AgentConfig(root.path(), "").aa_kbc_params()); }) ==
        Status::params);
  root.write("proc/cmdline", std::string_view("quiet agent.aa_kbc_params=\"a::b c\"\n"));
  CHECK(params_below(root)->value == "a::b c");
  CHECK(params_below(root)->where == "the kernel's command line");
  root.write("etc/agent-config.toml", std::string_view("aa_kbc_params = 'c::d'\n"));
  CHECK(params_below(root)->value == "c::d");
  CHECK(params_below(root)->where == root.path("etc/agent-config.toml"));
}

TEST_CASE("a member of a table is another's") {
  const test::TempFolder root;
  root.write("etc/agent-config.toml", std::string_view("a = '1'\n[t]\nb = '2'\n"));
  const AgentConfig config(root.path(), "");
  CHECK(config.value("a") == "1");
  CHECK_FALSE(config.value("b"));
}

TEST_CASE("a file that was named has to be there, and each has to be TOML") {
  const test::TempFolder root;
  CHECK(test::status_of([&] { AgentConfig(root.path(), root.path("none")); }) == Status::io);
  root.write("etc/agent-config.toml", std::string_view("a = 1\naa_kbc_params = offline\n"));
  const auto failure = test::failure_of([&] { AgentConfig(root.path(), ""); });
  CHECK(failure.status == Status::argument);
  CHECK_THAT(failure.text, Catch::ContainsSubstring("is not TOML: look at line 2"));
  root.write("etc/agent-config.toml", std::string_view(std::string(std::size_t{1} << 21, '#')));
  CHECK(test::status_of([&] { AgentConfig(root.path(), ""); }) == Status::argument);
}

}  // namespace oskbc::agent_config_test
