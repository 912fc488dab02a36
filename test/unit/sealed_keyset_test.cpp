// SPDX-License-Identifier: Apache-2.0
#include "client/sealed_keyset.h"

#include <cerrno>
#include <string>

#include "base/limits.h"
#include "base/status.h"
#include "client/client.h"
#include "support/catch.h"
#include "support/fake_system.h"
#include "support/jwe_maker.h"
#include "support/temp_tree.h"
#include "unit/failure.h"

namespace oskbc::sealed_keyset_test {

using core::Client;
using core::Status;
using test::FakeSystem;
using test::JweMaker;
using test::TempTree;

namespace {

constexpr std::string_view kInFile = R"({"default/key/2":"QUJD","default/key/1":"REVG"})";
constexpr const char* kPlace = "etc/oskbc/keyset.jwe";

// A guest with both keysets, and what its client does.
class Guest {
 public:
  Guest() {
    options.source.root = tree.path();
    options.source.manage_kernel = false;
  }
  explicit Guest(const std::string& file, const std::string& more = {}) : Guest() {
    inject(test::keyset_for(file, JweMaker().kek, more));
    tree.write(kPlace, file);
  }

  void inject(std::string_view keyset) const { tree.write(test::kKeysetFile, keyset); }
  Client open() { return {"offline_sev_kbc::null", options, system}; }
  // Why there is no client. The secret is gone all the same.
  test::Failure refusal() {
    const auto failure = test::failure_of([&] { static_cast<void>(open()); });
    CHECK_FALSE(tree.has(test::kKeysetFile));
    return failure;
  }

  TempTree tree;
  FakeSystem system;
  core::ClientOptions options;
};

std::string sealed(std::string_view plain = kInFile) { return JweMaker().make(plain); }

std::string value_of(const Client& client, std::string_view id) {
  const auto* entry = client.keyset().find(id);
  return entry ? std::string(core::as_text(client.keyset().expose_value(*entry))) : "(none)";
}

// The file with its last but `from_end` character replaced by another.
std::string altered(std::string text, std::size_t from_end) {
  char& character = text[text.size() - 1 - from_end];
  character = character == 'A' ? 'B' : 'A';
  return text;
}

}  // namespace

TEST_CASE(
    "a client has the file's keys and the injected ones, but for the two that open the file") {
  JweMaker maker;
  maker.wraps = GENERATE(false, true);
  Guest guest(maker.make(kInFile), R"(,"default/key/0":"R0hJ","zzz":"")");
  const Client client = guest.open();
  REQUIRE(client.keyset().size() == 4);
  CHECK(client.keyset().id(0) == "default/key/0");
  CHECK(client.keyset().id(3) == "zzz");
  CHECK(value_of(client, "default/key/0") == "GHI");
  CHECK(value_of(client, "default/key/1") == "DEF");
  CHECK(value_of(client, "default/key/2") == "ABC");
  CHECK(value_of(client, core::kFileKeyId) == "(none)");
  CHECK_FALSE(guest.tree.has(test::kKeysetFile));
  CHECK(guest.tree.has(kPlace));
}

TEST_CASE("a keyset without the two entries looks for no file") {
  Guest guest;
  guest.inject(kInFile);
  guest.tree.write(kPlace, "{");
  CHECK(guest.open().keyset().size() == 2);
  CHECK(guest.system.count("open") == 1);
}

TEST_CASE("the file is where the options say, below the root") {
  Guest guest(sealed());
  boost::filesystem::rename(guest.tree.path(kPlace), guest.tree.path("other"));
  guest.options.set_keyset_file(GENERATE("/other", "other", "//other"));
  CHECK(guest.open().keyset().size() == 2);
}

TEST_CASE("a place that could be outside the root, or no file, is refused") {
  core::ClientOptions options;
  for (const char* path : {"", "/", "..", "/../x", "a/../b", "a/..", "etc/"}) {
    CHECK(test::status_of([&] { options.set_keyset_file(path); }) == Status::argument);
  }
  for (const char* path : {"..a", "/a..", "a/..b/c"}) options.set_keyset_file(path);
  CHECK(options.source.keyset_file == "a/..b/c");
}

TEST_CASE("a file that is not there has a status of its own, and its path in the message") {
  Guest guest(sealed());
  boost::filesystem::remove(guest.tree.path(kPlace));
  const auto refusal = guest.refusal();
  CHECK(refusal.status == Status::no_keyset_file);
  CHECK_THAT(refusal.text, Catch::ContainsSubstring(guest.tree.path(kPlace)));
}

TEST_CASE("a file that was sealed for another key is told from one that was altered") {
  JweMaker other;
  other.kek = std::string(32, 'o');
  other.wraps = GENERATE(false, true);
  CHECK(Guest(other.make(kInFile)).refusal().status == Status::keyset_file_key);
  JweMaker other_id;
  other_id.kid = "default/key/1";
  CHECK(Guest(other_id.make(kInFile)).refusal().status == Status::keyset_file_key);
}

TEST_CASE("any change of the file is noticed") {
  const std::string file = sealed();
  for (std::size_t from_end = 0; from_end < file.size(); ++from_end) {
    Guest guest(file);
    guest.tree.write(kPlace, altered(file, from_end));
    const Status status = guest.refusal().status;
    INFO("character " << from_end << " from the end");
    // The kid may be changed, too.
    CHECK((status == Status::keyset_file_altered || status == Status::keyset_file_key));
  }
  for (const std::string& other : {std::string(), file + "\n", file + file, std::string("{}")}) {
    Guest guest(file);
    guest.tree.write(kPlace, other);
    const Status status = guest.refusal().status;
    CHECK(status == (other == file + "\n" ? Status::keyset_file_old : Status::keyset_file_altered));
  }
}

TEST_CASE("an older file of the same key is told from one that was altered") {
  Guest guest(sealed());
  guest.tree.write(kPlace, sealed(R"({"default/key/1":"QUJD"})"));
  const auto refusal = guest.refusal();
  CHECK(refusal.status == Status::keyset_file_old);
  CHECK_THAT(refusal.text, Catch::ContainsSubstring("an older one"));
}

TEST_CASE("one of the two entries without the other, or of another length, is refused") {
  const std::string file = sealed();
  const std::string value = R"(":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")";
  const std::string brief = R"(":"a2tr")";
  const std::string key = R"("oskbc/keyset/key)";
  const std::string digest = R"("oskbc/keyset/sha256)";
  for (const std::string& keyset :
       {"{" + key + value + "}", "{" + digest + value + "}", "{" + key + brief + "}",
        "{" + key + value + "," + digest + brief + "}",
        "{" + key + brief + "," + digest + value + "}"}) {
    Guest guest(file);
    guest.inject(keyset);
    CHECK(guest.refusal().status == Status::keyset);
    CHECK(guest.system.count("open") == 1);
  }
}

