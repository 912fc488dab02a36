// SPDX-License-Identifier: Apache-2.0
#include "broker/launch_store.h"

#include <atomic>
#include <set>
#include <thread>

#include "base/status.h"
#include "launches.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::launch_store_test {

using broker::ConnectionId;
using broker::LaunchStore;
using test::a_launch;
using test::EmptyDatabase;
using test::limits;
using test::state_key;
using test::status_of;

namespace {

std::string each_database() {
  const std::string kind = GENERATE(from_range(test::database_kinds()));
  return kind;
}

// How many of `count` threads `call` is true in.
template <typename Call>
int trues(int count, Call call) {
  std::atomic<int> sum = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&] { sum += call() ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  return sum;
}

}  // namespace

TEST_CASE("what was opened is found, with its keys and its policy") {
  const EmptyDatabase database(each_database());
  LaunchStore store(database.open(), state_key(), limits());
  const std::uint32_t policy = GENERATE(0U, 5U, 0xffffffffU);
  const auto id = store.open(a_launch(policy));
  REQUIRE(id);
  const auto found = store.find(*id);
  REQUIRE(found);
  CHECK(test::has_keys_of(*found, a_launch()));
  CHECK(found->policy == policy);
  CHECK(found->pdh == a_launch().pdh);
  CHECK(store.count() == 1);
}

TEST_CASE("ids are positive, and none is there twice") {
  const EmptyDatabase database("sqlite");
  LaunchStore store(database.open(), state_key(), limits());
  std::set<ConnectionId> ids;
  for (int i = 0; i < 50; ++i) ids.insert(store.open(a_launch()).value());
  CHECK(ids.size() == 50);
  CHECK(*ids.begin() > 0);
}

TEST_CASE("a launch is claimed once, and is not found again") {
  const EmptyDatabase database(each_database());
  LaunchStore store(database.open(), state_key(), limits());
  const ConnectionId id = store.open(a_launch()).value();
  const auto launch = store.find(id);
  CHECK(store.claim(id, *launch));
  CHECK_FALSE(store.claim(id, *launch));
  CHECK_FALSE(store.find(id));
  CHECK(store.count() == 0);
}

TEST_CASE("its keys are gone from the database then, and its id is not given out again") {
  const EmptyDatabase database(each_database());
  LaunchStore store(database.open(), state_key(), limits());
  const ConnectionId id = store.open(a_launch()).value();
  CHECK(store.claim(id, *store.find(id)));
  const auto rows = database.run("SELECT id, sealed FROM oskbc_launches_2");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0][0] == std::to_string(id));
  CHECK_FALSE(rows[0][1]);
}

TEST_CASE("of many that claim a launch at once, in two brokers, one gets it") {
  const EmptyDatabase database(each_database());
  LaunchStore here(database.open(), state_key(), limits());
  LaunchStore there(database.open(), state_key(), limits());
  const ConnectionId id = here.open(a_launch()).value();
  const auto launch = there.find(id);
  REQUIRE(launch);
  std::atomic<int> next = 0;
  CHECK(trues(16, [&] { return (next++ % 2 == 0 ? here : there).claim(id, *launch); }) == 1);
}

TEST_CASE("a broker that starts anew finds the launches that were open") {
  const EmptyDatabase database(each_database());
  ConnectionId id = 0;
  {
    LaunchStore before(database.open(), state_key(), limits());
    id = before.open(a_launch()).value();
  }
  LaunchStore after(database.open(), state_key(), limits());
  CHECK(after.claim(id, after.find(id).value()));
}

TEST_CASE("a launch that has expired is gone, and makes room") {
  const EmptyDatabase database(each_database());
  LaunchStore store(database.open(), state_key(), limits(1, 0));
  const ConnectionId id = store.open(a_launch()).value();
  CHECK_FALSE(store.find(id));
  CHECK(store.open(a_launch()));
  CHECK(database.run("SELECT id FROM oskbc_launches_2 WHERE sealed IS NOT NULL").size() == 1);
}

TEST_CASE("a launch that expires between being found and claimed is not claimed") {
  const EmptyDatabase database(each_database());
  LaunchStore store(database.open(), state_key(), limits());
  const ConnectionId id = store.open(a_launch()).value();
  const auto launch = store.find(id);
  const char* change = GENERATE("boot_expires = 1", "boot = '', expires = 1");
  static_cast<void>(database.run(std::string("UPDATE oskbc_launches_2 SET ") + change));
  CHECK_FALSE(store.claim(id, *launch));
}

