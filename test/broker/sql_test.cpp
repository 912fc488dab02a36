// SPDX-License-Identifier: Apache-2.0
#include "broker/sql.h"

#include "base/status.h"
#include "databases.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::sql_test {

using broker::SqlPool;
using broker::SqlRows;
using broker::SqlTransaction;
using core::Status;
using test::EmptyDatabase;

namespace {

std::string each_database() {
  const std::string kind = GENERATE(from_range(test::database_kinds()));
  return kind;
}

}  // namespace

TEST_CASE("numbers and texts go in and come out as they are") {
  const EmptyDatabase database(each_database());
  const auto connection = database.open()->connect();
  connection->run("CREATE TABLE t (n BIGINT, s TEXT)", {});
  connection->run("INSERT INTO t (n, s) VALUES ($1, $2)",
                  {std::int64_t{0xffffffff}, std::string("it's; DROP TABLE t -- \xc3\xa9")});
  connection->run("INSERT INTO t (n) VALUES ($1)", {std::int64_t{-1}});
  const SqlRows rows = connection->run("SELECT n, s FROM t ORDER BY n DESC", {});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0][0] == "4294967295");
  CHECK(rows[0][1] == "it's; DROP TABLE t -- \xc3\xa9");
  CHECK(rows[1][0] == "-1");
  CHECK_FALSE(rows[1][1]);
}

TEST_CASE("what was not committed did not happen") {
  const EmptyDatabase database(each_database());
  const auto connection = database.open()->connect();
  connection->run("CREATE TABLE t (n BIGINT)", {});
  {
    SqlTransaction transaction(*connection);
    connection->run("INSERT INTO t VALUES (1)", {});
  }
  CHECK(connection->run("SELECT n FROM t", {}).empty());
  {
    SqlTransaction transaction(*connection);
    connection->run("INSERT INTO t VALUES (1)", {});
    transaction.commit();
  }
  CHECK(connection->run("SELECT n FROM t", {}).size() == 1);
  CHECK(connection->usable());
}

TEST_CASE("a statement that fails throws, and its text has nothing of the values") {
  const EmptyDatabase database(each_database());
  const auto connection = database.open()->connect();
  connection->run("CREATE TABLE t (s TEXT PRIMARY KEY)", {});
  const auto insert = [&] {
    connection->run("INSERT INTO t VALUES ($1)", {std::string("MARKER")});
  };
  insert();
  CHECK(test::failure_of(insert).status == Status::io);
  CHECK(connection->usable());
}

TEST_CASE("the pool replaces a connection that broke") {
  if (test::database_kinds().size() < 2) return;
  const EmptyDatabase database("postgres");
  SqlPool pool(database.open());
  const auto end_itself = [](broker::SqlConnection& connection) {
    connection.run("SELECT pg_terminate_backend(pg_backend_pid())", {});
  };
  CHECK(test::status_of([&] { pool.with(end_itself); }) == Status::io);
  SqlRows rows;
  pool.with([&](broker::SqlConnection& connection) { rows = connection.run("SELECT 1", {}); });
  CHECK(rows.size() == 1);
}

TEST_CASE("a database that is not there is said, without the URI's password") {
  const auto connect = [](const std::string& uri) {
    return test::failure_of([&] { static_cast<void>(broker::open_postgres(uri)->connect()); });
  };
  CHECK(connect("postgresql://u:MARKER@/d?host=/nowhere").status == Status::io);
  CHECK(connect("postgresql://u:MARKER@[::1/d").status == Status::argument);
}

TEST_CASE("a file that others may read is not taken for the state") {
  const test::TempFolder folder;
  const std::string file = folder.write("launches.db", std::string_view());
  boost::filesystem::permissions(file, static_cast<boost::filesystem::perms>(0640));
  CHECK(test::status_of([&] { static_cast<void>(broker::open_sqlite(file)); }) == Status::argument);
}

TEST_CASE("a file that is no database is said") {
  const test::TempFolder folder;
  const std::string file = folder.write("launches.db", std::string(5000, 'x'));
  boost::filesystem::permissions(file, static_cast<boost::filesystem::perms>(0600));
  CHECK(test::status_of([&] { static_cast<void>(broker::open_sqlite(file)->connect()); }) ==
        Status::io);
}

}  // namespace oskbc::sql_test
