// SPDX-License-Identifier: Apache-2.0
#include "broker/gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "broker/clients.h"
#include "broker/gate_connection.h"

namespace oskbc::broker {
namespace {

using Id = Admission::Id;

constexpr std::chrono::milliseconds kTick{250};
constexpr std::chrono::minutes kBetweenWords{1};
constexpr unsigned kMostLanes = 4;
// The client's, and both ends of the one to gRPC.
constexpr rlim_t kFilesOfConnection = 3;
// What the rest of the broker has open.
constexpr rlim_t kOtherFiles = 256;
// Both ends have one, in the kernel's memory, which doubles it.
constexpr int kSocketBuffer = 32 << 10;

constexpr const char* kMadeRoom = "it made room for a new one";
constexpr const char* kTooManyBusy = "there are too many connections with a request";

struct Origin {
  std::string group;    // what counts as one address
  std::string address;  // see Client
};

template <typename Form>
std::string host_of(int family, const Form& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, &address, text.data(), text.size());
  return text.data();
}

Origin origin_of(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &length);
  if (storage.ss_family == AF_INET) {
    const auto& name = reinterpret_cast<const sockaddr_in&>(storage);
    const std::string host = host_of(AF_INET, name.sin_addr);
    return {host, "ipv4:" + host + ":" + std::to_string(ntohs(name.sin_port))};
  }
  if (storage.ss_family == AF_INET6) {
    const auto& name = reinterpret_cast<const sockaddr_in6&>(storage);
    const std::string host = host_of(AF_INET6, name.sin6_addr);
    return {address_group(host), "ipv6:[" + host + "]:" + std::to_string(ntohs(name.sin6_port))};
  }
  return {"", "unix:"};
}

// As many connections as there can be files for.
Admission::Limits limits_with_files(Admission::Limits limits, const Gate::Say& say) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const rlim_t room =
      files.rlim_max > kOtherFiles ? (files.rlim_max - kOtherFiles) / kFilesOfConnection : 1;
  if (room < limits.connections) {
    say("warning: the limit of open files (" + std::to_string(files.rlim_max) +
        ") leaves room for " + std::to_string(room) + " connections only");
    limits.connections = room;
  }
  return limits;
}

// Of all gates of the process, since names of sockets are made of it.
Id next_id() {
  static std::atomic<Id> last = 0;
  return ++last;
}

}  // namespace

// A thread, and its connections.
struct Gate::Lane {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{
      context.get_executor()};
  boost::asio::steady_timer timer{context};
  std::map<Id, std::shared_ptr<GateConnection>> connections;  // for the thread alone
  bool stopping = false;                                      // too
  std::thread thread;

  void run() {
    // OpenSSL writes without MSG_NOSIGNAL.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    context.run();
  }

  void tick() {
    timer.expires_after(kTick);
    timer.async_wait([this](const boost::system::error_code& error) {
      // A timer that has run out already cannot be cancelled any more.
      if (error || stopping) return;
      each([now = Time::clock::now()](GateConnection& connection) { connection.tick(now); });
      tick();
    });
  }

  // Some of them may be closed by it.
  template <typename Work>
  void each(const Work& work) {
    const auto copy = connections;
    for (const auto& [id, connection] : copy) work(*connection);
  }

  void close(Id id, const char* reason) {
    const auto found = connections.find(id);
    if (found == connections.end()) return;
    const auto connection = found->second;
    connection->close(reason);
  }
};

class Gate::Lanes final : public Gatekeeper {
 public:
  Lanes(const services::ListenAddress& address, const GateOptions& options, Sink sink, Say say)
      : options_(options),
        sink_(std::move(sink)),
        say_(std::move(say)),
        tls_(read_tls()),
        admission_(limits_with_files(options.connections, say_)),
        lanes_(std::clamp(std::thread::hardware_concurrency(), 1U, kMostLanes)),
        listener_(address) {
    for (Lane& lane : lanes_) {
      lane.tick();
      lane.thread = std::thread([&lane] { lane.run(); });
    }
  }

  ~Lanes() override { stop(); }

  void start() {
    listener_.start([this](core::UniqueFd fd) { arrive(std::move(fd)); });
  }

  void stop_listening() noexcept { listener_.stop(); }

  void stop() noexcept {
    listener_.stop();
    for (Lane& lane : lanes_) {
      if (!lane.thread.joinable()) continue;
      boost::asio::post(lane.context, [&lane] {
        lane.each([](GateConnection& connection) { connection.close(nullptr); });
        lane.stopping = true;
        lane.timer.cancel();
        lane.guard.reset();
      });
      lane.thread.join();
    }
  }

  [[nodiscard]] const services::ListenAddress& address() const noexcept {
    return listener_.address();
  }

  [[nodiscard]] std::vector<std::string> warnings() const {
    const std::lock_guard lock(mutex_);
    return tls_ ? tls_->warnings() : std::vector<std::string>();
  }

