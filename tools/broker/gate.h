// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "broker/admission.h"
#include "broker/tls.h"
#include "services/listener.h"

namespace oskbc::broker {

struct GateOptions {
  Admission::Limits connections;
  // Until TLS is agreed on and the client has said that it speaks HTTP/2.
  std::chrono::milliseconds handshake = std::chrono::seconds(5);
  // For a whole request to come, and for a client to take some of an answer.
  std::chrono::milliseconds request = std::chrono::seconds(10);
  TlsFiles tls;
};

// Stands before gRPC, which in Debian 12 has no limit for connections, nor for requests that are
// reset as soon as they are opened. It does TLS, counts connections, watches what passes, and hands
// it on over a socket whose other end is gRPC's. client_of() finds who it was.
class Gate {
 public:
  // What takes gRPC's end, and what the owner is told, in words.
  using Sink = std::function<void(core::UniqueFd)>;
  using Say = std::function<void(const std::string&)>;

  // What happened since the start.
  struct Counts {
    std::uint64_t accepted = 0;
    std::uint64_t open = 0;
    std::map<std::string, std::uint64_t> closed;  // by the reason, where there was one
  };

  // Listens, and accepts from start() on. Throws what Listener and TlsContext do.
  Gate(const services::ListenAddress& address, const GateOptions& options, Sink sink, Say say);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate();

  void start();

  // With the port that the system chose.
  [[nodiscard]] const services::ListenAddress& address() const noexcept;
  // About the files of TLS.
  [[nodiscard]] std::vector<std::string> warnings() const;

  // Reads the files of TLS anew. Clients that would be refused now are gone afterwards. Gives what
  // is wrong with them, and the old ones go on; "" if they are fine.
  [[nodiscard]] std::string reload();

  [[nodiscard]] Counts counts() const;

  // Accepts no more; connections go on.
  void stop_listening() noexcept;
  void stop() noexcept;

 private:
  struct Lane;
  class Lanes;
  std::unique_ptr<Lanes> lanes_;
};

}  // namespace oskbc::broker
