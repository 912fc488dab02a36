// SPDX-License-Identifier: Apache-2.0
#include "broker/frame_watcher.h"

#include <algorithm>
#include <string_view>

namespace oskbc::broker {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Types of frames.
constexpr std::uint8_t kData = 0;
constexpr std::uint8_t kHeaders = 1;
constexpr std::uint8_t kReset = 3;
constexpr std::uint8_t kSettings = 4;
constexpr std::uint8_t kPing = 6;
constexpr std::uint8_t kWindowUpdate = 8;
constexpr std::uint8_t kContinuation = 9;

constexpr std::uint8_t kEndStream = 1;
constexpr std::uint8_t kAck = 1;
constexpr std::uint8_t kEndHeaders = 4;

// gRPC takes a hundred at once, and a client may not know that yet.
constexpr std::size_t kMostOpen = 256;
// gRPC takes 8 KiB of metadata; whoever sends more is told so by it, up to this.
constexpr std::size_t kLargestBlock = std::size_t{64} << 10;
constexpr unsigned kMostContinuations = 8;

bool has(const FrameHeader& frame, std::uint8_t flag) { return (frame.flags & flag) != 0; }

bool ends_stream(const FrameHeader& frame) {
  return (frame.type == kData || frame.type == kHeaders) && has(frame, kEndStream);
}

bool is_ack(const FrameHeader& frame) {
  return (frame.type == kSettings || frame.type == kPing) && has(frame, kAck);
}

}  // namespace

bool Budget::spend(Time now) {
  if (last_) {
    const std::chrono::duration<double> passed = now - *last_;
    left_ = std::min(most_, left_ + passed.count() * each_second_);
  }
  last_ = now;
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

std::optional<FrameHeader> FrameScanner::next(core::ByteView& bytes) {
  const std::size_t skipped = std::min(skip_, bytes.size());
  bytes = bytes.subspan(skipped);
  skip_ -= skipped;
  const std::size_t taken = std::min(kHeaderSize - filled_, bytes.size());
  std::copy_n(bytes.begin(), taken, header_.begin() + static_cast<std::ptrdiff_t>(filled_));
  bytes = bytes.subspan(taken);
  filled_ += taken;
  if (filled_ < kHeaderSize) return std::nullopt;
  filled_ = 0;
  const auto number = [&](std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + size; ++i) value = value << 8U | header_[i];
    return value;
  };
  const FrameHeader frame{number(0, 3), header_[3], header_[4], number(5, 4) & 0x7fffffffU};
  skip_ = frame.length;
  return frame;
}

bool FrameWatcher::has_begun() const noexcept { return preface_ == kPreface.size(); }

bool FrameWatcher::is_waiting() const {
  return std::ranges::any_of(requests_, [](const auto& one) { return one.second.whole; });
}

std::optional<Time> FrameWatcher::unfinished_since() const {
  std::optional<Time> oldest;
  for (const auto& [stream, request] : requests_) {
    if (!request.whole && (!oldest || request.since < *oldest)) oldest = request.since;
  }
  return oldest;
}

const char* FrameWatcher::preface(core::ByteView& bytes) {
  const std::size_t taken = std::min(kPreface.size() - preface_, bytes.size());
  if (core::as_text(bytes.first(taken)) != kPreface.substr(preface_, taken)) {
    return "it does not speak HTTP/2";
  }
  bytes = bytes.subspan(taken);
  preface_ += taken;
  return nullptr;
}

const char* FrameWatcher::client_sent(core::ByteView bytes, Time now) {
  const char* wrong = preface(bytes);
  while (wrong == nullptr && !bytes.empty()) {
    if (const auto frame = client_.next(bytes)) wrong = from_client(*frame, now);
  }
  return wrong;
}

const char* FrameWatcher::server_sent(core::ByteView bytes, Time now) {
  const char* wrong = nullptr;
  while (wrong == nullptr && !bytes.empty()) {
    if (const auto frame = server_.next(bytes)) wrong = from_server(*frame, now);
  }
  return wrong;
}

const char* FrameWatcher::from_client(const FrameHeader& frame, Time now) {
  if (frame.type == kHeaders) return headers(frame, now);
  if (frame.type == kContinuation) return header_block(frame);
  if (frame.type == kReset) return reset(frame, now);
  if (frame.type == kWindowUpdate || is_ack(frame)) {
    return updates_.spend(now) ? nullptr : "it sends window updates without end";
  }
  if (frame.type != kData)
    return controls_.spend(now) ? nullptr : "it sends pings or settings without end";
  if (has(frame, kEndStream)) {
    const auto found = requests_.find(frame.stream);
    if (found != requests_.end()) found->second.whole = true;
  } else if (frame.length == 0 && !controls_.spend(now)) {
    return "it sends empty frames without end";
  }
  return nullptr;
}

const char* FrameWatcher::headers(const FrameHeader& frame, Time now) {
  if (!new_requests_.spend(now)) return "it sends requests faster than they can be answered";
  if (frame.stream > last_stream_) {
    last_stream_ = frame.stream;
    if (requests_.size() == kMostOpen) return "it has too many requests at once";
    requests_.emplace(frame.stream, Request{now, has(frame, kEndStream)});
  } else if (const auto found = requests_.find(frame.stream); found != requests_.end()) {
    found->second.whole = found->second.whole || has(frame, kEndStream);
  }
  block_size_ = 0;
  continuations_ = 0;
  return header_block(frame);
}

const char* FrameWatcher::header_block(const FrameHeader& frame) {
  block_size_ += frame.length;
  if (block_size_ > kLargestBlock || continuations_ > kMostContinuations) {
    return "its headers have no end";
  }
  continuations_ = has(frame, kEndHeaders) ? 0 : continuations_ + 1;
  return nullptr;
}

const char* FrameWatcher::reset(const FrameHeader& frame, Time now) {
  end(frame.stream);
  return resets_.spend(now) ? nullptr : "it opens and resets requests without end";
}

const char* FrameWatcher::from_server(const FrameHeader& frame, Time now) {
  if (frame.type == kReset) return reset(frame, now);
  if (ends_stream(frame)) end(frame.stream);
  return nullptr;
}

void FrameWatcher::end(std::uint32_t stream) { requests_.erase(stream); }

}  // namespace oskbc::broker
