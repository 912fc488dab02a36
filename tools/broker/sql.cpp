// SPDX-License-Identifier: Apache-2.0
#include "broker/sql.h"

#include <utility>

namespace oskbc::broker {

SqlPool::SqlPool(std::unique_ptr<SqlDatabase> database) : database_(std::move(database)) {
  idle_.reserve(database_->connections());
}

std::unique_ptr<SqlConnection> SqlPool::take() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [this] { return busy_ < database_->connections(); });
  ++busy_;
  if (idle_.empty()) return nullptr;
  std::unique_ptr<SqlConnection> connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void SqlPool::give_back(std::unique_ptr<SqlConnection> connection) noexcept {
  const bool keep = connection && connection->usable();
  {
    const std::lock_guard lock(mutex_);
    if (keep) idle_.push_back(std::move(connection));
    --busy_;
  }
  returned_.notify_one();
}

void SqlPool::with(const std::function<void(SqlConnection&)>& work) {
  std::unique_ptr<SqlConnection> connection = take();
  try {
    if (!connection || !connection->usable()) connection = database_->connect();
    work(*connection);
  } catch (...) {
    give_back(std::move(connection));
    throw;
  }
  give_back(std::move(connection));
}

}  // namespace oskbc::broker
