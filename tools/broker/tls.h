// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"

struct ssl_st;
struct ssl_ctx_st;

// TLS of the broker's, by OpenSSL.
namespace oskbc::broker {

struct TlsFiles {
  std::string certificate;  // and what leads from it to the clients' authority, PEM; "" for no TLS
  std::string key;
  std::string client_ca;             // with it, clients need a certificate of this authority's
  std::vector<std::string> revoked;  // lists of what authorities revoked, PEM or DER
};

// How reading or writing without waiting went.
enum class Io { done, wants_read, wants_write, closed };

// The client's end of a connection: a socket, with TLS or without. The socket is somebody else's.
class ClientSocket {
 public:
  explicit ClientSocket(int fd) : fd_(fd) {}

  // Has to be done before anything else.
  [[nodiscard]] Io shake_hands();
  // At most so many bytes, and how many they were.
  [[nodiscard]] Io read(core::ByteSpan bytes, std::size_t& count);
  [[nodiscard]] Io write(core::ByteView bytes, std::size_t& count);
  // Tells the client that nothing more comes, if that needs no waiting.
  void say_goodbye() noexcept;

  // Why the client's certificate was refused; null if it was not.
  [[nodiscard]] const char* refusal() const;
  // See Client; throws Status::argument for a name that would be misread elsewhere.
  [[nodiscard]] std::string name() const;

 private:
  friend class TlsContext;
  struct Free {
    void operator()(ssl_st* session) const noexcept;
  };
  [[nodiscard]] Io outcome(int result) const;

  int fd_;
  std::unique_ptr<ssl_st, Free> session_;
};

// What all connections share: the server's certificate and key, and which clients are accepted.
class TlsContext {
 public:
  // Throws Status::io for a file that cannot be read, and Status::argument for a key that others
  // may read or that is not the certificate's, and for what is neither PEM nor a list.
  explicit TlsContext(const TlsFiles& files);

  [[nodiscard]] ClientSocket accept(int fd) const;
  // Whether a client that was accepted earlier would be now.
  [[nodiscard]] bool accepts(const ClientSocket& client) const;

  // What the files hold that will keep clients out, or let strangers in.
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept { return warnings_; }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  void use_certificate(const TlsFiles& files);
  void use_clients(const TlsFiles& files);

  std::unique_ptr<ssl_ctx_st, Free> context_;
  std::vector<std::string> warnings_;
};

}  // namespace oskbc::broker
