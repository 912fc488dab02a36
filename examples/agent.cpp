// SPDX-License-Identifier: Apache-2.0
//
// An agent in C++ that stays: answers one key provider request per line of standard input with one
// line on standard output, and opens the keyset at the first request, because a guest with plain
// images only has none to open. A request that fails gets an empty line, so that answers stay in
// step with requests, and a reason on standard error; the agent goes on.
//
// usage: agent AA_KBC_PARAMS [ROOT]
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <oskbc/oskbc.hpp>

namespace {

class Agent {
 public:
  Agent(std::string params, std::string root)
      : params_(std::move(params)), root_(std::move(root)) {}

  // After a failure the next request tries again: the secret may still come into sight.
  oskbc::Buffer answer(std::string_view request) {
    if (!client_) open();
    return client_->keyprovider(request);
  }

 private:
  void open() {
    oskbc::Options options;
    if (!root_.empty()) options.set_root(root_);
    client_.emplace(params_, options);
  }

  std::string params_;
  std::string root_;
  std::optional<oskbc::Client> client_;
};

// An answer is a secret: a stream's buffer would keep a copy of it, write() keeps none.
void write_all(const void* data, std::size_t size) {
  const auto* next = static_cast<const std::uint8_t*>(data);
  while (size > 0) {
    const ssize_t written = write(STDOUT_FILENO, next, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw std::system_error(errno, std::generic_category(), "standard output");
    next += written;
    size -= static_cast<std::size_t>(written);
  }
}

void serve(Agent& agent, const std::string& request) {
  try {
    const oskbc::Buffer answer = agent.answer(request);
    write_all(answer.data(), answer.size());
  } catch (const oskbc::Exception& error) {
    std::fprintf(stderr, "agent: %s: %s\n", oskbc_strerror(error.status()), error.what());
  }
  write_all("\n", 1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: agent AA_KBC_PARAMS [ROOT] <requests >answers\n");
    return 64;
  }
  try {
    Agent agent(argv[1], argc > 2 ? argv[2] : "");
    // A request is no secret: what it holds is wrapped.
    for (std::string request; std::getline(std::cin, request);) serve(agent, request);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "agent: %s\n", error.what());
    return OSKBC_E_IO;
  }
}
