// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <string>

#include <oskbc/oskbc.hpp>

namespace oskbc::agent {

// The key broker client, opened when it is first needed. A failure is for all who waited for it;
// the next request tries again: the secret may still come into sight. Any number of threads may ask
// at once.
class OnDemandClient {
 public:
  using Open = std::function<Client(const std::string& aa_kbc_params)>;
  using Clock = std::chrono::steady_clock;

  // Opens below a root, which stands for / where it is not empty.
  OnDemandClient(const std::string& root, bool require_authenticated);
  explicit OnDemandClient(Open open) : open_(std::move(open)) {}

  // Throws what opening throws, and Status::params for parameters that would not have opened it.
  [[nodiscard]] const Client& get(const std::string& aa_kbc_params);

  // Wipes the keys, after the last use of the client.
  void close() { attempt_ = {}; }

 private:
  void open(std::promise<Client>& promise, const std::string& aa_kbc_params);

  Open open_;
  std::mutex mutex_;
  // Of the attempt that runs or that succeeded.
  std::shared_future<Client> attempt_;
  // Of the attempt that failed, and until when it counts.
  std::exception_ptr failure_;
  Clock::time_point counts_until_;
};

}  // namespace oskbc::agent
