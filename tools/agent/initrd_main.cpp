// SPDX-License-Identifier: Apache-2.0
//
// The attestation agent of an initrd: no server, and no library but liboskbc and what that needs.
#include <cstdio>
#include <functional>
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
#include "base/status.h"
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
  InitrdAgent() : app_("Answers key provider requests, or becomes an image's process.", kName) {
    app_.set_version_flag("--version", std::string(kName) + " " + oskbc_version());
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.add_option("--root", root_, "Let DIR stand for /: a fake tree")->type_name("DIR");
    app_.add_option("--config", config_,
                    "The agent's configuration; default: " + std::string(kConfigFile))
        ->type_name("FILE");
    app_.add_flag("--require-authenticated", authenticated_, "Refuse packets without integrity");
    app_.add_subcommand("answer", "Answer one request per line of standard input")
        ->callback([this] { chosen_ = [this] { return answer(); }; });
    CLI::App* run = app_.add_subcommand("run", "Decrypt an image and become its process");
    run->callback([this] { chosen_ = [this] { return this->run(); }; });
    run->add_option("LAYOUT", layout_, "The image, in an OCI layout")->required();
    run->add_option("NEW-ROOT", new_root_, "The folder that is made and becomes /")->required();
  }

  int start(int argc, char** argv) {
    return tools::run_tool(app_, argc, argv, [this] {
      try {
        return chosen_();
      } catch (const Failure& failure) {
        return complain(failure.status(), failure.what());
      }
    });
  }

 private:
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

  CLI::App app_;
  std::function<int()> chosen_;
  std::string root_;
  std::string config_;
  std::string layout_;
  std::string new_root_;
  bool authenticated_ = false;
};

}  // namespace
}  // namespace oskbc::agent

int main(int argc, char** argv) { return oskbc::agent::InitrdAgent().start(argc, argv); }
