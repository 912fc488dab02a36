// SPDX-License-Identifier: Apache-2.0
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "broker/sql.h"

namespace oskbc::broker {
namespace {

using core::fail;
using core::Status;

struct FinishPostgres {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
struct FreeOptions {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using PostgresOptions = std::unique_ptr<PQconninfoOption, FreeOptions>;
using PostgresHandle = std::unique_ptr<PGconn, FinishPostgres>;
using PostgresResult = std::unique_ptr<PGresult, Clear>;
using PostgresClock = std::chrono::steady_clock;

// A client is told within five seconds that the database does not answer: 1.5 for a connection that
// others have, 2 to connect or else 3 for an answer.
constexpr std::chrono::milliseconds kPostgresPatience{1500};
constexpr std::chrono::milliseconds kAnswer{3000};

// Any number that other users of the database don't take for their locks.
constexpr const char* kBeginAlone = "BEGIN; SELECT pg_advisory_xact_lock(7022911338210441)";

// A claim that a crash of the database could undo would be a secret released twice. Nobody waits
// for a lock longer than for an answer, nor holds one longer if this process is stopped.
constexpr const char* kSession =
    "SELECT set_config('lock_timeout', '2500', false), set_config('statement_timeout', '2800', false), "
    "set_config('idle_in_transaction_session_timeout', '5000', false), "
    "set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') "
    "THEN 'on' ELSE current_setting('synchronous_commit') END, false)";

// What is not said in the URI or in the environment: how soon a server that is gone is noticed.
constexpr std::array<std::pair<const char*, const char*>, 6> kDefaults{{
    {"connect_timeout", "2"},
    {"tcp_user_timeout", "4000"},
    {"keepalives_idle", "5"},
    {"keepalives_interval", "2"},
    {"keepalives_count", "2"},
    {"fallback_application_name", "sev-guest-owner-serve"},
}};

// A state names a kind of error (appendix A of PostgreSQL's manual); the server's own text may hold
// values.
[[noreturn]] void fail_postgres(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  fail(Status::io, "PostgreSQL: %s", state == nullptr ? "the connection broke" : state);
}

const char* value_of(const PQconninfoOption& option) {
  if (option.val != nullptr) return option.val;
  if (option.envvar != nullptr && std::getenv(option.envvar) != nullptr) return nullptr;
  const auto found = std::ranges::find_if(
      kDefaults, [&](const auto& one) { return std::strcmp(one.first, option.keyword) == 0; });
  return found == kDefaults.end() ? nullptr : found->second;
}

PGconn* connect_with(const PQconninfoOption* options) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (; options->keyword != nullptr; ++options) {
    const char* value = value_of(*options);
    if (value == nullptr) continue;
    names.push_back(options->keyword);
    values.push_back(value);
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  return PQconnectdbParams(names.data(), values.data(), 0);
}

// Asks and waits with a clock of its own, because a server that is stopped keeps no time-out.
class PostgresConnection final : public SqlConnection {
 public:
  explicit PostgresConnection(const PQconninfoOption* options) : handle_(connect_with(options)) {
    if (PQstatus(handle_.get()) != CONNECTION_OK) {
      fail(Status::io, "PostgreSQL: %s", first_line(PQerrorMessage(handle_.get())).c_str());
    }
    // It tells at every start that the tables are there.
    PQsetNoticeProcessor(
        handle_.get(), [](void*, const char*) {}, nullptr);
    check_sent(PQsetnonblocking(handle_.get(), 1) == 0);
    execute(kSession);
  }

  SqlRows run(const std::string& statement, const std::vector<SqlValue>& values) override {
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (const SqlValue& value : values) texts.push_back(text_of(value));
    std::vector<const char*> parameters;
    parameters.reserve(texts.size());
    for (const std::string& text : texts) parameters.push_back(text.c_str());
    check_sent(PQsendQueryParams(handle_.get(), statement.c_str(),
                                 static_cast<int>(parameters.size()), nullptr, parameters.data(),
                                 nullptr, nullptr, 0) == 1);
    return checked(answer());
  }

