// SPDX-License-Identifier: Apache-2.0
// A broker that is killed at each statement of a launch, before it and after it, and at each system
// call of a release.
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "broker/launch_service.h"
#include "launches.h"
#include "support/catch.h"

namespace oskbc::killed_test {

using broker::LaunchStore;
using test::EmptyDatabase;

namespace {

// Where the process ends: at the nth call of a connection, before or after it is done.
struct Point {
  int call;
  bool after;
};

class KilledConnection final : public broker::SqlConnection {
 public:
  KilledConnection(std::unique_ptr<broker::SqlConnection> real, Point point, int& calls)
      : real_(std::move(real)), point_(point), calls_(calls) {}

  broker::SqlRows run(const std::string& statement,
                      const std::vector<broker::SqlValue>& values) override {
    broker::SqlRows rows;
    at([&] { rows = real_->run(statement, values); });
    return rows;
  }
  void begin_alone() override {
    at([&] { real_->begin_alone(); });
  }
  void commit() override {
    at([&] { real_->commit(); });
  }
  void roll_back() noexcept override { real_->roll_back(); }
  [[nodiscard]] bool usable() const noexcept override { return real_->usable(); }

 private:
  template <typename Call>
  void at(Call call) {
    const bool here = ++calls_ == point_.call;
    if (here && !point_.after) std::raise(SIGKILL);
    call();
    if (here) std::raise(SIGKILL);
  }

  std::unique_ptr<broker::SqlConnection> real_;
  Point point_;
  int& calls_;
};

class KilledDatabase final : public broker::SqlDatabase {
 public:
  KilledDatabase(std::unique_ptr<broker::SqlDatabase> real, Point point)
      : real_(std::move(real)), point_(point) {}
  [[nodiscard]] std::unique_ptr<broker::SqlConnection> connect() override {
    return std::make_unique<KilledConnection>(real_->connect(), point_, calls_);
  }
  [[nodiscard]] const char* now() const noexcept override { return real_->now(); }
  [[nodiscard]] std::size_t connections() const noexcept override { return 1; }
  [[nodiscard]] bool has_one_writer() const noexcept override { return real_->has_one_writer(); }
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept override {
    return real_->patience();
  }

 private:
  std::unique_ptr<broker::SqlDatabase> real_;
  Point point_;
  int calls_ = 0;
};

// What a broker got done before it ended; it writes each down as its client would see it.
struct Done {
  bool opened = false;
  bool released = false;
  bool killed = false;
};

// One launch, in a process of its own.
Done launch_in_child(const EmptyDatabase& database, Point point) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    LaunchStore store(std::make_unique<KilledDatabase>(database.open(), point), test::state_key(),
                      test::limits());
    const auto id = store.open(test::a_launch()).value();
    static_cast<void>(::write(ends[1], "o", 1) == 1);
    if (store.claim(id, store.find(id).value())) static_cast<void>(::write(ends[1], "r", 1) == 1);
    ::_exit(0);
  }
  ::close(ends[1]);
  char text[2] = {};
  const auto count = [&](int at) { return ::read(ends[0], &text[at], 1) == 1; };
  Done done;
  done.opened = count(0);
  done.released = done.opened && count(1);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  done.killed = WIFSIGNALED(status);
  return done;
}

}  // namespace

TEST_CASE("killed at any statement, a broker loses no open launch and releases none twice") {
  const std::string kind = GENERATE(from_range(test::database_kinds()));
  const bool after = GENERATE(false, true);
  const EmptyDatabase database(kind);
  int call = 0;
  Done done;
  do {
    done = launch_in_child(database, {++call, after});
    CAPTURE(kind, after, call);
    LaunchStore next(database.open(), test::state_key(), test::limits());
    const std::size_t open = next.count();
    if (done.released) CHECK(open == 0);
    CHECK(open <= 1);
    const auto rows = database.run("SELECT id FROM oskbc_launches_2 WHERE sealed IS NOT NULL");
    for (const auto& row : rows) {
      const auto id = static_cast<broker::ConnectionId>(std::stol(row[0].value()));
      CHECK(next.claim(id, next.find(id).value()));
    }
  } while (done.killed);
  CHECK(done.released);
  // Preparing, opening, finding and claiming take more than this.
  CHECK(call > 10);
}

