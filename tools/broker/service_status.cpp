// SPDX-License-Identifier: Apache-2.0
#include "broker/service_status.h"

#include <exception>

#include "broker/messages.h"
#include "common/text.h"
#include "services/service_manager.h"

namespace oskbc::broker {
namespace {

void notify(const std::string& text) noexcept {
  try {
    services::notify_service_manager(text.c_str());
  } catch (const std::exception& error) {
    say(error.what());
  }
}

}  // namespace

void ServiceStatus::set_files(const std::string& problem) noexcept {
  const std::lock_guard lock(mutex_);
  files_ = problem;
  tell();
}

void ServiceStatus::set_state(const std::string& problem, std::size_t open_launches) noexcept {
  const std::lock_guard lock(mutex_);
  state_ = problem.empty() ? std::to_string(open_launches) + " launches wait for their secret"
                           : "the state does not answer: " + problem;
  tell();
}

void ServiceStatus::tell() {
  // A line's end would begin another message.
  const std::string text =
      tools::printable(files_ + (files_.empty() || state_.empty() ? "" : "; ") + state_);
  if (text == told_) return;
  told_ = text;
  notify("STATUS=" + text);
}

void ServiceStatus::keep_alive() noexcept { notify("WATCHDOG=1"); }

}  // namespace oskbc::broker
