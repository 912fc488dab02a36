// SPDX-License-Identifier: Apache-2.0
#include "oskbc/key_source.h"

#include <algorithm>

#include "base/error.h"
#include "base/status.h"
#include "format/base64.h"
#include "format/json_reader.h"
#include "format/recipients.h"
#include "ttrpc/client.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::tools {
namespace {

using core::as_text;
using core::Bytes;
using core::SecretBytes;
using core::Status;

SecretBytes copy_of(const Buffer& buffer) {
  SecretBytes copy(buffer.size());
  std::copy(buffer.begin(), buffer.end(), copy.expose_writable().begin());
  return copy;
}

class Keyset final : public KeySource {
 public:
  explicit Keyset(const Settings& settings)
      : client_(settings.params.value_or(kUsualParams), settings.options()) {}

  SecretBytes unwrap(const std::vector<Bytes>& packets) override {
    return core::open_first(packets, [this](const Bytes& packet) {
      try {
        return copy_of(client_.unwrap(as_text(packet)));
      } catch (const Exception& error) {
        core::fail(static_cast<Status>(error.status()), "%s", error.what());
      }
    });
  }
  SecretBytes keyprovider(std::string_view request) override {
    return copy_of(client_.keyprovider(request));
  }
  SecretBytes resource(const std::string& id_or_uri) override {
    return copy_of(client_.resource(id_or_uri));
  }
  std::vector<ttrpc::Entry> entries() override { return ttrpc::entries_of(client_); }

 private:
  Client client_;
};

// The plain options in {"keyunwrapresults":{"optsdata":[...]}}.
SecretBytes options_in(std::string_view answer) {
  core::JsonReader reader(answer, Status::io, "agent's answer");
  SecretBytes options;
  const auto allocate = [&options](std::size_t size) {
    options = SecretBytes(size);
    return options.expose_writable();
  };
  for (bool more = reader.enter_object(); more; more = reader.next_member()) {
    if (!core::equals(reader.name(), "keyunwrapresults")) {
      reader.skip_value();
      continue;
    }
    for (bool inside = reader.enter_object(); inside; inside = reader.next_member()) {
      core::equals(reader.name(), "optsdata") ? core::read_numbers(reader, allocate)
                                              : reader.skip_value();
    }
  }
  reader.finish();
  return options;
}

class Agent final : public KeySource {
 public:
  explicit Agent(const std::string& address) : agent_(address) {}

  SecretBytes unwrap(const std::vector<Bytes>& packets) override {
    std::string annotation;
    for (const Bytes& packet : packets) {
      annotation += (annotation.empty() ? "" : ",") + core::base64::encode(packet);
    }
    const SecretBytes answer = agent_.unwrap_key(
        R"({"op":"keyunwrap","keyunwrapparams":{"dc":null,"annotation":")" + annotation + "\"}}");
    return options_in(answer.expose_text());
  }
  SecretBytes keyprovider(std::string_view request) override { return agent_.unwrap_key(request); }
  SecretBytes resource(const std::string& id_or_uri) override { return agent_.resource(id_or_uri); }
  std::vector<ttrpc::Entry> entries() override { return agent_.entries(); }

 private:
  ttrpc::AgentConnection agent_;
};

}  // namespace

std::unique_ptr<KeySource> KeySource::open(const Settings& settings) {
  if (!settings.agent.empty()) return std::make_unique<Agent>(settings.agent);
  return std::make_unique<Keyset>(settings);
}

}  // namespace oskbc::tools
