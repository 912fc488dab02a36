// SPDX-License-Identifier: Apache-2.0
#include <libpq-fe.h>

#include "base/error.h"
#include "base/status.h"
#include "broker/sql.h"

namespace oskbc::broker {
namespace {

using core::fail;
using core::Status;

struct Finish {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
struct FreeOptions {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;
using Handle = std::unique_ptr<PGconn, Finish>;
using Result = std::unique_ptr<PGresult, Clear>;

// Any number that other users of the database don't take for their locks.
constexpr const char* kBeginAlone = "BEGIN; SELECT pg_advisory_xact_lock(7022911338210441)";

// A claim that a crash of the database could undo would be a secret released twice.
constexpr const char* kDurable =
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local')";

// A state names a kind of error (appendix A of PostgreSQL's manual); the server's own text may hold
// values.
[[noreturn]] void fail_postgres(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  fail(Status::io, "PostgreSQL: %s", state == nullptr ? "the connection broke" : state);
}

class PostgresConnection final : public SqlConnection {
 public:
  explicit PostgresConnection(const std::string& uri) : handle_(PQconnectdb(uri.c_str())) {
    if (PQstatus(handle_.get()) != CONNECTION_OK) {
      fail(Status::io, "PostgreSQL: %s", first_line(PQerrorMessage(handle_.get())).c_str());
    }
    // It tells at every start that the tables are there.
    PQsetNoticeProcessor(
        handle_.get(), [](void*, const char*) {}, nullptr);
    execute(kDurable);
  }

  SqlRows run(const std::string& statement, const std::vector<SqlValue>& values) override {
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (const SqlValue& value : values) texts.push_back(text_of(value));
    std::vector<const char*> parameters;
    parameters.reserve(texts.size());
    for (const std::string& text : texts) parameters.push_back(text.c_str());
    return checked(
        Result(PQexecParams(handle_.get(), statement.c_str(), static_cast<int>(parameters.size()),
                            nullptr, parameters.data(), nullptr, nullptr, 0)));
  }

  void begin_alone() override { execute(kBeginAlone); }
  void commit() override { execute("COMMIT"); }
  void roll_back() noexcept override { Result(PQexec(handle_.get(), "ROLLBACK")); }
  [[nodiscard]] bool usable() const noexcept override {
    return PQstatus(handle_.get()) == CONNECTION_OK &&
           PQtransactionStatus(handle_.get()) == PQTRANS_IDLE;
  }

 private:
  void execute(const char* statement) { checked(Result(PQexec(handle_.get(), statement))); }

  static std::string text_of(const SqlValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    return std::get<std::string>(value);
  }

  // libpq's message is lines, of which the first says what is wrong.
  static std::string first_line(const std::string& message) {
    return message.substr(0, message.find('\n'));
  }

  static SqlRows checked(const Result& result) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail_postgres(result.get());
    SqlRows rows;
    for (int i = 0; i < PQntuples(result.get()); ++i) {
      SqlRow& row = rows.emplace_back();
      for (int j = 0; j < PQnfields(result.get()); ++j) {
        if (PQgetisnull(result.get(), i, j) != 0) {
          row.emplace_back();
        } else {
          row.emplace_back(std::string(PQgetvalue(result.get(), i, j)));
        }
      }
    }
    return rows;
  }

  Handle handle_;
};

class PostgresDatabase final : public SqlDatabase {
 public:
  explicit PostgresDatabase(std::string uri) : uri_(std::move(uri)) {}

  [[nodiscard]] std::unique_ptr<SqlConnection> connect() override {
    return std::make_unique<PostgresConnection>(uri_);
  }
  [[nodiscard]] const char* now() const noexcept override {
    return "CAST(EXTRACT(EPOCH FROM now()) AS BIGINT)";
  }
  [[nodiscard]] std::size_t connections() const noexcept override { return 8; }

 private:
  std::string uri_;
};

}  // namespace

bool is_postgres_uri(const std::string& state) noexcept {
  return state.starts_with("postgresql://") || state.starts_with("postgres://");
}

std::unique_ptr<SqlDatabase> open_postgres(const std::string& uri) {
  // libpq's own text for this has the whole URI in it, with its password.
  const Options options(PQconninfoParse(uri.c_str(), nullptr));
  if (!options) fail(Status::argument, "the URI of the state is not one that libpq reads");
  return std::make_unique<PostgresDatabase>(uri);
}

}  // namespace oskbc::broker