namespace {

using nlohmann::json;

// What it takes to release, and no more: neither chain nor measurement, which call nothing.
class Releases {
 public:
  Releases(const EmptyDatabase& database, const std::string& audit)
      : audit_(audit),
        store_(database.open(), test::state_key(), test::limits()),
        service_(store_, trust_, audit_, keysets(database.folder()),
                 {.skip_measurement = true, .skip_chain = true}) {}

  [[nodiscard]] std::vector<broker::ConnectionId> open(int count) {
    std::vector<broker::ConnectionId> ids;
    for (int i = 0; i < count; ++i) ids.push_back(store_.open(test::a_launch()).value());
    return ids;
  }
  // Whether the secret was given.
  [[nodiscard]] bool release(broker::ConnectionId id) {
    try {
      const core::Bytes measurement(48);
      static_cast<void>(service_.secret({measurement, id, 1, 55, 24, 5, "K"}, {}));
      return true;
    } catch (const broker::ClientError& refused) {
      CHECK(std::string(refused.what()) == "CONNECTION ID INVALID");
      return false;
    }
  }

 private:
  static std::shared_ptr<const broker::Keysets> keysets(const test::TempFolder& folder) {
    constexpr std::string_view kKeys = R"({"k": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="})";
    constexpr std::string_view kKeysets = R"({"K": {"allowed_keys": ["k"]}})";
    return std::make_shared<const broker::Keysets>(folder.write("keys.json", kKeys),
                                                   folder.write("keysets.json", kKeysets), 3072);
  }

  broker::Audit audit_;
  LaunchStore store_;
  std::shared_ptr<const broker::PlatformTrust> trust_ =
      std::make_shared<const broker::PlatformTrust>(
          broker::PlatformTrust::Options{{}, {}, {}, true});
  broker::LaunchService service_;
};

struct Call {
  std::uint64_t number;
  std::uint64_t descriptor;
};

// Whether it changes nothing but the process itself: killed there, it leaves what it left before.
bool is_its_own(const Call& call) {
  constexpr std::array<std::uint64_t, 12> kOwn{
      SYS_brk,    SYS_mmap,   SYS_munmap,        SYS_mprotect,       SYS_madvise, SYS_futex,
      SYS_getpid, SYS_gettid, SYS_clock_gettime, SYS_rt_sigprocmask, SYS_mlock,   SYS_munlock,
  };
  return std::ranges::find(kOwn, call.number) != kOwn.end();
}

