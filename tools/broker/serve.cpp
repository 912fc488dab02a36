// SPDX-License-Identifier: Apache-2.0
#include "broker/serve.h"

#include <grpcpp/impl/codegen/service_type.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "common/file_trust.h"
#include "services/server.h"
#include "services/service_manager.h"

namespace oskbc::broker {
namespace {

using core::fail;
using core::Status;

constexpr const char* kCredential = "oskbc-state-key";
constexpr std::chrono::seconds kGrace{10};
// Nobody reads thousands, and the journal drops what comes too quickly.
constexpr std::size_t kMostWarnings = 20;

// Both requests have less than 20 KiB, with base64 and the chain up to the root. A thread waits for
// the disk more than it works.
services::Limits server_limits(const ServeOptions& options) {
  services::Limits limits;
  limits.message_bytes = std::size_t{64} << 10;
  limits.threads = 256;
  limits.handshake = options.gate.handshake;
  return limits;
}

void say(const std::string& text) { std::fprintf(stderr, "sev-guest-owner: %s\n", text.c_str()); }

// A credential of the service manager's, if the unit has one (LoadCredential=, systemd.exec(5)).
std::string credential_file() {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) return {};
  std::string file = std::string(folder) + "/" + kCredential;
  return ::access(file.c_str(), F_OK) == 0 ? file : std::string();
}

StateKey state_key(const ServeOptions& options) {
  if (!options.state_key.empty()) return StateKey::read(options.state_key);
  const std::string credential = credential_file();
  if (!credential.empty()) return StateKey::read_credential(credential);
  if (is_postgres_uri(options.state)) {
    fail(Status::argument,
         "--state-key is needed: brokers that share a database encrypt what is in it with one key");
  }
  bool made = false;
  const std::string file = options.state + ".key";
  StateKey key = StateKey::read_or_make(file, made);
  if (made) say("made " + file + ", which encrypts the state; --state-key keeps it elsewhere");
  return key;
}

std::unique_ptr<SqlDatabase> open_database(const std::string& state) {
  return is_postgres_uri(state) ? open_postgres(state) : open_sqlite(state);
}

void check_plaintext(const ServeOptions& options) {
  if (!options.address.reachable || options.plaintext_remote ||
      !options.gate.tls.certificate.empty()) {
    return;
  }
  fail(
      Status::argument,
      "%s can be reached from other machines, without TLS: give --tls-cert and --tls-key, or --plaintext-remote",
      options.address.target().c_str());
}

void warn(const std::string& text) { say("warning: " + text); }

void check_mode(const std::string& file, tools::Holds holds, const ServeOptions& options) {
  const std::string warning = tools::check_mode(file, holds, options.allow_loose_modes);
  if (!warning.empty()) warn(warning);
}

const PlatformTrust::Options& checked_trust(const ServeOptions& options) {
  for (const std::string& root : options.trust.amd_roots) {
    check_mode(root, tools::Holds::decisions, options);
  }
  return options.trust;
}

std::shared_ptr<const Keysets> read_keysets(const ServeOptions& options) {
  check_mode(options.keys, tools::Holds::keys, options);
  check_mode(options.keysets, tools::Holds::decisions, options);
  for (const std::string& file : owner::keysets_files(options.keysets)) {
    if (file != options.keysets) check_mode(file, tools::Holds::decisions, options);
  }
  auto keysets = std::make_shared<const Keysets>(
      owner::KeysLocation(options.keys, options.keys_key), options.keysets, options.area);
  const std::vector<std::string> warnings = keysets->warnings();
  for (std::size_t i = 0; i < std::min(kMostWarnings, warnings.size()); ++i) warn(warnings[i]);
  if (warnings.size() > kMostWarnings) {
    warn(std::to_string(warnings.size() - kMostWarnings) +
         " more of that kind; sev-guest-owner check has them all");
  }
  return keysets;
}

// Otherwise each of them is refused, one launch after the other.
void warn_of_missing_ceks(const ServeOptions& options) {
  if (!options.trust.ceks.empty() || options.trust.skip) return;
  warn(
      "there is no --cek: hosts export their CEK without AMD's signature, and those are refused; give the CEKs that AMD signed");
}

// Whoever gets that far may open launches until the bound is full.
void warn_of_strangers(const ServeOptions& options) {
  if (!options.address.reachable || !options.gate.tls.client_ca.empty()) return;
  warn(options.address.target() +
       " can be reached from other machines, and there is no --tls-client-ca: anybody may ask");
}

void warn_of_unsafe(const ServeOptions& options) {
  if (options.trust.skip) say("UNSAFE: platforms are not verified; any machine is trusted");
  if (options.skip_measurement) say("UNSAFE: launches are not verified; any guest gets the keys");
  if (options.plaintext_remote) say("UNSAFE: requests and answers cross the network in the clear");
}

// Clocks may have been set meanwhile.
constexpr std::chrono::hours kOldestRelease{1};

// Before the first request: an older copy of the state may have open what was released.
LaunchStore& remember_released(LaunchStore& store, const ServeOptions& options) {
  if (options.audit.empty()) {
    warn(
        "without --audit FILE, an older copy of the state that is brought back while the broker does not run releases its launches again");
    return store;
  }
  const ReleasedLaunches released =
      released_launches(options.audit, options.limits.lifetime + kOldestRelease);
  for (const std::string& file : released.unreadable) warn("releases are unknown: " + file);
  store.remember_used(released.ids);
  return store;
}

// What the broker works with, in the order in which each needs the one before.
class Broker {
 public:
  explicit Broker(const ServeOptions& options)
      : options_(options),
        audit_(options.audit),
        trust_(checked_trust(options)),
        key_(state_key(options)),
        ids_(key_),
        store_(open_database(options.state), std::move(key_), options.limits),
        launches_(remember_released(store_, options), trust_, audit_, read_keysets(options),
                  {options.skip_measurement, options.trust.skip}),
        setup_(make_setup_service(launches_, options.format)),
        key_broker_(make_key_broker_service(launches_, ids_)),
        server_({setup_.get(), key_broker_.get()}, server_limits(options)),
        gate_(
            options.address, options.gate,
            [this](core::UniqueFd connection) { server_.take(std::move(connection)); }, say) {
    for (const std::string& warning : gate_.warnings()) warn(warning);
    gate_.start();
  }

