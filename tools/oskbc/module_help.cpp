// SPDX-License-Identifier: Apache-2.0
#include "oskbc/module_help.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

#include <boost/filesystem.hpp>

#include "base/limits.h"
#include "base/unique_fd.h"
#include "common/text.h"

namespace oskbc::tools {
namespace {

namespace fs = boost::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kWords = 400;
// A kernel's configuration has 300 KB.
constexpr std::size_t kConfigText = std::size_t{2} << 20;
constexpr std::string_view kOption = "CONFIG_EFI_COCO_SECRET";

// Both of the child's streams lead to `end`, and its signals are as they are at a start.
int spawn(const std::vector<std::string>& arguments, int end, pid_t& child) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::array<char*, 1> no_environment = {nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t all;
  sigfillset(&all);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, end, STDERR_FILENO);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  const int error =
      posix_spawn(&child, argv[0], &actions, &attributes, argv.data(), no_environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return -error;
}

// Reads until all writers are gone; false when the time is up.
bool listen(int fd, Clock::time_point end, std::size_t most, std::string& words) {
  std::array<char, 4096> block{};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    pollfd ready{fd, POLLIN, 0};
    const int polled = ::poll(&ready, 1, static_cast<int>(std::max<long>(0, left.count())));
    if (polled == 0) return false;
    const ssize_t count = polled < 0 ? -1 : ::read(fd, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;
    words.append(block.data(), std::min(static_cast<std::size_t>(count), most - words.size()));
  }
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -errno;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

}  // namespace

Heard run_and_listen(const std::vector<std::string>& arguments, std::chrono::milliseconds limit,
                     std::size_t most) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {-errno, {}};
  const core::UniqueFd reading(ends[0]);
  Heard heard;
  pid_t child = 0;
  {
    const core::UniqueFd writing(ends[1]);
    heard.status = spawn(arguments, writing.get(), child);
  }
  if (heard.status != 0) return heard;
  const bool in_time = listen(reading.get(), Clock::now() + limit, most, heard.words);
  if (!in_time) ::kill(-child, SIGKILL);
  heard.status = wait_for(child);
  if (!in_time) heard.status = -ETIMEDOUT;
  return heard;
}

int ListeningSystem::run(const std::vector<std::string>& arguments,
                         std::chrono::milliseconds limit) {
  Heard heard = run_and_listen(arguments, limit, kWords);
  const int status = heard.status;
  // Loading; what unloading says is of no interest.
  if (!heard_) heard_ = std::move(heard);
  return status;
}

namespace {

// The running kernel's release, or those that another root has.
std::vector<std::string> releases(const core::SecretPaths& paths) {
  utsname kernel{};
  if (paths.is_running_system() && ::uname(&kernel) == 0) return {kernel.release};
  std::vector<std::string> names;
  boost::system::error_code error;
  for (fs::directory_iterator position(paths.modules(), error), end; !error && position != end;
       position.increment(error)) {
    names.push_back(position->path().filename().string());
  }
  return names;
}

std::string file_in(const std::string& list) {
  std::ifstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    std::string file = line.substr(0, line.find(':'));
    if (("/" + file).find("/efi_secret.ko") != std::string::npos) return file;
  }
  return {};
}

// An initrd has no zlib for us, but whoever unpacks its parts.
std::string unpacked(const std::string& root, const std::string& file) {
  for (const char* name : {"bin/zcat", "usr/bin/zcat", "bin/gzip", "usr/bin/gzip"}) {
    const std::string program = root + name;
    if (::access(program.c_str(), X_OK) != 0) continue;
    const Heard heard =
        run_and_listen({program, "-dc", file}, core::limits::kModprobe, kConfigText);
    if (heard.status == 0) return heard.words;
  }
  return {};
}

std::string text_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool judge(const std::string& config, const std::string& where, ModuleFacts& facts) {
  if (config.find("CONFIG_EFI") == std::string::npos) return false;
  facts.keeps_area = config.find("\n" + std::string(kOption) + "=y\n") != std::string::npos;
  facts.config = where;
  return true;
}

void look_at_kernel(const core::SecretPaths& paths, ModuleFacts& facts) {
  const std::string root = paths.root() == "/" ? "/" : paths.root() + "/";
  const std::string packed = root + "proc/config.gz";
  if (::access(packed.c_str(), R_OK) == 0 && judge(unpacked(root, packed), packed, facts)) return;
  for (const std::string& release : releases(paths)) {
    const std::string in_boot = root + "boot/config-" + release;
    if (judge(text_of(in_boot), in_boot, facts)) return;
    std::string beside = paths.modules();
    beside.append("/").append(release).append("/config");
    if (judge(text_of(beside), beside, facts)) return;
  }
}

// "kernel/drivers/virt/coco/efi_secret/efi_secret.ko.zst": "zst".
std::string compression_of(const std::string& file) {
  const std::size_t end = file.find(".ko.");
  return end == std::string::npos ? "" : file.substr(end + 4);
}

bool says_wrong_format(const std::string& words) {
  constexpr const char* kSayings[] = {"Exec format error", "nvalid module format"};
  return std::ranges::any_of(
      kSayings, [&](const char* text) { return words.find(text) != std::string::npos; });
}

std::string without_newlines(std::string words) {
  while (!words.empty() && words.back() == '\n') words.pop_back();
  std::string line;
  for (const char character : words) {
    if (character == '\n') {
      line += "; ";
    } else {
      line += character;
    }
  }
  return printable(line);
}

std::string how_it_ended(const ModuleFacts& facts) {
  const Heard& heard = *facts.heard;
  std::string text = *facts.modprobe + " efi_secret ";
  if (heard.status == -ETIMEDOUT) {
    text += "did not end in time";
  } else if (heard.status < 0) {
    text += std::string("failed: ") + std::strerror(-heard.status);
  } else {
    text += "exits with " + std::to_string(heard.status);
  }
  const std::string words = without_newlines(heard.words);
  return text + (words.empty() ? " and says nothing" : " and says \"" + words + "\"");
}

std::string not_found(const ModuleFacts& facts) {
  return "the module efi_secret was not found below " + facts.modules +
         "; put efi_secret.ko of this very kernel into the initrd (CONFIG_EFI_SECRET=m), and run depmod";
}

// After modprobe has had its try.
std::string advice(const ModuleFacts& facts) {
  if (facts.file.empty()) return not_found(facts);
  if (facts.heard->status == 0) return "yet it is not loaded; see dmesg";
  if (!says_wrong_format(facts.heard->words)) return "see dmesg";
  const std::string compression = compression_of(facts.file);
  if (compression.empty()) {
    return "the module may be another kernel's; take the one that was built with this kernel";
  }
  return "it cannot read ." + printable(compression) + ", as " + printable(facts.file) +
         " is compressed; put the module into the initrd uncompressed, and run depmod, or take a modprobe that can";
}

std::string lacks_option(const ModuleFacts& facts) {
  return "the kernel was built without " + std::string(kOption) + ", as " + facts.config +
         " says: it leaves the firmware's secret area to nobody, and the module has no use; build it with CONFIG_EFI_SECRET";
}

}  // namespace

