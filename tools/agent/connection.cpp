// SPDX-License-Identifier: Apache-2.0
#include "agent/connection.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace oskbc::agent {
namespace {

using core::ByteView;
using core::Status;
using services::RpcCode;
using services::RpcStatus;
using ttrpc::Header;
using ttrpc::kHeaderSize;
using ttrpc::kMaxData;

// Of gRPC's and ttRPC's flags, only this one means something for a call with one request: it is the
// last.
constexpr std::uint8_t kNoMoreFollows = 1;
// Answers that one call of the system takes.
constexpr std::size_t kAtOnce = 16;

bool would_block() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

bool Connection::receive(const Handler& handler, Clock::time_point now) {
  std::array<std::uint8_t, bounds::kTurn> turn{};
  const ssize_t count = recv(fd(), turn.data(), turn.size(), 0);
  if (count < 0) return would_block();
  if (count == 0) {
    // It may have closed its sending half only, and still read answers.
    ended_ = true;
  } else {
    used_ = now;
    take(ByteView(turn).first(static_cast<std::size_t>(count)), handler, now);
  }
  return flush() && !is_over();
}

bool Connection::send(const Handler& handler, Clock::time_point now) {
  if (!flush()) return false;
  if (unread_ <= bounds::kUnread && !input_.empty()) {
    // Requests that came before the client was slow.
    begun_ = now;
    take({}, handler, now);
    if (!flush()) return false;
  }
  return !is_over();
}

bool Connection::give(Buffer answer, Clock::time_point now) {
  if (answer.empty()) return false;
  ended_ = true;
  served_ = true;
  Answer whole{.head = {}, .body = std::move(answer), .sent = 0, .since = now};
  unread_ += whole.cost();
  answers_.push_back(std::move(whole));
  return flush() && !is_over();
}

std::optional<Clock::time_point> Connection::deadline() const noexcept {
  // While answers are unread, the rest of the requests is not the client's fault.
  if (!answers_.empty()) return answers_.front().since + bounds::kPatience;
  if (!input_.empty() || to_skip_ != 0) return begun_ + bounds::kPatience;
  return std::nullopt;
}

// Most requests are whole in what one call reads, and are answered from there; nothing is copied
// then.
void Connection::take(ByteView data, const Handler& handler, Clock::time_point now) {
  if (input_.empty()) {
    if (to_skip_ == 0) begun_ = now;
    return keep(answer_complete(data, handler, now));
  }
  core::Bytes whole = std::exchange(input_, {});
  const std::size_t earlier = whole.size();
  whole.resize(earlier + data.size());
  std::ranges::copy(data, core::ByteSpan(whole).subspan(earlier).begin());
  const ByteView rest = answer_complete(whole, handler, now);
  if (rest.size() == whole.size()) {
    input_ = std::move(whole);
  } else {
    keep(rest);
  }
}

// Returns what is left, the start of a frame.
ByteView Connection::answer_complete(ByteView data, const Handler& handler, Clock::time_point now) {
  for (;;) {
    data = skip(data, now);
    if (data.size() < kHeaderSize || unread_ > bounds::kUnread) return data;
    const Header header = ttrpc::read_header(data.first<kHeaderSize>());
    if (header.size > kMaxData) {
      to_skip_ = kHeaderSize + std::size_t{header.size};
      answer(header, {}, handler, now);
      continue;
    }
    const std::size_t size = kHeaderSize + header.size;
    if (data.size() < size) return data;
    answer(header, data.subspan(kHeaderSize, header.size), handler, now);
    data = data.subspan(size);
    begun_ = now;
  }
}

ByteView Connection::skip(ByteView data, Clock::time_point now) noexcept {
  if (to_skip_ == 0) return data;
  const std::size_t size = std::min(to_skip_, data.size());
  to_skip_ -= size;
  if (to_skip_ == 0) begun_ = now;
  return data.subspan(size);
}

void Connection::keep(ByteView rest) { input_.assign(rest.begin(), rest.end()); }

void Connection::answer(const Header& header, ByteView data, const Handler& handler,
                        Clock::time_point now) {
  Answer answer;
  answer.since = now;
  RpcStatus status = refusal(header);
  if (status.code == RpcCode::ok) {
    stream_ = header.stream;
    const RpcStatus thrown =
        services::run_method([&] { status = handler(ttrpc::read_request(data), answer.body); });
    if (thrown.code != RpcCode::ok) status = thrown;
  }
  if (status.code == RpcCode::ok && ttrpc::answer_size(answer.body.size()) > kMaxData) {
    status = {RpcCode::resource_exhausted,
              "OSKBC_E_REQUEST: the answer would have more than 4 MiB"};
  }
  if (status.code == RpcCode::ok) {
    answer.head = ttrpc::write_answer_head(header.stream, answer.body.size());
    served_ = true;
  } else {
    answer.body = {};
    answer.head =
        ttrpc::write_refusal(header.stream, static_cast<int>(status.code), status.message);
  }
  unread_ += answer.cost();
  answers_.push_back(std::move(answer));
}

// What is wrong with a frame before its data is looked at.
RpcStatus Connection::refusal(const Header& header) const {
  if (header.size > kMaxData) {
    return {RpcCode::resource_exhausted, "OSKBC_E_REQUEST: the message has more than 4 MiB"};
  }
  if (header.type != ttrpc::Type::request || (header.flags & ~kNoMoreFollows) != 0) {
    return services::unimplemented("streams are not served; send one request for one answer");
  }
  if (header.stream % 2 == 0 || header.stream <= stream_) {
    return services::rpc_status(Status::request, "a client's stream ids are odd and rising");
  }
  return {};
}

// Sends what the socket takes; false where the client is gone.
bool Connection::flush() {
  while (!answers_.empty()) {
    std::array<iovec, 2 * kAtOnce> parts{};
    const msghdr message{.msg_name = nullptr,
                         .msg_namelen = 0,
                         .msg_iov = parts.data(),
                         .msg_iovlen = gather(parts),
                         .msg_control = nullptr,
                         .msg_controllen = 0,
                         .msg_flags = 0};
    const ssize_t count = sendmsg(fd(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0) return would_block();
    sent(static_cast<std::size_t>(count));
  }
  return true;
}

// The first answers, each a head and a body, without what has been sent of the first.
std::size_t Connection::gather(std::span<iovec> parts) {
  std::size_t count = 0;
  const auto add = [&](std::uint8_t* data, std::size_t size, std::size_t& sent) {
    const std::size_t skipped = std::min(sent, size);
    sent -= skipped;
    if (size > skipped) parts[count++] = {data + skipped, size - skipped};
  };
  for (Answer& answer : answers_) {
    if (count + 2 > parts.size()) break;
    std::size_t already = answer.sent;
    add(answer.head.data(), answer.head.size(), already);
    add(answer.body.data(), answer.body.size(), already);
  }
  return count;
}

void Connection::sent(std::size_t count) noexcept {
  while (count != 0) {
    Answer& first = answers_.front();
    const std::size_t taken = std::min(count, first.size() - first.sent);
    first.sent += taken;
    count -= taken;
    if (first.sent != first.size()) return;
    unread_ -= first.cost();
    answers_.pop_front();
  }
}

}  // namespace oskbc::agent
