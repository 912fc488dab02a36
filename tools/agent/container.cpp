// SPDX-License-Identifier: Apache-2.0
#include "agent/container.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <utility>

#include "agent/failure.h"
#include "agent/unpack.h"

namespace oskbc::agent {
namespace {

constexpr std::size_t kLargestContent = 512 << 20;

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  // execvpe() takes them so, and changes nothing.
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

unsigned number_in(const std::string& text) {
  unsigned number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || rest != end) {
    throw Failure(kCannotRun, "the image's user is no number, and names are not looked up");
  }
  return number;
}

// "UID" or "UID:GID"; nothing is root.
void become_user(const std::string& user) {
  if (user.empty() || user == "root") return;
  const std::size_t colon = user.find(':');
  const unsigned uid = number_in(user.substr(0, colon));
  const unsigned gid = colon == std::string::npos ? uid : number_in(user.substr(colon + 1));
  if (setgroups(0, nullptr) != 0 || setgid(gid) != 0 || setuid(uid) != 0) {
    fail_with_errno(kCannotRun, "becoming the image's user failed");
  }
}

}  // namespace

void enter_new_root(const std::string& root) {
  // A folder that was there before could hold what no layer has.
  if (mkdir(root.c_str(), 0755) != 0) fail_with_errno(kCannotRun, "making " + root + " failed");
  if (chroot(root.c_str()) != 0 || chdir("/") != 0) {
    fail_with_errno(kCannotRun, "making " + root + " the root failed");
  }
}

void unpack_layers(std::vector<Buffer> layers) {
  std::size_t left = kLargestContent;
  for (Buffer& layer : layers) {
    left -= unpack_layer(layer, left);
    layer = Buffer();
  }
}

void become(const Process& process) {
  if (!process.directory.empty() && chdir(process.directory.c_str()) != 0) {
    fail_with_errno(kCannotRun, "entering the image's working directory failed");
  }
  become_user(process.user);
  clearenv();
  for (const std::string& variable : process.environment) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string::npos) continue;
    setenv(variable.substr(0, equals).c_str(), variable.c_str() + equals + 1, 1);
  }
  execvp(process.arguments.front().c_str(), pointers(process.arguments).data());
  fail_with_errno(kCannotRun, "starting the image's " + process.arguments.front() + " failed");
}

}  // namespace oskbc::agent
