// SPDX-License-Identifier: Apache-2.0
// Two processes want the same secret: one gets it, and nothing stays with the other.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <new>
#include <thread>
#include <vector>

#include "fault/kernel.h"
#include "fault/keyset.h"
#include "support/catch.h"
#include "support/temp_tree.h"
#include <oskbc/oskbc.h>

namespace oskbc::race_test {

using namespace oskbc::fault;
using namespace std::chrono_literals;
using test::TempTree;

namespace {

// A place in memory that processes share, where each waits for the others.
class Barrier {
 public:
  explicit Barrier(int processes) : processes_(processes) {
    void* const page = mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(page != MAP_FAILED);
    arrived_ = new (page) std::atomic<int>(0);
  }
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;
  ~Barrier() {
    // It is counted as a secret's page.
    *arrived_ = 0;
    munmap(static_cast<void*>(arrived_), sizeof(std::atomic<int>));
  }

  // Not for ever: one of them may have found nothing to wait with.
  void wait() {
    ++*arrived_;
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (*arrived_ < processes_ && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
  }

 private:
  int processes_;
  std::atomic<int>* arrived_;
};

// How a process ends: with the keys, without, or not as it should.
enum Ending { winner = 10, loser = 11, wrong = 12 };

Ending open_once(const TempTree& tree) {
  const long live = pages().live;
  oskbc_options* options = nullptr;
  oskbc_client* client = nullptr;
  if (oskbc_options_new(&options) != OSKBC_OK ||
      oskbc_options_set_root(options, tree.path().c_str()) != OSKBC_OK) {
    return wrong;
  }
  const oskbc_status status = oskbc_client_open("offline_sev_kbc::null", options, &client);
  oskbc_options_free(&options);
  if (status == OSKBC_OK) return oskbc_client_key_count(client) == kKeysetEntries ? winner : wrong;
  const bool nothing_left = client == nullptr && pages().live == live && pages().unwiped == 0;
  return status == OSKBC_E_NO_SECRET && nothing_left ? loser : wrong;
}

pid_t start(const std::function<Ending()>& work) {
  const pid_t child = fork();
  // Nothing of the parent's is run at the end, Catch's report say.
  if (child == 0) _exit(work());
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : wrong;
}

struct Endings {
  int winners = 0;
  int losers = 0;
};

// Each process works once all are there.
Endings race(int processes, const TempTree& tree, const std::function<Ending()>& work) {
  Barrier barrier(processes);
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    children.push_back(start([&] {
      barrier.wait();
      return work();
    }));
  }
  Endings endings;
  for (const pid_t child : children) {
    const int ending = wait_for(child);
    if (ending == winner) ++endings.winners;
    if (ending == loser) ++endings.losers;
  }
  CHECK_FALSE(tree.has(test::kKeysetFile));
  return endings;
}

void check_one_winner(int processes, const Endings& endings) {
  CHECK(endings.winners == 1);
  CHECK(endings.losers == processes - 1);
}

}  // namespace

TEST_CASE("of two processes that open one file exactly one gets the keys") {
  const TempTree tree;
  for (int i = 0; i < 100; ++i) {
    tree.write(test::kKeysetFile, kKeyset);
    check_one_winner(2, race(2, tree, [&] { return open_once(tree); }));
  }
}

TEST_CASE("of several that have all read before any removes the file exactly one gets the keys") {
  const TempTree tree;
  for (int i = 0; i < 20; ++i) {
    tree.write(test::kKeysetFile, kKeyset);
    Barrier have_read(4);
    const auto work = [&] {
      const Hooked hooked({.on_unlink = [&] { have_read.wait(); }});
      return open_once(tree);
    };
    check_one_winner(4, race(4, tree, work));
  }
}

}  // namespace oskbc::race_test
