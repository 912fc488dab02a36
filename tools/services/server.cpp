// SPDX-License-Identifier: Apache-2.0
#include "services/server.h"

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <utility>
#include <vector>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::services {
namespace {

void apply(const Limits& limits, grpc::ServerBuilder& builder) {
  const auto set = [&](const char* name, std::chrono::milliseconds time) {
    builder.AddChannelArgument(name, static_cast<int>(time.count()));
  };
  builder.SetMaxReceiveMessageSize(static_cast<int>(limits.message_bytes));
  builder.SetResourceQuota(
      grpc::ResourceQuota().Resize(limits.memory_bytes).SetMaxThreads(limits.threads));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.requests_per_connection);
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, limits.handshake);
  set(GRPC_ARG_MAX_CONNECTION_IDLE_MS, limits.idle);
  set(GRPC_ARG_MAX_CONNECTION_AGE_MS, limits.age);
  set(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, limits.grace);
}

// A program that is linked with gRPC's reflection has it in every server, unless it is taken out.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins,
                  [](const auto& plugin) { return plugin->name() == "proto_server_reflection"; });
  }
};

void apply(const Extras& extras, grpc::ServerBuilder& builder) {
  // For the servers that are built from here on.
  grpc::EnableDefaultHealthCheckService(!extras.health.empty());
  if (!extras.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
}

}  // namespace

Server::Server(const std::vector<grpc::Service*>& services, const Limits& limits,
               const Extras& extras) {
  using FromFd = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  grpc::ServerBuilder builder;
  apply(limits, builder);
  apply(extras, builder);
  acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      FromFd::FROM_FD, grpc::InsecureServerCredentials());
  for (grpc::Service* service : services) builder.RegisterService(service);
  server_ = builder.BuildAndStart();
  // gRPC gives no reason, and logs it.
  if (!server_) core::fail(core::Status::internal, "gRPC does not start a server");
  health_ = server_->GetHealthCheckService();
  for (const std::string& name : extras.health) health_->SetServingStatus(name, true);
}

Server::Server(const ListenAddress& address, const std::vector<grpc::Service*>& services,
               const Limits& limits)
    : Server(services, limits) {
  listener_.emplace(address);
  listener_->start([this](core::UniqueFd connection) { take(std::move(connection)); });
}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

void Server::take(core::UniqueFd connection) {
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
  parameters.listener_fd = listener_ ? listener_->fd() : -1;
  parameters.fd = connection.release();
  acceptor_->HandleNewConnection(&parameters);
}

void Server::set_serving(bool serving) noexcept {
  if (health_ != nullptr) health_->SetServingStatus(serving);
}

void Server::stop(std::chrono::milliseconds grace) noexcept {
  if (!server_) return;
  if (listener_) listener_->stop();
  set_serving(false);
  server_->Shutdown(std::chrono::system_clock::now() + grace);
  server_->Wait();
  health_ = nullptr;
  server_.reset();
}

}  // namespace oskbc::services
