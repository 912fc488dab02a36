// SPDX-License-Identifier: Apache-2.0
// What can lie, or happen, where the secret is looked for: a status each, and no hang.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <string>

#include "base/unique_fd.h"
#include "fault/kernel.h"
#include "fault/keyset.h"
#include "support/catch.h"
#include "support/temp_tree.h"
#include <oskbc/oskbc.h>

namespace oskbc::file_tricks_test {

using namespace oskbc::fault;
using test::TempTree;

namespace {

namespace fs = boost::filesystem;

// Where the entry is, and what is done to it.
struct Scene {
  const TempTree tree;
  const std::string file = tree.path(test::kKeysetFile);

  Scene() { tree.make_folder(test::kFolder); }
  [[nodiscard]] bool has_entry() const { return tree.has(test::kKeysetFile); }
  void write(std::string_view text) const { tree.write(test::kKeysetFile, text); }
};

// Opens in the tree, with the hooks; a call that waits for something ends the test by the alarm.
oskbc_status open_in(const Scene& scene, Hooks hooks = {}) {
  oskbc_options* options = nullptr;
  oskbc_client* client = nullptr;
  REQUIRE(oskbc_options_new(&options) == OSKBC_OK);
  REQUIRE(oskbc_options_set_root(options, scene.tree.path().c_str()) == OSKBC_OK);
  const long descriptors = open_descriptors();
  oskbc_status status = OSKBC_OK;
  {
    const Hooked hooked(std::move(hooks));
    alarm(60);
    status = oskbc_client_open("offline_sev_kbc::null", options, &client);
    alarm(0);
  }
  CHECK(open_descriptors() == descriptors);
  CHECK((client != nullptr) == (status == OSKBC_OK));
  oskbc_client_close(&client);
  oskbc_options_free(&options);
  CHECK(pages().live == 0);
  CHECK(pages().unwiped == 0);
  return status;
}

void bind_socket(const std::string& path) {
  const core::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const auto* any = reinterpret_cast<const sockaddr*>(&address);
  REQUIRE(bind(fd.get(), any, sizeof address) == 0);
}

// What can lie where the entry should and is no regular file.
struct Thing {
  const char* name;
  std::function<bool(const Scene&)> make;
};

const Thing kThings[] = {
    {"a directory", [](const Scene& scene) { return mkdir(scene.file.c_str(), 0700) == 0; }},
    {"a FIFO that nobody writes to",
     [](const Scene& scene) { return mkfifo(scene.file.c_str(), 0600) == 0; }},
    {"a socket",
     [](const Scene& scene) {
       // The path of a socket is shorter than the entry's.
       const std::string near = scene.tree.path("s");
       bind_socket(near);
       fs::rename(near, scene.file);
       return true;
     }},
    {"a device",
     [](const Scene& scene) {
       return mknod(scene.file.c_str(), S_IFCHR | 0600, makedev(1, 5)) == 0;
     }},
    {"a symbolic link to a file",
     [](const Scene& scene) {
       return symlink(scene.tree.write("elsewhere", kKeyset).c_str(), scene.file.c_str()) == 0;
     }},
    {"a symbolic link to nothing",
     [](const Scene& scene) { return symlink("/nonexistent", scene.file.c_str()) == 0; }},
    {"a symbolic link to a directory",
     [](const Scene& scene) { return symlink("/", scene.file.c_str()) == 0; }},
    {"a symbolic link to a device",
     [](const Scene& scene) { return symlink("/dev/zero", scene.file.c_str()) == 0; }},
};

void rename_new_over(const Scene& scene) { fs::rename(scene.tree.write("new", "{}"), scene.file); }

}  // namespace

TEST_CASE("what is no regular file is an I/O error and stays") {
  for (const Thing& thing : kThings) {
    const Scene scene;
    INFO(thing.name);
    if (!thing.make(scene)) {
      WARN("SKIPPED: " << thing.name << " can't be made here: " << std::strerror(errno));
      continue;
    }
    CHECK(open_in(scene) == OSKBC_E_IO);
    CHECK(scene.has_entry());
  }
}

TEST_CASE("a part of the path that is a file has no secret below it") {
  const Scene scene;
  fs::remove(scene.tree.path(test::kFolder));
  scene.tree.write(test::kFolder, "");
  CHECK(open_in(scene) == OSKBC_E_NO_SECRET);
}

TEST_CASE("a directory of the path may be a symbolic link, as in many systems") {
  const Scene scene;
  scene.write(kKeyset);
  fs::rename(scene.tree.path(test::kFolder), scene.tree.path("moved"));
  fs::create_symlink(scene.tree.path("moved"), scene.tree.path(test::kFolder));
  CHECK(open_in(scene) == OSKBC_OK);
  CHECK_FALSE(scene.has_entry());
}

TEST_CASE("links that lead in a circle are an I/O error") {
  const Scene scene;
  fs::remove(scene.tree.path(test::kFolder));
  fs::create_symlink(scene.tree.path(test::kFolder), scene.tree.path(test::kFolder));
  CHECK(open_in(scene) == OSKBC_E_IO);
}

TEST_CASE("an empty entry is no keyset, and goes") {
  const Scene scene;
  scene.write("");
  CHECK(open_in(scene) == OSKBC_E_KEYSET);
  CHECK_FALSE(scene.has_entry());
}

TEST_CASE("an entry of 10 GB is refused without reading it all, and goes") {
  const Scene scene;
  scene.write("{");
  if (truncate(scene.file.c_str(), 10'000'000'000) != 0) {
    WARN("SKIPPED: no such file can be made here: " << std::strerror(errno));
    return;
  }
  const auto start = std::chrono::steady_clock::now();
  CHECK(open_in(scene) == OSKBC_E_KEYSET);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
  CHECK_FALSE(scene.has_entry());
}

TEST_CASE("an entry that may not be read is an I/O error and stays") {
  const Scene scene;
  scene.write(kKeyset);
  REQUIRE(chmod(scene.file.c_str(), 0) == 0);
  if (geteuid() == 0) {
    // Root reads everything; "nobody" has to get there.
    REQUIRE(chmod(scene.tree.path().c_str(), 0755) == 0);
    REQUIRE(seteuid(65534) == 0);
  }
  const oskbc_status status = open_in(scene);
  if (geteuid() != getuid()) REQUIRE(seteuid(getuid()) == 0);
  CHECK(status == OSKBC_E_IO);
  CHECK(scene.has_entry());
}

TEST_CASE("an entry that grows without end is refused at the bound, and goes") {
  const Scene scene;
  scene.write("");
  const std::string more(8192, 'x');
  CHECK(open_in(scene, {.on_read = [&] {
                  std::ofstream(scene.file, std::ios::binary | std::ios::app) << more << more;
                }}) == OSKBC_E_KEYSET);
  CHECK_FALSE(scene.has_entry());
}

TEST_CASE("an entry that grows once while it is read is read whole") {
  const Scene scene;
  scene.write(kKeyset);
  int reads = 0;
  CHECK(open_in(scene, {.on_read = [&] {
                  if (++reads == 2) std::ofstream(scene.file, std::ios::app) << "\n";
                }}) == OSKBC_OK);
  CHECK(reads == 3);
  CHECK_FALSE(scene.has_entry());
}

TEST_CASE("an entry that shrinks while it is read ends where it is then, and goes") {
  const Scene scene;
  const std::string padded = std::string(kKeyset) + std::string(20'000, ' ');
  oskbc_status expected = OSKBC_OK;
  off_t size = 5000;
  SECTION("after the keyset") {}
  SECTION("to nothing, before anything was read") {
    size = 0;
    expected = OSKBC_E_KEYSET;
  }
  scene.write(padded);
  CHECK(open_in(scene, {.on_read = [&] { REQUIRE(truncate(scene.file.c_str(), size) == 0); }}) ==
        expected);
  CHECK_FALSE(scene.has_entry());
}

TEST_CASE("an entry that vanishes while it is read was another process's") {
  const Scene scene;
  scene.write(kKeyset);
  const auto vanish = [&] { fs::remove(scene.file); };
  SECTION("before it was read") { CHECK(open_in(scene, {.on_read = vanish}) == OSKBC_E_NO_SECRET); }
  SECTION("after it was read") {
    CHECK(open_in(scene, {.on_unlink = vanish}) == OSKBC_E_NO_SECRET);
  }
}

// lib/README.md says why. securityfs knows no rename.
TEST_CASE("of an entry that is replaced after it was read, the new one goes too") {
  const Scene scene;
  scene.write(kKeyset);
  CHECK(open_in(scene, {.on_unlink = [&] { rename_new_over(scene); }}) == OSKBC_OK);
  CHECK_FALSE(scene.has_entry());
}

TEST_CASE("an entry that a directory replaced is a wipe error") {
  const Scene scene;
  scene.write(kKeyset);
  CHECK(open_in(scene, {.on_unlink = [&] {
                  fs::remove(scene.file);
                  fs::create_directory(scene.file);
                }}) == OSKBC_E_WIPE);
}

}  // namespace oskbc::file_tricks_test