ModuleFacts module_facts(const core::SecretPaths& paths, const ListeningSystem& system) {
  ModuleFacts facts{paths.modprobe(), system.heard(), {}, paths.modules(), {}, {}};
  for (const std::string& release : releases(paths)) {
    if (facts.file.empty()) facts.file = file_in(paths.modules() + "/" + release + "/modules.dep");
  }
  look_at_kernel(paths, facts);
  return facts;
}

std::string explain_module(const ModuleFacts& facts) {
  if (facts.keeps_area == false) return lacks_option(facts);
  if (facts.heard) return how_it_ended(facts) + ": " + advice(facts);
  const std::string no_modprobe =
      facts.modprobe
          ? ""
          : "there is no modprobe in /sbin, /usr/sbin, /bin or /usr/bin to load it with; add kmod's or busybox's to the initrd";
  if (facts.file.empty())
    return not_found(facts) + (no_modprobe.empty() ? "" : "; and " + no_modprobe);
  if (!no_modprobe.empty()) return "the module efi_secret is installed, but " + no_modprobe;
  return "the module efi_secret is installed but not loaded, and the kernel is left alone here; load it with modprobe";
}

std::string explain_area(const ModuleFacts& facts) {
  return facts.keeps_area == false ? lacks_option(facts) : std::string();
}

}  // namespace oskbc::tools
