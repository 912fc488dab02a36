// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/failure_log.h"
#include "agent/requests.h"
#include "base/secret_bytes.h"
#include "common/agent_config.h"
#include "luks/volumes.h"
#include <oskbc/oskbc.hpp>

// Secrets for systemd: LoadCredential= of a service, and a key file of crypttab(5), may be a Unix
// socket, which is read to its end. Who asks for what is in the name that systemd binds its own end
// to; and only what the configuration has a rule for is given.
namespace oskbc::agent {

// What the name of a connection's other end asks for.
struct Asked {
  enum class Kind { credential, passphrase };
  Kind kind;
  std::string unit;  // of a credential
  std::string name;  // the credential's or the volume's
};

// Reads NUL, 1 to 16 hexadecimal digits, and /unit/UNIT/CREDENTIAL or /cryptsetup/VOLUME. Nothing
// for all else.
[[nodiscard]] std::optional<Asked> parse_peer_name(std::string_view name);

// The rules, and what they give.
class Credentials {
 public:
  // Throws Status::argument for rules that are none.
  Credentials(const tools::AgentConfig& config, const Requests& requests, std::string root);

  [[nodiscard]] bool has_rules() const noexcept { return !rules_.empty() || !volumes_.empty(); }

  // Takes the secret area's entry luks-key from the kernel, if a volume wants it. A failure is told
  // on standard error: the disk stays closed.
  void take_disk_secret();

  // What to write to a connection whose other end has this name. Empty where nothing is given; why,
  // and that something was given, is told on standard error.
  [[nodiscard]] Buffer answer(std::string_view peer_name);

 private:
  // A [[credential]] of the configuration.
  struct Rule {
    std::string unit;
    std::string credential;
    std::string entry;
  };

  [[nodiscard]] static std::vector<Rule> rules_in(const tools::AgentConfig& config);
  [[nodiscard]] Buffer credential(const Asked& asked) const;
  [[nodiscard]] Buffer passphrase(const Asked& asked);

  const Requests& requests_;
  std::string root_;
  std::vector<Rule> rules_;
  std::vector<luks::Volume> volumes_;
  core::SecretBytes disk_secret_;
  FailureLog log_;
};

}  // namespace oskbc::agent
