// SPDX-License-Identifier: Apache-2.0
//
// sev-guest-owner-serve: a program of its own, which serve_command.cpp starts.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "broker/serve.h"
#include "common/command_line.h"
#include "owner/hex.h"
#include "owner/secret_table.h"
#include "sev-guest-owner/command.h"

namespace oskbc::tools {
namespace {

using broker::ServeOptions;

constexpr const char* kAbout =
    "Answer hosts that ask for launch bundles and launch secrets, over gRPC";

constexpr const char* kFooter =
    "SIGHUP has keys and keysets read anew. Exit status: 0 after SIGTERM, a status of liboskbc (see sev-guest-owner(1)), or 64 for a wrong command line.";

constexpr std::uint32_t kLargestArea = std::uint32_t{1} << 14;
// A day: whoever asks later has launched anew.
constexpr std::uint32_t kLongestLife = 24 * 60 * 60;
constexpr std::uint32_t kMostLaunches = 1U << 20;

// What the command line has before it is made sense of.
struct Words {
  std::uint16_t port = 50051;
  std::string listen;
  std::uint32_t area = owner::kDefaultArea;
  std::uint32_t max_launches = 4096;
  std::uint32_t expire = 600;
  std::vector<std::string> ark_sha256;
  std::string format = "raw";
};

owner::Digest digest_of(const std::string& hex) {
  const auto bytes = owner::from_hex(hex);
  owner::Digest digest{};
  if (!bytes || bytes->size() != digest.size()) {
    throw CLI::ValidationError("--ark-sha256", "32 bytes in hexadecimal are needed");
  }
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

int serve(ServeOptions& options, const Words& words) {
  const std::string address =
      words.listen.empty() ? "127.0.0.1:" + std::to_string(words.port) : words.listen;
  options.address = services::parse_listen_address(address, services::Remote::allowed);
  options.area = words.area;
  options.limits.launches = words.max_launches;
  options.limits.lifetime = std::chrono::seconds(words.expire);
  for (const std::string& hex : words.ark_sha256) {
    options.trust.ark_sha256.push_back(digest_of(hex));
  }
  if (words.format == "base64") options.format = broker::BundleFormat::base64;
  broker::serve(options);
  return 0;
}

void add_files(CLI::App& app, ServeOptions& options, Words& words) {
  app.add_option("--keys", options.keys, "The keys")->type_name("F")->capture_default_str();
  app.add_option("--keysets", options.keysets, "Which keys are released on which conditions")
      ->type_name("F")
      ->capture_default_str();
  add_number<std::uint32_t>(app, "--area", words.area,
                            "Bytes of the firmware's secret area (default 3072)", kLargestArea);
  app.add_option("--state", options.state,
                 "Where open launches are kept: a file, or postgresql://... for several brokers")
      ->type_name("F|URI")
      ->capture_default_str();
  app.add_option("--state-key", options.state_key,
                 "32 bytes, raw or base64, that encrypt the state")
      ->type_name("F");
  app.add_option("--audit", options.audit, "One line of JSON a decision; default: standard error")
      ->type_name("F");
}

void add_trust(CLI::App& app, ServeOptions& options, Words& words) {
  auto& trust = options.trust;
  app.add_option("--amd-root", trust.amd_roots,
                 "AMD's root for a generation of processors: ARK, best with its ASK")
      ->type_name("F");
  app.add_option("--ark-sha256", words.ark_sha256, "SHA-256 of an ARK that hosts may send")
      ->type_name("HEX");
  app.add_option(
         "--cek", trust.ceks,
         "The hosts' CEKs as AMD signed them, files or folders; hosts export theirs unsigned")
      ->type_name("F");
  app.add_flag("--unsafe-skip-chain", trust.skip, "Trust any platform");
  app.add_flag("--unsafe-skip-measurement", options.skip_measurement,
               "Release keys whatever was launched");
}

void add_wire(CLI::App& app, ServeOptions& options, Words& words) {
  CLI::Option* port =
      add_number<std::uint16_t>(app, "--port", words.port, "The port on 127.0.0.1 (default 50051)");
  app.add_option("--listen", words.listen, "IP:PORT, [IPv6]:PORT or unix:/PATH instead")
      ->type_name("ADDRESS")
      ->excludes(port);
  CLI::Option* certificate =
      app.add_option("--tls-cert", options.tls.certificate, "The server's certificates, PEM");
  CLI::Option* key = app.add_option("--tls-key", options.tls.key, "Its private key, PEM");
  certificate->type_name("F")->needs(key);
  key->type_name("F")->needs(certificate);
  app.add_option("--tls-client-ca", options.tls.client_ca,
                 "Answer only clients with a certificate of this authority, PEM")
      ->type_name("F")
      ->needs(certificate);
  app.add_flag("--plaintext-remote", options.plaintext_remote,
               "Listen without TLS where other machines can reach it");
  app.add_option("--bundle-format", words.format, "How GODH and launch blob are sent")
      ->check(CLI::IsMember({"raw", "base64"}))
      ->capture_default_str();
}

void add_limits(CLI::App& app, Words& words) {
  add_number<std::uint32_t>(app, "--max-launches", words.max_launches,
                            "How many may wait for their secret at once (default 4096)",
                            kMostLaunches);
  add_number<std::uint32_t>(app, "--expire", words.expire,
                            "Seconds until a launch without its secret is forgotten (default 600)",
                            kLongestLife);
}

class CommandLine {
 public:
  // As whoever calls it knows it.
  CommandLine() : app_(kAbout, "sev-guest-owner serve") {
    options_.state = "launches.db";
    app_.footer(kFooter);
    app_.set_version_flag("--version", version_text());
    add_files(app_, options_, words_);
    add_trust(app_, options_, words_);
    add_wire(app_, options_, words_);
    add_limits(app_, words_);
  }

  int run(int argc, char** argv) {
    return run_tool(app_, argc, argv, [this] { return serve(options_, words_); });
  }

 private:
  CLI::App app_;
  ServeOptions options_;
  Words words_;
};

}  // namespace
}  // namespace oskbc::tools

int main(int argc, char** argv) { return oskbc::tools::CommandLine().run(argc, argv); }
