// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "services/status.h"
#include "ttrpc/frame.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::agent {

using Clock = std::chrono::steady_clock;

// What a client may make the agent hold, each with its reason.
namespace bounds {

// Of a request that has begun, and of an answer that waits to be read. Local sockets take
// microseconds; a client that needs seconds does not mean to go on.
inline constexpr std::chrono::seconds kPatience{10};

// Taken from a connection at a time, before the next has its turn: some five requests.
inline constexpr std::size_t kTurn = 4096;

// Of answers that a client leaves unread, with what keeping each of them takes. No more of its
// requests are read until it reads them.
inline constexpr std::size_t kUnread = std::size_t{1} << 18;

}  // namespace bounds

// What answers a request: fills `answer`, or says why not.
using Handler = std::function<services::RpcStatus(const ttrpc::Request& request, Buffer& answer)>;

// One client's connection: its unfinished request, and the answers that it has not read yet. Does
// not wait: the caller says when there is something to read or room to write. An answer is wiped
// when the socket has taken it, or with the connection.
class Connection {
 public:
  Connection(core::UniqueFd fd, uid_t uid, Clock::time_point now)
      : fd_(std::move(fd)), uid_(uid), used_(now) {}

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] uid_t uid() const noexcept { return uid_; }

  // Reads a turn's worth, answers what is complete, and sends what the socket takes. False once the
  // connection is of no more use.
  [[nodiscard]] bool receive(const Handler& handler, Clock::time_point now);
  // For a client that only reads: sends the answer as it is, and is over with it. False once it is,
  // or where there is nothing to send.
  [[nodiscard]] bool give(Buffer answer, Clock::time_point now);
  // Goes on after the client has read.
  [[nodiscard]] bool send(const Handler& handler, Clock::time_point now);

  [[nodiscard]] bool wants_to_read() const noexcept {
    return !ended_ && unread_ <= bounds::kUnread;
  }
  [[nodiscard]] bool wants_to_write() const noexcept { return !answers_.empty(); }

  // When the client has taken too long, if anything is unfinished.
  [[nodiscard]] std::optional<Clock::time_point> deadline() const noexcept;
  // Bytes of memory.
  [[nodiscard]] std::size_t held() const noexcept { return input_.capacity() + unread_; }
  [[nodiscard]] bool idle() const noexcept { return input_.empty() && answers_.empty(); }
  // Whether it has ever been given what it asked for.
  [[nodiscard]] bool served() const noexcept { return served_; }
  // When it last sent something.
  [[nodiscard]] Clock::time_point used() const noexcept { return used_; }

 private:
  struct Answer {
    core::Bytes head;
    Buffer body;
    std::size_t sent = 0;  // of both
    Clock::time_point since;
    [[nodiscard]] std::size_t size() const noexcept { return head.size() + body.size(); }
    // Refusals are smaller than what keeps them.
    [[nodiscard]] std::size_t cost() const noexcept { return size() + sizeof(Answer) + 128; }
  };

  void take(core::ByteView data, const Handler& handler, Clock::time_point now);
  core::ByteView answer_complete(core::ByteView data, const Handler& handler,
                                 Clock::time_point now);
  core::ByteView skip(core::ByteView data, Clock::time_point now) noexcept;
  void keep(core::ByteView rest);
  void answer(const ttrpc::Header& header, core::ByteView data, const Handler& handler,
              Clock::time_point now);
  [[nodiscard]] bool is_over() const noexcept { return ended_ && answers_.empty(); }
  [[nodiscard]] services::RpcStatus refusal(const ttrpc::Header& header) const;
  [[nodiscard]] bool flush();
  [[nodiscard]] std::size_t gather(std::span<iovec> parts);
  void sent(std::size_t count) noexcept;

  core::UniqueFd fd_;
  uid_t uid_;
  core::Bytes input_;         // from the start of a frame on
  std::size_t to_skip_ = 0;   // of a frame that is too large
  std::uint32_t stream_ = 0;  // of the last request
  std::deque<Answer> answers_;
  std::size_t unread_ = 0;  // what they cost
  Clock::time_point used_;
  Clock::time_point begun_;  // of the unfinished frame
  bool ended_ = false;       // the client sends no more
  bool served_ = false;
};

}  // namespace oskbc::agent
