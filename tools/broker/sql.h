// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker/batches.h"

// As much of a database as the launches need: SQLite and PostgreSQL understand the same statements,
// so that these are written once, in launch_store.cpp.
namespace oskbc::broker {

using SqlValue = std::variant<std::int64_t, std::string>;
// Numbers come as their decimal text; nothing for NULL.
using SqlRow = std::vector<std::optional<std::string>>;
using SqlRows = std::vector<SqlRow>;

// One connection to a database. What fails throws Status::io. Not on one object at once.
class SqlConnection {
 public:
  SqlConnection() = default;
  SqlConnection(const SqlConnection&) = delete;
  SqlConnection& operator=(const SqlConnection&) = delete;
  virtual ~SqlConnection() = default;

  // One statement with its parameters $1, $2 and so on, which stand in it in this order. What it
  // changed is on the disk when this returns, except in a transaction.
  virtual SqlRows run(const std::string& statement, const std::vector<SqlValue>& values) = 0;

  // A transaction that no other of these runs beside, whoever is connected.
  virtual void begin_alone() = 0;
  virtual void commit() = 0;
  virtual void roll_back() noexcept = 0;

  // Whether it may be used again after something failed.
  [[nodiscard]] virtual bool usable() const noexcept = 0;
};

class SqlDatabase {
 public:
  SqlDatabase() = default;
  SqlDatabase(const SqlDatabase&) = delete;
  SqlDatabase& operator=(const SqlDatabase&) = delete;
  virtual ~SqlDatabase() = default;

  [[nodiscard]] virtual std::unique_ptr<SqlConnection> connect() = 0;
  // An expression for the seconds since 1970 by the clock that all who share the database share.
  [[nodiscard]] virtual const char* now() const noexcept = 0;
  // How many connections are of use at once.
  [[nodiscard]] virtual std::size_t connections() const noexcept = 0;
  // Whether changes wait for one another anyway, so that they are better made together.
  [[nodiscard]] virtual bool has_one_writer() const noexcept = 0;
  // How long to wait for others who use the database.
  [[nodiscard]] virtual std::chrono::milliseconds patience() const noexcept = 0;
};

// Rolls back what was not committed.
class SqlTransaction {
 public:
  explicit SqlTransaction(SqlConnection& connection) : connection_(connection) {
    connection_.begin_alone();
  }
  SqlTransaction(const SqlTransaction&) = delete;
  SqlTransaction& operator=(const SqlTransaction&) = delete;
  ~SqlTransaction() {
    if (!done_) connection_.roll_back();
  }

  void commit() {
    connection_.commit();
    done_ = true;
  }

 private:
  SqlConnection& connection_;
  bool done_ = false;
};

// The connections to a database that the threads of a server share. Thread-safe.
class SqlPool {
 public:
  using Work = std::function<void(SqlConnection&)>;

  explicit SqlPool(std::unique_ptr<SqlDatabase> database);

  // Runs `work` with a connection that nobody else has meanwhile. One that broke is replaced the
  // next time. Throws Status::io if there is none for too long.
  void with(const Work& work);
  // Runs `work` in a transaction that no other of these runs beside, whoever is connected. All that
  // wait for it have one together, which fails for all or for none. On the disk when it returns.
  void alone(const Work& work);
  // The same for what may run beside others, where that is of use: one statement.
  void change(const Work& work);

  [[nodiscard]] const char* now() const noexcept { return database_->now(); }
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept {
    return database_->patience();
  }

 private:
  [[nodiscard]] std::unique_ptr<SqlConnection> take();
  void give_back(std::unique_ptr<SqlConnection> connection) noexcept;
  void run_alone(const std::vector<const Work**>& all);

  std::unique_ptr<SqlDatabase> database_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<SqlConnection>> idle_;
  std::size_t busy_ = 0;
  Batches<const Work*> alone_;
};

// A file of mode 0600, which is made if it is not there. Several processes may use it at once.
// Throws Status::io, or Status::argument for a file that others may read.
[[nodiscard]] std::unique_ptr<SqlDatabase> open_sqlite(const std::string& file);

[[nodiscard]] bool is_postgres_uri(const std::string& state) noexcept;

// postgresql://..., as libpq reads it. Connects at connect(). Passwords are better left to
// libpq's password file than given here, since others may see the command line.
[[nodiscard]] std::unique_ptr<SqlDatabase> open_postgres(const std::string& uri);

}  // namespace oskbc::broker
