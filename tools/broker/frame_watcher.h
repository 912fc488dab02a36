// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/bytes.h"

namespace oskbc::broker {

using Time = std::chrono::steady_clock::time_point;

// So many at once, and so many more each second.
class Budget {
 public:
  Budget(unsigned at_once, unsigned each_second)
      : most_(at_once), each_second_(each_second), left_(at_once) {}

  // Whether there was one left.
  [[nodiscard]] bool spend(Time now);

 private:
  double most_;
  double each_second_;
  double left_;
  std::optional<Time> last_;
};

// What HTTP/2 has in front of each frame (RFC 9113, 4.1).
struct FrameHeader {
  std::uint32_t length = 0;
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
};

// Finds the headers of frames in what passes in one direction, however it is cut.
class FrameScanner {
 public:
  // Takes bytes up to the end of the next header. Gives it if it is complete.
  [[nodiscard]] std::optional<FrameHeader> next(core::ByteView& bytes);

 private:
  static constexpr std::size_t kHeaderSize = 9;
  std::array<std::uint8_t, kHeaderSize> header_{};
  std::size_t filled_ = 0;
  std::size_t skip_ = 0;  // of the payload
};

// Watches what passes on one connection of HTTP/2, for floods that gRPC 1.51 has no limit for. It
// looks at nothing but the frames' headers: whether the rest is right is for gRPC to find out.
class FrameWatcher {
 public:
  // Null, or what the client does that ends the connection, in words for the owner.
  [[nodiscard]] const char* client_sent(core::ByteView bytes, Time now);
  // The server resets streams, too, and a client can make it do so.
  [[nodiscard]] const char* server_sent(core::ByteView bytes, Time now);

  // Whether the client has said that it speaks HTTP/2.
  [[nodiscard]] bool has_begun() const noexcept;
  // Requests without an answer.
  [[nodiscard]] std::size_t open() const noexcept { return requests_.size(); }
  // Whether the client waits for an answer, having sent a whole request.
  [[nodiscard]] bool is_waiting() const;
  // Since when the oldest request is awaited whose end the client has not sent.
  [[nodiscard]] std::optional<Time> unfinished_since() const;

 private:
  struct Request {
    Time since;
    bool whole = false;
  };

  [[nodiscard]] const char* preface(core::ByteView& bytes);
  [[nodiscard]] const char* from_client(const FrameHeader& frame, Time now);
  [[nodiscard]] const char* from_server(const FrameHeader& frame, Time now);
  [[nodiscard]] const char* headers(const FrameHeader& frame, Time now);
  [[nodiscard]] const char* header_block(const FrameHeader& frame);
  [[nodiscard]] const char* reset(const FrameHeader& frame, Time now);
  void end(std::uint32_t stream);

  FrameScanner client_;
  FrameScanner server_;
  std::size_t preface_ = 0;  // bytes of it so far
  std::unordered_map<std::uint32_t, Request> requests_;
  std::uint32_t last_stream_ = 0;
  std::size_t block_size_ = 0;
  unsigned continuations_ = 0;
  Budget resets_{100, 20};
  Budget controls_{1000, 500};
  Budget new_requests_{5000, 2500};
  Budget updates_{20000, 10000};
};

}  // namespace oskbc::broker
