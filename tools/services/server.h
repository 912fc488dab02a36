// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/listener.h"

namespace grpc {
class HealthCheckServiceInterface;
class Server;
class Service;
namespace experimental {
class ExternalConnectionAcceptor;
}
}  // namespace grpc

namespace oskbc::services {

// What one server lets its clients have, so that none of them takes all there is.
struct Limits {
  std::size_t message_bytes = 1 << 20;
  // Of all requests and connections together.
  std::size_t memory_bytes = 64 << 20;
  int threads = 32;
  int requests_per_connection = 100;
  // A connection is closed when it did not get as far as HTTP/2's settings after `handshake`, has
  // no requests for `idle`, or is older than `age`, for clients that never end a request; requests
  // that run then have `grace` left. gRPC's clients connect anew by themselves.
  std::chrono::milliseconds handshake = std::chrono::seconds(10);
  std::chrono::milliseconds idle = std::chrono::minutes(5);
  std::chrono::milliseconds age = std::chrono::minutes(30);
  std::chrono::milliseconds grace = std::chrono::seconds(30);
};

// gRPC's own services, for those who look after a server.
struct Extras {
  // Services by their full names that grpc.health.v1.Health answers for, beside "", which stands
  // for all; without one there is no health service.
  std::vector<std::string> health;
  // grpc.reflection.v1alpha.ServerReflection, where the program is linked with it.
  bool reflection = false;
};

// A running gRPC server. Stops in its destructor at the latest.
class Server {
 public:
  // Serves who connects there, in plain text. Throws Status::io if it cannot listen. The services
  // have to outlive the server.
  Server(const ListenAddress& address, const std::vector<grpc::Service*>& services,
         const Limits& limits);
  // Serves the connections that it is given, and no others.
  Server(const std::vector<grpc::Service*>& services, const Limits& limits,
         const Extras& extras = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // With the port that the system chose. For who listens.
  [[nodiscard]] const ListenAddress& address() const { return listener_->address(); }

  // From any thread; a socket that does not wait.
  void take(core::UniqueFd connection);

  // What the health service says from now on; SERVING at first. Thread-safe.
  void set_serving(bool serving) noexcept;

  // Takes no more requests, and ends those that run after the grace.
  void stop(std::chrono::milliseconds grace) noexcept;

 private:
  std::optional<Listener> listener_;
  std::unique_ptr<grpc::Server> server_;
  grpc::HealthCheckServiceInterface* health_ = nullptr;  // the server's
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
};

}  // namespace oskbc::services
