// SPDX-License-Identifier: Apache-2.0
#include "broker/serve.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/status.h"
#include "broker/control.h"
#include "broker/messages.h"
#include "broker/metrics.h"
#include "broker/owner_files.h"
#include "broker/service_status.h"
#include "broker/state_watch.h"
#include "common/io.h"
#include "common/text.h"
#include "services/server.h"
#include "services/service_manager.h"

namespace oskbc::broker {
namespace {

using core::fail;
using core::Status;

constexpr const char* kCredential = "oskbc-state-key";
constexpr std::chrono::seconds kGrace{10};
// Between two looks whether the state's database answers.
constexpr std::chrono::seconds kWatch{10};
// A launch needs twenty; half a MiB is locked for them.
constexpr std::size_t kKeptPages = 128;

// Both requests have less than 20 KiB, with base64 and the chain up to the root. A thread waits for
// the disk more than it works.
services::Limits server_limits(const ServeOptions& options) {
  services::Limits limits;
  limits.message_bytes = std::size_t{64} << 10;
  limits.threads = 256;
  limits.handshake = options.gate.handshake;
  return limits;
}

StateKey state_key(const ServeOptions& options) {
  if (!options.state_key.empty()) return StateKey::read(options.state_key);
  const std::string credential = tools::credential_file(kCredential);
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

services::Extras extras_of(const ServeOptions& options) {
  if (options.reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  return {{kSetupName, kKeyBrokerName}, options.reflection};
}

// What the broker works with, in the order in which each needs the one before.
class Broker {
 public:
  explicit Broker(const ServeOptions& options)
      : options_(options),
        metrics_(options.version),
        audit_(options.audit),
        files_(read_keysets(options, Unusable::thrown)),
        key_(state_key(options)),
        ids_(key_),
        store_(open_database(options.state), std::move(key_), options.limits),
        launches_(remember_released(store_, options), read_trust(options), audit_, files_.keysets,
                  {options.skip_measurement, options.trust.skip, options.audit_key_ids, &metrics_}),
        setup_(make_setup_service(launches_, options.format)),
        key_broker_(make_key_broker_service(launches_, ids_)),
        server_({setup_.get(), key_broker_.get()}, server_limits(options), extras_of(options)),
        gate_(
            options.address, options.gate,
            [this](core::UniqueFd connection) { server_.take(std::move(connection)); }, say) {
    for (const std::string& warning : gate_.warnings()) warn(warning);
    record("start", {});
    gate_.start();
  }

  [[nodiscard]] std::size_t waiting() { return store_.count(); }
  [[nodiscard]] std::string address() const { return gate_.address().target(); }

  // Whatever can be read anew is: what is wrong with one file keeps no other from its effect.
  Outcome reload() noexcept;
  Outcome reopen_audit();
  void saw_state(const StateWatch::Seen& seen) noexcept;
  // Gives where.
  [[nodiscard]] std::string serve_metrics(services::ListenAddress address) {
    address.port = static_cast<unsigned>(metrics_.serve(address.target()));
    return address.target();
  }
  // Connections are closed once what runs is answered: their clients take that for UNAVAILABLE.
  void stop() {
    gate_.stop_listening();
    server_.set_serving(false);
    launches_.drain(kGrace);
    gate_.stop();
    server_.stop({});
  }

 private:
  void record(const char* event, const std::vector<std::string>& problems);
  void replace_keysets(Outcome& outcome);
  void reload_tls(Outcome& outcome);
  void tell_reload(Outcome& outcome);
  void count_connections() noexcept;

  const ServeOptions& options_;
  Metrics metrics_;
  Audit audit_;
  std::mutex reloading_;
  OwnerKeysets files_;  // that are in force
  StateKey key_;        // until the store has it
  LaunchIds ids_;
  LaunchStore store_;
  LaunchService launches_;
  std::unique_ptr<grpc::Service> setup_;
  std::unique_ptr<grpc::Service> key_broker_;
  services::Server server_;
  Gate gate_;
  ServiceStatus status_;
};

// Runs a part of a reload. The others are none the worse for what it throws.
template <typename Part>
void attempt(Outcome& outcome, const char* otherwise, Part part) {
  try {
    part();
  } catch (const core::Error& error) {
    outcome.add(error.status(), std::string(otherwise) + ": " + error.what());
  } catch (const std::exception& error) {
    outcome.add(Status::internal, std::string(otherwise) + ": " + error.what());
  }
}

void Broker::record(const char* event, const std::vector<std::string>& problems) {
  const Keysets& keysets = *files_.keysets;
  FilesRecord files;
  files.event = event;
  files.decision = problems.empty() ? "done" : "failed";
  files.version = options_.version;
  if (options_.audit_key_ids) files.keys_sha256 = files_.keys_sha256;
  files.keysets_sha256 = files_.keysets_sha256;
  files.keysets = keysets.size();
  std::vector<std::string> refused;
  for (const auto& [id, reason] : keysets.refused()) refused.push_back(id);
  files.refused_keysets = first_of(refused);
  files.problems = first_of(problems);
  metrics_.read_files(problems.empty(), keysets.size(), refused.size());
  audit_.write(files);
}

void Broker::replace_keysets(Outcome& outcome) {
  OwnerKeysets read = read_keysets(options_, Unusable::refused);
  launches_.replace(read.keysets);
  files_ = std::move(read);
  for (const auto& [id, reason] : files_.keysets->refused()) {
    outcome.add(Status::keyset,
                "keyset " + tools::printable(id) + " is refused from now on: " + reason);
  }
}

void Broker::reload_tls(Outcome& outcome) {
  const std::string wrong = gate_.reload();
  if (!wrong.empty()) outcome.add(Status::argument, "the files of TLS are the old ones: " + wrong);
  for (const std::string& warning : gate_.warnings()) warn(warning);
}

void Broker::tell_reload(Outcome& outcome) {
  attempt(outcome, "the reload is not in the audit", [&] { record("reload", outcome.problems); });
  for (const std::string& problem : first_of(outcome.problems)) say(problem);
  const bool well = outcome.problems.empty();
  say(well ? "read everything anew" : "read anew what could be read");
  status_.set_files(well ? "" : "reload failed: " + outcome.problems.front());
}

Outcome Broker::reload() noexcept {
  const std::lock_guard lock(reloading_);
  Outcome outcome;
  attempt(outcome, "the audit goes on in its old file", [&] { audit_.reopen(); });
  attempt(outcome, "the files of TLS are the old ones", [&] { reload_tls(outcome); });
  attempt(outcome, "roots and CEKs are the old ones",
          [&] { launches_.replace(read_trust(options_)); });
  attempt(outcome, "keys and keysets are the old ones", [&] { replace_keysets(outcome); });
  tell_reload(outcome);
  return outcome;
}

Outcome Broker::reopen_audit() {
  Outcome outcome;
  attempt(outcome, "the audit goes on in its old file", [&] { audit_.reopen(); });
  for (const std::string& problem : outcome.problems) say(problem);
  return outcome;
}

// The watchdog's keepalive means that launches can be served.
void Broker::saw_state(const StateWatch::Seen& seen) noexcept {
  server_.set_serving(seen.answers);
  if (seen.answers) {
    metrics_.state_answered(seen.open, seen.took);
    ServiceStatus::keep_alive();
  } else {
    metrics_.state_failed(seen.took);
  }
  count_connections();
  status_.set_state(seen.problem, seen.open);
}

void Broker::count_connections() noexcept try {
  const Gate::Counts counts = gate_.counts();
  metrics_.saw_connections(counts.open, counts.accepted, counts.closed);
} catch (const std::bad_alloc&) {
  // The next look tells as much.
}

std::chrono::microseconds watch_interval() {
  const std::optional<std::chrono::microseconds> limit = services::watchdog_time();
  // Twice within the time, should one look take long.
  return limit ? std::min<std::chrono::microseconds>(*limit / 3, kWatch) : kWatch;
}

Outcome act_on(Broker& broker, std::string_view command) {
  if (command == kReload) return broker.reload();
  if (command == kReopenAudit) return broker.reopen_audit();
  core::fail(Status::argument, "the broker knows no such command");
}

void serve_metrics(Broker& broker, const ServeOptions& options) {
  if (!options.metrics) return;
  if (options.metrics->reachable) warn("other machines can read the metrics");
  say("metrics on " + broker.serve_metrics(*options.metrics));
}

}  // namespace

void serve(const ServeOptions& options) {
  check_plaintext(options);
  core::SecretBytes::keep_pages(kKeptPages);
  const services::StopSignals signals{SIGHUP};
  Broker broker(options);
  warn_of_missing_ceks(options);
  warn_of_strangers(options);
  warn_of_unsafe(options);
  serve_metrics(broker, options);
  say(std::to_string(broker.waiting()) + " launches wait for their secret");
  std::optional<Control> control;
  if (!options.control.empty()) {
    control.emplace(options.control, [&](std::string_view word) { return act_on(broker, word); });
  }
  say("listening on " + broker.address());
  services::notify_service_manager("READY=1");
  {
    const StateWatch watch([&] { return broker.waiting(); },
                           [&](const StateWatch::Seen& seen) { broker.saw_state(seen); },
                           watch_interval());
    while (signals.wait() == SIGHUP) broker.reload();
  }
  services::notify_service_manager("STOPPING=1");
  broker.stop();
}

}  // namespace oskbc::broker
