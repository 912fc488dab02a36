// SPDX-License-Identifier: Apache-2.0
#include "owner/keys/keysets_file.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::keysets_file_test {

using owner::ChangedKeysets;
using owner::with_key_beside;
using owner::without_keys;
using Ids = std::vector<std::string>;

namespace {

const std::string kText = R"({
  "A": {"allowed_keys": ["a", "b" ,"c"], "allowed-policies": [1]},
  "B": {"min-api-major": 1, "allowed-keys":["b"]},
  "C": {"allowed_keys": []}, "D": {}
}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("a key is allowed beside another, and the rest stays as it stands") {
  const ChangedKeysets both = with_key_beside(kText, "b", "b-2");
  CHECK(both.keysets == Ids{"A", "B"});
  CHECK(both.text ==
        replaced(replaced(kText, R"("b" ,)", R"("b", "b-2" ,)"), R"(["b"])", R"(["b", "b-2"])"));
  const ChangedKeysets one = with_key_beside(kText, "c", "\"");
  CHECK(one.keysets == Ids{"A"});
  CHECK(one.text == replaced(kText, R"("c")", R"("c", "\"")"));
}

TEST_CASE("where nothing is to change, nothing does") {
  for (const char* id : {"none", ""}) {
    CHECK(with_key_beside(kText, id, "new").keysets.empty());
    CHECK(with_key_beside(kText, id, "new").text == kText);
    CHECK(without_keys(kText, Ids{id}).text == kText);
  }
  // It is allowed already.
  CHECK(with_key_beside(kText, "a", "b").keysets.empty());
}

TEST_CASE("keys are no longer allowed, wherever they stand") {
  CHECK(without_keys(kText, Ids{"b"}).keysets == Ids{"A", "B"});
  CHECK(without_keys(kText, Ids{"b"}).text ==
        replaced(replaced(kText, R"("a", "b" ,"c")", R"("a" ,"c")"), R"(["b"])", "[]"));
  CHECK(without_keys(kText, Ids{"a"}).text == replaced(kText, R"("a", "b" ,"c")", R"("b" ,"c")"));
  CHECK(without_keys(kText, Ids{"c", "a"}).text == replaced(kText, R"("a", "b" ,"c")", R"("b")"));
  CHECK(without_keys(kText, Ids{"a", "b", "c"}).text ==
        replaced(replaced(kText, R"("a", "b" ,"c")", ""), R"(["b"])", "[]"));
}

TEST_CASE("the file's mode stays, and a link keeps leading to it") {
  const test::TempFolder folder;
  const std::string file = folder.write("keysets.json", kText);
  boost::filesystem::create_symlink("keysets.json", folder.path("link"));
  for (const unsigned mode : {0600U, 0644U}) {
    boost::filesystem::permissions(file, static_cast<boost::filesystem::perms>(mode));
    owner::replace_keysets_file(folder.path("link"), "{}");
    CHECK(folder.read("keysets.json") == "{}");
    CHECK(static_cast<unsigned>(folder.mode("keysets.json")) == mode);
  }
}

}  // namespace oskbc::keysets_file_test
