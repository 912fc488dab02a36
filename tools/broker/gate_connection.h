// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "broker/client.h"
#include "broker/frame_watcher.h"
#include "broker/tls.h"

namespace oskbc::broker {

// What a connection asks of the gate.
class Gatekeeper {
 public:
  Gatekeeper() = default;
  Gatekeeper(const Gatekeeper&) = delete;
  Gatekeeper& operator=(const Gatekeeper&) = delete;
  virtual ~Gatekeeper() = default;

  // Null if a client with this certificate may have one more connection, or else why not.
  [[nodiscard]] virtual const char* named(std::uint64_t id, const std::string& name) = 0;
  virtual void set_busy(std::uint64_t id, bool busy) = 0;
  // A connection to gRPC, whose services will find the client.
  [[nodiscard]] virtual core::UniqueFd connect(std::uint64_t id, const Client& client) = 0;
  // The connection is closed: in words for the owner, or null where that is nothing special.
  virtual void left(std::uint64_t id, const Client& client, const char* reason) = 0;
};

// One client's connection, in the thread that runs `lane` and in no other. Hands on what it may
// and keeps no more of it than one read in either direction.
class GateConnection : public std::enable_shared_from_this<GateConnection> {
 public:
  struct Times {
    std::chrono::milliseconds handshake;
    std::chrono::milliseconds request;
  };

  GateConnection(boost::asio::io_context& lane, core::UniqueFd fd, std::uint64_t id, Client client,
                 const Times& times, Gatekeeper& keeper);

  // Null is without TLS.
  void start(const TlsContext* tls);
  // Closes what took too long.
  void tick(Time now);
  // Closes if the client would not be accepted any more.
  void recheck(const TlsContext& tls);
  void close(const char* reason);

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;
  using Step = void (GateConnection::*)();

  void wait(Descriptor& descriptor, Descriptor::wait_type what, Step next);
  // Whether it was done; if not, the step comes again once it can be, or all is closed.
  [[nodiscard]] bool is_done(Io outcome, Step next);
  void later(Step next);

  void shake_hands();
  void accept();
  void from_client();
  // What there is, up to a piece of it.
  [[nodiscard]] Io read_client();
  [[nodiscard]] bool write_server();
  void from_server();
  [[nodiscard]] bool read_server();
  [[nodiscard]] bool write_client();
  void note_requests();
  [[nodiscard]] const char* overdue(Time now) const;

  boost::asio::io_context& lane_;
  Gatekeeper& keeper_;
  std::uint64_t id_;
  Client client_;
  Times times_;
  Descriptor outer_;
  Descriptor inner_;
  std::optional<ClientSocket> socket_;
  FrameWatcher watcher_;
  Time begun_ = Time::clock::now();
  core::Bytes up_;                   // read from the client, and not yet written
  core::Bytes down_;                 // read from gRPC
  std::optional<Time> stuck_since_;  // the client takes nothing
  bool busy_ = false;
  bool closed_ = false;
};

}  // namespace oskbc::broker