  void begin_alone() override { execute(kBeginAlone); }
  void commit() override { execute("COMMIT"); }
  void roll_back() noexcept override {
    if (lost_) return;
    try {
      execute("ROLLBACK");
    } catch (const std::exception&) {
      lost_ = true;
    }
  }
  // What comes though nothing was asked is, mostly, that the server has ended it.
  [[nodiscard]] bool usable() const noexcept override {
    pollfd server{PQsocket(handle_.get()), POLLIN, 0};
    return !lost_ && PQstatus(handle_.get()) == CONNECTION_OK &&
           PQtransactionStatus(handle_.get()) == PQTRANS_IDLE && ::poll(&server, 1, 0) == 0;
  }

 private:
  void execute(const char* statement) {
    check_sent(PQsendQuery(handle_.get(), statement) == 1);
    checked(answer());
  }

  void check_sent(bool sent) {
    if (sent) return;
    lost_ = true;
    fail(Status::io, "PostgreSQL: the connection broke");
  }

  void wait(short events, PostgresClock::time_point deadline) {
    pollfd server{PQsocket(handle_.get()), events, 0};
    while (true) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - PostgresClock::now());
      const int ready = ::poll(&server, 1, static_cast<int>(std::max<long>(left.count(), 0)));
      if (ready > 0) return;
      if (ready < 0 && errno == EINTR) continue;
      lost_ = true;
      fail(Status::io, "PostgreSQL: no answer within %d ms", static_cast<int>(kAnswer.count()));
    }
  }

  // The last result of what was sent; an error is one.
  PostgresResult answer() {
    const auto deadline = PostgresClock::now() + kAnswer;
    int left = 0;
    while ((left = PQflush(handle_.get())) == 1) {
      wait(POLLIN | POLLOUT, deadline);
      check_sent(PQconsumeInput(handle_.get()) == 1);
    }
    check_sent(left == 0);
    PostgresResult last;
    while (true) {
      while (PQisBusy(handle_.get()) != 0) {
        wait(POLLIN, deadline);
        check_sent(PQconsumeInput(handle_.get()) == 1);
      }
      PostgresResult next(PQgetResult(handle_.get()));
      if (!next) return last;
      last = std::move(next);
    }
  }

  static std::string text_of(const SqlValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    return std::get<std::string>(value);
  }

  // libpq's message is lines, of which the first says what is wrong.
  static std::string first_line(const std::string& message) {
    return message.substr(0, message.find('\n'));
  }

  static SqlRows checked(const PostgresResult& result) {
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

  PostgresHandle handle_;
  bool lost_ = false;  // an answer, and with it all that may come yet
};

class PostgresDatabase final : public SqlDatabase {
 public:
  explicit PostgresDatabase(PostgresOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::unique_ptr<SqlConnection> connect() override {
    return std::make_unique<PostgresConnection>(options_.get());
  }
  [[nodiscard]] const char* now() const noexcept override {
    return "CAST(EXTRACT(EPOCH FROM now()) AS BIGINT)";
  }
  [[nodiscard]] std::size_t connections() const noexcept override { return 8; }
  // It puts commits of several connections on its disk together.
  [[nodiscard]] bool has_one_writer() const noexcept override { return false; }
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept override {
    return kPostgresPatience;
  }

 private:
  PostgresOptions options_;
};

}  // namespace

bool is_postgres_uri(const std::string& state) noexcept {
  return state.starts_with("postgresql://") || state.starts_with("postgres://");
}

std::unique_ptr<SqlDatabase> open_postgres(const std::string& uri) {
  // libpq's own text for this has the whole URI in it, with its password.
  PostgresOptions options(PQconninfoParse(uri.c_str(), nullptr));
  if (!options) fail(Status::argument, "the URI of the state is not one that libpq reads");
  return std::make_unique<PostgresDatabase>(std::move(options));
}

}  // namespace oskbc::broker
