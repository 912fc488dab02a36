// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "broker/boot_clock.h"
#include "broker/sql.h"
#include "broker/state_key.h"
#include "broker/used_launches.h"
#include "owner/crypto/random.h"
#include "owner/keys/keyset_policy.h"
#include "owner/launch/session.h"

namespace oskbc::broker {

// The protocol's number for a launch between its bundle and its secret.
using ConnectionId = std::int32_t;

// A launch that waits for its secret.
struct Launch {
  owner::TransportKeys keys;
  std::uint32_t policy = 0;
  owner::Digest pdh{};  // SHA-256 of the platform's certificate
  std::string owner;    // owner_of() the client
  std::string sealed;   // as the database has it; claim() takes no other
};

// Whether there is room for one more launch, and if not, which limit there is none under.
enum class Room { yes, none, none_for_owner, none_for_platform };

struct StoreLimits {
  std::size_t launches = 4096;  // that are open at once
  std::size_t per_owner = 1024;
  std::size_t per_platform = 512;  // of one owner, so that nobody takes another's
  std::chrono::seconds lifetime{600};
  // Wrong measurements until a launch is closed. More than one, because whoever guesses an id could
  // close another's launch.
  std::int64_t failures = 8;
};

// The open launches of one broker or of several that share a database. Each is used once: of all
// that claim it, one succeeds, and before that one knows, the database has it on its disk. Ids are
// random and come back only long after their launch has ended. TEK and TIK are encrypted with the
// state's key, bound to all else of the launch but its failures. Expiry is told by the clock of the
// boot in which a launch was opened, which nobody sets; by another machine, or after another boot,
// by the database's. Thread-safe. What the database fails with is Status::io.
class LaunchStore {
 public:
  // Throws Status::argument if the state was made with another key.
  LaunchStore(std::unique_ptr<SqlDatabase> database, StateKey key, const StoreLimits& limits);

  // Nothing if there are as many as may be; `room` says of what.
  [[nodiscard]] std::optional<ConnectionId> open(const Launch& launch, Room* room = nullptr);
  // Nothing for an id that was never given out, and for a launch that is used, closed or expired.
  // Throws Status::decrypt for one that was altered.
  [[nodiscard]] std::optional<Launch> find(ConnectionId id);
  // Whether the launch, which find() gave, is now the caller's, and nobody else's ever after.
  [[nodiscard]] bool claim(ConnectionId id, const Launch& launch);
  // Whether it was claimed here before, or remembered: if find() gives it nevertheless, somebody
  // has brought an older copy of the database back.
  [[nodiscard]] bool was_used(ConnectionId id) const { return used_.contains(id); }
  // That these were used, which something else than the database knows.
  void remember_used(const std::vector<ConnectionId>& ids);
  // Closes the launch at the last failure that it may have.
  void count_failure(ConnectionId id);

  // Of those that wait for their secret.
  [[nodiscard]] std::size_t count();

 private:
  struct Opening;
  struct Now;
  SqlRows run(const std::string& statement, const std::vector<SqlValue>& values);
  SqlRows change(const std::string& statement, const std::vector<SqlValue>& values);
  void prepare();
  void check_key(SqlConnection& connection);
  void forget_expired(SqlConnection& connection, const BootTime& time);
  void forget_old(SqlConnection& connection, const BootTime& time);
  [[nodiscard]] Room room_for(SqlConnection& connection, const Launch& launch,
                              const Now& now) const;
  [[nodiscard]] bool insert(SqlConnection& connection, const Opening& opening, const Now& now);
  void add(SqlConnection& connection, Opening& opening, const Now& now);
  void add_all(const std::vector<Opening**>& openings);
  [[nodiscard]] ConnectionId draw_id();
  // A condition in which boot_time() has the parameters with these numbers.
  [[nodiscard]] std::string is_open(int boot, int seconds) const;

  SqlPool pool_;
  StateKey key_;
  StoreLimits limits_;
  owner::SystemRandom random_;
  UsedLaunches used_;
  std::chrono::steady_clock::time_point forgotten_{};  // within SqlPool::alone()
  Batches<Opening*> openings_;
};

}  // namespace oskbc::broker
