// SPDX-License-Identifier: Apache-2.0
#include "broker/gate_connection.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>

namespace oskbc::broker {
namespace {

constexpr std::size_t kPiece = std::size_t{16} << 10;
// Then it is another connection's turn.
constexpr int kPiecesInARow = 8;

using Piece = std::array<std::uint8_t, kPiece>;

Time now() { return Time::clock::now(); }

void drop(core::Bytes& bytes, std::size_t count) {
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
  // Idle connections should have no memory.
  if (bytes.empty()) core::Bytes().swap(bytes);
}

}  // namespace

GateConnection::GateConnection(boost::asio::io_context& lane, core::UniqueFd fd, std::uint64_t id,
                               Client client, const Times& times, Gatekeeper& keeper)
    : lane_(lane),
      keeper_(keeper),
      id_(id),
      client_(std::move(client)),
      times_(times),
      outer_(lane, fd.get()),
      inner_(lane) {
  static_cast<void>(fd.release());
}

void GateConnection::start(const TlsContext* tls) {
  if (closed_) return;
  const int fd = outer_.native_handle();
  socket_.emplace(tls == nullptr ? ClientSocket(fd) : tls->accept(fd));
  shake_hands();
}

void GateConnection::wait(Descriptor& descriptor, Descriptor::wait_type what, Step next) {
  descriptor.async_wait(what,
                        [self = shared_from_this(), next](const boost::system::error_code& error) {
                          if (!error && !self->closed_) (self.get()->*next)();
                        });
}

void GateConnection::later(Step next) {
  boost::asio::post(lane_, [self = shared_from_this(), next] {
    if (!self->closed_) (self.get()->*next)();
  });
}

bool GateConnection::is_done(Io outcome, Step next) {
  if (outcome == Io::wants_read) wait(outer_, Descriptor::wait_read, next);
  if (outcome == Io::wants_write) wait(outer_, Descriptor::wait_write, next);
  if (outcome == Io::closed) close(nullptr);
  return outcome == Io::done;
}

void GateConnection::shake_hands() {
  const Io outcome = socket_->shake_hands();
  if (outcome == Io::closed) return close(socket_->refusal());
  if (is_done(outcome, &GateConnection::shake_hands)) accept();
}

void GateConnection::accept() {
  try {
    client_.name = socket_->name();
  } catch (const std::exception&) {
    return close("its certificate has no name that could be shown");
  }
  if (const char* reason = keeper_.named(id_, client_.name)) return close(reason);
  from_client();
}

void GateConnection::from_client() {
  for (int i = 0; i < kPiecesInARow; ++i) {
    const Io outcome = read_client();
    if (closed_ || !write_server() || !is_done(outcome, &GateConnection::from_client)) return;
  }
  later(&GateConnection::from_client);
}

// A request's frames come in records of their own, and gRPC should wake up once for all of them.
Io GateConnection::read_client() {
  Piece piece;
  while (up_.size() < kPiece) {
    std::size_t count = 0;
    const Io outcome = socket_->read(piece, count);
    if (outcome != Io::done) return outcome;
    const core::ByteView bytes(piece.data(), count);
    if (const char* wrong = watcher_.client_sent(bytes, now())) {
      close(wrong);
      return Io::closed;
    }
    up_.insert(up_.end(), bytes.begin(), bytes.end());
    note_requests();
  }
  return Io::done;
}

bool GateConnection::write_server() {
  // Who does not even say so much is not worth a connection of gRPC's.
  if (up_.empty() || !watcher_.has_begun()) return true;
  if (!inner_.is_open()) {
    core::UniqueFd fd = keeper_.connect(id_, client_);
    if (fd.get() < 0) {
      close("there are no more file descriptors");
      return false;
    }
    inner_.assign(fd.release());
    later(&GateConnection::from_server);
  }
  const ssize_t count =
      ::send(inner_.native_handle(), up_.data(), up_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN) {
    // What gRPC still has to say comes from the other direction, which then ends.
    core::Bytes().swap(up_);
    return false;
  }
  if (count > 0) drop(up_, static_cast<std::size_t>(count));
  if (up_.empty()) return true;
  wait(inner_, Descriptor::wait_write, &GateConnection::from_client);
  return false;
}

void GateConnection::from_server() {
  for (int i = 0; i < kPiecesInARow; ++i) {
    if (!write_client() || !read_server()) return;
  }
  later(&GateConnection::from_server);
}

bool GateConnection::read_server() {
  Piece piece;
  const ssize_t count = ::recv(inner_.native_handle(), piece.data(), piece.size(), MSG_DONTWAIT);
  if (count < 0 && errno == EAGAIN) {
    wait(inner_, Descriptor::wait_read, &GateConnection::from_server);
    return false;
  }
  if (count <= 0) {
    close(nullptr);
    return false;
  }
  const core::ByteView bytes(piece.data(), static_cast<std::size_t>(count));
  if (const char* wrong = watcher_.server_sent(bytes, now())) {
    close(wrong);
    return false;
  }
  down_.assign(bytes.begin(), bytes.end());
  note_requests();
  return true;
}

bool GateConnection::write_client() {
  while (!down_.empty()) {
    std::size_t count = 0;
    const Io outcome = socket_->write(down_, count);
    if (outcome != Io::done) {
      if (!stuck_since_) stuck_since_ = now();
      return is_done(outcome, &GateConnection::from_server);
    }
    stuck_since_.reset();
    drop(down_, count);
  }
  return true;
}

void GateConnection::note_requests() {
  // A request that does not end keeps nobody out.
  const bool busy = watcher_.is_waiting();
  if (busy == busy_) return;
  busy_ = busy;
  keeper_.set_busy(id_, busy);
}

const char* GateConnection::overdue(Time now) const {
  if (!watcher_.has_begun()) {
    return now - begun_ > times_.handshake ? "it did not say in time that it speaks HTTP/2"
                                           : nullptr;
  }
  const auto unfinished = watcher_.unfinished_since();
  if (unfinished && now - *unfinished > times_.request) return "a request did not end in time";
  if (stuck_since_ && now - *stuck_since_ > times_.request) return "it takes no answers";
  return nullptr;
}

void GateConnection::tick(Time now) {
  if (const char* reason = overdue(now)) close(reason);
}

void GateConnection::recheck(const TlsContext& tls) {
  if (!watcher_.has_begun()) return close("TLS's files are new");
  if (!tls.accepts(*socket_)) close("its certificate is not accepted any more");
}

void GateConnection::close(const char* reason) {
  if (std::exchange(closed_, true)) return;
  // Whoever sees that it is closed finds it counted.
  keeper_.left(id_, client_, reason);
  if (socket_) socket_->say_goodbye();
  boost::system::error_code ignored;
  outer_.close(ignored);
  inner_.close(ignored);
}

}  // namespace oskbc::broker
