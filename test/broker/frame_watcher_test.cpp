// SPDX-License-Identifier: Apache-2.0
#include "broker/frame_watcher.h"

#include <string>
#include <string_view>

#include "support/catch.h"

namespace oskbc::frame_watcher_test {

using broker::Budget;
using broker::FrameScanner;
using broker::FrameWatcher;
using broker::Time;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr Time kStart{seconds(1000)};

enum Type : char { data, headers, priority, reset, settings, push, ping, goaway, update, more };
constexpr char kEnd = 1;
constexpr char kAck = 1;
constexpr char kEndHeaders = 4;

std::string frame(Type type, char flags, std::uint32_t stream, std::size_t size = 0) {
  std::string bytes;
  for (const unsigned shift : {16U, 8U, 0U}) bytes += static_cast<char>(size >> shift & 0xffU);
  bytes += static_cast<char>(type);
  bytes += flags;
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    bytes += static_cast<char>(stream >> shift & 0xffU);
  return bytes + std::string(size, 'x');
}

std::string request(std::uint32_t stream, char flags = kEndHeaders) {
  return frame(headers, flags, stream, 20);
}

// A connection whose client has begun.
struct Connection {
  FrameWatcher watcher;
  Time now = kStart;

  Connection() { REQUIRE(client(std::string(kPreface)) == nullptr); }
  const char* client(const std::string& bytes) {
    return watcher.client_sent(core::as_bytes(bytes), now);
  }
  const char* server(const std::string& bytes) {
    return watcher.server_sent(core::as_bytes(bytes), now);
  }
  // How many of these are taken, of so many.
  template <typename Make>
  int taken(int count, const Make& make) {
    for (int i = 0; i < count; ++i) {
      if (client(make(static_cast<std::uint32_t>(2 * i + 1))) != nullptr) return i;
    }
    return count;
  }
};

}  // namespace

TEST_CASE("a budget is spent, and grows again up to what may come at once") {
  Budget budget(3, 2);
  for (int i = 0; i < 3; ++i) CHECK(budget.spend(kStart));
  CHECK_FALSE(budget.spend(kStart));
  CHECK_FALSE(budget.spend(kStart + milliseconds(400)));
  CHECK(budget.spend(kStart + milliseconds(500)));
  CHECK_FALSE(budget.spend(kStart + milliseconds(500)));
  const Time later = kStart + seconds(3600);
  for (int i = 0; i < 3; ++i) CHECK(budget.spend(later));
  CHECK_FALSE(budget.spend(later));
}

TEST_CASE("headers of frames are found however the bytes are cut") {
  const std::string all = frame(data, kEnd, 5, 300) + frame(ping, 0, 0, 8) +
                          frame(settings, kAck, 0) + frame(headers, 0, 0xffffffff, 70000);
  const std::size_t piece = GENERATE(1U, 2U, 7U, 9U, 10U, 309U, 100000U);
  FrameScanner scanner;
  std::vector<broker::FrameHeader> found;
  for (std::size_t at = 0; at < all.size(); at += piece) {
    core::ByteView bytes = core::as_bytes(std::string_view(all).substr(at, piece));
    while (!bytes.empty()) {
      if (const auto one = scanner.next(bytes)) found.push_back(*one);
    }
  }
  REQUIRE(found.size() == 4);
  CHECK(found[0].length == 300);
  CHECK(found[0].stream == 5);
  CHECK(found[0].flags == kEnd);
  CHECK(found[1].type == ping);
  CHECK(found[2].length == 0);
  CHECK(found[3].length == 70000);
  CHECK(found[3].stream == 0x7fffffff);
}

TEST_CASE("who does not speak HTTP/2 is found at the first wrong byte") {
  FrameWatcher watcher;
  CHECK(watcher.client_sent(core::as_bytes(kPreface.substr(0, 10)), kStart) == nullptr);
  CHECK_FALSE(watcher.has_begun());
  CHECK(watcher.client_sent(core::as_bytes("x"), kStart) != nullptr);
  FrameWatcher old;
  CHECK(old.client_sent(core::as_bytes("GET / HTTP/1.1\r\n"), kStart) != nullptr);
  FrameWatcher slow;
  for (const char& c : kPreface)
    CHECK(slow.client_sent(core::as_bytes({&c, 1}), kStart) == nullptr);
  CHECK(slow.has_begun());
}

TEST_CASE("requests are open until they are answered") {
  Connection connection;
  CHECK(connection.watcher.open() == 0);
  connection.client(request(1) + frame(data, kEnd, 1, 30) + request(3));
  CHECK(connection.watcher.open() == 2);
  // Headers come first, and trailers end it.
  connection.server(frame(headers, kEndHeaders, 1, 9) + frame(data, 0, 1, 50));
  CHECK(connection.watcher.open() == 2);
  connection.server(frame(headers, kEndHeaders | kEnd, 1, 9));
  CHECK(connection.watcher.open() == 1);
  connection.client(frame(reset, 0, 3, 4));
  CHECK(connection.watcher.open() == 0);
}

