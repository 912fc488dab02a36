// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <mutex>
#include <string>

namespace oskbc::broker {

// What "systemctl status" shows in one line. What the service manager does not hear is said, and
// stops nothing. Thread-safe.
class ServiceStatus {
 public:
  // What is wrong since the last reload; "" if nothing is.
  void set_files(const std::string& problem) noexcept;
  // What is wrong with the state's database; "" if nothing is.
  void set_state(const std::string& problem, std::size_t open_launches) noexcept;

  // For systemd's watchdog.
  static void keep_alive() noexcept;

 private:
  void tell();

  std::mutex mutex_;
  std::string files_;
  std::string state_;
  std::string told_;
};

}  // namespace oskbc::broker
