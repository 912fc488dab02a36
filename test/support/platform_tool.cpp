// SPDX-License-Identifier: Apache-2.0
//
// The stand-in for a platform, for shell scripts: keeps its keys and the guest that it launched in
// a directory. For tests only; it is not installed, and its keys protect nothing.
#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>

#include <boost/filesystem/operations.hpp>

#include "base/status.h"
#include "common/command_line.h"
#include "common/file_writer.h"
#include "common/io.h"
#include "common/text.h"
#include "format/base64.h"
#include "owner/crypto/random.h"
#include "platform.h"
#include "platform_certificates.h"

namespace oskbc::test {
namespace {

using core::Bytes;
using core::ByteView;
using core::SecretBytes;
using tools::Command;
using tools::FileMode;

constexpr std::size_t kLimit = std::size_t{1} << 16;

struct Arguments {
  std::string directory;
  std::string godh;
  std::string blob;
  std::string digest;
  std::string header;
  std::string secret;
  std::string output;
  std::uint32_t policy = 0;
  owner::Firmware firmware{1, 55, 24};

  [[nodiscard]] std::string path(const char* name) const { return directory + "/" + name; }
};

void save(const Arguments& arguments, const char* name, ByteView bytes,
          FileMode mode = FileMode::plain) {
  tools::write_file(arguments.path(name), bytes, mode, true);
}

void append(Bytes& bytes, ByteView more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

int init(const Arguments& arguments) {
  boost::filesystem::create_directories(arguments.directory);
  SecretBytes scalar(owner::p384::kSize);
  owner::SystemRandom().fill(scalar.expose_writable());
  scalar.expose_writable()[0] = 1;  // so that it is in range
  const auto made = make_platform_certificates(owner::PrivateKey::from_scalar(scalar.expose()));
  Bytes chain = made.pek;
  append(chain, made.oca);
  append(chain, made.exported_cek);
  save(arguments, "platform.key", scalar.expose(), FileMode::secret);
  save(arguments, "pdh.cert", made.pdh);
  save(arguments, "cert_chain.cert", chain);
  save(arguments, "cek.cert", made.cek);
  save(arguments, "ask.cert", made.ask);
  save(arguments, "ark.cert", made.ark);
  return 0;
}

Platform load(const Arguments& arguments) {
  const SecretBytes scalar =
      tools::read_input(arguments.path("platform.key"), kLimit, core::Status::argument);
  Platform platform(owner::PrivateKey::from_scalar(scalar.expose()));
  platform.firmware = arguments.firmware;
  return platform;
}

owner::Digest digest_of(const std::string& hex) {
  const auto bytes = tools::from_hex(hex);
  owner::Digest digest{};
  if (!bytes || bytes->size() != digest.size()) throw tools::UsageError("--digest", "32 bytes");
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

int launch(const Arguments& arguments) {
  const Platform platform = load(arguments);
  const SecretBytes godh = tools::read_binary_or_base64(arguments.godh, kLimit);
  const SecretBytes blob = tools::read_binary_or_base64(arguments.blob, kLimit);
  Platform::Guest guest = platform.start(godh.expose(), blob.expose(), arguments.policy);
  owner::Nonce mnonce{};
  owner::SystemRandom().fill(mnonce);
  const Bytes measurement = platform.measure(guest, digest_of(arguments.digest), mnonce);
  SecretBytes state(16 + 16 + 32);
  const core::ByteSpan place = state.expose_writable();
  std::ranges::copy(guest.tek.expose(), place.begin());
  std::ranges::copy(guest.tik.expose(), place.subspan(16).begin());
  std::ranges::copy(guest.measure, place.subspan(32).begin());
  save(arguments, "guest.state", state.expose(), FileMode::secret);
  tools::write_output(core::base64::encode(measurement) + "\n");
  return 0;
}

Platform::Guest load_guest(const Arguments& arguments) {
  const SecretBytes state =
      tools::read_input(arguments.path("guest.state"), kLimit, core::Status::argument);
  if (state.size() != 64) throw std::runtime_error("no guest was launched");
  Platform::Guest guest{SecretBytes(16), SecretBytes(16), 0, {}};
  std::ranges::copy(state.expose().first(16), guest.tek.expose_writable().begin());
  std::ranges::copy(state.expose().subspan(16, 16), guest.tik.expose_writable().begin());
  std::ranges::copy(state.expose().subspan(32), guest.measure.begin());
  return guest;
}

int inject(const Arguments& arguments) {
  const SecretBytes header = tools::read_binary_or_base64(arguments.header, kLimit);
  const SecretBytes secret = tools::read_binary_or_base64(arguments.secret, kLimit);
  const SecretBytes table =
      load(arguments).inject(load_guest(arguments), header.expose(), secret.expose());
  tools::write_file(arguments.output, table.expose(), FileMode::secret, true);
  return 0;
}

void add_firmware(Command& command, owner::Firmware& firmware) {
  command.add_number("--api-major", firmware.api_major, "The firmware's").show_default();
  command.add_number("--api-minor", firmware.api_minor, "The firmware's").show_default();
  command.add_number("--build-id", firmware.build_id, "The firmware's").show_default();
}

using Action = int(const Arguments&);

// What the platform refuses, in its words.
int reported(Action* action, const Arguments& arguments) {
  try {
    return action(arguments);
  } catch (const tools::UsageError&) {
    throw;
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "platform_tool: %s\n", error.what());
    return 1;
  }
}

Command& add(Command& tool, const char* name, const char* about, Arguments& arguments,
             Action* action) {
  Command& command =
      tool.add_command(name, about, [&arguments, action] { return reported(action, arguments); });
  command.add_folder("DIR", arguments.directory, "The platform's directory").required();
  return command;
}

void add_commands(Command& tool, Arguments& arguments) {
  add(tool, "init", "Make a platform: keys and certificates", arguments, init);

  Command& launched = add(tool, "launch", "Launch and measure a guest; base64 to standard output",
                          arguments, launch);
  launched.add_file("--godh", arguments.godh, "The owner's certificate").required();
  launched.add_file("--blob", arguments.blob, "The launch blob").required();
  launched.add_number("--policy", arguments.policy, "The guest's policy").required();
  launched.add_text("--digest", arguments.digest, "The launch digest").required();
  add_firmware(launched, arguments.firmware);

  Command& injected =
      add(tool, "inject", "Take a secret into the guest's memory", arguments, inject);
  injected.add_file("--header", arguments.header, "The packet's header").required();
  injected.add_file("--secret", arguments.secret, "The secret").required();
  injected.add_file("-o", arguments.output, "What the guest finds").required();
  add_firmware(injected, arguments.firmware);
}

int run(int argc, char** argv) {
  Command tool("platform_tool", "A stand-in for an SEV platform");
  Arguments arguments;
  add_commands(tool, arguments);
  return tools::run_tool(tool, argc, argv);
}

}  // namespace
}  // namespace oskbc::test

int main(int argc, char** argv) { return oskbc::test::run(argc, argv); }
