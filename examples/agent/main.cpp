// SPDX-License-Identifier: Apache-2.0
//
// An attestation agent over liboskbc: answers a container client's key provider requests, or
// decrypts an image and becomes its process.
//
// usage: agent [--root DIR] serve <requests >answers
//        agent [--root DIR] run LAYOUT NEW-ROOT
//
// serve  answers one request per line of standard input with one line on standard output. A request
//        that fails gets an empty line, so that answers stay in step with requests, and a reason on
//        standard error; the agent goes on.
// run    decrypts all layers of the image in an OCI layout, wipes the keys, unpacks the layers into
//        a new folder, makes that its root, and starts the image's command in its own place.
//
// Exits with the library's statuses, and 64 for a wrong command line, 65 for a bad image, 71 when
// the image's process cannot be started.
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker.h"
#include "container.h"
#include "failure.h"
#include "image.h"
#include <oskbc/oskbc.hpp>

namespace agent {
namespace {

// An answer is a secret: a stream's buffer would keep a copy of it, write() keeps none.
void write_all(const void* data, std::size_t size) {
  const auto* next = static_cast<const std::uint8_t*>(data);
  while (size > 0) {
    const ssize_t written = write(STDOUT_FILENO, next, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_with_errno(OSKBC_E_IO, "writing to standard output failed");
    next += written;
    size -= static_cast<std::size_t>(written);
  }
}

int complain(int status, const char* text) {
  std::fprintf(stderr, "agent: %s\n", text);
  return status;
}

void answer(Broker& broker, const std::string& request) {
  try {
    const oskbc::Buffer text = broker.answer(request);
    write_all(text.data(), text.size());
  } catch (const oskbc::Exception& error) {
    complain(error.status(), error.what());
  }
  write_all("\n", 1);
}

int serve(Broker& broker) {
  // A request is no secret: what it holds is wrapped.
  for (std::string request; std::getline(std::cin, request);) answer(broker, request);
  return OSKBC_OK;
}

int run(Broker& broker, const std::string& layout, const std::string& root) {
  const Image image(layout);
  std::vector<oskbc::Buffer> layers = image.open_layers(broker);
  // Whatever the container is, the keys are gone before it begins.
  broker.close();
  enter_new_root(root);
  unpack_layers(std::move(layers));
  become(image.process());
}

int usage() {
  std::fputs(
      "usage: agent [--root DIR] serve <requests >answers\n"
      "       agent [--root DIR] run LAYOUT NEW-ROOT\n",
      stderr);
  return kUsage;
}

int start(std::vector<std::string> arguments) {
  std::string root;
  if (arguments.size() > 2 && arguments[0] == "--root") {
    root = arguments[1];
    arguments.erase(arguments.begin(), arguments.begin() + 2);
  }
  Broker broker(root);
  if (arguments == std::vector<std::string>{"serve"}) return serve(broker);
  if (arguments.size() == 3 && arguments[0] == "run")
    return run(broker, arguments[1], arguments[2]);
  return usage();
}

}  // namespace
}  // namespace agent

int main(int argc, char** argv) {
  try {
    return agent::start({argv + 1, argv + argc});
  } catch (const oskbc::Exception& error) {
    return agent::complain(error.status(), error.what());
  } catch (const agent::Failure& error) {
    return agent::complain(error.status(), error.what());
  } catch (const std::exception& error) {
    return agent::complain(OSKBC_E_INTERNAL, error.what());
  }
}
