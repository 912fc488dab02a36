// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "ttrpc/services.h"

namespace oskbc::ttrpc {

// A connection to a running agent: one call after the other, each answered before the next.
class AgentConnection {
 public:
  // By unix:///PATH, or a path. Throws Status::io with the reason, argument for what is no path.
  explicit AgentConnection(const std::string& address);

  struct Answer {
    int code = 0;
    std::string message;
    core::SecretBytes bytes;  // field 1 of the method's answer
  };
  // Throws Status::io where there is no answer within a minute, which is longer than a module that
  // hangs takes.
  [[nodiscard]] Answer ask(std::string_view service, std::string_view method,
                           core::ByteView payload);

  // The bytes of the answer. Throws the status that the agent gives.
  [[nodiscard]] core::SecretBytes call(std::string_view service, std::string_view method,
                                       core::ByteView field);

  [[nodiscard]] core::SecretBytes unwrap_key(std::string_view request);
  [[nodiscard]] core::SecretBytes resource(std::string_view id_or_uri);
  [[nodiscard]] std::vector<Entry> entries();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  void send(core::ByteView bytes);
  void receive(core::ByteSpan bytes);

  std::string path_;
  core::UniqueFd fd_;
  std::uint32_t stream_ = 1;
};

// The agent of ours that serves the usual sockets below a root, if one runs there.
[[nodiscard]] std::optional<AgentConnection> find_agent(const std::string& root);

}  // namespace oskbc::ttrpc
