// SPDX-License-Identifier: Apache-2.0
#include "broker/control.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/unique_fd.h"
#include "common/error.h"
#include "common/io.h"

namespace oskbc::broker {
namespace {

using core::fail;
using core::Status;
using core::UniqueFd;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLongestCommand = 64;
constexpr std::size_t kLongestAnswer = std::size_t{1} << 20;
constexpr std::size_t kProblemsShown = 20;
// Of a client, which sends its line at once; the broker, which reads a hundred thousand keys.
constexpr std::chrono::seconds kCommandTime{5};
constexpr std::chrono::seconds kAnswerTime{80};

services::ListenAddress address_of(const std::string& socket) {
  return services::parse_listen_address("unix:" + tools::absolute_path(socket),
                                        services::Remote::refused);
}

bool wait_for(int fd, short event, Clock::time_point until) {
  pollfd waited{fd, event, 0};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) return false;
    const int ready = ::poll(&waited, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

// All that comes until the other end is done, or until `last`, which is part of it. Nothing if that
// takes too long, is too long or fails.
std::optional<std::string> receive(int fd, std::optional<char> last, std::size_t limit,
                                   std::chrono::seconds time) {
  const auto until = Clock::now() + time;
  std::string text;
  char block[4096];
  while (text.size() <= limit && wait_for(fd, POLLIN, until)) {
    const ssize_t count = ::recv(fd, block, sizeof block, 0);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) return last ? std::nullopt : std::optional(text);
    text.append(block, static_cast<std::size_t>(count));
    if (last && text.back() == *last) return text;
  }
  return std::nullopt;
}

bool send_all(int fd, std::string_view text) {
  const auto until = Clock::now() + kCommandTime;
  while (!text.empty() && wait_for(fd, POLLOUT, until)) {
    const ssize_t count = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  return text.empty();
}

// The socket's mode depends on its folder and on the umask; who asks does not.
bool is_trusted(int fd) {
  ucred peer{};
  socklen_t length = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
         (peer.uid == 0 || peer.uid == ::geteuid());
}

std::string text_of(const Outcome& outcome) {
  std::string text = std::to_string(static_cast<int>(outcome.status)) + "\n";
  for (const std::string& problem : first_of(outcome.problems)) text += problem + "\n";
  return text;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// Nothing for an answer that was cut off, by a broker that ended.
std::optional<Outcome> outcome_of(std::string_view text) {
  if (!text.ends_with('\n')) return std::nullopt;
  std::vector<std::string> lines = lines_of(text);
  int status = 0;
  const char* end = lines[0].data() + lines[0].size();
  const auto [rest, error] = std::from_chars(lines[0].data(), end, status);
  if (error != std::errc() || rest != end) return std::nullopt;
  lines.erase(lines.begin());
  return Outcome{static_cast<Status>(status), std::move(lines)};
}

UniqueFd connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0 ||
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    fail(Status::io, "no broker listens on %s: %s (errno %d)", path.c_str(), std::strerror(error),
         error);
  }
  return fd;
}

}  // namespace

std::vector<std::string> first_of(const std::vector<std::string>& problems) {
  if (problems.size() <= kProblemsShown) return problems;
  std::vector<std::string> first(problems.begin(), problems.begin() + kProblemsShown);
  first.push_back("and " + std::to_string(problems.size() - kProblemsShown) + " more");
  return first;
}

Control::Control(const std::string& socket, Act act)
    : act_(std::move(act)), listener_(address_of(socket)) {
  listener_.start([this](UniqueFd connection) { answer(std::move(connection)); });
}

void Control::answer(UniqueFd connection) const {
  if (!is_trusted(connection.get())) return;
  const auto line = receive(connection.get(), '\n', kLongestCommand, kCommandTime);
  if (!line) return;
  Outcome outcome;
  try {
    outcome = act_(std::string_view(*line).substr(0, line->size() - 1));
  } catch (const core::Error& error) {
    outcome.add(error.status(), error.what());
  } catch (const std::exception& error) {
    outcome.add(Status::internal, error.what());
  }
  send_all(connection.get(), text_of(outcome));
}

Outcome tell_broker(const std::string& socket, std::string_view command) {
  const std::string path = address_of(socket).path;
  const UniqueFd fd = connect_to(path);
  if (!send_all(fd.get(), std::string(command) + "\n")) {
    tools::fail_io("sending to", path);
  }
  const auto text = receive(fd.get(), std::nullopt, kLongestAnswer, kAnswerTime);
  auto outcome = text ? outcome_of(*text) : std::nullopt;
  if (!outcome) {
    fail(Status::io, "the broker at %s does not say what came of it: see its journal",
         path.c_str());
  }
  return std::move(*outcome);
}

}  // namespace oskbc::broker