TEST_CASE("an id that is in both keysets refuses all, and so does one of the two in the file") {
  const auto refusal = Guest(sealed(), R"(,"b":"","default/key/1":"REVG")").refusal();
  CHECK(refusal.status == Status::keyset);
  CHECK(refusal.text == "entry 4 of the injected keyset is in the keyset file, too");
  CHECK(Guest(sealed(R"({"oskbc/keyset/key":""})")).refusal().status == Status::keyset);
  CHECK(Guest(sealed(R"({"oskbc/keyset/sha256":""})")).refusal().status == Status::keyset);
}

TEST_CASE("a file that is right, but holds no keyset, is refused as one") {
  for (const char* plain : {"", "[]", R"({"a":"no base64"})", R"({"a":"","a":""})"}) {
    const auto refusal = Guest(sealed(plain)).refusal();
    CHECK(refusal.status == Status::keyset);
    CHECK_THAT(refusal.text, Catch::StartsWith("in the keyset file: "));
  }
  Guest unknown_form;
  const std::string form = R"({"alg":"RSA-OAEP"})";
  unknown_form.inject(test::keyset_for(form, JweMaker().kek));
  unknown_form.tree.write(kPlace, form);
  CHECK(unknown_form.refusal().status == Status::keyset);
}

TEST_CASE("more bytes or entries than the bounds are refused, and the most of both is read") {
  std::string most = "{";
  for (std::size_t i = 0; i < core::limits::kKeysetFileEntries; ++i) {
    most += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"\"";
  }
  const Client client = Guest(sealed(most + "}")).open();
  CHECK(client.keyset().size() == core::limits::kKeysetFileEntries);
  CHECK_THAT(Guest(sealed(most + R"(,"a":""})")).refusal().text,
             Catch::ContainsSubstring("more than 65536 entries"));
  std::string file = sealed("{}");
  file += std::string(core::limits::kKeysetFile - file.size(), ' ');
  CHECK(Guest(file).open().keyset().size() == 0);
  CHECK_THAT(Guest(file + " ").refusal().text, Catch::ContainsSubstring("more than 4194304 bytes"));
}

TEST_CASE("a file that can't be read, or grows meanwhile, is no half a keyset") {
  Guest failing(sealed());
  failing.system.on_size = [] { return -EIO; };
  CHECK(failing.refusal().status == Status::io);
  Guest small(sealed());
  small.system.on_size = [] { return 0; };
  CHECK(small.open().keyset().size() == 2);
  Guest folder(sealed());
  boost::filesystem::remove(folder.tree.path(kPlace));
  folder.tree.make_folder(kPlace);
  CHECK(folder.refusal().status == Status::io);
  Guest link(sealed());
  boost::filesystem::rename(link.tree.path(kPlace), link.tree.path("file"));
  boost::filesystem::create_symlink(link.tree.path("file"), link.tree.path(kPlace));
  CHECK(link.refusal().status == Status::io);
}

TEST_CASE("a secret that is kept stays beside its file") {
  Guest guest(sealed());
  guest.options.source.keep_secret = true;
  CHECK(guest.open().keyset().size() == 2);
  CHECK(guest.open().keyset().size() == 2);
  CHECK(guest.tree.has(test::kKeysetFile));
}

}  // namespace oskbc::sealed_keyset_test
