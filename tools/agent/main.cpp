// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "agent/agent_socket.h"
#include "agent/credentials.h"
#include "agent/methods.h"
#include "agent/on_demand_client.h"
#include "agent/peer.h"
#include "agent/requests.h"
#include "agent/server.h"
#include "base/status.h"
#include "common/agent_config.h"
#include "common/command_line.h"
#include "services/service_manager.h"
#include "source/secret_paths.h"
#include "ttrpc/services.h"

namespace oskbc::agent {
namespace {

using services::ListenAddress;

constexpr const char* kName = "oskbc-agent";
constexpr const char* kAbout =
    "Serves this SEV guest's containers over ttRPC, and its services and disks, with the keyset that was injected.";

constexpr const char* kCredentialOption = "credential_sock";

// The sockets that Kata's guests know, by their names on the command line.
struct Socket {
  const char* name;
  std::string_view usual;
  std::string address;
};

struct Settings {
  std::vector<Socket> sockets = {{"keyprovider_sock", ttrpc::kKeyProviderSocket, {}},
                                 {"getresource_sock", ttrpc::kResourceSocket, {}},
                                 {"attestation_sock", ttrpc::kAttestationSocket, {}},
                                 {"cdh_sock", ttrpc::kTodaysSocket, {}}};
  std::string credential_sock;
  std::string open = "start";
  std::string group;
  std::string config;
  std::string root;
  bool require_authenticated = false;
};

class Agent {
 public:
  explicit Agent(const Settings& settings)
      : settings_(settings),
        config_(settings.root, settings.config),
        client_(settings.root, settings.require_authenticated),
        requests_(client_, config_, settings.require_authenticated),
        credentials_(config_, requests_, settings.root),
        methods_(requests_),
        server_(
            [this](const auto& request, Buffer& answer) { return methods_.call(request, answer); },
            Peers(group())) {}

  // First the sockets, because what fails there should not cost the keyset.
  void start() {
    listen();
    listen_for_credentials();
    if (settings_.open == "start") open();
    for (const auto& [names, address] : served_) {
      std::printf("%s: %s\n", names.c_str(), address.target().c_str());
    }
    std::fflush(stdout);
  }

  void run(int stop) {
    server_.run(stop);
    client_.close();
  }

 private:
  [[nodiscard]] std::optional<gid_t> group() const {
    if (settings_.group.empty()) return std::nullopt;
    return find_group(settings_.group);
  }

  // Without any address, all of the usual ones.
  void listen() {
    bool given = false;
    for (const Socket& socket : settings_.sockets) given = add(socket, address_of(socket)) || given;
    for (const Socket& socket : settings_.sockets) {
      if (!given) add(socket, "unix:" + settings_.root + std::string(socket.usual));
    }
    for (const auto& [names, address] : served_) server_.listen(address);
  }

  // Where the configuration has a rule, it is served without being told where.
  void listen_for_credentials() {
    std::string text = address_of({kCredentialOption, {}, settings_.credential_sock});
    if (text.empty() && !credentials_.has_rules()) return;
    if (text.empty()) text = "unix:" + settings_.root + std::string(ttrpc::kCredentialSocket);
    ListenAddress address = parse_socket_address(text);
    server_.listen(address, [this](std::string_view name) { return credentials_.answer(name); });
    served_.emplace_back("credential", std::move(address));
  }

  // The command line's, or else the configuration's.
  [[nodiscard]] std::string address_of(const Socket& socket) const {
    return socket.address.empty() ? config_.value(socket.name).value_or("") : socket.address;
  }

  // Every socket serves everything, so an address that is given twice is served once.
  bool add(const Socket& socket, const std::string& text) {
    if (text.empty()) return false;
    ListenAddress address = parse_socket_address(text);
    const std::string_view name(socket.name);
    const std::string served(name.substr(0, name.find('_')));
    for (auto& [names, known] : served_) {
      if (!known.is_same(address)) continue;
      names += " and " + served;
      return true;
    }
    served_.emplace_back(served, std::move(address));
    return true;
  }

  // A guest without a keyset runs plain images, and a secret may come later.
  void open() {
    credentials_.take_disk_secret();
    const services::RpcStatus status = services::run_method([this] { requests_.open(); });
    if (status.code == services::RpcCode::ok) return;
    std::fprintf(stderr, "%s: at the start: %s\n", kName, status.message.c_str());
  }

  const Settings& settings_;
  const tools::AgentConfig config_;
  OnDemandClient client_;
  const Requests requests_;
  Credentials credentials_;
  Methods methods_;
  Server server_;
  std::vector<std::pair<std::string, ListenAddress>> served_;
};

int serve(const Settings& settings) {
  shut_others_out();
  // What a client made large goes back to the system with it, and does not stay with the heap.
  mallopt(M_MMAP_THRESHOLD, 1 << 17);
  const services::StopSignals signals;
  // Whoever reads the log may go away; that is no reason to.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  const core::UniqueFd stop = signals.descriptor();
  Agent agent(settings);
  agent.start();
  services::notify_service_manager("READY=1");
  agent.run(stop.get());
  static_cast<void>(signals.wait());
  services::notify_service_manager("STOPPING=1");
  return OSKBC_OK;
}

int run(int argc, char** argv) {
  Settings settings;
  tools::Command tool(kName, kAbout, [&] { return serve(settings); });
  tool.version(std::string(kName) + " " + oskbc_version());
  for (Socket& socket : settings.sockets) {
    const std::string name = "--" + std::string(socket.name);
    std::string names = name + ",";
    names += name;
    names[names.rfind('_')] = '-';
    tool.add_text(
            names, tools::checked(name, socket.address, parse_socket_address),
            "Listen there; default, if no other is given: unix://" + std::string(socket.usual))
        .value_name("ADDRESS");
  }
  tool.add_text("--credential_sock,--credential-sock",
                tools::checked("--credential_sock", settings.credential_sock, parse_socket_address),
                "Give credentials and passphrases there; default, if there are rules: unix://" +
                    std::string(ttrpc::kCredentialSocket))
      .value_name("ADDRESS");
  tool.add_text("--open", settings.open, "When the keyset is taken")
      .choices({"start", "first-request"})
      .show_default();
  tool.add_text("--allow-group,--allow_group",
                tools::checked("--allow-group", settings.group, find_group),
                "Let this group ask, too; default: root alone")
      .value_name("GROUP");
  tool.add_file("--config", settings.config,
                "The agent's configuration; default: " + std::string(tools::kAgentConfigFile))
      .value_name("FILE");
  tool.add_folder("--root", tools::checked("--root", settings.root, core::resolve_root),
                  "Let DIR stand for /: a fake tree");
  tool.add_flag("--require-authenticated,--require_authenticated", settings.require_authenticated,
                "Refuse packets without integrity");
  return tools::run_tool(tool, argc, argv);
}

}  // namespace
}  // namespace oskbc::agent

int main(int argc, char** argv) { return oskbc::agent::run(argc, argv); }
