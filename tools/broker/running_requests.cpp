// SPDX-License-Identifier: Apache-2.0
#include "broker/running_requests.h"

#include "broker/client_error.h"

namespace oskbc::broker {

RunningRequests::One::One(RunningRequests& all) : all_(all) {
  const std::lock_guard lock(all_.mutex_);
  if (all_.draining_) {
    throw ClientError(Code::unavailable, "BROKER STOPS", "the broker is being stopped");
  }
  ++all_.count_;
}

RunningRequests::One::~One() {
  const std::lock_guard lock(all_.mutex_);
  if (--all_.count_ == 0) all_.idle_.notify_all();
}

void RunningRequests::drain(std::chrono::milliseconds grace) {
  std::unique_lock lock(mutex_);
  draining_ = true;
  idle_.wait_for(lock, grace, [this] { return count_ == 0; });
}

}  // namespace oskbc::broker
