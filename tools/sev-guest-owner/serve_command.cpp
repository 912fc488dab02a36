// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <boost/filesystem/operations.hpp>

#include "base/error.h"
#include "base/status.h"
#include "sev-guest-owner/commands.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::Status;

constexpr const char* kProgram = "sev-guest-owner-serve";

// Beside this program, where a build has it, or where it was installed; "" if it is nowhere.
std::string find_program() {
  boost::system::error_code ignored;
  const auto self = boost::filesystem::read_symlink("/proc/self/exe", ignored);
  for (const auto& folder : {self.parent_path(), boost::filesystem::path(OSKBC_SERVE_FOLDER)}) {
    std::string file = (folder / kProgram).string();
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

// Takes this process's place, so that whoever started it has the server's signals and exit status.
int serve(const std::vector<std::string>& words) {
  const std::string program = find_program();
  if (program.empty()) {
    fail(
        Status::unsupported,
        "serve is not part of this installation: %s is missing, which is built with -Dservices=enabled",
        kProgram);
  }
  std::vector<char*> arguments{const_cast<char*>(kProgram)};
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  const int error = errno;
  fail(Status::io, "starting %s failed: %s (errno %d)", program.c_str(), std::strerror(error),
       error);
}

}  // namespace

void add_serve_command(Command& tool) {
  auto words = std::make_shared<std::vector<std::string>>();
  Command& command =
      tool.add_command("serve", "Answer hosts that ask for launch bundles and launch secrets",
                       [words] { return serve(*words); });
  // The other program knows its options, --help among them.
  command.pass_on(*words);
  if (find_program().empty()) command.hide();
}

}  // namespace oskbc::tools
