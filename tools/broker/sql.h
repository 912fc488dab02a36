// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

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

}  // namespace oskbc::broker
