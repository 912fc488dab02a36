// SPDX-License-Identifier: Apache-2.0
#include "broker/state_watch.h"

#include <exception>
#include <utility>

namespace oskbc::broker {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

StateWatch::StateWatch(Look look, Tell tell, std::chrono::microseconds interval)
    : look_(std::move(look)),
      tell_(std::move(tell)),
      interval_(interval),
      thread_([this] { run(); }) {}

StateWatch::~StateWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

StateWatch::Seen StateWatch::see() const {
  Seen seen;
  const auto start = Clock::now();
  try {
    seen.open = look_();
    seen.answers = true;
  } catch (const std::exception& error) {
    seen.problem = error.what();
  }
  seen.took = Clock::now() - start;
  return seen;
}

void StateWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    tell_(see());
    lock.lock();
    stop_.wait_for(lock, interval_, [this] { return stopping_; });
  }
}

}  // namespace oskbc::broker
