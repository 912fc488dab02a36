// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/agent_socket.h"
#include "agent/grpc_services.h"
#include "agent/on_demand_client.h"
#include "agent/peer.h"
#include "agent/requests.h"
#include "base/limits.h"
#include "common/agent_config.h"
#include "common/command_line.h"
#include "services/listener.h"
#include "services/server.h"
#include "services/service_manager.h"
#include "source/secret_paths.h"

namespace oskbc::agent {
namespace {

using services::ListenAddress;

constexpr const char* kName = "oskbc-agent-grpc";
constexpr const char* kAbout =
    "Serves ocicrypt and image-rs in this SEV guest over gRPC, with the keyset that was injected.";
// Upstream's attestation agent listens on 127.0.0.1:50000, where any user of the guest can connect.
constexpr const char* kUsualAddress = "unix:///run/oskbc/agent-grpc.sock";
// Answers take microseconds. What takes longer opens the client, which nobody will need any more.
constexpr auto kGrace = std::chrono::seconds(1);

struct Settings {
  std::string keyprovider_sock;
  std::string getresource_sock;
  std::string config;
  std::string root;
  bool allow_remote = false;
  bool require_authenticated = false;
};

services::Limits limits() {
  services::Limits limits;
  // The largest request, and protobuf's few bytes around it.
  limits.message_bytes = core::limits::kRequestText + 64;
  // ocicrypt connects anew for each layer; whoever stays takes a file descriptor from others.
  limits.idle = std::chrono::seconds(30);
  return limits;
}

class Agent {
 public:
  explicit Agent(const Settings& settings)
      : settings_(settings),
        config_(settings.root, settings.config),
        client_(settings.root, settings.require_authenticated),
        requests_(client_, config_, settings.require_authenticated) {}

  void listen() {
    const ListenAddress for_keys =
        address_of(settings_.keyprovider_sock, "keyprovider_sock").value_or(parse(kUsualAddress));
    const auto for_resources = address_of(settings_.getresource_sock, "getresource_sock");
    if (!for_resources) return serve("keyprovider", for_keys, {key_provider_});
    if (for_keys.is_same(*for_resources)) {
      return serve("keyprovider and getresource", for_keys, {key_provider_, resources_});
    }
    serve("keyprovider", for_keys, {key_provider_});
    serve("getresource", *for_resources, {resources_});
  }

  void stop() {
    for (const auto& server : servers_) server->stop(kGrace);
    client_.close();
  }

 private:
  using Services = std::vector<std::shared_ptr<grpc::Service>>;

  // The command line's, or else the configuration's.
  [[nodiscard]] std::optional<ListenAddress> address_of(const std::string& given,
                                                        const std::string& name) const {
    if (!given.empty()) return tools::as_usage("--" + name, [&] { return parse(given); });
    const auto configured = config_.value(name);
    if (!configured || configured->empty()) return std::nullopt;
    return parse(*configured);
  }

  [[nodiscard]] ListenAddress parse(const std::string& text) const {
    return services::parse_listen_address(
        text, settings_.allow_remote ? services::Remote::allowed : services::Remote::refused);
  }

  void serve(const char* names, const ListenAddress& address, const Services& offered) {
    std::vector<grpc::Service*> services;
    for (const auto& service : offered) services.push_back(service.get());
    if (!address.path.empty()) make_folder_of(address);
    servers_.push_back(std::make_unique<services::Server>(address, services, limits()));
    std::printf("%s: %s\n", names, servers_.back()->address().target().c_str());
    std::fflush(stdout);
  }

  const Settings& settings_;
  const tools::AgentConfig config_;
  OnDemandClient client_;
  const Requests requests_;
  const std::shared_ptr<grpc::Service> key_provider_ = make_key_provider_service(requests_);
  const std::shared_ptr<grpc::Service> resources_ = make_resource_service(requests_);
  std::vector<std::unique_ptr<services::Server>> servers_;
};

int serve(const Settings& settings) {
  shut_others_out();
  const services::StopSignals signals;
  // Whoever reads the log may go away; that is no reason to.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  // A Unix socket is for its owner.
  umask(0177);
  Agent agent(settings);
  agent.listen();
  services::notify_service_manager("READY=1");
  static_cast<void>(signals.wait());
  services::notify_service_manager("STOPPING=1");
  agent.stop();
  return OSKBC_OK;
}

int run(int argc, char** argv) {
  Settings settings;
  tools::Command tool(kName, kAbout, [&] { return serve(settings); });
  tool.version(std::string(kName) + " " + oskbc_version());
  tool.add_text("--keyprovider_sock", settings.keyprovider_sock,
                std::string("Where ocicrypt asks; default: ") + kUsualAddress)
      .value_name("ADDRESS");
  tool.add_text("--getresource_sock", settings.getresource_sock,
                "Where image-rs asks for resources; default: nowhere")
      .value_name("ADDRESS");
  tool.add_flag("--allow-remote", settings.allow_remote,
                "Listen where other machines can reach it, in plain text");
  tool.add_file("--config", settings.config,
                "The agent's configuration; default: " + std::string(tools::kAgentConfigFile))
      .value_name("FILE");
  tool.add_folder("--root", tools::checked("--root", settings.root, core::resolve_root),
                  "Let DIR stand for /: a fake tree");
  tool.add_flag("--require-authenticated", settings.require_authenticated,
                "Refuse packets without integrity");
  return tools::run_tool(tool, argc, argv);
}

}  // namespace
}  // namespace oskbc::agent

int main(int argc, char** argv) { return oskbc::agent::run(argc, argv); }