  [[nodiscard]] std::size_t waiting() { return store_.count(); }
  [[nodiscard]] const PlatformTrust& trust() const noexcept { return trust_; }
  [[nodiscard]] std::string address() const { return gate_.address().target(); }

  // What is wrong with new files is said, and the old ones go on.
  void reload() noexcept {
    try {
      audit_.reopen();
      launches_.replace(read_keysets(options_));
      say("read keys and keysets anew");
    } catch (const std::exception& error) {
      say(std::string("nothing was read anew: ") + error.what());
    }
    const std::string wrong = gate_.reload();
    if (!wrong.empty()) say("the files of TLS are not read anew: " + wrong);
    for (const std::string& warning : gate_.warnings()) warn(warning);
  }

  void stop() noexcept {
    gate_.stop_listening();
    server_.stop(kGrace);
    gate_.stop();
  }

 private:
  const ServeOptions& options_;
  Audit audit_;
  PlatformTrust trust_;
  StateKey key_;  // until the store has it
  LaunchIds ids_;
  LaunchStore store_;
  LaunchService launches_;
  std::unique_ptr<grpc::Service> setup_;
  std::unique_ptr<grpc::Service> key_broker_;
  services::Server server_;
  Gate gate_;
};

}  // namespace

void serve(const ServeOptions& options) {
  check_plaintext(options);
  const services::StopSignals signals{SIGHUP};
  Broker broker(options);
  warn_of_missing_ceks(options);
  for (const std::string& file : broker.trust().passed_over()) warn("passed over: " + file);
  warn_of_strangers(options);
  warn_of_unsafe(options);
  say(std::to_string(broker.waiting()) + " launches wait for their secret");
  say("listening on " + broker.address());
  services::notify_service_manager("READY=1");
  while (signals.wait() == SIGHUP) broker.reload();
  services::notify_service_manager("STOPPING=1");
  broker.stop();
}

}  // namespace oskbc::broker
