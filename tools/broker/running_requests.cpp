// SPDX-License-Identifier: Apache-2.0
#include "broker/running_requests.h"

#include <thread>

#include "broker/client_error.h"

namespace oskbc::broker {
namespace {

// From a request's end until its client has the answer, on a busy machine. A secret whose answer is
// lost costs the launch.
constexpr std::chrono::seconds kOnTheWay{1};

}  // namespace

RunningRequests::One::One(RunningRequests& all) : all_(all) {
  const std::lock_guard lock(all_.mutex_);
  if (all_.draining_) {
    throw ClientError(Code::unavailable, "BROKER STOPS", "the broker is being stopped");
  }
  ++all_.count_;
}

RunningRequests::One::~One() {
  const std::lock_guard lock(all_.mutex_);
  all_.last_end_ = std::chrono::steady_clock::now();
  if (--all_.count_ == 0) all_.idle_.notify_all();
}

void RunningRequests::drain(std::chrono::milliseconds grace) {
  std::unique_lock lock(mutex_);
  draining_ = true;
  idle_.wait_for(lock, grace, [this] { return count_ == 0; });
  const auto answered = last_end_ + kOnTheWay;
  lock.unlock();
  std::this_thread::sleep_until(answered);
}

}  // namespace oskbc::broker
