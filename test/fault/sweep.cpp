// SPDX-License-Identifier: Apache-2.0
#include "fault/sweep.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include <openssl/err.h>

#include "fault/heap.h"
#include "fault/kernel.h"
#include "support/catch.h"

namespace oskbc::fault {
namespace {

// How many calls of each operation failed, and how many went wrong; printed when the program ends.
class Tally {
 public:
  ~Tally() {
    for (const Line& line : lines_) {
      std::printf("%s: %ld calls failed, %ld wrong\n", line.operation.c_str(), line.failed,
                  line.wrong);
    }
  }

  void add(const std::string& operation, long failed, long wrong) {
    auto line = std::find_if(lines_.begin(), lines_.end(),
                             [&](const Line& each) { return each.operation == operation; });
    if (line == lines_.end()) line = lines_.insert(line, {operation});
    line->failed += failed;
    line->wrong += wrong;
  }

 private:
  struct Line {
    std::string operation;
    long failed = 0;
    long wrong = 0;
  };

  std::vector<Line> lines_;
};

Tally tally;

// What an operation has to give back.
struct Held {
  Blocks blocks = live_blocks();
  long pages = fault::pages().live;
  long descriptors = open_descriptors();
};

// libcrypto 3.0 itself loses blocks where it runs out of memory while it makes a library context.
bool openssl_may_lose(const std::string_view call) { return call.substr(0, 7) == "CRYPTO_"; }

std::string what_stayed(const Held& before, const Held& after, const char* failed) {
  if (after.pages != before.pages) return "secret pages stay";
  if (pages().unwiped != 0) return "pages went back unwiped";
  if (after.descriptors != before.descriptors) return "a descriptor stays open";
  if (after.blocks.others != before.blocks.others) return "blocks stay";
  if (after.blocks.openssl != before.blocks.openssl && !openssl_may_lose(failed)) {
    return "OpenSSL's blocks stay";
  }
  return ERR_peek_error() == 0 ? "" : "an error stays in OpenSSL's queue";
}

struct Outcome {
  bool happened = false;
  const char* call = "";
  oskbc_status status = OSKBC_OK;
  std::string wrong;
};

Outcome attempt(const Operation& operation, const Fault& fault) {
  Outcome outcome;
  const Held before;
  operation.prepare();
  {
    const Injection injection(fault);
    outcome.status = operation.call();
    outcome.happened = injection.happened();
    outcome.call = injection.call();
  }
  outcome.wrong = operation.judge(outcome.status, outcome.call);
  if (outcome.wrong.empty()) outcome.wrong = what_stayed(before, Held(), outcome.call);
  return outcome;
}

bool fits(const Operation& operation, const Outcome& outcome, const Expectation& expectation) {
  if (!outcome.happened) return outcome.status == operation.expected;
  return expectation(operation, outcome.call, outcome.status);
}

}  // namespace

void sweep(const Operation& operation, const Fault& fault, const Expectation& expectation) {
  // What is made once in a process stays for good; it is made now.
  (void)attempt(operation, {fault.kind, 1'000'000});
  for (Fault next = fault;; ++next.number) {
    Outcome outcome = attempt(operation, next);
    if (outcome.wrong.empty() && !fits(operation, outcome, expectation)) {
      outcome.wrong = "not the status for this";
    }
    INFO(operation.name << ", call " << next.number << " failed, " << outcome.call << ": status "
                        << outcome.status << ", " << oskbc_last_error());
    CHECK(outcome.wrong == "");
    count(operation.name, outcome.happened ? 1 : 0, outcome.wrong.empty() ? 0 : 1);
    if (!outcome.happened) return;
    ERR_clear_error();
  }
}

void count(const std::string& operation, long failed, long wrong) {
  tally.add(operation, failed, wrong);
}

}  // namespace oskbc::fault
