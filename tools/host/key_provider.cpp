// SPDX-License-Identifier: Apache-2.0
#include "host/key_provider.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <boost/filesystem.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "common/io.h"
#include "common/text.h"
#include "format/json_reader.h"
#include "owner/crypto/hash.h"
#include "source/system.h"

namespace oskbc::host {
namespace {

using core::JsonReader;

constexpr std::string_view kProvider = "attestation-agent";

class ConfigReader {
 public:
  explicit ConfigReader(std::string_view text)
      : reader_(text, core::Status::argument, "ocicrypt configuration") {}

  std::optional<KeyProvider> read() {
    std::optional<KeyProvider> found;
    for_members([&](const core::JsonString& name) {
      if (!equals(name, "key-providers")) return reader_.skip_value();
      for_members([&](const core::JsonString& provider) {
        if (!equals(provider, kProvider)) return reader_.skip_value();
        found = read_provider();
      });
    });
    reader_.finish();
    return found;
  }

 private:
  template <typename Take>
  void for_members(Take take) {
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) {
      take(reader_.name());
    }
  }

  KeyProvider read_provider() {
    KeyProvider provider;
    for_members([&](const core::JsonString& name) {
      if (equals(name, "cmd")) {
        if (!reader_.null()) read_command(provider);
      } else if (equals(name, "grpc")) {
        provider.grpc = to_string(reader_.string());
      } else if (equals(name, "ttrpc")) {
        provider.ttrpc = to_string(reader_.string());
      } else {
        reader_.skip_value();
      }
    });
    if (provider.command.empty() && provider.grpc.empty() && provider.ttrpc.empty()) {
      reader_.malformed("the provider has neither a cmd with a path nor grpc nor ttrpc");
    }
    return provider;
  }

  void read_command(KeyProvider& provider) {
    std::string path;
    std::vector<std::string> arguments;
    for_members([&](const core::JsonString& name) {
      if (equals(name, "path")) {
        path = to_string(reader_.string());
      } else if (equals(name, "args") && !reader_.null()) {
        for (bool more = reader_.enter_array(); more; more = reader_.next_element()) {
          arguments.push_back(to_string(reader_.string()));
        }
      } else if (!equals(name, "args")) {
        reader_.skip_value();
      }
    });
    if (path.empty()) return;
    provider.command = {path};
    provider.command.insert(provider.command.end(), arguments.begin(), arguments.end());
  }

  JsonReader reader_;
};

}  // namespace

std::optional<KeyProvider> parse_ocicrypt_config(std::string_view text) {
  return ConfigReader(text).read();
}

std::string socket_path(std::string_view address) {
  constexpr std::string_view kScheme = "unix:";
  if (!address.starts_with(kScheme)) return {};
  address.remove_prefix(kScheme.size());
  if (address.starts_with("///")) address.remove_prefix(2);
  return address.starts_with("//") ? std::string() : std::string(address);
}

int try_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  path.copy(address.sun_path, path.size());
  // A full queue, for which connecting would wait, is somebody who listens.
  const core::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return errno;
  const int result =
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return result == 0 || errno == EAGAIN ? 0 : errno;
}

namespace {

namespace fs = boost::filesystem;

// It takes half a second; a proxy or a wrapper that waits for somebody should not.
constexpr std::chrono::seconds kLimit{30};

constexpr std::string_view kMediaType = "application/vnd.oci.image.";

// A folder that is removed with the object.
class PrivateFolder {
 public:
  PrivateFolder() : path_((fs::temp_directory_path() / "oskbc-doctor.XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) {
      core::fail(core::Status::io, "no folder for a trial of skopeo could be made in %s",
                 fs::path(path_).parent_path().c_str());
    }
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder() {
    boost::system::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string path(const std::string& name = "") const {
    return (fs::path(path_) / name).string();
  }

  void write(const std::string& name, std::string_view content) const {
    boost::system::error_code ignored;
    fs::create_directories(fs::path(path(name)).parent_path(), ignored);
    std::ofstream file(path(name), std::ios::binary);
    file << content;
    file.close();
    if (!file) core::fail(core::Status::io, "writing %s failed", path(name).c_str());
  }

 private:
  std::string path_;
};

std::string digest_of(std::string_view content) {
  return tools::to_hex(owner::sha256(core::as_bytes(content)));
}

// Writes a blob of the image "plain"; returns its descriptor.
std::string add_blob(const PrivateFolder& folder, const char* type, std::string_view content) {
  const std::string digest = digest_of(content);
  folder.write("plain/blobs/sha256/" + digest, content);
  return R"({"mediaType":")" + std::string(kMediaType) + type + R"(","digest":"sha256:)" + digest +
         R"(","size":)" + std::to_string(content.size()) + "}";
}

void write_image(const PrivateFolder& folder) {
  // An empty archive: two blocks of zeros.
  const std::string layer(1024, '\0');
  const std::string layer_text = add_blob(folder, "layer.v1.tar", layer);
  const std::string config =
      R"({"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:)" +
      digest_of(layer) + R"("]}})";
  const std::string manifest = R"({"schemaVersion":2,"mediaType":")" + std::string(kMediaType) +
                               R"(manifest.v1+json","config":)" +
                               add_blob(folder, "config.v1+json", config) + R"(,"layers":[)" +
                               layer_text + "]}";
  folder.write("plain/index.json", R"({"schemaVersion":2,"manifests":[)" +
                                       add_blob(folder, "manifest.v1+json", manifest) + "]}");
  folder.write("plain/oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
}

// A provider that answers any request; sh reads its program from an argument, because the folder's
// file system may forbid to start files.
void write_provider(const PrivateFolder& folder) {
  folder.write("ocicrypt.conf",
               R"({"key-providers":{"probe":{"cmd":{"path":"/bin/sh","args":["-c",)"
               R"("cat >/dev/null; printf '{\"keywrapresults\":{\"annotation\":\"e30=\"}}'"]}}}})");
}

int encrypt(const PrivateFolder& folder, const std::string& program) {
  return core::run_program(
      {"/usr/bin/env", "PATH=/usr/bin:/bin", "HOME=" + folder.path(),
       "XDG_DATA_HOME=" + folder.path("notes"),
       "OCICRYPT_KEYPROVIDER_CONFIG=" + folder.path("ocicrypt.conf"), program, "--tmpdir",
       folder.path(), "copy", "--quiet", "--insecure-policy", "--encryption-key",
       "provider:probe:any", "oci:" + folder.path("plain"), "oci:" + folder.path("encrypted")},
      kLimit);
}

bool holds_encrypted_layer(const fs::path& blobs) {
  boost::system::error_code ignored;
  for (const fs::directory_entry& blob : fs::directory_iterator(blobs, ignored)) {
    std::ifstream file(blob.path().string(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.find("+encrypted\"") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

KeyProviderSupport probe_skopeo(const std::string& program) {
  const std::string path = tools::absolute_path(program);
  if (core::run_program({path, "--version"}, kLimit) != 0) return KeyProviderSupport::did_not_run;
  const PrivateFolder folder;
  write_image(folder);
  write_provider(folder);
  const bool worked =
      encrypt(folder, path) == 0 && holds_encrypted_layer(folder.path("encrypted/blobs/sha256"));
  return worked ? KeyProviderSupport::yes : KeyProviderSupport::no;
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
    std::string candidate = std::string(folder) + "/" + name;
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

}  // namespace oskbc::host