TEST_CASE("the oldest request whose end is awaited is known") {
  Connection connection;
  CHECK_FALSE(connection.watcher.unfinished_since());
  connection.client(request(1, kEndHeaders | kEnd));
  CHECK_FALSE(connection.watcher.unfinished_since());
  connection.client(request(3));
  connection.now += seconds(1);
  connection.client(request(5));
  CHECK(connection.watcher.unfinished_since() == kStart);
  connection.server(frame(headers, kEndHeaders | kEnd, 1, 9));
  CHECK_FALSE(connection.watcher.is_waiting());
  connection.client(frame(data, kEnd, 3, 1));
  CHECK(connection.watcher.is_waiting());
  CHECK(connection.watcher.unfinished_since() == kStart + seconds(1));
  // Trailers of the client's.
  connection.client(request(5, kEndHeaders | kEnd));
  CHECK_FALSE(connection.watcher.unfinished_since());
}

TEST_CASE("requests that are opened and reset end the connection") {
  Connection connection;
  const auto both = [](std::uint32_t stream) {
    return request(stream) + frame(reset, 0, stream, 4);
  };
  CHECK(connection.taken(200000, both) == 100);
}

TEST_CASE("resets now and then are fine") {
  Connection connection;
  for (std::uint32_t i = 0; i < 10000; ++i) {
    REQUIRE(connection.client(request(2 * i + 1) + frame(reset, 0, 2 * i + 1, 4)) == nullptr);
    connection.now += milliseconds(60);
  }
}

TEST_CASE("resets that the client has the server make end the connection, too") {
  Connection connection;
  int count = 0;
  while (count < 1000 && connection.server(frame(reset, 0, 1, 4)) == nullptr) ++count;
  CHECK(count == 100);
}

TEST_CASE("frames that only cost work have a bound") {
  Connection connection;
  const auto taken = [&](const std::string& bytes, int count) {
    return connection.taken(count, [&](std::uint32_t) { return bytes; });
  };
  const std::string bytes = GENERATE(
      frame(ping, 0, 0, 8), frame(settings, 0, 0), frame(priority, 0, 1, 5), frame(data, 0, 1),
      frame(goaway, 0, 0, 8), frame(push, 0, 1, 8), std::string("\0\0\0\x55\0\0\0\0\0", 9));
  CHECK(taken(bytes, 100000) == 1000);
}

TEST_CASE("acknowledgements and window updates have a wide bound") {
  Connection connection;
  const std::string bytes =
      GENERATE(frame(ping, kAck, 0, 8), frame(settings, kAck, 0), frame(update, 0, 0, 4));
  CHECK(connection.taken(100000, [&](std::uint32_t) { return bytes; }) == 20000);
}

TEST_CASE("headers that have no end are refused") {
  Connection connection;
  CHECK(connection.client(frame(headers, 0, 1, 10)) == nullptr);
  int count = 0;
  while (count < 1000 && connection.client(frame(more, 0, 1)) == nullptr) ++count;
  CHECK(count < 10);
  Connection other;
  CHECK(other.client(frame(headers, 0, 1, 16384)) == nullptr);
  count = 0;
  while (count < 1000 && other.client(frame(more, kEndHeaders, 1, 16384)) == nullptr) ++count;
  CHECK(count == 3);
}

TEST_CASE("headers in a few pieces are fine, request after request") {
  Connection connection;
  for (std::uint32_t stream = 1; stream < 200; stream += 2) {
    REQUIRE(connection.client(frame(headers, 0, stream, 8000) + frame(more, 0, stream, 100) +
                              frame(more, kEndHeaders, stream, 100)) == nullptr);
    REQUIRE(connection.server(frame(headers, kEndHeaders | kEnd, stream, 9)) == nullptr);
  }
}

TEST_CASE("so many requests may be open at once, and so many come in a second") {
  Connection connection;
  CHECK(connection.taken(1000, [](std::uint32_t stream) { return request(stream); }) == 256);
  Connection other;
  int count = 0;
  for (std::uint32_t stream = 1; stream < 100000; stream += 2) {
    if (other.client(request(stream, kEndHeaders | kEnd)) != nullptr) break;
    static_cast<void>(other.server(frame(headers, kEndHeaders | kEnd, stream, 9)));
    ++count;
  }
  CHECK(count == 5000);
}

TEST_CASE("what is said once is said whole, however it is cut") {
  std::string all(kPreface);
  for (std::uint32_t stream = 1; stream < 401; stream += 2)
    all += request(stream) + frame(reset, 0, stream, 4);
  const std::size_t piece = GENERATE(1U, 5U, 16384U);
  FrameWatcher watcher;
  std::size_t at = 0;
  while (at < all.size() &&
         watcher.client_sent(core::as_bytes(std::string_view(all).substr(at, piece)), kStart) ==
             nullptr) {
    at += piece;
  }
  // The frame after the hundredth reset and its request, whose type is in its fourth byte.
  CHECK(at / piece == (kPreface.size() + 100 * 42 + 29 + 8) / piece);
}

}  // namespace oskbc::frame_watcher_test
