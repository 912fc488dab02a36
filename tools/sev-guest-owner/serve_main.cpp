// SPDX-License-Identifier: Apache-2.0
//
// sev-guest-owner-serve: a program of its own, which serve_command.cpp starts.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "broker/control.h"
#include "broker/messages.h"
#include "broker/serve.h"
#include "common/command_line.h"
#include "common/text.h"
#include "owner/keys/secret_table.h"
#include "sev-guest-owner/byte_options.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::tools {
namespace {

using broker::ServeOptions;

constexpr const char* kAbout =
    "Answer hosts that ask for launch bundles and launch secrets, over gRPC";

constexpr const char* kFooter =
    "SIGHUP or --reload has it read its files again. Exit status: 0 after SIGTERM, a status of liboskbc (see sev-guest-owner(1)), or 64 for a wrong command line.";

constexpr std::uint32_t kLargestArea = std::uint32_t{1} << 14;
// A day: whoever asks later has launched anew.
constexpr std::uint32_t kLongestLife = 24 * 60 * 60;
constexpr std::uint32_t kMostLaunches = 1U << 20;
constexpr std::uint32_t kMostConnections = 1U << 16;
constexpr std::uint32_t kLongestRequest = 600;

// The command line's words, before they are interpreted.
struct Words {
  std::uint16_t port = 50051;
  std::string listen;
  std::uint32_t area = owner::kDefaultArea;
  std::uint32_t max_launches = 4096;
  std::uint32_t per_client = 1024;
  std::uint32_t per_platform = 512;
  std::uint32_t expire = 600;
  std::uint32_t max_connections = 1024;
  std::uint32_t max_per_client = 128;
  std::uint32_t client_timeout = 10;
  std::vector<std::string> ark_sha256;
  std::string format = "raw";
  std::string metrics;
  bool reload = false;
  bool reopen_audit = false;
  bool without_key_ids = false;
};

owner::Digest digest_of(const std::string& hex) {
  const auto bytes = from_hex(hex);
  owner::Digest digest{};
  if (!bytes || bytes->size() != digest.size()) {
    throw UsageError("--ark-sha256", "32 bytes in hexadecimal are needed");
  }
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

// Has a running broker do something; what went wrong with it is said here as well.
int tell(const ServeOptions& options, const char* command) {
  if (options.control.empty()) throw MissingOption("--control");
  const broker::Outcome outcome = broker::tell_broker(options.control, command);
  for (const std::string& problem : outcome.problems) broker::say(problem);
  return static_cast<int>(outcome.status);
}

// prometheus-cpp listens on nothing but TCP.
services::ListenAddress metrics_address(const std::string& text) {
  return as_usage("--metrics", [&] {
    if (text.starts_with("unix:"))
      throw UsageError("--metrics", "IP:PORT or [IPv6]:PORT is needed");
    return services::parse_listen_address(text, services::Remote::allowed);
  });
}

int serve(ServeOptions& options, const Words& words) {
  if (words.reload) return tell(options, broker::kReload);
  if (words.reopen_audit) return tell(options, broker::kReopenAudit);
  const std::string address =
      words.listen.empty() ? "127.0.0.1:" + std::to_string(words.port) : words.listen;
  options.address = as_usage("--listen", [&] {
    return services::parse_listen_address(address, services::Remote::allowed);
  });
  options.area = words.area;
  options.limits.launches = words.max_launches;
  options.limits.per_owner = words.per_client;
  options.limits.per_platform = words.per_platform;
  options.limits.lifetime = std::chrono::seconds(words.expire);
  options.gate.connections = {words.max_connections, words.max_per_client};
  options.gate.request = std::chrono::seconds(words.client_timeout);
  for (const std::string& hex : words.ark_sha256) {
    options.trust.ark_sha256.push_back(digest_of(hex));
  }
  if (!words.metrics.empty()) options.metrics = metrics_address(words.metrics);
  options.audit_key_ids = !words.without_key_ids;
  options.version = oskbc_version();
  if (words.format == "base64") options.format = broker::BundleFormat::base64;
  broker::serve(options);
  return 0;
}

void add_files(Command& tool, ServeOptions& options, Words& words) {
  tool.add_file("--keys", options.keys, "The keys").show_default();
  tool.add_file("--keys-key", options.keys_key,
                "The key of a keys file that is encrypted: 32 bytes, raw or base64");
  tool.add_file("--keysets", options.keysets,
                "Which keys are released on which conditions: a file, or a folder of *.json")
      .show_default();
  tool.add_number("--area", words.area, "Bytes of the firmware's secret area", kLargestArea)
      .show_default();
  tool.add_file("--state", options.state,
                "Where open launches are kept: a file, or postgresql://... for several brokers")
      .value_name("F|URI")
      .show_default();
  tool.add_file("--state-key", options.state_key,
                "32 bytes, raw or base64, that encrypt the state");
  tool.add_file("--audit", options.audit,
                "One line of JSON for each decision; default: standard error");
  tool.add_flag("--audit-without-key-ids", words.without_key_ids,
                "Leave out the released keys' ids and the SHA-256 of the keys file");
}

void add_operations(Command& tool, ServeOptions& options, Words& words) {
  tool.add_text("--metrics", words.metrics,
                "Serve figures for Prometheus on IP:PORT or [IPv6]:PORT")
      .value_name("ADDRESS");
  tool.add_flag("--reflection", options.reflection, "Tell clients the services and their messages");
  tool.add_file("--control", options.control,
                "A Unix socket on which root and the broker's user have it do the following");
  const Option& reload = tool.add_flag(
      "--reload", words.reload, "Have the broker at --control read its files again, and exit");
  tool.add_flag("--reopen-audit", words.reopen_audit,
                "Have the broker at --control open the audit's file again, and exit")
      .excludes(reload);
}

void add_trust(Command& tool, ServeOptions& options, Words& words) {
  auto& trust = options.trust;
  tool.add_file("--amd-root", trust.amd_roots,
                "AMD's root for a generation of processors: ARK, best with its ASK");
  tool.add_text("--ark-sha256", words.ark_sha256, "SHA-256 of an ARK that hosts may send")
      .value_name("HEX");
  tool.add_file(
      "--cek", trust.ceks,
      "The hosts' CEKs as AMD signed them, files or folders; hosts export theirs unsigned");
  tool.add_flag("--unsafe-skip-chain", trust.skip, "Trust any platform");
  tool.add_flag("--unsafe-skip-measurement", options.skip_measurement,
                "Release keys whatever was launched");
  tool.add_flag("--allow-loose-modes", options.allow_loose_modes,
                "Read keys, keysets and roots that others may write to");
}

void add_address(Command& tool, Words& words) {
  const Option& port =
      tool.add_number("--port", words.port, "The port on 127.0.0.1").show_default();
  tool.add_text("--listen", words.listen, "IP:PORT, [IPv6]:PORT or unix:/PATH instead")
      .value_name("ADDRESS")
      .excludes(port);
}

void add_wire(Command& tool, ServeOptions& options, Words& words) {
  add_address(tool, words);
  Option& certificate =
      tool.add_file("--tls-cert", options.gate.tls.certificate, "The server's certificates, PEM");
  Option& key = tool.add_file("--tls-key", options.gate.tls.key, "Its private key, PEM");
  certificate.needs(key);
  key.needs(certificate);
  Option& authority = tool.add_file("--tls-client-ca", options.gate.tls.client_ca,
                                    "Answer only clients with a certificate of this authority, PEM")
                          .needs(certificate);
  tool.add_file("--tls-crl", options.gate.tls.revoked,
                "What the clients' authority has revoked, PEM or DER; each authority needs a list")
      .needs(authority);
  tool.add_flag("--plaintext-remote", options.plaintext_remote,
                "Listen without TLS where other machines can reach it");
  tool.add_text("--bundle-format", words.format, "How GODH and launch blob are sent")
      .choices({"raw", "base64"})
      .show_default();
}

void add_limits(Command& tool, Words& words) {
  tool.add_number("--max-launches", words.max_launches,
                  "How many may wait for their secret at once", kMostLaunches)
      .show_default();
  tool.add_number("--max-launches-per-client", words.per_client,
                  "How many of one client, by its certificate's name or its address", kMostLaunches)
      .show_default();
  tool.add_number("--max-launches-per-platform", words.per_platform,
                  "How many of one client's for one platform", kMostLaunches)
      .show_default();
  tool.add_number("--expire", words.expire,
                  "Seconds until a launch without its secret is forgotten", kLongestLife)
      .show_default();
  tool.add_number("--max-connections", words.max_connections,
                  "How many clients may be connected at once", kMostConnections)
      .show_default();
  tool.add_number("--max-connections-per-client", words.max_per_client,
                  "How many of them from one address, and with one certificate's name",
                  kMostConnections)
      .show_default();
  tool.add_number("--client-timeout", words.client_timeout,
                  "Seconds that a request may take to come, or a client to read", kLongestRequest)
      .show_default();
}

int run(int argc, char** argv) {
  ServeOptions options;
  options.state = "launches.db";
  Words words;
  // As whoever calls it knows it.
  Command tool("sev-guest-owner serve", kAbout, [&] { return serve(options, words); });
  tool.version(std::string("sev-guest-owner ") + oskbc_version());
  tool.footer(kFooter);
  add_files(tool, options, words);
  add_trust(tool, options, words);
  add_wire(tool, options, words);
  add_limits(tool, words);
  add_operations(tool, options, words);
  return run_tool(tool, argc, argv);
}

}  // namespace
}  // namespace oskbc::tools

int main(int argc, char** argv) { return oskbc::tools::run(argc, argv); }
