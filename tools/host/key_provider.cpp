// SPDX-License-Identifier: Apache-2.0
#include "host/key_provider.h"

#include "base/status.h"
#include "format/json_reader.h"

namespace oskbc::host {
namespace {

using core::JsonReader;

constexpr std::string_view kProvider = "attestation-agent";

class ConfigReader {
 public:
  explicit ConfigReader(std::string_view text)
      : reader_(text, core::Status::argument, "ocicrypt configuration") {}

  std::optional<KeyProvider> read() {
    std::optional<KeyProvider> found;
    for_members([&](const core::JsonString& name) {
      if (!equals(name, "key-providers")) return reader_.skip_value();
      for_members([&](const core::JsonString& provider) {
        if (!equals(provider, kProvider)) return reader_.skip_value();
        found = read_provider();
      });
    });
    reader_.finish();
    return found;
  }

 private:
  template <typename Take>
  void for_members(Take take) {
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) {
      take(reader_.name());
    }
  }

  KeyProvider read_provider() {
    KeyProvider provider;
    for_members([&](const core::JsonString& name) {
      if (equals(name, "cmd")) {
        if (!reader_.null()) read_command(provider);
      } else if (equals(name, "grpc")) {
        provider.grpc = to_string(reader_.string());
      } else {
        reader_.skip_value();
      }
    });
    if (provider.command.empty() && provider.grpc.empty()) {
      reader_.malformed("the provider has neither a cmd with a path nor grpc");
    }
    return provider;
  }

  void read_command(KeyProvider& provider) {
    std::string path;
    std::vector<std::string> arguments;
    for_members([&](const core::JsonString& name) {
      if (equals(name, "path")) {
        path = to_string(reader_.string());
      } else if (equals(name, "args") && !reader_.null()) {
        for (bool more = reader_.enter_array(); more; more = reader_.next_element()) {
          arguments.push_back(to_string(reader_.string()));
        }
      } else if (!equals(name, "args")) {
        reader_.skip_value();
      }
    });
    if (path.empty()) return;
    provider.command = {path};
    provider.command.insert(provider.command.end(), arguments.begin(), arguments.end());
  }

  JsonReader reader_;
};

}  // namespace

std::optional<KeyProvider> parse_ocicrypt_config(std::string_view text) {
  return ConfigReader(text).read();
}

}  // namespace oskbc::host
