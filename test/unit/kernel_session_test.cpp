// SPDX-License-Identifier: Apache-2.0
#include "source/kernel_session.h"

#include "support/catch.h"
#include "support/fake_system.h"
#include "support/temp_tree.h"

namespace oskbc::kernel_session_test {

using test::FakeSystem;
using test::TempTree;

TEST_CASE("a securityfs that is mounted already is left alone") {
  const TempTree tree;
  const core::SecretPaths paths(tree.path());
  FakeSystem system;
  system.mounted = true;
  core::KernelSession(system, paths).mount_securityfs();
  CHECK(system.calls.empty());
}

TEST_CASE("a module that is loaded already is neither loaded nor unloaded") {
  const TempTree tree;
  tree.write("sbin/modprobe", "");
  tree.write("sys/module/efi_secret/initstate", "live\n");
  const core::SecretPaths paths(tree.path());
  FakeSystem system;
  {
    core::KernelSession session(system, paths);
    session.load_module();
    CHECK_FALSE(session.loaded_module());
  }
  CHECK(system.calls.empty());
}

TEST_CASE("without a modprobe nothing is loaded, and nothing fails") {
  const TempTree tree;
  const core::SecretPaths paths(tree.path());
  FakeSystem system;
  core::KernelSession session(system, paths);
  CHECK_NOTHROW(session.load_module());
  CHECK_FALSE(session.loaded_module());
}

TEST_CASE("a module that was loaded is unloaded once, at the latest with the session") {
  const TempTree tree;
  tree.write("sbin/modprobe", "");
  const core::SecretPaths paths(tree.path());
  FakeSystem system;
  system.on_run = [](const std::vector<std::string>&) { return 0; };
  {
    core::KernelSession session(system, paths);
    session.load_module();
    CHECK(session.loaded_module());
    SECTION("by hand") { CHECK(session.unload_module()); }
    SECTION("by itself") {}
  }
  CHECK(system.calls == std::vector<std::string>{"modprobe efi_secret", "modprobe -r efi_secret"});
}

TEST_CASE("unloading that fails is told, not thrown") {
  const TempTree tree;
  tree.write("sbin/modprobe", "");
  const core::SecretPaths paths(tree.path());
  FakeSystem system;
  system.on_run = [](const std::vector<std::string>& arguments) {
    return arguments.size() == 2 ? 0 : 1;
  };
  core::KernelSession session(system, paths);
  session.load_module();
  CHECK_FALSE(session.unload_module());
}

TEST_CASE("a session that can't even ask for unloading ends without an exception") {
  const TempTree tree;
  tree.write("sbin/modprobe", "");
  const core::SecretPaths paths(tree.path());
  FakeSystem system;
  system.on_run = [](const std::vector<std::string>& arguments) -> int {
    if (arguments.size() == 2) return 0;
    throw std::bad_alloc();
  };
  const auto load = [&] { core::KernelSession(system, paths).load_module(); };
  CHECK_NOTHROW(load());
}

}  // namespace oskbc::kernel_session_test