// A process that releases a launch, and stops at each system call of it: once before the kernel
// does it and once after.
class Traced {
 public:
  Traced(const EmptyDatabase& database, const std::string& audit, broker::ConnectionId id) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      Releases releases(database, audit);
      if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(1);
      ::raise(SIGSTOP);
      const bool released = releases.release(id);
      static_cast<void>(::write(ends[1], "r", released ? 1 : 0) == 1);
      ::_exit(0);
    }
    ::close(ends[1]);
    answer_ = ends[0];
    wait();
    may_trace_ = WIFSTOPPED(status_);
    if (may_trace_) {
      ::ptrace(PTRACE_SETOPTIONS, child_, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    }
  }
  Traced(const Traced&) = delete;
  Traced& operator=(const Traced&) = delete;
  ~Traced() {
    ::kill(child_, SIGKILL);
    while (!ended()) wait();
    ::close(answer_);
  }

  // Where containers forbid it.
  [[nodiscard]] bool may_trace() const { return may_trace_; }
  [[nodiscard]] bool ended() const { return WIFEXITED(status_) || WIFSIGNALED(status_); }
  [[nodiscard]] const std::vector<Call>& calls() const { return calls_; }

  // Whether it stopped once more before its end.
  bool step() {
    do {
      if (!go_on()) return false;
      __ptrace_syscall_info info{};
      ::ptrace(PTRACE_GET_SYSCALL_INFO, child_, sizeof info, &info);
      if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        calls_.push_back({info.entry.nr, info.entry.args[0]});
      }
    } while (calls_.empty() || is_its_own(calls_.back()));
    return true;
  }
  void kill() {
    ::kill(child_, SIGKILL);
    while (!ended()) wait();
  }
  // Whether its client has the secret.
  [[nodiscard]] bool heard() const {
    char text = 0;
    return ::read(answer_, &text, 1) == 1;
  }

 private:
  // To where a call begins or ends.
  bool go_on() {
    for (int signal = 0;;) {
      ::ptrace(PTRACE_SYSCALL, child_, nullptr, signal);
      wait();
      if (ended()) return false;
      signal = WSTOPSIG(status_);
      if (signal == (SIGTRAP | 0x80)) return true;
    }
  }
  void wait() { REQUIRE(::waitpid(child_, &status_, 0) == child_); }

  pid_t child_ = -1;
  int answer_ = -1;
  int status_ = 0;
  bool may_trace_ = false;
  std::vector<Call> calls_;
};

// All lines have to be whole.
int released_lines(const std::string& text) {
  int released = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    REQUIRE(end != std::string::npos);
    const json line = json::parse(text.substr(from, end - from));
    released += line["decision"].get<std::string>() == "released" ? 1 : 0;
    from = end + 1;
  }
  return released;
}

// Before the answer is written, the audit's line is, and then the disk has it.
void check_durable(const std::vector<Call>& calls) {
  const auto is = [](long number) {
    return [number](const Call& call) { return call.number == static_cast<unsigned long>(number); };
  };
  const auto answer = std::find_if(calls.rbegin(), calls.rend(), is(SYS_write));
  const auto sync = std::find_if(answer, calls.rend(), is(SYS_fdatasync));
  REQUIRE(sync != calls.rend());
  const auto line = std::find_if(sync, calls.rend(), is(SYS_write));
  REQUIRE(line != calls.rend());
  CHECK(line->descriptor == sync->descriptor);
}

}  // namespace

TEST_CASE(
    "killed at any system call of a release, a broker gives no secret twice or without a line") {
  const std::string kind = GENERATE(from_range(test::database_kinds()));
  const EmptyDatabase database(kind);
  const auto ids = Releases(database, database.folder().path("audit")).open(90);
  int released_after = 0;
  int used_before = 0;
  bool ended = false;
  for (std::size_t stop = 1; !ended; ++stop) {
    CAPTURE(kind, stop);
    const std::string name = "audit" + std::to_string(stop);
    const std::string audit = database.folder().path(name);
    const auto id = ids.at(stop);
    bool heard = false;
    {
      Traced traced(database, audit, id);
      if (!traced.may_trace()) {
        std::fprintf(stderr, "SKIPPED: ptrace(2) is forbidden here, so nothing is killed\n");
        return;
      }
      for (std::size_t i = 0; i < stop && !ended; ++i) ended = !traced.step();
      if (ended && !traced.calls().empty()) check_durable(traced.calls());
      traced.kill();
      heard = traced.heard();
    }
    CHECK(released_lines(database.folder().read(name)) >= (heard ? 1 : 0));
    const bool again = Releases(database, audit).release(id);
    CHECK_FALSE((heard && again));
    const int lines = released_lines(database.folder().read(name));
    CHECK(lines >= (heard || again ? 1 : 0));
    CHECK(lines <= 1);
    ++(again ? released_after : used_before);
  }
  // At the first calls the launch is still open, and at the last it is used.
  CHECK(released_after > 3);
  CHECK(used_before > 3);
}

}  // namespace oskbc::killed_test
