// SPDX-License-Identifier: Apache-2.0
#include "broker/launch_store.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"
#include "common/text.h"

namespace oskbc::broker {
namespace {

using core::Bytes;
using core::fail;
using core::Status;

// Another table for another form of what is in it; both databases read these types.
constexpr const char* kTables[] = {
    "CREATE TABLE IF NOT EXISTS oskbc_launches_1 (id INTEGER PRIMARY KEY, policy BIGINT NOT NULL, "
    "pdh TEXT NOT NULL, sealed TEXT, failures BIGINT NOT NULL DEFAULT 0, expires BIGINT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS oskbc_launches_1_open ON oskbc_launches_1 (expires) "
    "WHERE sealed IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS oskbc_launches_1_ended ON oskbc_launches_1 (expires) "
    "WHERE sealed IS NULL",
    "CREATE TABLE IF NOT EXISTS oskbc_keys_1 (slot INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL)",
};

// How long an id is kept from being given out again: whoever has an old one is long gone.
constexpr std::int64_t kIdRest = std::int64_t{30} * 24 * 60 * 60;

// With a full house of a million used ids, one in two thousand draws meets one of them.
constexpr int kDraws = 16;

// What a launch's keys are bound to: nobody who writes to the database can move them to another id
// or give them another policy.
Bytes bound_to(ConnectionId id, std::uint32_t policy, const owner::Digest& pdh) {
  Bytes bytes;
  for (const std::uint32_t number : {static_cast<std::uint32_t>(id), policy}) {
    std::ranges::copy(tools::le_bytes(number), std::back_inserter(bytes));
  }
  bytes.insert(bytes.end(), pdh.begin(), pdh.end());
  return bytes;
}

std::uint32_t policy_of(const std::string& text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, value).ptr != end) {
    fail(Status::decrypt, "a launch in the state has a policy that is no number");
  }
  return value;
}

owner::Digest digest_of(const std::string& text) {
  const auto bytes = tools::from_hex(text);
  owner::Digest digest{};
  if (!bytes || bytes->size() != digest.size()) {
    fail(Status::decrypt, "a launch in the state has no platform");
  }
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

}  // namespace

LaunchStore::LaunchStore(std::unique_ptr<SqlDatabase> database, StateKey key,
                         const StoreLimits& limits)
    : pool_(std::move(database)), key_(std::move(key)), limits_(limits) {
  prepare();
}

SqlRows LaunchStore::run(const std::string& statement, const std::vector<SqlValue>& values) {
  SqlRows rows;
  pool_.with([&](SqlConnection& connection) { rows = connection.run(statement, values); });
  return rows;
}

void LaunchStore::prepare() {
  pool_.with([this](SqlConnection& connection) {
    SqlTransaction transaction(connection);
    for (const char* table : kTables) connection.run(table, {});
    check_key(connection);
    forget_old(connection);
    transaction.commit();
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

// Secrets of launches that have expired go at once, ids later.
void LaunchStore::forget_old(SqlConnection& connection) {
  const std::string now = pool_.now();
  connection.run(
      "UPDATE oskbc_launches_1 SET sealed = NULL WHERE sealed IS NOT NULL AND expires <= " + now,
      {});
  connection.run("DELETE FROM oskbc_launches_1 WHERE sealed IS NULL AND expires <= " + now +
                     " - CAST($1 AS BIGINT)",
                 {kIdRest});
}

std::string LaunchStore::open_ones() const {
  return std::string("sealed IS NOT NULL AND expires > ") + pool_.now();
}

ConnectionId LaunchStore::draw_id() {
  std::array<std::uint8_t, 4> bytes{};
  random_.fill(bytes);
  return static_cast<ConnectionId>(tools::load_le<std::uint32_t>(bytes, 0) & 0x7fffffffU);
}

LaunchStore::Added LaunchStore::add(ConnectionId id, const Launch& launch) {
  const std::string sealed =
      key_.seal(launch.keys, bound_to(id, launch.policy, launch.pdh), random_);
  Added added = Added::full;
  pool_.with([&](SqlConnection& connection) {
    // Alone, because two that count at once could both find room for the last one.
    SqlTransaction transaction(connection);
    forget_old(connection);
    const std::string count = "SELECT count(*) FROM oskbc_launches_1 WHERE " + open_ones();
    if (std::stoull(connection.run(count, {})[0][0].value()) >= limits_.launches) return;
    const SqlRows rows = connection.run(
        std::string("INSERT INTO oskbc_launches_1 (id, policy, pdh, sealed, expires) VALUES "
                    "($1, $2, $3, $4, ") +
            pool_.now() + " + CAST($5 AS BIGINT)) ON CONFLICT (id) DO NOTHING RETURNING id",
        {std::int64_t{id}, std::int64_t{launch.policy}, tools::to_hex(launch.pdh), sealed,
         std::int64_t{limits_.lifetime.count()}});
    transaction.commit();
    added = rows.empty() ? Added::taken : Added::yes;
  });
  return added;
}

std::optional<ConnectionId> LaunchStore::open(const Launch& launch) {
  for (int i = 0; i < kDraws; ++i) {
    const ConnectionId id = draw_id();
    // 0 is what a client sends that has no id.
    if (id == 0) continue;
    const Added added = add(id, launch);
    if (added == Added::full) return std::nullopt;
    if (added == Added::yes) return id;
  }
  fail(Status::io, "no free connection id was found in %d draws", kDraws);
}

std::optional<Launch> LaunchStore::find(ConnectionId id) {
  const SqlRows rows =
      run("SELECT policy, pdh, sealed FROM oskbc_launches_1 WHERE id = $1 AND " + open_ones(),
          {std::int64_t{id}});
  if (rows.empty()) return std::nullopt;
  const SqlRow& row = rows[0];
  Launch launch;
  launch.policy = policy_of(row[0].value());
  launch.pdh = digest_of(row[1].value());
  launch.sealed = row[2].value();
  launch.keys = key_.unseal(launch.sealed, bound_to(id, launch.policy, launch.pdh));
  return launch;
}

bool LaunchStore::claim(ConnectionId id, const Launch& launch) {
  return !run("UPDATE oskbc_launches_1 SET sealed = NULL WHERE id = $1 AND sealed = $2 AND " +
                  open_ones() + " RETURNING id",
              {std::int64_t{id}, launch.sealed})
              .empty();
}

void LaunchStore::count_failure(ConnectionId id) {
  run("UPDATE oskbc_launches_1 SET failures = failures + 1, sealed = CASE WHEN failures + 1 >= "
      "CAST($1 AS BIGINT) THEN NULL ELSE sealed END WHERE id = $2 AND sealed IS NOT NULL",
      {limits_.failures, std::int64_t{id}});
}

std::size_t LaunchStore::count() {
  return std::stoull(
      run("SELECT count(*) FROM oskbc_launches_1 WHERE " + open_ones(), {})[0][0].value());
}

}  // namespace oskbc::broker
