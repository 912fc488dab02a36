// SPDX-License-Identifier: Apache-2.0
#include "services/server.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "base/status.h"

namespace oskbc::services {
namespace {

void apply(const Limits& limits, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(limits.message_bytes));
  builder.SetResourceQuota(
      grpc::ResourceQuota().Resize(limits.memory_bytes).SetMaxThreads(limits.threads));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.requests_per_connection);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                             static_cast<int>(limits.idle.count()));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             static_cast<int>(limits.handshake.count()));
  // gRPC's default would let two servers share a port without either noticing.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

Server::Server(const ListenAddress& address, const std::vector<grpc::Service*>& services,
               const Limits& limits, const std::shared_ptr<grpc::ServerCredentials>& credentials)
    : address_(address) {
  grpc::ServerBuilder builder;
  int port = 0;
  apply(limits, builder);
  builder.AddListeningPort(address.target(),
                           credentials ? credentials : grpc::InsecureServerCredentials(), &port);
  for (grpc::Service* service : services) builder.RegisterService(service);
  server_ = builder.BuildAndStart();
  // gRPC gives no reason, and logs it.
  if (!server_ || port <= 0) {
    core::fail(core::Status::io,
               "cannot listen on %s; is it taken, or is this address not of this machine?",
               address.target().c_str());
  }
  if (address_.path.empty()) address_.port = static_cast<unsigned>(port);
}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

void Server::stop(std::chrono::milliseconds grace) noexcept {
  if (!server_) return;
  server_->Shutdown(std::chrono::system_clock::now() + grace);
  server_->Wait();
  server_.reset();
}

}  // namespace oskbc::services
