// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>

#include "base/status.h"
#include "services/status.h"
#include "support/catch.h"

namespace oskbc::status_name_test {

using services::status_name;

TEST_CASE("each status has the name that the public header gives it") {
  CHECK(status_name(core::Status::ok) == std::string("OSKBC_OK"));
  CHECK(status_name(core::Status::no_secret) == std::string("OSKBC_E_NO_SECRET"));
  CHECK(status_name(core::Status::internal) == std::string("OSKBC_E_INTERNAL"));
  std::set<std::string> names;
  for (int number = 0; number <= static_cast<int>(core::kLastStatus); ++number) {
    names.insert(status_name(static_cast<core::Status>(number)));
  }
  CHECK(status_name(core::kLastStatus) == std::string("OSKBC_E_KEYSET_FILE_OLD"));
  CHECK(names.size() == 19);
}

TEST_CASE("a number that is no status is an internal error") {
  CHECK(status_name(static_cast<core::Status>(99)) == std::string("OSKBC_E_INTERNAL"));
}

}  // namespace oskbc::status_name_test