  [[nodiscard]] std::string reload() {
    try {
      const auto fresh = read_tls();
      const std::lock_guard lock(mutex_);
      tls_ = fresh;
      for (Lane& lane : lanes_) {
        if (!fresh) break;
        boost::asio::post(lane.context, [&lane, fresh] {
          lane.each([&](GateConnection& connection) { connection.recheck(*fresh); });
        });
      }
      return {};
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  [[nodiscard]] Counts counts() const {
    const std::lock_guard lock(mutex_);
    Counts counts = counts_;
    counts.open = admission_.size();
    return counts;
  }

  const char* named(Id id, const std::string& name) override {
    const std::lock_guard lock(mutex_);
    if (!admission_.has(id)) return kMadeRoom;
    const bool admitted = make_room(admission_.name(id, name, Time::clock::now()));
    return admitted ? nullptr : kTooManyBusy;
  }

  void set_busy(Id id, bool busy) override {
    const std::lock_guard lock(mutex_);
    admission_.set_busy(id, busy, Time::clock::now());
  }

  core::UniqueFd connect(Id id, const Client& client) override {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
      return {};
    }
    core::UniqueFd ours(ends[0]);
    core::UniqueFd theirs(ends[1]);
    for (const int fd : ends) {
      setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof kSocketBuffer);
    }
    if (!Clients::all().name_socket(ours.get(), id, client)) return {};
    sink_(std::move(theirs));
    return ours;
  }

  void left(Id id, const Client& client, const char* reason) override {
    lane_of(id).connections.erase(id);
    Clients::all().remove(id);
    const std::lock_guard lock(mutex_);
    admission_.leave(id);
    if (reason != nullptr) note(client, reason);
  }

 private:
  struct Word {
    Time last;
    std::uint64_t unsaid = 0;
  };

  [[nodiscard]] std::shared_ptr<const TlsContext> read_tls() const {
    if (options_.tls.certificate.empty()) return nullptr;
    return std::make_shared<const TlsContext>(options_.tls);
  }

  [[nodiscard]] Lane& lane_of(Id id) { return lanes_[id % lanes_.size()]; }

  // In the listener's thread. All of it under the lock, so that whoever has the connection make
  // room finds it in its lane.
  void arrive(core::UniqueFd fd) {
    const Origin origin = origin_of(fd.get());
    const std::lock_guard lock(mutex_);
    const Id id = next_id();
    ++counts_.accepted;
    Client client{origin.address, {}};
    if (!make_room(admission_.arrive(id, origin.group, Time::clock::now()))) {
      note(client, kTooManyBusy);
      return;
    }
    Lane& lane = lane_of(id);
    boost::asio::post(lane.context, [this, &lane, id, tls = tls_, client = std::move(client),
                                     fd = std::move(fd)]() mutable {
      begin(lane, id, std::move(client), std::move(fd), tls.get());
    });
  }

  // In the lane's thread.
  void begin(Lane& lane, Id id, Client client, core::UniqueFd fd, const TlsContext* tls) {
    try {
      const auto connection = std::make_shared<GateConnection>(
          lane.context, std::move(fd), id, client,
          GateConnection::Times{options_.handshake, options_.request}, *this);
      lane.connections[id] = connection;
      connection->start(tls);
    } catch (const std::exception&) {
      left(id, client, "there is no memory for it");
    }
  }

  [[nodiscard]] bool make_room(const Admission::Verdict& verdict) {
    if (verdict.closes != 0) {
      Lane& lane = lane_of(verdict.closes);
      boost::asio::post(lane.context, [&lane, id = verdict.closes] { lane.close(id, kMadeRoom); });
    }
    return verdict.admitted;
  }

  // Counts all, and says some.
  void note(const Client& client, const char* reason) {
    ++counts_.closed[reason];
    const Time now = Time::clock::now();
    const auto [word, is_new] = words_.try_emplace(reason);
    if (!is_new && now - word->second.last < kBetweenWords) {
      ++word->second.unsaid;
      return;
    }
    const std::uint64_t unsaid = std::exchange(word->second.unsaid, 0);
    word->second.last = now;
    say_("closed the connection of " + client.address +
         (client.name.empty() ? "" : " (" + client.name + ")") + ": " + reason +
         (unsaid == 0 ? "" : "; so were " + std::to_string(unsaid) + " before"));
  }

  const GateOptions options_;
  const Sink sink_;
  const Say say_;
  mutable std::mutex mutex_;
  std::shared_ptr<const TlsContext> tls_;
  Admission admission_;
  Counts counts_;
  std::map<std::string, Word> words_;
  std::vector<Lane> lanes_;
  services::Listener listener_;
};

Gate::Gate(const services::ListenAddress& address, const GateOptions& options, Sink sink, Say say)
    : lanes_(std::make_unique<Lanes>(address, options, std::move(sink), std::move(say))) {}

Gate::~Gate() = default;

void Gate::start() { lanes_->start(); }

const services::ListenAddress& Gate::address() const noexcept { return lanes_->address(); }

std::vector<std::string> Gate::warnings() const { return lanes_->warnings(); }

std::string Gate::reload() { return lanes_->reload(); }

Gate::Counts Gate::counts() const { return lanes_->counts(); }

void Gate::stop_listening() noexcept { lanes_->stop_listening(); }

void Gate::stop() noexcept { lanes_->stop(); }

}  // namespace oskbc::broker
