// SPDX-License-Identifier: Apache-2.0
#include "source/secret_paths.h"

#include <unistd.h>

#include "base/error.h"
#include "base/status.h"
#include "support/catch.h"
#include "support/temp_tree.h"

namespace oskbc::secret_paths_test {

using test::TempTree;

namespace {

core::Status refusal(const std::string& directory) {
  try {
    static_cast<void>(core::resolve_root(directory));
  } catch (const core::Error& error) {
    return error.status();
  }
  return core::Status::ok;
}

}  // namespace

TEST_CASE("the files are named by the GUID, mainline's path first") {
  const auto files = core::SecretPaths("/r").files(core::keyset_guid());
  CHECK(files[0] == "/r/sys/kernel/security/secrets/coco/e6f5a162-d67f-4750-a67c-5d065f2a9910");
  CHECK(files[1] == "/r/sys/kernel/security/coco/efi_secret/e6f5a162-d67f-4750-a67c-5d065f2a9910");
}

TEST_CASE("all places lie below the root") {
  const core::SecretPaths paths("/r");
  CHECK(paths.securityfs() == "/r/sys/kernel/security");
  CHECK(paths.loaded_module() == "/r/sys/module/efi_secret");
  CHECK(paths.device() == "/r/sys/devices/platform/efi_secret.0");
  CHECK(paths.modules() == "/r/lib/modules");
  CHECK_FALSE(paths.is_running_system());
  CHECK(core::SecretPaths("/").is_running_system());
}

TEST_CASE("modprobe is looked for in fixed places, never on PATH") {
  const TempTree tree;
  const core::SecretPaths paths(tree.path());
  CHECK_FALSE(paths.modprobe());
  for (const char* program :
       {"usr/bin/modprobe", "bin/modprobe", "usr/sbin/modprobe", "sbin/modprobe"}) {
    tree.write(program, "");
    CHECK(paths.modprobe() == tree.path(program));
  }
}

TEST_CASE("every spelling of / is the running system") {
  CHECK(core::resolve_root("/") == "/");
  CHECK(core::resolve_root("//") == "/");
  CHECK(core::resolve_root("/usr/..") == "/");
}

TEST_CASE("a relative root is fixed when it is given") {
  const TempTree tree;
  tree.make_folder("below");
  const auto before = boost::filesystem::current_path();
  boost::filesystem::current_path(tree.path());
  const std::string root = core::resolve_root("below");
  boost::filesystem::current_path(before);
  CHECK(boost::filesystem::equivalent(root, tree.path("below")));
}

TEST_CASE("a root that is not an existing directory is refused") {
  const TempTree tree;
  CHECK(refusal("") == core::Status::argument);
  CHECK(refusal(tree.path("missing")) == core::Status::argument);
  CHECK(refusal(tree.write("file", "")) == core::Status::argument);
  CHECK(refusal(tree.path()) == core::Status::ok);
}

}  // namespace oskbc::secret_paths_test
