// SPDX-License-Identifier: Apache-2.0
#include "broker/batches.h"

#include <atomic>
#include <thread>

#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::batches_test {

using broker::Batches;
using std::chrono::milliseconds;

namespace {

template <typename Call>
void in_threads(int count, Call call) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&call, i] { call(i); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("what is asked for while a batch is on its way is done together") {
  int batches = 0;
  int sum = 0;
  Batches<int> work(
      [&](const std::vector<int*>& items) {
        std::this_thread::sleep_for(milliseconds(20));
        ++batches;
        for (const int* item : items) sum += *item;
      },
      std::chrono::seconds(60));
  in_threads(64, [&](int number) { work.run(number); });
  CHECK(sum == 63 * 64 / 2);
  CHECK(batches < 60);
}

TEST_CASE("what fails, fails for all of its batch and for nobody else") {
  Batches<int> work(
      [](const std::vector<int*>& items) {
        for (const int* item : items) {
          if (*item == 7) core::fail(core::Status::io, "seven");
        }
      },
      std::chrono::seconds(60));
  std::atomic<int> failures = 0;
  in_threads(16, [&](int number) {
    if (test::status_of([&] { work.run(number); }) != core::Status::ok) ++failures;
  });
  CHECK(failures >= 1);
  CHECK(test::failure_of([&] { work.run(7); }).text == "seven");
  CHECK(test::status_of([&] { work.run(8); }) == core::Status::ok);
}

TEST_CASE("who waits for what hangs waits no longer than the patience") {
  std::atomic<bool> begun = false;
  std::atomic<bool> end = false;
  int done = 0;
  Batches<int> work(
      [&](const std::vector<int*>& items) {
        begun = true;
        while (!end) std::this_thread::sleep_for(milliseconds(1));
        done += static_cast<int>(items.size());
      },
      milliseconds(30));
  std::thread hangs([&] { work.run(1); });
  while (!begun) std::this_thread::sleep_for(milliseconds(1));
  CHECK(test::status_of([&] { work.run(2); }) == core::Status::io);
  end = true;
  hangs.join();
  CHECK(done == 1);
}

}  // namespace oskbc::batches_test
