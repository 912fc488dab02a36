// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "broker/files.h"
#include "broker/sql.h"

namespace oskbc::broker {
namespace {

using core::fail;
using core::Status;

// A commit takes some milliseconds; who waits this long waits for something that hangs.
constexpr int kBusyMilliseconds = 4000;

// More than the launches' statements.
constexpr std::size_t kPrepared = 64;

struct CloseSqlite {
  void operator()(sqlite3* connection) const noexcept { sqlite3_close_v2(connection); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using SqliteHandle = std::unique_ptr<sqlite3, CloseSqlite>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

// SQLite's own texts for its codes hold nothing of the statement or its values.
[[noreturn]] void fail_sqlite(int code) {
  fail(Status::io, "SQLite: %s (code %d)", sqlite3_errstr(code), code);
}

void check(int code) {
  if (code != SQLITE_OK) fail_sqlite(code);
}

class SqliteConnection final : public SqlConnection {
 public:
  explicit SqliteConnection(const std::string& file) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
    handle_.reset(handle);
    check(code);
    check(sqlite3_busy_timeout(handle, kBusyMilliseconds));
    // Readers beside a writer; a commit is on the disk when it returns, and what was deleted is
    // overwritten.
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = FULL");
    execute("PRAGMA secure_delete = ON");
  }

  SqlRows run(const std::string& statement, const std::vector<SqlValue>& values) override {
    const Bound bound{prepared(statement)};
    int index = 0;
    for (const SqlValue& value : values) bind(bound.statement, ++index, value);
    SqlRows rows;
    int code = 0;
    while ((code = sqlite3_step(bound.statement)) == SQLITE_ROW) {
      rows.push_back(row_of(bound.statement));
    }
    if (code != SQLITE_DONE) fail_sqlite(code);
    return rows;
  }

  void begin_alone() override { execute("BEGIN IMMEDIATE"); }
  void commit() override { execute("COMMIT"); }
  void roll_back() noexcept override {
    sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  [[nodiscard]] bool usable() const noexcept override {
    return sqlite3_get_autocommit(handle_.get()) != 0;
  }

 private:
  // Reads nothing any more when it ends, and refers to no values.
  struct Bound {
    explicit Bound(sqlite3_stmt* prepared) : statement(prepared) {}
    Bound(const Bound&) = delete;
    Bound& operator=(const Bound&) = delete;
    ~Bound() {
      sqlite3_reset(statement);
      sqlite3_clear_bindings(statement);
    }
    sqlite3_stmt* statement;
  };

  void execute(const char* statement) {
    check(sqlite3_exec(handle_.get(), statement, nullptr, nullptr, nullptr));
  }

  // Preparing takes longer than most of them.
  sqlite3_stmt* prepared(const std::string& text) {
    const auto known = statements_.find(text);
    if (known != statements_.end()) return known->second.get();
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(handle_.get(), text.data(), static_cast<int>(text.size()), &statement,
                             nullptr));
    if (statements_.size() >= kPrepared) statements_.clear();
    return statements_.emplace(text, statement).first->second.get();
  }

  static void bind(sqlite3_stmt* statement, int index, const SqlValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      check(sqlite3_bind_int64(statement, index, *number));
    } else {
      const auto& text = std::get<std::string>(value);
      check(sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()),
                              SQLITE_STATIC));
    }
  }

  static SqlRow row_of(sqlite3_stmt* statement) {
    SqlRow row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const unsigned char* text = sqlite3_column_text(statement, i);
      if (text == nullptr) {
        row.emplace_back();
      } else {
        row.emplace_back(std::string(reinterpret_cast<const char*>(text)));
      }
    }
    return row;
  }

  SqliteHandle handle_;
  std::unordered_map<std::string, Statement> statements_;
};

class SqliteDatabase final : public SqlDatabase {
 public:
  explicit SqliteDatabase(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] std::unique_ptr<SqlConnection> connect() override {
    return std::make_unique<SqliteConnection>(file_);
  }
  [[nodiscard]] const char* now() const noexcept override { return "unixepoch()"; }
  // There is one writer at a time, and some who read meanwhile.
  [[nodiscard]] std::size_t connections() const noexcept override { return 4; }
  [[nodiscard]] bool has_one_writer() const noexcept override { return true; }
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept override {
    return std::chrono::milliseconds(kBusyMilliseconds);
  }

 private:
  std::string file_;
};

}  // namespace

std::unique_ptr<SqlDatabase> open_sqlite(const std::string& file) {
  // SQLite gives the files beside it the same mode.
  make_private_file(file);
  return std::make_unique<SqliteDatabase>(file);
}

}  // namespace oskbc::broker
