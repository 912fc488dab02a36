// SPDX-License-Identifier: Apache-2.0
// A broker that is killed at each statement of a launch, before it and after it.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

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
    const auto rows = database.run("SELECT id FROM oskbc_launches_1 WHERE sealed IS NOT NULL");
    for (const auto& row : rows) {
      const auto id = static_cast<broker::ConnectionId>(std::stol(row[0].value()));
      CHECK(next.claim(id, next.find(id).value()));
    }
  } while (done.killed);
  CHECK(done.released);
  // Preparing, opening, finding and claiming take more than this.
  CHECK(call > 10);
}

}  // namespace oskbc::killed_test
