// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/session_keys.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::session_keys_test {

using tools::SessionKeyFiles;
using Options = std::vector<std::string>;

namespace {

SessionKeyFiles files_of(std::string tek, std::string tik, std::string both) {
  SessionKeyFiles files;
  files.tek = std::move(tek);
  files.tik = std::move(tik);
  files.both = std::move(both);
  return files;
}

}  // namespace

TEST_CASE("what is missing depends on what is there") {
  CHECK(files_of("", "", "").missing() == Options{"--tek", "--tik (or --tk)"});
  CHECK(files_of("F", "", "").missing() == Options{"--tik"});
  CHECK(files_of("", "F", "").missing() == Options{"--tek"});
  CHECK(files_of("F", "F", "").missing().empty());
  CHECK(files_of("", "", "F").missing().empty());
  CHECK(files_of("F", "", "").missing_tik() == Options{"--tik (or --tk)"});
  CHECK(files_of("", "F", "").missing_tik().empty());
  CHECK(files_of("", "", "F").missing_tik().empty());
}

TEST_CASE("both files and one file with both give the same keys") {
  const test::TempFolder folder;
  const std::string tek(16, 'e');
  const std::string tik(16, 'i');
  const auto two = files_of(folder.write("tek", tek), folder.write("tik", tik), "");
  const auto one = files_of("", "", folder.write("both", tek + tik));
  for (const SessionKeyFiles& files : {two, one}) {
    CHECK(tools::read_session_keys(files).tek.expose_text() == tek);
    CHECK(tools::read_session_keys(files).tik.expose_text() == tik);
    CHECK(tools::read_session_tik(files).expose_text() == tik);
  }
}

}  // namespace oskbc::session_keys_test