TEST_CASE("ids are kept long after their launch, and then forgotten") {
  const EmptyDatabase database(each_database());
  const std::string now = database.open()->now();
  const auto open_aged = [&](const std::string& age) {
    LaunchStore store(database.open(), state_key(), limits());
    static_cast<void>(store.open(a_launch()));
    static_cast<void>(
        database.run("UPDATE oskbc_launches_2 SET boot = '', expires = " + now + " - " + age));
    LaunchStore next(database.open(), state_key(), limits());
    static_cast<void>(next.open(a_launch()));
    return database.run("SELECT id FROM oskbc_launches_2").size();
  };
  CHECK(open_aged("29 * 86400") == 2);
  CHECK(open_aged("31 * 86400") == 1);
}

TEST_CASE("no more are open than may be, however many ask at once") {
  const EmptyDatabase database(each_database());
  LaunchStore here(database.open(), state_key(), limits(10));
  LaunchStore there(database.open(), state_key(), limits(10));
  std::atomic<int> next = 0;
  const auto open = [&] { return (next++ % 2 == 0 ? here : there).open(a_launch()).has_value(); };
  CHECK(trues(24, open) == 10);
  CHECK(here.count() == 10);
}

TEST_CASE("failures close a launch, the last one that it may have and none before") {
  const EmptyDatabase database(each_database());
  broker::StoreLimits few = limits();
  few.failures = 3;
  LaunchStore store(database.open(), state_key(), few);
  const ConnectionId id = store.open(a_launch()).value();
  const ConnectionId other = store.open(a_launch()).value();
  for (int i = 0; i < 2; ++i) store.count_failure(id);
  CHECK(store.find(id));
  store.count_failure(id);
  CHECK_FALSE(store.find(id));
  CHECK(store.find(other));
  store.count_failure(12345);
}

TEST_CASE("who writes to the database gets no launch with anything else than it was opened with") {
  const EmptyDatabase database(each_database());
  LaunchStore store(database.open(), state_key(), limits());
  const ConnectionId id = store.open(a_launch(1)).value();
  const std::string change =
      GENERATE("policy = 0", "id = 7",
               "pdh = '0000000000000000000000000000000000000000000000000000000000000000'",
               "sealed = CASE WHEN sealed LIKE 'ff%' THEN '00' ELSE 'ff' END || substr(sealed, 3)",
               "sealed = 'x'", "sealed = ''", "pdh = 'x'", "policy = -1", "owner = 'host:x'",
               "boot_expires = boot_expires + 1", "expires = expires + 1", "boot = 'x'");
  static_cast<void>(database.run(std::string("UPDATE oskbc_launches_2 SET ") + change));
  const ConnectionId now = change == "id = 7" ? 7 : id;
  CHECK(status_of([&] { static_cast<void>(store.find(now)); }) == core::Status::decrypt);
}

TEST_CASE("a state is refused with another key than it was made with") {
  const EmptyDatabase database(each_database());
  { LaunchStore first(database.open(), state_key(1), limits()); }
  const auto open = [&](std::uint8_t key) {
    return status_of([&] { LaunchStore store(database.open(), state_key(key), limits()); });
  };
  CHECK(open(2) == core::Status::argument);
  CHECK(open(1) == core::Status::ok);
}

TEST_CASE("brokers that start at once on an empty database all start") {
  const EmptyDatabase database(each_database());
  CHECK(trues(6, [&] {
          LaunchStore store(database.open(), state_key(), limits());
          return store.count() == 0;
        }) == 6);
}

TEST_CASE("neither the file nor what lies beside it shows a key") {
  const EmptyDatabase database("sqlite");
  LaunchStore store(database.open(), state_key(), limits());
  static_cast<void>(store.open(a_launch()));
  for (const char* name : {"launches.db", "launches.db-wal", "launches.db-shm"}) {
    CAPTURE(name);
    CHECK(database.folder().mode(name) == 0600);
    const std::string content = database.folder().read(name);
    CHECK(content.find(std::string(8, '\xe1')) == std::string::npos);
    CHECK(content.find("e1e1e1e1") == std::string::npos);
    CHECK(content.find("71717171") == std::string::npos);
  }
}

