// SPDX-License-Identifier: Apache-2.0
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "common/agent_config.h"
#include "common/error.h"
#include "common/io.h"
#include "common/text.h"
#include "luks/check.h"
#include "luks/volumes.h"
#include "oskbc/commands.h"
#include "services/listener.h"
#include "ttrpc/services.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;
using core::UniqueFd;
using luks::Volume;

// What cryptsetup takes of a passphrase, and more (512 bytes); a key file may be longer.
constexpr std::size_t kMaxPassphrase = std::size_t{64} << 10;
// The agent reads a header meanwhile, of a disk that may be slow.
constexpr timeval kPatience{.tv_sec = 60, .tv_usec = 0};

void check_volume(const Volume& volume) {
  const luks::Header header = luks::check_device(volume.device, volume.wanted, volume.header);
  write_output(printable(volume.name) + ": the header is as it should be: " + header.cipher + ", " +
               std::to_string(header.keyslots.size()) + " keyslots\n");
}

// One that is refused keeps none of the others closed; the last one's status is the result.
int check_volumes(const std::vector<Volume>& volumes) {
  int status = OSKBC_OK;
  const auto tell = [&status](const Volume& volume, int number, const char* why) {
    std::fprintf(stderr, "oskbc: the volume %s: %s\n", printable(volume.name).c_str(), why);
    status = number;
  };
  for (const Volume& volume : volumes) {
    try {
      check_volume(volume);
    } catch (const Refused& refused) {
      tell(volume, kExitRefused, refused.what());
    } catch (const core::Error& error) {
      tell(volume, static_cast<int>(error.status()), error.what());
    }
  }
  return status;
}

sockaddr_un address_of(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  return address;
}

// As systemd names its end of the connection: NUL, random digits, what is asked for.
UniqueFd named_socket(const std::string& volume) {
  std::uint64_t random = 0;
  if (getrandom(&random, sizeof random, 0) != sizeof random) fail_io("reading", "random numbers");
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(random));
  const std::string name = std::string(1, '\0') + digits + "/cryptsetup/" + volume;
  if (name.size() > sizeof sockaddr_un::sun_path) {
    fail(Status::argument, "the volume's name is too long for a socket's");
  }
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = address_of(name);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  if (fd.get() < 0 || bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    fail_io("naming", "a socket");
  }
  return fd;
}

SecretBytes read_secret(const UniqueFd& fd, const std::string& from) {
  SecretBytes secret(kMaxPassphrase);
  std::size_t size = 0;
  while (size < secret.size()) {
    const core::ByteSpan rest = secret.expose_writable().subspan(size);
    const ssize_t count = read(fd.get(), rest.data(), rest.size());
    if (count < 0 && errno != EINTR) fail_io("reading from", from);
    if (count == 0) break;
    if (count > 0) size += static_cast<std::size_t>(count);
  }
  if (size == kMaxPassphrase) fail(Status::io, "the passphrase has %zu bytes or more", size);
  secret.resize(size);
  return secret;
}

}  // namespace

int luks_check(const LuksCheck& wanted) {
  if (wanted.volume.empty() && !wanted.every_volume) {
    check_volume({.name = wanted.device,
                  .device = wanted.device,
                  .header = wanted.copy,
                  .entry = {},
                  .wanted = wanted.header});
    return OSKBC_OK;
  }
  const std::vector<Volume> volumes = luks::volumes_in(AgentConfig(wanted.root, wanted.config));
  if (wanted.every_volume) {
    return check_volumes(volumes);
  }
  const Volume* volume = luks::find_volume(volumes, wanted.volume);
  if (volume == nullptr) fail(Status::argument, "the configuration has no volume of this name");
  check_volume(*volume);
  return OSKBC_OK;
}

std::string credential_path(const std::string& address) {
  std::string path = services::parse_listen_address(address, services::Remote::refused).path;
  if (path.empty()) fail(Status::argument, "the agent's address is not unix:///PATH");
  return path;
}

int disk_passphrase(const std::string& volume, const std::string& address, bool force) {
  if (!force) refuse_terminal();
  const std::string path = credential_path(address);
  const UniqueFd fd = named_socket(volume);
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  const sockaddr_un there = address_of(path);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0) {
    fail_io("connecting to an agent at", path);
  }
  const SecretBytes secret = read_secret(fd, path);
  if (secret.empty()) {
    refuse("the agent gives no passphrase for this volume; its log says why");
  }
  write_output(secret.expose());
  return OSKBC_OK;
}

}  // namespace oskbc::tools
