// SPDX-License-Identifier: Apache-2.0
#include "broker/launch_store.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "broker/launch_row.h"
#include "common/binary.h"
#include "common/text.h"

namespace oskbc::broker {
namespace {

using core::fail;
using core::Status;

// Another table for another form of what is in it; both databases read these types.
constexpr const char* kTables[] = {
    "CREATE TABLE IF NOT EXISTS oskbc_launches_2 (id INTEGER PRIMARY KEY, policy BIGINT NOT NULL, "
    "pdh TEXT NOT NULL, owner TEXT NOT NULL, boot TEXT NOT NULL, boot_expires BIGINT NOT NULL, "
    "expires BIGINT NOT NULL, failures BIGINT NOT NULL DEFAULT 0, sealed TEXT)",
    // All that counting the open ones looks at.
    "CREATE INDEX IF NOT EXISTS oskbc_launches_2_open ON oskbc_launches_2 "
    "(boot, boot_expires, expires, owner, pdh) WHERE sealed IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS oskbc_launches_2_ended ON oskbc_launches_2 (expires) "
    "WHERE sealed IS NULL",
    "CREATE TABLE IF NOT EXISTS oskbc_keys_1 (slot INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL)",
};

// How long an id is kept from being given out again: whoever has an old one is long gone.
constexpr std::int64_t kIdRest = std::int64_t{30} * 24 * 60 * 60;

// With a full house of a million used ids, one in two thousand draws meets one of them.
constexpr int kDraws = 16;

// Launches of other boots and machines expire by the database's clock. Their keys stay for so long
// after that, lest a clock that is set ahead for a moment takes them all.
constexpr std::int64_t kForeignRest = std::int64_t{60} * 60;

// What other brokers left is looked for now and then.
constexpr std::chrono::seconds kForgetInterval{10};

}  // namespace

LaunchStore::LaunchStore(std::unique_ptr<SqlDatabase> database, StateKey key,
                         const StoreLimits& limits)
    : pool_(std::move(database)),
      key_(std::move(key)),
      limits_(limits),
      // By whichever clock it expires, and with what a second is rounded off.
      used_(limits.lifetime + std::chrono::minutes(1)),
      openings_([this](const std::vector<Opening**>& openings) { add_all(openings); },
                pool_.patience()) {
  prepare();
}

void LaunchStore::remember_used(const std::vector<ConnectionId>& ids) {
  for (const ConnectionId id : ids) used_.add(id);
}

SqlRows LaunchStore::run(const std::string& statement, const std::vector<SqlValue>& values) {
  SqlRows rows;
  pool_.with([&](SqlConnection& connection) { rows = connection.run(statement, values); });
  return rows;
}

SqlRows LaunchStore::change(const std::string& statement, const std::vector<SqlValue>& values) {
  SqlRows rows;
  pool_.change([&](SqlConnection& connection) { rows = connection.run(statement, values); });
  return rows;
}

void LaunchStore::prepare() {
  pool_.alone([this](SqlConnection& connection) {
    for (const char* table : kTables) connection.run(table, {});
    check_key(connection);
    const BootTime time = boot_time();
    forget_expired(connection, time);
    forget_old(connection, time);
  });
}

// With another key no launch would open, and each would look as if it had been altered.
void LaunchStore::check_key(SqlConnection& connection) {
  const std::string mine = key_.fingerprint();
  connection.run(
      "INSERT INTO oskbc_keys_1 (slot, fingerprint) VALUES (1, $1) ON CONFLICT (slot) DO NOTHING",
      {mine});
  const SqlRows rows = connection.run("SELECT fingerprint FROM oskbc_keys_1 WHERE slot = 1", {});
  if (rows.size() == 1 && rows[0][0] == mine) return;
  fail(Status::argument,
       "the state was made with another key: give that one with --state-key, or another --state");
}

// Secrets of launches that have expired go at once.
void LaunchStore::forget_expired(SqlConnection& connection, const BootTime& time) {
  connection.run(
      "UPDATE oskbc_launches_2 SET sealed = NULL WHERE sealed IS NOT NULL AND boot = $1 AND "
      "boot_expires <= $2",
      {time.boot, time.seconds});
}

// Of other boots and machines later, and ids later still.
void LaunchStore::forget_old(SqlConnection& connection, const BootTime& time) {
  const std::string ended = std::string("expires <= ") + pool_.now() + " - CAST(";
  connection.run(
      "UPDATE oskbc_launches_2 SET sealed = NULL WHERE sealed IS NOT NULL AND boot <> $1 AND " +
          ended + "$2 AS BIGINT)",
      {time.boot, kForeignRest});
  connection.run("DELETE FROM oskbc_launches_2 WHERE sealed IS NULL AND " + ended + "$1 AS BIGINT)",
                 {kIdRest});
  forgotten_ = std::chrono::steady_clock::now();
}

std::string LaunchStore::is_open(int boot, int seconds) const {
  const std::string boot_is = "boot = $" + std::to_string(boot);
  return "sealed IS NOT NULL AND ((" + boot_is + " AND boot_expires > $" + std::to_string(seconds) +
         ") OR (NOT " + boot_is + " AND expires > " + pool_.now() + "))";
}

// Not 0, which is what a client sends that has no id, nor one that was used: an older copy of the
// database does not know it.
ConnectionId LaunchStore::draw_id() {
  while (true) {
    std::array<std::uint8_t, 4> bytes{};
    random_.fill(bytes);
    const auto id =
        static_cast<ConnectionId>(tools::load_le<std::uint32_t>(bytes, 0) & 0x7fffffffU);
    if (id != 0 && !was_used(id)) return id;
  }
}

// A launch on its way into the database.
struct LaunchStore::Opening {
  const Launch& launch;
  ConnectionId id = 0;
  Room room = Room::yes;
  bool is_open = false;
};

// By the clocks, for all of a batch.
struct LaunchStore::Now {
  BootTime boot;
  std::int64_t seconds = 0;  // the database's
};

// Only for one who has found no room.
Room LaunchStore::room_for(SqlConnection& connection, const Launch& launch, const Now& now) const {
  const SqlRows rows = connection.run(
      "SELECT count(*), count(CASE WHEN owner = $1 THEN 1 END), "
      "count(CASE WHEN owner = $1 AND pdh = $2 THEN 1 END) FROM oskbc_launches_2 WHERE " +
          is_open(3, 4),
      {launch.owner, tools::to_hex(launch.pdh), now.boot.boot, now.boot.seconds});
  const auto count = [&](std::size_t column) {
    return number_of<std::uint64_t>(rows[0][column].value());
  };
  if (count(0) >= limits_.launches) return Room::none;
  if (count(1) >= limits_.per_owner) return Room::none_for_owner;
  return count(2) >= limits_.per_platform ? Room::none_for_platform : Room::yes;
}

// Whether there was room, and the id was free: in one statement, since a database on the network
// takes as long for each.
bool LaunchStore::insert(SqlConnection& connection, const Opening& opening, const Now& now) {
  const Launch& launch = opening.launch;
  const std::int64_t lifetime = limits_.lifetime.count();
  const LaunchRow row{opening.id,
                      launch.policy,
                      launch.pdh,
                      launch.owner,
                      now.boot.boot,
                      now.boot.seconds + lifetime,
                      now.seconds + lifetime};
  const auto limit = [](std::size_t number) { return static_cast<std::int64_t>(number); };
  const SqlRows rows = connection.run(
      std::string("INSERT INTO oskbc_launches_2 (id, ") + LaunchRow::kNames +
          ", sealed) "
          "SELECT CAST($1 AS INTEGER), CAST($2 AS BIGINT), $3, $4, $5, CAST($6 AS BIGINT), "
          "CAST($7 AS BIGINT), $8 FROM (SELECT count(*) AS launches, "
          "count(CASE WHEN owner = $4 THEN 1 END) AS of_owner, "
          "count(CASE WHEN owner = $4 AND pdh = $3 THEN 1 END) AS of_platform "
          "FROM oskbc_launches_2 WHERE " +
          is_open(5, 9) +
          ") AS counted WHERE launches < CAST($10 AS BIGINT) AND of_owner < CAST($11 AS BIGINT) "
          "AND of_platform < CAST($12 AS BIGINT) ON CONFLICT (id) DO NOTHING RETURNING id",
      {std::int64_t{row.id}, std::int64_t{row.policy}, tools::to_hex(row.pdh), row.owner, row.boot,
       row.boot_expires, row.expires, key_.seal(launch.keys, row.bound(), random_),
       now.boot.seconds, limit(limits_.launches), limit(limits_.per_owner),
       limit(limits_.per_platform)});
  return !rows.empty();
}

void LaunchStore::add(SqlConnection& connection, Opening& opening, const Now& now) {
  for (int i = 0; i < kDraws && opening.room == Room::yes && !opening.is_open; ++i) {
    opening.id = draw_id();
    opening.is_open = insert(connection, opening, now);
    if (!opening.is_open) opening.room = room_for(connection, opening.launch, now);
  }
}

// Alone, because two that count at once could both find room for the last one.
void LaunchStore::add_all(const std::vector<Opening**>& openings) {
  pool_.alone([&](SqlConnection& connection) {
    Now now{boot_time()};
    forget_expired(connection, now.boot);
    if (std::chrono::steady_clock::now() - forgotten_ > kForgetInterval) {
      forget_old(connection, now.boot);
    }
    const SqlRows rows = connection.run(std::string("SELECT ") + pool_.now(), {});
    now.seconds = number_of<std::int64_t>(rows[0][0].value());
    for (Opening** opening : openings) add(connection, **opening, now);
  });
}

std::optional<ConnectionId> LaunchStore::open(const Launch& launch, Room* room) {
  Opening opening{launch};
  openings_.run(&opening);
  if (room != nullptr) *room = opening.room;
  if (opening.is_open) return opening.id;
  if (opening.room != Room::yes) return std::nullopt;
  fail(Status::io, "no free connection id was found in %d draws", kDraws);
}

std::optional<Launch> LaunchStore::find(ConnectionId id) {
  const BootTime time = boot_time();
  const SqlRows rows =
      run(std::string("SELECT ") + LaunchRow::kNames + ", sealed FROM oskbc_launches_2 WHERE " +
              "id = $1 AND " + is_open(2, 3),
          {std::int64_t{id}, time.boot, time.seconds});
  if (rows.empty()) return std::nullopt;
  const LaunchRow row = LaunchRow::of(id, rows[0]);
  Launch launch{{}, row.policy, row.pdh, row.owner, rows[0][LaunchRow::kColumns].value()};
  launch.keys = key_.unseal(launch.sealed, row.bound());
  return launch;
}

bool LaunchStore::claim(ConnectionId id, const Launch& launch) {
  if (was_used(id)) return false;
  const BootTime time = boot_time();
  const SqlRows rows =
      change("UPDATE oskbc_launches_2 SET sealed = NULL WHERE id = $1 AND sealed = $2 AND " +
                 is_open(3, 4) + " RETURNING id",
             {std::int64_t{id}, launch.sealed, time.boot, time.seconds});
  // Of two for whom the database was brought back in between, one is the second here.
  return !rows.empty() && used_.add(id);
}

void LaunchStore::count_failure(ConnectionId id) {
  change(
      "UPDATE oskbc_launches_2 SET failures = failures + 1, sealed = CASE WHEN failures + 1 >= "
      "CAST($1 AS BIGINT) THEN NULL ELSE sealed END WHERE id = $2 AND sealed IS NOT NULL",
      {limits_.failures, std::int64_t{id}});
}

std::size_t LaunchStore::count() {
  const BootTime time = boot_time();
  return number_of<std::size_t>(run("SELECT count(*) FROM oskbc_launches_2 WHERE " + is_open(1, 2),
                                    {time.boot, time.seconds})[0][0]
                                    .value());
}

}  // namespace oskbc::broker