TEST_CASE(
    "one owner, and one platform of its, has as many launches as it may, and others have theirs") {
  const EmptyDatabase database(each_database());
  broker::StoreLimits few = limits();
  few.per_owner = 3;
  few.per_platform = 2;
  LaunchStore store(database.open(), state_key(), few);
  const auto room = [&](const std::string& owner, std::uint8_t platform) {
    broker::Launch launch = a_launch();
    launch.owner = owner;
    launch.pdh = {platform};
    auto found = broker::Room::none;
    const bool is_open = store.open(launch, &found).has_value();
    CHECK(is_open == (found == broker::Room::yes));
    return found;
  };
  for (int i = 0; i < 2; ++i) CHECK(room("name:a", 1) == broker::Room::yes);
  CHECK(room("name:a", 1) == broker::Room::none_for_platform);
  CHECK(room("name:a", 2) == broker::Room::yes);
  CHECK(room("name:a", 3) == broker::Room::none_for_owner);
  CHECK(room("name:b", 1) == broker::Room::yes);
}

namespace {

// A database whose clock is ahead of everybody's.
class ClockAhead final : public broker::SqlDatabase {
 public:
  ClockAhead(std::unique_ptr<broker::SqlDatabase> real, int seconds)
      : real_(std::move(real)), now_(std::string(real_->now()) + " + " + std::to_string(seconds)) {}
  [[nodiscard]] std::unique_ptr<broker::SqlConnection> connect() override {
    return real_->connect();
  }
  [[nodiscard]] const char* now() const noexcept override { return now_.c_str(); }
  [[nodiscard]] std::size_t connections() const noexcept override { return real_->connections(); }
  [[nodiscard]] bool has_one_writer() const noexcept override { return real_->has_one_writer(); }
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept override {
    return real_->patience();
  }

 private:
  std::unique_ptr<broker::SqlDatabase> real_;
  std::string now_;
};

}  // namespace

TEST_CASE("a clock that is 11 minutes ahead once loses no launch") {
  const EmptyDatabase database(each_database());
  ConnectionId id = 0;
  {
    LaunchStore before(database.open(), state_key(), limits());
    id = before.open(a_launch()).value();
  }
  const auto ahead = [&] { return std::make_unique<ClockAhead>(database.open(), 11 * 60); };
  {
    LaunchStore meanwhile(ahead(), state_key(), limits());
    CHECK(meanwhile.find(id));
    static_cast<void>(meanwhile.open(a_launch()));
  }
  SECTION("the clock goes right again") {
    LaunchStore after(database.open(), state_key(), limits());
    CHECK(after.claim(id, after.find(id).value()));
  }
  SECTION("or it does not") {
    LaunchStore after(ahead(), state_key(), limits());
    CHECK(after.claim(id, after.find(id).value()));
  }
}

TEST_CASE("of another boot, a launch expires by the database's clock, and is kept for an hour") {
  const EmptyDatabase database(each_database());
  const auto seal_for_other_boot = [&] {
    LaunchStore store(database.open(), state_key(), limits());
    static_cast<void>(store.open(a_launch()));
    static_cast<void>(database.run("UPDATE oskbc_launches_2 SET boot = 'other'"));
  };
  seal_for_other_boot();
  const auto count_with = [&](int seconds) {
    LaunchStore store(std::make_unique<ClockAhead>(database.open(), seconds), state_key(),
                      limits());
    return store.count();
  };
  CHECK(count_with(0) == 1);
  CHECK(count_with(11 * 60) == 0);
  CHECK(count_with(0) == 1);
  CHECK(count_with(71 * 60) == 0);
  CHECK(count_with(0) == 0);
}

namespace {

// The row as it was when the launch was open, for who may write to the database.
void put_back(const EmptyDatabase& database, const std::string& sealed) {
  static_cast<void>(database.run("UPDATE oskbc_launches_2 SET sealed = '" + sealed + "'"));
}

}  // namespace

TEST_CASE("a launch that was used is not claimed again when its row is put back") {
  const EmptyDatabase database(each_database());
  LaunchStore store(database.open(), state_key(), limits());
  const ConnectionId id = store.open(a_launch()).value();
  const auto launch = store.find(id);
  CHECK_FALSE(store.was_used(id));
  CHECK(store.claim(id, *launch));
  put_back(database, launch->sealed);
  CHECK(store.find(id));
  CHECK(store.was_used(id));
  CHECK_FALSE(store.claim(id, *launch));
}

TEST_CASE("nor by a broker that starts anew, if it is told what was used") {
  const EmptyDatabase database(each_database());
  LaunchStore store(database.open(), state_key(), limits());
  const ConnectionId id = store.open(a_launch()).value();
  LaunchStore next(database.open(), state_key(), limits());
  next.remember_used({id});
  CHECK_FALSE(next.claim(id, *next.find(id)));
}

}  // namespace oskbc::launch_store_test
