// SPDX-License-Identifier: Apache-2.0
#include "broker/sql.h"

#include <utility>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::broker {

SqlPool::SqlPool(std::unique_ptr<SqlDatabase> database)
    : database_(std::move(database)),
      alone_([this](const std::vector<const Work**>& all) { run_alone(all); },
             database_->patience()) {
  idle_.reserve(database_->connections());
}

std::unique_ptr<SqlConnection> SqlPool::take() {
  std::unique_lock lock(mutex_);
  if (!returned_.wait_for(lock, database_->patience(),
                          [this] { return busy_ < database_->connections(); })) {
    core::fail(core::Status::io, "no connection to the database was free in time");
  }
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

void SqlPool::with(const Work& work) {
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

void SqlPool::run_alone(const std::vector<const Work**>& all) {
  with([&](SqlConnection& connection) {
    SqlTransaction transaction(connection);
    for (const Work** work : all) (**work)(connection);
    transaction.commit();
  });
}

void SqlPool::alone(const Work& work) { alone_.run(&work); }

void SqlPool::change(const Work& work) {
  if (database_->has_one_writer()) {
    alone(work);
  } else {
    with(work);
  }
}

}  // namespace oskbc::broker
