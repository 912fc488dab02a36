// SPDX-License-Identifier: Apache-2.0
#include "broker/boot_clock.h"

#include <array>
#include <ctime>

#include <boost/filesystem/operations.hpp>

#include "base/error.h"
#include "common/io.h"
#include "common/text.h"
#include "owner/crypto/random.h"

namespace oskbc::broker {
namespace {

constexpr std::size_t kBootIdSize = 36;

std::string random_id() {
  std::array<std::uint8_t, 16> bytes{};
  owner::SystemRandom().fill(bytes);
  return tools::to_hex(bytes);
}

std::string read_boot_id() {
  std::string id;
  try {
    tools::read_blocks("/proc/sys/kernel/random/boot_id",
                       [&](core::ByteView block) { id += core::as_text(block); });
  } catch (const core::Error&) {
    // A sandbox without /proc.
  }
  return id.size() >= kBootIdSize ? id.substr(0, kBootIdSize) : random_id();
}

// A container may have a boot clock of its own.
std::string clock_id() {
  boost::system::error_code ignored;
  return read_boot_id() + " " +
         boost::filesystem::read_symlink("/proc/self/ns/time", ignored).string();
}

}  // namespace

BootTime boot_time() {
  static const std::string boot = clock_id();
  std::timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return {boot, time.tv_sec};
}

}  // namespace oskbc::broker
