// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/status.h"
#include "owner/keys/secret_table.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::secret_tree_test {

using core::Status;
using owner::lay_out_secret_tree;
using owner::SecretEntry;
using test::status_of;
using test::TempFolder;

namespace {

const std::string kFolder = "sys/kernel/security/secrets/coco";
const std::string kKeyset = kFolder + "/" + std::string(core::kKeysetGuid);
constexpr const char* kOther = "a0000000-0000-0000-0000-000000000001";

std::vector<SecretEntry> entries(std::string_view keyset) {
  return {{core::keyset_guid(), core::as_bytes(keyset)}, {core::Guid::parse(kOther).value(), {}}};
}

}  // namespace

TEST_CASE("a tree has the kernel's names and modes, whatever the umask") {
  const TempFolder root;
  const mode_t old = umask(077);
  lay_out_secret_tree(entries("{}"), root.path("new/root"), false);
  umask(old);
  CHECK(root.read("new/root/" + kKeyset) == "{}");
  CHECK(root.mode("new/root/" + kKeyset) == 0440);
  CHECK(root.mode("new/root/" + kFolder) == 0755);
  CHECK(root.read("new/root/" + kFolder + "/" + kOther).empty());
}

TEST_CASE("a table without entries makes an empty folder, as in the kernel") {
  const TempFolder root;
  lay_out_secret_tree({}, root.path(), false);
  CHECK(boost::filesystem::is_empty(root.path(kFolder)));
}

TEST_CASE("secrets that are there stay unless it is asked for") {
  const TempFolder root;
  lay_out_secret_tree(entries("old"), root.path(), false);
  CHECK(status_of([&] { lay_out_secret_tree({}, root.path(), false); }) == Status::argument);
  CHECK(root.read(kKeyset) == "old");
  lay_out_secret_tree({entries("new").data(), 1}, root.path(), true);
  CHECK(root.read(kKeyset) == "new");
  CHECK_FALSE(root.has(kFolder + "/" + kOther));
  const auto folders = boost::filesystem::directory_iterator(root.path(kFolder + "/.."));
  CHECK(std::distance(folders, boost::filesystem::directory_iterator()) == 1);
}

TEST_CASE("a folder with other files is never replaced") {
  const TempFolder root;
  lay_out_secret_tree(entries("old"), root.path(), false);
  root.write(kFolder + "/notes", "mine");
  CHECK(status_of([&] { lay_out_secret_tree({}, root.path(), true); }) == Status::argument);
  CHECK(root.read(kFolder + "/notes") == "mine");
  CHECK(root.read(kKeyset) == "old");
}

TEST_CASE("what can't be laid out leaves nothing behind") {
  const TempFolder root;
  root.write("root/sys/kernel", "a file where a folder should be");
  CHECK(status_of([&] { lay_out_secret_tree(entries("x"), root.path("root"), false); }) ==
        Status::io);
  CHECK(status_of([&] {
          lay_out_secret_tree(entries("x"), root.path("root/sys/kernel"), false);
        }) == Status::io);
  CHECK(root.count() == 1);
  CHECK(root.read("root/sys/kernel").size() == 31);
  root.write("other/sys/kernel/security/secrets", "and one further down");
  const SecretEntry entry = entries("x").front();
  CHECK(status_of([&] {
          lay_out_secret_tree({&entry, 1}, root.path("other"), false);
        }) == Status::io);
}

}  // namespace oskbc::secret_tree_test
