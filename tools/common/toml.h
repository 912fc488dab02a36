// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oskbc::tools {

// A TOML document: the agent's configuration, or Kata's. Paths have dots between their keys:
// "hypervisor.qemu.firmware".
class TomlText {
 public:
  // `name` is for messages. Throws Status::argument with line and column for what is not TOML.
  TomlText(std::string_view text, std::string name);
  TomlText(TomlText&& other) noexcept;
  TomlText& operator=(TomlText&&) = delete;
  ~TomlText();

  // Nothing where there is no such key. Throw Status::argument where it has another type.
  [[nodiscard]] std::optional<std::string> string(std::string_view path) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view path) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view path) const;

  // Each of an array of tables ([[name]]), its members texts; none where there is no such array.
  // Throws where a member is no text.
  using Record = std::map<std::string, std::string, std::less<>>;
  [[nodiscard]] std::vector<Record> records(std::string_view name) const;

  [[nodiscard]] bool has_table(std::string_view path) const;

 private:
  struct Document;

  [[noreturn]] void wrong_type(std::string_view path, const std::string& wanted) const;

  std::string name_;
  std::unique_ptr<Document> document_;
};

}  // namespace oskbc::tools
