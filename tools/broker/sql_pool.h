// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "broker/sql.h"

namespace oskbc::broker {

// The connections to a database that the threads of a server share. Thread-safe.
class SqlPool {
 public:
  explicit SqlPool(std::unique_ptr<SqlDatabase> database);

  // Runs `work` with a connection that nobody else has meanwhile. One that broke is replaced the
  // next time.
  void with(const std::function<void(SqlConnection&)>& work);

  [[nodiscard]] const char* now() const noexcept { return database_->now(); }

 private:
  [[nodiscard]] std::unique_ptr<SqlConnection> take();
  void give_back(std::unique_ptr<SqlConnection> connection) noexcept;

  std::unique_ptr<SqlDatabase> database_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<SqlConnection>> idle_;
  std::size_t busy_ = 0;
};

}  // namespace oskbc::broker
