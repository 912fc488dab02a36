// SPDX-License-Identifier: Apache-2.0
#include "host/agent_checks.h"

#include "format/params.h"
#include "host/toml_text.h"
#include "owner/printable.h"

namespace oskbc::host {
namespace {

using core::Status;
using owner::printable;

constexpr const char* kDefaultConfig = "/etc/agent-config.toml";
constexpr const char* kRight = "aa_kbc_params = \"offline_sev_kbc::null\"";

std::string_view file_name(std::string_view path) {
  // npos + 1 is 0.
  return path.substr(path.rfind('/') + 1);
}

Verdict judge_params(const std::string& params, const std::string& where) {
  try {
    core::check_params(params);
  } catch (const core::Error& error) {
    return bad(error.status(), where + " has \"" + printable(params) +
                                   "\", which does not select " + "offline_sev_kbc; set " + kRight);
  }
  return good(where + " has \"" + printable(params) + "\"");
}

Verdict judge_config(const InitrdFile& file, const std::string& path) {
  const TomlText text(core::as_text(file.content), path);
  const auto params = text.string("aa_kbc_params");
  if (params) return judge_params(*params, path);
  return bad(Status::params, path + " has no aa_kbc_params before its first table; add " + kRight);
}

}  // namespace

bool is_agent_path(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.find("agent") != std::string_view::npos && !is_agent_config_path(path);
}

bool is_agent_config_path(std::string_view path) { return path.ends_with(".toml"); }

Verdict check_agent(const Initrd& initrd) {
  for (const auto& [path, file] : initrd.files) {
    if (file_name(path).starts_with("liboskbc.so.0") && initrd.find(path) != nullptr) {
      return good(printable(path));
    }
  }
  for (const auto& [path, file] : initrd.files) {
    if (core::as_text(file.content).find(core::kKbcName) != std::string_view::npos &&
        is_agent_path(path)) {
      return good(printable(path) + " knows offline_sev_kbc");
    }
  }
  return bad(
      Status::argument,
      "neither liboskbc.so.0 nor an agent that knows offline_sev_kbc is in the initrd; put your agent and its libraries there");
}

std::string command_line(const KataConfig* config, const Setup& setup) {
  if (setup.append) return *setup.append;
  return config != nullptr ? config->kernel_params : std::string();
}

Verdict check_agent_config(const Initrd& initrd, const std::string& command_line) {
  const std::string path =
      printable(kernel_parameter(command_line, kConfigFileParameter).value_or(kDefaultConfig));
  if (const InitrdFile* file = initrd.find(path)) return judge_config(*file, path);
  if (const auto params = kernel_parameter(command_line, kParamsParameter)) {
    return judge_params(*params, "the kernel's command line");
  }
  return bad(Status::params, path + " is not in the initrd; put it there, with " + kRight);
}

}  // namespace oskbc::host
