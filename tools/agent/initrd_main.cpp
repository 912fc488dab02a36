// SPDX-License-Identifier: Apache-2.0
//
// The attestation agent of an initrd: no server, and no library but liboskbc and what that needs.
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/config.h"
#include "agent/container.h"
#include "agent/failure.h"
#include "agent/image.h"
#include "agent/on_demand_client.h"
#include "agent/packets.h"
#include "base/error.h"
#include "common/command_line.h"
#include "common/io.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::agent {
namespace {

constexpr const char* kName = "oskbc-initrd-agent";

int complain(int status, const char* text) {
  std::fprintf(stderr, "%s: %s\n", kName, text);
  return status;
}

class InitrdAgent {
 public:
  InitrdAgent() {
    tool_.version(std::string(kName) + " " + oskbc_version());
    tool_.take_options_anywhere();
    tool_.add_folder("--root", root_, "Let DIR stand for /: a fake tree");
    tool_
        .add_file("--config", config_,
                  "The agent's configuration; default: " + std::string(kConfigFile))
        .value_name("FILE");
    tool_.add_flag("--require-authenticated", authenticated_, "Refuse packets without integrity");
    tool_.add_command("answer", "Answer one request per line of standard input",
                      [this] { return complaining(&InitrdAgent::answer); });
    tools::Command& run = tool_.add_command("run", "Decrypt an image and become its process",
                                            [this] { return complaining(&InitrdAgent::run); });
    run.add_folder("LAYOUT", layout_, "The image, in an OCI layout").required();
    run.add_folder("NEW-ROOT", new_root_, "The folder that is made and becomes /").required();
  }

  int start(int argc, char** argv) { return tools::run_tool(tool_, argc, argv); }

 private:
  int complaining(int (InitrdAgent::*action)()) {
    try {
      return (this->*action)();
    } catch (const Failure& failure) {
      return complain(failure.status(), failure.what());
    }
  }

  // A request that fails gets an empty line, so that answers stay in step with requests.
  int answer() {
    const Config config(root_, config_);
    OnDemandClient client(root_, authenticated_);
    // A request is no secret: what it holds is wrapped.
    for (std::string request; std::getline(std::cin, request);) {
      try {
        const Buffer text = client.get(config.aa_kbc_params()).keyprovider(request);
        tools::write_output(core::ByteView(text.data(), text.size()));
      } catch (const Exception& error) {
        complain(error.status(), error.what());
      } catch (const core::Error& error) {
        complain(static_cast<int>(error.status()), error.what());
      }
      tools::write_output("\n");
    }
    return OSKBC_OK;
  }

  int run() {
    const Config config(root_, config_);
    const Image image(layout_);
    OnDemandClient client(root_, authenticated_);
    std::vector<Buffer> layers = image.open_layers([&](std::string_view packets) {
      return unwrap_first(client.get(config.aa_kbc_params()), packets);
    });
    // Whatever the container is, the keys are gone before it begins.
    client.close();
    enter_new_root(new_root_);
    unpack_layers(std::move(layers));
    become(image.process());
  }

  tools::Command tool_{kName, "Answers key provider requests, or becomes an image's process."};
  std::string root_;
  std::string config_;
  std::string layout_;
  std::string new_root_;
  bool authenticated_ = false;
};

}  // namespace
}  // namespace oskbc::agent

int main(int argc, char** argv) { return oskbc::agent::InitrdAgent().start(argc, argv); }
