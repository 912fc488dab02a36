// SPDX-License-Identifier: Apache-2.0
#include "host/key_provider.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/status.h"
#include "base/unique_fd.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::key_provider_test {

using core::Status;
using host::KeyProviderSupport;
using host::parse_ocicrypt_config;

namespace {

std::string config(const std::string& provider) {
  return R"({"key-providers": {"attestation-agent": )" + provider + "}}";
}

Status status_of(const std::string& text) {
  return test::status_of([&] { static_cast<void>(parse_ocicrypt_config(text)); });
}

}  // namespace

TEST_CASE("a provider is a command with its arguments") {
  const auto provider =
      parse_ocicrypt_config(config(R"({"cmd": {"path": "/bin/p", "args": ["a", "b\n"]}})"));
  CHECK(provider.value().command == std::vector<std::string>{"/bin/p", "a", "b\n"});
  CHECK(provider->grpc.empty());
  CHECK(parse_ocicrypt_config(config(R"({"cmd": {"args": null, "path": "p"}})"))->command ==
        std::vector<std::string>{"p"});
}

TEST_CASE("or an address") {
  const auto provider = parse_ocicrypt_config(config(R"({"cmd": null, "grpc": "localhost:1"})"));
  CHECK(provider.value().grpc == "localhost:1");
  CHECK(provider->command.empty());
}

TEST_CASE("or one for Rust alone") {
  const auto provider = parse_ocicrypt_config(config(R"({"ttrpc": "unix:///run/cdh.sock"})"));
  CHECK(provider.value().ttrpc == "unix:///run/cdh.sock");
  CHECK(provider->grpc.empty());
}

TEST_CASE("a Unix socket is tried, and nothing else") {
  CHECK(host::socket_path("unix:///run/a.sock") == "/run/a.sock");
  CHECK(host::socket_path("unix:/run/a.sock") == "/run/a.sock");
  for (const char* other : {"localhost:1", "unix://host/a", "", "vsock://1:2"}) {
    CHECK(host::socket_path(other).empty());
  }
  const test::TempFolder folder;
  const std::string path = folder.path("s");
  CHECK(host::try_socket(path) == ENOENT);
  CHECK(host::try_socket(std::string(200, 'x')) == ENAMETOOLONG);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  const core::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(host::try_socket(path) == ECONNREFUSED);
  REQUIRE(::listen(fd.get(), 1) == 0);
  for (int i = 0; i < 5; ++i) CHECK(host::try_socket(path) == 0);
}

TEST_CASE("other providers and members are passed over") {
  CHECK_FALSE(parse_ocicrypt_config(R"({"key-providers": {"other": {"grpc": "x"}}})"));
  CHECK_FALSE(parse_ocicrypt_config("{}"));
  CHECK(parse_ocicrypt_config(
      R"({"more": [1], "key-providers": {"a": {}, "attestation-agent": {"x": 1, "grpc": "y"}}})"));
}

TEST_CASE("what ocicrypt would not read is refused") {
  for (const std::string& text :
       {std::string(""), std::string("{"), std::string("[]"), std::string("{} x"), config("{}"),
        config("null"), config(R"({"cmd": {}})"), config(R"({"cmd": {"path": ""}})"),
        config(R"({"cmd": "p"})"), config(R"({"grpc": 1})"), config(R"({"ttrpc": null})"),
        config(R"({"cmd": {"path": "p", "args": "a"}})")}) {
    INFO(text);
    CHECK(status_of(text) == Status::argument);
  }
}

namespace {

std::string script(const test::TempFolder& folder, const std::string& text) {
  const std::string file = folder.write("skopeo", "#!/bin/sh\n" + text);
  REQUIRE(::chmod(file.c_str(), 0755) == 0);
  return file;
}

}  // namespace

TEST_CASE("what encrypts is told by what it leaves, and the trial leaves nothing") {
  const test::TempFolder folder;
  const std::string skopeo =
      script(folder,
             "[ \"$1\" = --version ] && exit\n"
             "for last; do :; done\nplain=${2}/plain\nblobs=${last#oci:}/blobs/sha256\n"
             // The image that it is given is whole, and the configuration leads to an answer.
             "for blob in \"$plain\"/blobs/sha256/*; do\n"
             "  [ \"$(sha256sum <\"$blob\")\" = \"${blob##*/}  -\" ] || exit 1\ndone\n"
             "grep -q keywrapresults \"$OCICRYPT_KEYPROVIDER_CONFIG\" || exit 1\n"
             "echo \"$2\" >" +
                 folder.path("where") +
                 "\n"
                 "mkdir -p \"$blobs\"\necho '\"tar+gzip+encrypted\"' >\"$blobs/x\"\n");
  CHECK(host::probe_skopeo(skopeo) == KeyProviderSupport::yes);
  std::string where = folder.read("where");
  where.pop_back();
  CHECK_FALSE(boost::filesystem::exists(where));
}

TEST_CASE("what copies without encrypting, or fails at it, has no key providers") {
  const test::TempFolder folder;
  CHECK(host::probe_skopeo(script(folder, "exit 0\n")) == KeyProviderSupport::no);
  CHECK(host::probe_skopeo(script(folder, "[ \"$1\" = --version ]\n")) == KeyProviderSupport::no);
}

TEST_CASE("what does not start is no skopeo") {
  const test::TempFolder folder;
  CHECK(host::probe_skopeo(folder.path("none")) == KeyProviderSupport::did_not_run);
  CHECK(host::probe_skopeo(script(folder, "exit 1\n")) == KeyProviderSupport::did_not_run);
}

TEST_CASE("a program is found in PATH; a path is one already") {
  const test::TempFolder folder;
  const std::string file = script(folder, "");
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", ("/nowhere::" + folder.path()).c_str(), 1);
  CHECK(host::find_program("skopeo") == file);
  CHECK(host::find_program("none").empty());
  CHECK(host::find_program("./none") == "./none");
  ::unsetenv("PATH");
  CHECK(host::find_program("skopeo").empty());
  ::setenv("PATH", before.c_str(), 1);
}

}  // namespace oskbc::key_provider_test
