// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

// Kata's configuration, and TOML, which the agent's configuration is too.
namespace oskbc::host {

// A TOML document. Paths have dots between their keys: "hypervisor.qemu.firmware".
class TomlText {
 public:
  // `name` is for messages. Throws Status::argument with line and column for what is not TOML.
  TomlText(std::string_view text, std::string name);
  TomlText(const TomlText&) = delete;
  TomlText& operator=(const TomlText&) = delete;
  ~TomlText();

  // Nothing where there is no such key. Throw Status::argument where it has another type.
  [[nodiscard]] std::optional<std::string> string(std::string_view path) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view path) const;

  [[nodiscard]] bool has_table(std::string_view path) const;

 private:
  struct Document;

  [[noreturn]] void wrong_type(std::string_view path, const char* wanted) const;

  std::string name_;
  std::unique_ptr<Document> document_;
};

// What a confidential guest needs of Kata's configuration.toml, out of [hypervisor.qemu]. Texts are
// empty where they are not set.
struct KataConfig {
  std::optional<bool> confidential_guest;
  std::optional<bool> guest_attestation;
  std::string guest_attestation_proxy;
  std::string guest_attestation_keyset;
  std::string shared_fs;
  std::string firmware;
  std::string firmware_volume;
  std::string kernel;
  std::string kernel_params;
  std::string initrd;
  std::string image;
};

// The attestation's members are read by their later names (guest_pre_attestation...) too. `name` is
// for messages. Throws Status::argument for what is no TOML, has a member of a wrong type, or lacks
// [hypervisor.qemu].
[[nodiscard]] KataConfig parse_kata_config(std::string_view text, const std::string& name);

// What leads the guest's agent to its configuration, and what replaces it.
inline constexpr std::string_view kConfigFileParameter = "agent.config_file=";
inline constexpr std::string_view kParamsParameter = "agent.aa_kbc_params=";

// A word's value in a kernel's command line; `name` ends with the "=". The last one counts.
[[nodiscard]] std::optional<std::string> kernel_parameter(std::string_view command_line,
                                                          std::string_view name);

}  // namespace oskbc::host
