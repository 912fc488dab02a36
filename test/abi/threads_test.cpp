// SPDX-License-Identifier: Apache-2.0
// What the header promises about threads. Worth most under ThreadSanitizer.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "open_client.h"
#include "support/catch.h"
#include <oskbc/oskbc.h>

namespace oskbc_test {
namespace {

constexpr std::size_t kThreads = 8;
constexpr int kRounds = 200;

// 32 times the letter k: a throw-away test key. The plaintext is "layer options".
const char* const kKeyset =
    R"({"key_id1":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=","r":"QUJD"})";
const std::string kGcm =
    R"({"kid":"key_id1","wrapped_data":"tuWBEUDYznSPPY4W6L97UulaWcRx82CCNuU2EVc=",)"
    R"("iv":"aWlpaWlpaWlpaWlp","wrap_type":"A256GCM"})";
const std::string kCtr = R"({"kid":"key_id1","wrapped_data":"dtBbhHEQxFMkNjagfg==",)"
                         R"("iv":"aWlpaWlpaWlpaWlpaWlpaQ==","wrap_type":"A256CTR"})";
const std::string kPlain = "layer options";
// kGcm as ocicrypt sends it.
const std::string kRequest =
    R"({"op":"keyunwrap","keyunwrapparams":{"annotation":")"
    "eyJraWQiOiJrZXlfaWQxIiwid3JhcHBlZF9kYXRhIjoidHVXQkVVRFl6blNQUFk0VzZMOTdVdWxhV2NSeDgy"
    "Q0NOdVUyRVZjPSIsIml2IjoiYVdscGFXbHBhV2xwYVdscCIsIndyYXBfdHlwZSI6IkEyNTZHQ00ifQ=="
    R"("}})";

// Starts all threads at one moment, so that they meet.
void run_at_once(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> ready{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      ++ready;
      while (ready < count) std::this_thread::yield();
      work(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Catch's macros are for one thread only: the others count what went wrong.
class Faults {
 public:
  void expect(bool holds) {
    if (!holds) ++count_;
  }
  [[nodiscard]] int count() const { return count_; }

 private:
  std::atomic<int> count_{0};
};

bool unwraps(const oskbc_client* client, const std::string& packet) {
  std::array<std::uint8_t, 64> out{};
  std::size_t len = out.size();
  const auto status = oskbc_unwrap_key(client, packet.data(), packet.size(), out.data(), &len);
  return status == OSKBC_OK &&
         std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(len)) == kPlain;
}

bool answers(const oskbc_client* client) {
  std::array<std::uint8_t, 256> out{};
  std::size_t len = out.size();
  return oskbc_keyprovider(client, kRequest.data(), kRequest.size(), out.data(), &len) == OSKBC_OK;
}

TEST_CASE("eight threads unwrap with one client") {
  const OpenClient client(kKeyset);
  REQUIRE(client.status() == OSKBC_OK);
  Faults faults;
  run_at_once(kThreads, [&](std::size_t thread) {
    for (int i = 0; i < kRounds; ++i)
      faults.expect(unwraps(client.get(), thread % 2 == 0 ? kGcm : kCtr));
  });
  CHECK(faults.count() == 0);
}

TEST_CASE("all reading calls go together") {
  const OpenClient client(kKeyset);
  REQUIRE(client.status() == OSKBC_OK);
  Faults faults;
  run_at_once(kThreads, [&](std::size_t thread) {
    for (int i = 0; i < kRounds; ++i) {
      std::array<std::uint8_t, 64> out{};
      std::size_t len = out.size();
      auto* text = reinterpret_cast<char*>(out.data());
      if (thread % 4 == 0) faults.expect(unwraps(client.get(), kGcm));
      if (thread % 4 == 1)
        faults.expect(oskbc_get_resource(client.get(), "r", out.data(), &len) == OSKBC_OK);
      if (thread % 4 == 2)
        faults.expect(oskbc_client_key_id(client.get(), 0, text, &len) == OSKBC_OK);
      if (thread % 4 == 3) {
        faults.expect(oskbc_client_key_count(client.get()) == 2);
        faults.expect(answers(client.get()));
      }
    }
  });
  CHECK(faults.count() == 0);
}

TEST_CASE("each thread has its own last message") {
  const OpenClient client(kKeyset);
  REQUIRE(client.status() == OSKBC_OK);
  Faults faults;
  run_at_once(kThreads, [&](std::size_t thread) {
    faults.expect(std::string(oskbc_last_error()).empty());
    for (int i = 0; i < kRounds; ++i) {
      const bool good = thread % 2 == 0;
      faults.expect(unwraps(client.get(), good ? kGcm : "{}") == good);
      faults.expect(std::string(oskbc_last_error()).empty() == good);
    }
  });
  CHECK(faults.count() == 0);
}

struct Opened {
  oskbc_status status = OSKBC_E_INTERNAL;
  oskbc_client* client = nullptr;
};

std::vector<Opened> open_at_once(const KeysetTree& tree, std::size_t count) {
  std::vector<Opened> opened(count);
  const TreeOptions options(tree);
  run_at_once(count, [&](std::size_t thread) {
    Opened& mine = opened[thread];
    mine.status = oskbc_client_open(kParams, options.get(), &mine.client);
  });
  return opened;
}

void check_one_winner(std::vector<Opened> opened) {
  std::size_t winners = 0;
  for (Opened& each : opened) {
    CHECK((each.status == OSKBC_OK || each.status == OSKBC_E_NO_SECRET));
    CHECK((each.client != nullptr) == (each.status == OSKBC_OK));
    if (each.status == OSKBC_OK) {
      ++winners;
      CHECK(unwraps(each.client, kGcm));
    }
    oskbc_client_close(&each.client);
  }
  CHECK(winners == 1);
}

TEST_CASE("of several openings of one file exactly one gets the keys") {
  const std::size_t count = GENERATE(2u, 8u);
  for (int i = 0; i < 50; ++i) {
    const KeysetTree tree(kKeyset);
    check_one_winner(open_at_once(tree, count));
    CHECK_FALSE(tree.has_keyset());
  }
}

TEST_CASE("each of several files at once gets opened") {
  Faults faults;
  run_at_once(kThreads, [&](std::size_t) {
    for (int i = 0; i < 10; ++i) {
      const OpenClient client(kKeyset);
      faults.expect(client.status() == OSKBC_OK);
      faults.expect(unwraps(client.get(), kGcm));
      faults.expect(answers(client.get()));
    }
  });
  CHECK(faults.count() == 0);
}

}  // namespace
}  // namespace oskbc_test
