// SPDX-License-Identifier: Apache-2.0
#include "source/secret_source.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "support/catch.h"
#include "support/fake_system.h"
#include "support/temp_tree.h"

namespace oskbc::secret_source_test {

using core::SourceOptions;
using core::Status;
using test::FakeSystem;
using test::TempTree;

namespace {

// Marked, so that a message which holds it is found out.
constexpr std::string_view kText = R"({"key_id1":"MARKER"})";

SourceOptions options_for(const TempTree& tree, bool manage_kernel = false) {
  SourceOptions options;
  options.root = tree.path();
  options.manage_kernel = manage_kernel;
  return options;
}

struct Outcome {
  Status status = Status::ok;
  std::string text;
  std::string secret;
};

Outcome take(core::System& system, const SourceOptions& options) {
  Outcome outcome;
  try {
    outcome.secret = std::string(core::value_of(core::take_secret(system, options)).expose_text());
  } catch (const core::Error& error) {
    outcome.status = error.status();
    outcome.text = error.what();
    CHECK_THAT(outcome.text, !Catch::ContainsSubstring("MARKER"));
    CHECK_FALSE(outcome.text.empty());
  }
  return outcome;
}

Outcome take(const SourceOptions& options) { return take(core::linux_system(), options); }

}  // namespace

TEST_CASE("the secret is read from the mainline path and removed") {
  const TempTree tree;
  tree.write(test::kKeysetFile, kText);
  CHECK(take(options_for(tree)).secret == kText);
  CHECK_FALSE(tree.has(test::kKeysetFile));
  CHECK(tree.has(test::kFolder));
}

TEST_CASE("the secret is read from the path of the early patches and removed") {
  const TempTree tree;
  tree.write(test::kOldKeysetFile, kText);
  CHECK(take(options_for(tree)).secret == kText);
  CHECK_FALSE(tree.has(test::kOldKeysetFile));
}

TEST_CASE("of two paths the mainline one wins") {
  const TempTree tree;
  tree.write(test::kKeysetFile, "new");
  tree.write(test::kOldKeysetFile, "old");
  CHECK(take(options_for(tree)).secret == "new");
  CHECK(tree.has(test::kOldKeysetFile));
}

TEST_CASE("another entry is taken by its GUID, and the keyset's is left alone") {
  const TempTree tree;
  const std::string file = std::string(test::kFolder) + "/736870e5-84f0-4973-92ec-06879ce3da0b";
  tree.write(test::kKeysetFile, kText);
  tree.write(file, "password");
  SourceOptions options = options_for(tree);
  options.guid = *core::Guid::parse("736870E5-84F0-4973-92EC-06879CE3DA0B");
  CHECK(take(options).secret == "password");
  CHECK_FALSE(tree.has(file));
  CHECK(tree.has(test::kKeysetFile));
}

TEST_CASE("a secret that is kept can be read again") {
  const TempTree tree;
  tree.write(test::kKeysetFile, kText);
  SourceOptions options = options_for(tree);
  options.keep_secret = true;
  CHECK(take(options).secret == kText);
  CHECK(take(options).secret == kText);
  options.keep_secret = false;
  CHECK(take(options).secret == kText);
  CHECK(take(options).status == Status::no_secret);
}

TEST_CASE("secrets of every length up to the bound are read whole") {
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{1}, std::size_t{4095}, std::size_t{4096}, std::size_t{4097},
        std::size_t{100'000}, core::limits::kKeysetText}) {
    const TempTree tree;
    const std::string content(length, 'x');
    tree.write(test::kKeysetFile, content);
    CHECK(take(options_for(tree)).secret == content);
  }
}

TEST_CASE("a secret over the bound is refused as a keyset, and removed all the same") {
  const TempTree tree;
  tree.write(test::kKeysetFile, std::string(core::limits::kKeysetText + 1, 'x'));
  const Outcome outcome = take(options_for(tree));
  CHECK(outcome.status == Status::keyset);
  CHECK_THAT(outcome.text, Catch::ContainsSubstring("1048576"));
  CHECK_FALSE(tree.has(test::kKeysetFile));
}

TEST_CASE("reads of one byte at a time give the whole secret") {
  const TempTree tree;
  tree.write(test::kKeysetFile, kText);
  FakeSystem system;
  std::size_t position = 0;
  system.on_read = [&](core::ByteSpan out) {
    if (position == kText.size()) return 0L;
    std::memcpy(out.data(), &kText[position++], 1);
    return 1L;
  };
  CHECK(take(system, options_for(tree)).secret == kText);
}

TEST_CASE("a read that fails is an I/O error with errno and path, and removes the entry") {
  const TempTree tree;
  tree.write(test::kKeysetFile, kText);
  FakeSystem system;
  system.on_read = [](core::ByteSpan) { return -long{EIO}; };
  const Outcome outcome = take(system, options_for(tree));
  CHECK(outcome.status == Status::io);
  CHECK_THAT(outcome.text, Catch::ContainsSubstring("errno 5") &&
                               Catch::ContainsSubstring(tree.path(test::kKeysetFile)));
  CHECK_FALSE(tree.has(test::kKeysetFile));
}

TEST_CASE("an entry that can't be removed is a wipe error, whatever came before") {
  const TempTree tree;
  tree.write(test::kKeysetFile, kText);
  FakeSystem system;
  system.on_unlink = [](const std::string&) { return -EROFS; };
  SECTION("after a good read") {}
  SECTION("after a failed read") {
    system.on_read = [](core::ByteSpan) { return -long{EIO}; };
  }
  const Outcome outcome = take(system, options_for(tree));
  CHECK(outcome.status == Status::wipe);
  CHECK_THAT(outcome.text, Catch::ContainsSubstring("errno 30") &&
                               Catch::ContainsSubstring(tree.path(test::kKeysetFile)));
}

// The kernel frees the buffer that a read was served from as it is; filled anew after the removal,
// it holds zeros.
TEST_CASE("a removed entry is read once more, before its descriptor is closed") {
  const TempTree tree;
  tree.write(test::kKeysetFile, kText);
  FakeSystem system;
  Status expected = Status::ok;
  SECTION("after a good read") {}
  SECTION("after a failed read") {
    system.on_read = [](core::ByteSpan) { return -long{EIO}; };
    expected = Status::io;
  }
  SECTION("when another process took it") {
    system.on_unlink = [](const std::string&) { return -ENOENT; };
    expected = Status::no_secret;
  }
  SECTION("even if that fails, which changes nothing") {
    system.on_refill = [] { return -EIO; };
  }
  CHECK(take(system, options_for(tree)).status == expected);
  REQUIRE(system.count("refill") == 1);
  CHECK(system.calls.back() == "refill");
}

TEST_CASE("a kept entry is not read once more") {
  const TempTree tree;
  tree.write(test::kKeysetFile, kText);
  FakeSystem system;
  SourceOptions options = options_for(tree);
  options.keep_secret = true;
  CHECK(take(system, options).secret == kText);
  CHECK(system.count("refill") == 0);
}

TEST_CASE("an entry that vanishes while it is read belongs to whoever removed it") {
  const TempTree tree;
  tree.write(test::kKeysetFile, kText);
  FakeSystem system;
  system.on_unlink = [](const std::string&) { return -ENOENT; };
  CHECK(take(system, options_for(tree)).status == Status::no_secret);
}

TEST_CASE("what is no regular file is an I/O error, is not waited for and not removed") {
  const TempTree tree;
  tree.make_folder(test::kFolder);
  const std::string file = tree.path(test::kKeysetFile);
  SECTION("a FIFO") { REQUIRE(mkfifo(file.c_str(), 0600) == 0); }
  SECTION("a directory") { tree.make_folder(test::kKeysetFile); }
  SECTION("a symbolic link") {
    tree.write("elsewhere", kText);
    boost::filesystem::create_symlink(tree.path("elsewhere"), file);
  }
  SECTION("a dangling symbolic link") { boost::filesystem::create_symlink("/nonexistent", file); }
  SECTION("a device") { boost::filesystem::create_symlink("/dev/zero", file); }
  const Outcome outcome = take(options_for(tree));
  CHECK(outcome.status == Status::io);
  CHECK_THAT(outcome.text, Catch::ContainsSubstring(file));
  CHECK(tree.has(test::kKeysetFile));
}

TEST_CASE("opening that is not allowed is an I/O error, not a missing secret") {
  const TempTree tree;
  tree.write(test::kKeysetFile, kText);
  FakeSystem system;
  system.on_open = [](const std::string&) { return -EACCES; };
  const Outcome outcome = take(system, options_for(tree));
  CHECK(outcome.status == Status::io);
  CHECK_THAT(outcome.text, Catch::ContainsSubstring("errno 13"));
  CHECK(tree.has(test::kKeysetFile));
}

TEST_CASE("without kernel handling nothing is mounted or loaded") {
  const TempTree tree;
  FakeSystem system;
  CHECK(take(system, options_for(tree)).status == Status::no_secret);
  CHECK(system.count("mount") == 0);
  CHECK(system.count("modprobe efi_secret") == 0);
}

TEST_CASE("a secret in sight leaves the kernel alone") {
  const TempTree tree;
  tree.write(test::kKeysetFile, kText);
  tree.write("sbin/modprobe", "");
  FakeSystem system;
  CHECK(take(system, options_for(tree, true)).secret == kText);
  CHECK(system.calls == std::vector<std::string>{"open", "read", "read", "unlink", "refill"});
}

TEST_CASE("securityfs is mounted, the module loaded, and only that unloaded again") {
  const TempTree tree;
  tree.write("sbin/modprobe", "");
  FakeSystem system;
  system.on_run = [&](const std::vector<std::string>& arguments) {
    CHECK(arguments.front() == tree.path("sbin/modprobe"));
    if (arguments.size() == 2) tree.write(test::kKeysetFile, kText);
    return 0;
  };
  CHECK(take(system, options_for(tree, true)).secret == kText);
  CHECK(system.count("mount") == 1);
  CHECK(system.count("modprobe efi_secret") == 1);
  REQUIRE_FALSE(system.calls.empty());
  CHECK(system.calls.back() == "modprobe -r efi_secret");
}

TEST_CASE("mounting alone can bring the secret into sight; then no module is loaded") {
  const TempTree tree;
  tree.write("sbin/modprobe", "");
  FakeSystem system;
  system.on_mount = [&] {
    tree.write(test::kKeysetFile, kText);
    return 0;
  };
  CHECK(take(system, options_for(tree, true)).secret == kText);
  CHECK(system.count("modprobe efi_secret") == 0);
  CHECK(system.count("modprobe -r efi_secret") == 0);
}

TEST_CASE("a module that does not unload is no failure once the secret is removed") {
  const TempTree tree;
  tree.write("sbin/modprobe", "");
  FakeSystem system;
  int outcome_of_unloading = 0;
  SECTION("the kernel can't unload") { outcome_of_unloading = 1; }
  SECTION("modprobe hangs") { outcome_of_unloading = -ETIMEDOUT; }
  SECTION("modprobe is gone") { outcome_of_unloading = -ENOENT; }
  system.on_run = [&](const std::vector<std::string>& arguments) {
    if (arguments.size() == 3) return outcome_of_unloading;
    tree.write(test::kKeysetFile, kText);
    return 0;
  };
  CHECK(take(system, options_for(tree, true)).secret == kText);
  CHECK(system.count("modprobe -r efi_secret") == 1);
}

TEST_CASE("a kept secret keeps the module that was loaded for it") {
  const TempTree tree;
  tree.write("sbin/modprobe", "");
  FakeSystem system;
  system.on_run = [&](const std::vector<std::string>&) {
    tree.write(test::kKeysetFile, kText);
    return 0;
  };
  SourceOptions options = options_for(tree, true);
  options.keep_secret = true;
  CHECK(take(system, options).secret == kText);
  CHECK(system.count("modprobe -r efi_secret") == 0);
}

TEST_CASE("a module that was loaded in vain is unloaded again") {
  const TempTree tree;
  tree.write("sbin/modprobe", "");
  FakeSystem system;
  system.on_run = [](const std::vector<std::string>&) { return 0; };
  CHECK(take(system, options_for(tree, true)).status == Status::no_secret);
  CHECK(system.count("modprobe -r efi_secret") == 1);
}

TEST_CASE(
    "mounting that is not allowed is an I/O error; a kernel without securityfs has no secret") {
  const TempTree tree;
  FakeSystem system;
  int error = 0;
  Status expected = Status::no_secret;
  SECTION("not root") {
    error = EPERM;
    expected = Status::io;
  }
  SECTION("no securityfs in the kernel") { error = ENODEV; }
  SECTION("no place to mount it on") { error = ENOENT; }
  SECTION("somebody else mounted it") { error = EBUSY; }
  system.on_mount = [&] { return -error; };
  CHECK(take(system, options_for(tree, true)).status == expected);
}

TEST_CASE("modprobe's refusal means no secret, its failure to run an I/O error") {
  const TempTree tree;
  tree.write("usr/sbin/modprobe", "");
  FakeSystem system;
  int outcome_of_loading = 0;
  Status expected = Status::no_secret;
  SECTION("module not found") { outcome_of_loading = 1; }
  SECTION("no status, because the process ignores SIGCHLD") { outcome_of_loading = -ECHILD; }
  SECTION("a hanging module") {
    outcome_of_loading = -ETIMEDOUT;
    expected = Status::io;
  }
  SECTION("not executable") {
    outcome_of_loading = -EACCES;
    expected = Status::io;
  }
  system.on_run = [&](const std::vector<std::string>&) { return outcome_of_loading; };
  CHECK(take(system, options_for(tree, true)).status == expected);
}

}  // namespace oskbc::secret_source_test
