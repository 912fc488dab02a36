// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "broker/sql.h"
#include "support/temp_folder.h"

namespace oskbc::test {

// "sqlite", and "postgres" where postgres.py has started one.
[[nodiscard]] inline std::vector<std::string> database_kinds() {
  const char* uri = std::getenv("OSKBC_TEST_POSTGRES");
  if (uri == nullptr || *uri == '\0') return {"sqlite"};
  return {"sqlite", "postgres"};
}

// An empty database, which as many as like may open.
class EmptyDatabase {
 public:
  explicit EmptyDatabase(const std::string& kind) {
    if (kind == "sqlite") {
      state_ = folder_.path("launches.db");
      return;
    }
    const std::string uri = std::getenv("OSKBC_TEST_POSTGRES");
    const std::string schema = "s" + std::to_string(::getpid()) + "_" + std::to_string(++count());
    broker::open_postgres(uri)->connect()->run("CREATE SCHEMA " + schema, {});
    state_ = uri + "&options=-csearch_path%3D" + schema;
  }

  [[nodiscard]] std::unique_ptr<broker::SqlDatabase> open() const {
    return broker::is_postgres_uri(state_) ? broker::open_postgres(state_)
                                           : broker::open_sqlite(state_);
  }
  [[nodiscard]] broker::SqlRows run(const std::string& statement) const {
    return open()->connect()->run(statement, {});
  }
  [[nodiscard]] const TempFolder& folder() const { return folder_; }

 private:
  static int& count() {
    static int number = 0;
    return number;
  }

  TempFolder folder_;
  std::string state_;
};

}  // namespace oskbc::test
