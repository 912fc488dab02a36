// SPDX-License-Identifier: Apache-2.0
//
// What a call of a running agent takes, in microseconds: an unwrap beside calls with nothing to do.
// No test: bench.py starts it.
//
// usage: calls_bench SOCKET ID-OF-AN-EMPTY-ENTRY <REQUEST
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>

#include "ttrpc/client.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 200;
constexpr int kCallsARound = 100;

struct Measured {
  const char* name;
  std::function<void()> call;
  double best = 1e9;  // of a call, in microseconds, in the round that was disturbed least
};

double round_of(const std::function<void()>& call) {
  const auto start = Clock::now();
  for (int i = 0; i < kCallsARound; ++i) call();
  const std::chrono::duration<double, std::micro> taken = Clock::now() - start;
  return taken.count() / kCallsARound;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  const std::string request((std::istreambuf_iterator<char>(std::cin)), {});
  oskbc::ttrpc::AgentConnection agent(argv[1]);
  const std::string empty_entry = argv[2];
  const auto ask = [&](std::string_view service, std::string_view method) {
    return [&agent, service, method] { static_cast<void>(agent.ask(service, method, {})); };
  };
  Measured all[] = {{"refused", ask("api.ImagePullService", "PullImage")},
                    {"empty", [&] { static_cast<void>(agent.resource(empty_entry)); }},
                    {"unwrap", [&] { static_cast<void>(agent.unwrap_key(request)); }}};
  for (int round = 0; round < kRounds; ++round) {
    for (Measured& one : all) one.best = std::min(one.best, round_of(one.call));
  }
  for (const Measured& one : all) std::printf("%s %.2f us, ", one.name, one.best);
  std::printf("an unwrap is %.2f empty calls\n", all[2].best / all[1].best);
  return 0;
}
