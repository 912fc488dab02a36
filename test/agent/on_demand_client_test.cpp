// SPDX-License-Identifier: Apache-2.0
#include "agent/on_demand_client.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "base/status.h"
#include "support/catch.h"
#include "support/temp_tree.h"
#include "unit/failure.h"

namespace oskbc::on_demand_client_test {

using agent::OnDemandClient;
using core::Status;

namespace {

constexpr const char* kParams = "offline_sev_kbc::null";
constexpr const char* kKeyset = R"({"key_id1":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="})";
constexpr int kThreads = 8;
constexpr std::chrono::milliseconds kOpening{300};

// Calls from several threads at once; gives how many succeeded.
template <typename Call>
int succeed_at_once(Call call) {
  std::atomic<int> succeeded = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      try {
        call();
        ++succeeded;
      } catch (const Exception&) {
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return succeeded;
}

oskbc_status status_of_opening(OnDemandClient& client) {
  try {
    static_cast<void>(client.get(kParams));
    return OSKBC_OK;
  } catch (const Exception& error) {
    return error.status();
  }
}

// Opens as slowly as a kernel that loads a module.
class SlowOpen {
 public:
  explicit SlowOpen(const std::string& root) : root_(root) {}
  Client operator()(const std::string& params) const {
    ++opened_;
    std::this_thread::sleep_for(kOpening);
    return Client(params, Options().set_root(root_));
  }
  [[nodiscard]] int opened() const { return opened_; }

 private:
  std::string root_;
  mutable std::atomic<int> opened_ = 0;
};

}  // namespace

TEST_CASE("nothing is opened before the first request") {
  const test::TempTree tree;
  static_cast<void>(tree.write(test::kKeysetFile, kKeyset));
  OnDemandClient client(tree.path(), false);
  CHECK(tree.has(test::kKeysetFile));
  CHECK(client.get(kParams).key_count() == 1);
  CHECK_FALSE(tree.has(test::kKeysetFile));
}

TEST_CASE("first requests at once open once, and all get the client") {
  const test::TempTree tree;
  static_cast<void>(tree.write(test::kKeysetFile, kKeyset));
  const SlowOpen open(tree.path());
  OnDemandClient client([&](const std::string& params) { return open(params); });
  std::atomic<std::size_t> keys = 0;
  CHECK(succeed_at_once([&] { keys += client.get(kParams).key_count(); }) == kThreads);
  CHECK(keys == kThreads);
  CHECK(open.opened() == 1);
}

TEST_CASE("a failure is for all who waited for it, and a later request tries again") {
  const test::TempTree tree;
  const SlowOpen open(tree.path());
  OnDemandClient client([&](const std::string& params) { return open(params); });
  CHECK(succeed_at_once([&] { static_cast<void>(client.get(kParams)); }) == 0);
  const int opened = open.opened();
  CHECK(opened < kThreads);
  static_cast<void>(tree.write(test::kKeysetFile, kKeyset));
  // Slow trying takes a tenth of the time at most: until then, the failure counts.
  CHECK(status_of_opening(client) == OSKBC_E_NO_SECRET);
  CHECK(open.opened() == opened);
  std::this_thread::sleep_for(11 * kOpening);
  CHECK(status_of_opening(client) == OSKBC_OK);
}

TEST_CASE("parameters that are not ours are refused before and after the client is open") {
  const test::TempTree tree;
  static_cast<void>(tree.write(test::kKeysetFile, kKeyset));
  OnDemandClient client(tree.path(), false);
  const auto ask = [&] { static_cast<void>(client.get("cc_kbc::http://there")); };
  CHECK(test::status_of(ask) == Status::params);
  CHECK(tree.has(test::kKeysetFile));
  CHECK(status_of_opening(client) == OSKBC_OK);
  CHECK(test::status_of(ask) == Status::params);
}

TEST_CASE("a closed client is opened anew") {
  const test::TempTree tree;
  static_cast<void>(tree.write(test::kKeysetFile, kKeyset));
  OnDemandClient client(tree.path(), false);
  CHECK(status_of_opening(client) == OSKBC_OK);
  client.close();
  CHECK(status_of_opening(client) == OSKBC_E_NO_SECRET);
}

TEST_CASE("what fails at once is tried again at once") {
  const test::TempTree tree;
  OnDemandClient client(tree.path(), false);
  CHECK(status_of_opening(client) == OSKBC_E_NO_SECRET);
  static_cast<void>(tree.write(test::kKeysetFile, kKeyset));
  CHECK(status_of_opening(client) == OSKBC_OK);
}

}  // namespace oskbc::on_demand_client_test
