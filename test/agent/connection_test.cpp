// SPDX-License-Identifier: Apache-2.0
#include "agent/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "base/error.h"
#include "base/status.h"
#include "support/catch.h"

namespace oskbc::connection_test {

using agent::Clock;
using agent::Connection;
using core::Bytes;
using services::RpcStatus;
using std::chrono::seconds;

namespace {

// A connection, and its client's end.
class Pair {
 public:
  Pair() {
    std::array<int, 2> ends{};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
    client_ = core::UniqueFd(ends[0]);
    agent_.emplace(core::UniqueFd(ends[1]), 0, now);
  }

  // What a client sends; false where the agent gives it up.
  bool takes(const Bytes& bytes) {
    CHECK(write(client_.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    return agent_->receive(echo, now);
  }

  // All that the client can read now.
  Bytes answers() {
    Bytes all;
    std::array<std::uint8_t, 4096> some;
    for (ssize_t count = 0; (count = read(client_.get(), some.data(), some.size())) > 0;) {
      all.insert(all.end(), some.begin(), some.begin() + count);
    }
    return all;
  }

  void hang_up() { client_.reset(); }
  void send_no_more() { shutdown(client_.get(), SHUT_WR); }

  Connection& operator*() { return *agent_; }
  Connection* operator->() { return &*agent_; }

  Clock::time_point now = Clock::now();
  std::size_t answer_size = 5;
  bool refuses = false;
  const agent::Handler echo = [this](const ttrpc::Request&, Buffer& answer) {
    if (refuses) core::fail(core::Status::decrypt, "no");
    answer = Buffer(answer_size);
    return RpcStatus{};
  };

 private:
  core::UniqueFd client_;
  std::optional<Connection> agent_;
};

Bytes request(std::uint32_t stream, std::size_t payload = 0) {
  return ttrpc::write_request(stream, {"s", "m", Bytes(payload)});
}

std::size_t frame_size(std::size_t answer) {
  return ttrpc::kHeaderSize + ttrpc::answer_size(answer);
}

}  // namespace

TEST_CASE("a request is answered, and nothing stays") {
  Pair pair;
  CHECK(pair.takes(request(1)));
  CHECK(pair.answers().size() == frame_size(5));
  CHECK(pair->idle());
  CHECK(pair->served());
  CHECK(pair->held() == 0);
  CHECK_FALSE(pair->deadline());
}

TEST_CASE("of a request that has begun the rest is waited for") {
  Pair pair;
  const Bytes whole = request(1, 100);
  CHECK(pair.takes(Bytes(whole.begin(), whole.begin() + 50)));
  CHECK(pair.answers().empty());
  CHECK_FALSE(pair->idle());
  const auto begun = pair.now;
  REQUIRE(pair->deadline());
  CHECK(*pair->deadline() == begun + agent::bounds::kPatience);
  // More of the same request gives no more time.
  pair.now += seconds(5);
  CHECK(pair.takes(Bytes(whole.begin() + 50, whole.begin() + 60)));
  CHECK(*pair->deadline() == begun + agent::bounds::kPatience);
  CHECK(pair.takes(Bytes(whole.begin() + 60, whole.end())));
  CHECK(pair.answers().size() == frame_size(5));
  CHECK_FALSE(pair->deadline());
}

TEST_CASE("the next request's time begins with its first byte") {
  Pair pair;
  const Bytes first = request(1);
  Bytes both = first;
  both.push_back(0);
  CHECK(pair.takes(Bytes(first.begin(), first.begin() + 12)));
  pair.now += seconds(5);
  CHECK(pair.takes(Bytes(both.begin() + 12, both.end())));
  CHECK(*pair->deadline() == pair.now + agent::bounds::kPatience);
}

TEST_CASE("answers that nobody reads are bounded, and requests wait for them") {
  Pair pair;
  pair.answer_size = 50000;
  const auto begun = pair.now;
  std::uint32_t stream = 1;
  while (pair->wants_to_read()) {
    REQUIRE(stream < 1000);
    CHECK(pair.takes(request(stream)));
    stream += 2;
    pair.now += seconds(1);
  }
  CHECK(pair->wants_to_write());
  CHECK(pair->held() <= agent::bounds::kUnread + frame_size(50000) + 1000);
  // The oldest unread one counts, whatever came later.
  CHECK(*pair->deadline() < begun + seconds(stream / 2) + agent::bounds::kPatience);
  std::size_t read = pair.answers().size();
  while (pair->wants_to_write()) {
    CHECK(pair->send(pair.echo, pair.now));
    read += pair.answers().size();
  }
  CHECK(read == stream / 2 * frame_size(50000));
  CHECK(pair->wants_to_read());
  CHECK_FALSE(pair->deadline());
}

TEST_CASE("requests that were read with one whose answer waits are answered later") {
  Pair pair;
  pair.answer_size = agent::bounds::kUnread;
  Bytes many;
  for (std::uint32_t stream = 1; stream < 21; stream += 2) {
    const Bytes one = request(stream);
    many.insert(many.end(), one.begin(), one.end());
  }
  CHECK(pair.takes(many));
  CHECK(pair->held() < 3 * agent::bounds::kUnread);
  std::size_t read = 0;
  for (int i = 0; i < 100000 && read < 10 * frame_size(pair.answer_size); ++i) {
    read += pair.answers().size();
    CHECK(pair->send(pair.echo, pair.now));
  }
  CHECK(read == 10 * frame_size(pair.answer_size));
  CHECK(pair->idle());
}

TEST_CASE("an answer of more than a frame takes is refused") {
  Pair pair;
  pair.answer_size = ttrpc::kMaxData;
  CHECK(pair.takes(request(1)));
  const Bytes answer = pair.answers();
  REQUIRE(answer.size() > ttrpc::kHeaderSize);
  const auto response = ttrpc::read_response(core::ByteView(answer).subspan(ttrpc::kHeaderSize));
  CHECK(response.code == static_cast<int>(services::RpcCode::resource_exhausted));
  CHECK_FALSE(pair->served());
}

TEST_CASE("a client that hangs up is given up") {
  Pair pair;
  pair.hang_up();
  CHECK_FALSE(pair->receive(pair.echo, pair.now));
}

TEST_CASE("a client that sends no more gets its answers first") {
  Pair pair;
  pair.answer_size = 1000000;
  CHECK(pair.takes(request(1)));
  pair.send_no_more();
  CHECK_FALSE(pair->idle());
  std::size_t read = 0;
  bool alive = true;
  while (alive) {
    alive = pair->wants_to_read() ? pair->receive(pair.echo, pair.now)
                                  : pair->send(pair.echo, pair.now);
    read += pair.answers().size();
  }
  CHECK(read == frame_size(1000000));
}

TEST_CASE("what a handler throws is its answer") {
  Pair pair;
  pair.refuses = true;
  CHECK(pair.takes(request(1)));
  const Bytes answer = pair.answers();
  const auto response = ttrpc::read_response(core::ByteView(answer).subspan(ttrpc::kHeaderSize));
  CHECK(response.message == "OSKBC_E_DECRYPT: no");
  CHECK_FALSE(pair->served());
}

}  // namespace oskbc::connection_test
