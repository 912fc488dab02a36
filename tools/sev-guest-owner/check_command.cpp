// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/filesystem/operations.hpp>

#include "base/guid.h"
#include "base/status.h"
#include "common/doctor_report.h"
#include "common/error.h"
#include "common/file_trust.h"
#include "common/io.h"
#include "common/text.h"
#include "owner/certificates/amd_roots.h"
#include "owner/certificates/certificate_file.h"
#include "owner/keys/keys_file.h"
#include "owner/keys/keyset_policy.h"
#include "owner/keys/secret_table.h"
#include "owner/launch/launch_secret.h"
#include "sev-guest-owner/byte_options.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/inputs.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

using core::Status;
using owner::CertificateChain;
using owner::Usage;

constexpr std::uint32_t kLargestArea = std::uint32_t{1} << 14;

struct CheckOptions {
  owner::KeysLocation keys{"keys.json", {}};
  std::string keysets = "keysets.json";
  std::vector<std::string> roots;
  std::vector<std::string> ceks;
  std::optional<owner::Digest> digest;
  std::uint32_t area = owner::kDefaultArea;
  bool loose_modes = false;
  bool json = false;
};

// What `serve` reads, in the order in which it does, and more of it than the first fault.
class Check {
 public:
  explicit Check(const CheckOptions& options) : options_(options) {}

  Report run() {
    report_.check("keys", [this] { return keys(); });
    report_.check("keysets", [this] { return keysets(); });
    for (const auto& keyset : keysets_) check_keyset(keyset.first, keyset.second);
    if (options_.digest) report_.check("launch digest", [this] { return digest(); });
    for (const std::string& file : options_.roots) {
      report_.check("root", [&] { return root(file); });
    }
    for (const std::string& file : cek_files()) report_.check("CEK", [&] { return cek(file); });
    return std::move(report_);
  }

 private:
  // What the mode of a file is worth saying of it, or else what it holds.
  [[nodiscard]] Verdict with_mode(const std::string& file, Holds holds,
                                  const std::string& found) const {
    const std::string warning = check_mode(file, holds, options_.loose_modes);
    return warning.empty() ? good(found) : doubtful(warning);
  }

  Verdict keys() {
    keys_.emplace(owner::read_keys_file(options_.keys), options_.keys.file);
    const std::string found = options_.keys.file + ", keys: " + std::to_string(keys_->size());
    return with_mode(options_.keys.file, Holds::keys, found);
  }

  Verdict keysets() {
    keysets_ = owner::read_keysets_file(options_.keysets);
    if (keysets_.empty()) return doubtful(options_.keysets + " has none, so nothing is released");
    // Of a folder's files, those that the mode is worth a word of.
    for (const std::string& file : owner::keysets_files(options_.keysets)) {
      const std::string warning = check_mode(file, Holds::decisions, options_.loose_modes);
      if (file != options_.keysets && !warning.empty()) report_.add("keysets", doubtful(warning));
    }
    const std::string found = options_.keysets + ", keysets: " + std::to_string(keysets_.size());
    return with_mode(options_.keysets, Holds::decisions, found);
  }

  [[nodiscard]] std::size_t table_size(const owner::KeysetPolicy& policy) const {
    const core::SecretBytes bundle = keys_->bundle(*policy.allowed_keys);
    const owner::SecretEntry entry{core::keyset_guid(), bundle.expose()};
    const core::SecretBytes table =
        owner::build_secret_table({&entry, 1}, owner::TableLength::unpadded, options_.area);
    owner::check_launch_secret_size(table.size());
    return table.size();
  }

  void check_keyset(const std::string& id, const owner::KeysetPolicy& policy) {
    const std::string link = "keyset " + printable(id);
    report_.check(link, [&] { return keyset(id, policy); });
    for (const std::string& warning : owner::warnings(policy, id)) {
      report_.add(link, doubtful(warning));
    }
  }

  Verdict keyset(const std::string& id, const owner::KeysetPolicy& policy) {
    if (!policy.allowed_keys) {
      return bad(Status::keyset, "it has no list of allowed_keys, so no key may be released");
    }
    if (!keys_) return unknown();
    const std::string found = "keys: " + std::to_string(policy.allowed_keys->size()) +
                              ", a table of " + std::to_string(table_size(policy)) + " of " +
                              std::to_string(options_.area) + " bytes";
    if (!policy.allowed_digests) {
      return doubtful(found + "; without allowed_digests any guest gets them");
    }
    if (policy.allowed_digests->empty()) {
      return doubtful(found + "; its allowed_digests are none, so no guest gets them");
    }
    if (options_.digest && allows(policy)) allowing_.push_back(printable(id));
    return good(found + ", digests: " + std::to_string(policy.allowed_digests->size()));
  }

  [[nodiscard]] bool allows(const owner::KeysetPolicy& policy) const {
    return std::ranges::find(*policy.allowed_digests, *options_.digest) !=
           policy.allowed_digests->end();
  }

  [[nodiscard]] Verdict digest() const {
    if (allowing_.empty()) refuse("no keyset allows %s", to_hex(*options_.digest).c_str());
    std::string names;
    for (const std::string& id : allowing_) names += (names.empty() ? "" : ", ") + id;
    return good("allowed by " + names);
  }

  Verdict root(const std::string& file) {
    CertificateChain chain;
    owner::add_file(chain, file);
    const owner::AmdCertificate* ark = chain.amd(Usage::ark);
    if (ark == nullptr) return bad(Status::argument, file + " holds no ARK");
    for (const auto& link : chain.check_roots()) {
      if (link.holds()) continue;
      refuse("%s: %s: %s", file.c_str(), link.what.c_str(), link.reason.c_str());
    }
    const char* generation = owner::generation_of_ark(*ark);
    roots_.push_back(std::move(chain));
    if (generation == nullptr) {
      return doubtful(file + ": an ARK that is none of those that AMD publishes");
    }
    return with_mode(file, Holds::decisions, file + ": AMD's " + generation);
  }

  // Those of a folder one by one.
  [[nodiscard]] std::vector<std::string> cek_files() const {
    std::vector<std::string> files;
    for (const std::string& path : options_.ceks) {
      if (!boost::filesystem::is_directory(path)) {
        files.push_back(path);
        continue;
      }
      for (const auto& entry : boost::filesystem::directory_iterator(path)) {
        if (boost::filesystem::is_regular_file(entry.status()))
          files.push_back(entry.path().string());
      }
    }
    std::ranges::sort(files);
    return files;
  }

  [[nodiscard]] Verdict cek(const std::string& file) const {
    CertificateChain chain;
    owner::add_file(chain, file);
    const owner::SevCertificate* cek = chain.sev(Usage::cek);
    if (cek == nullptr) return bad(Status::argument, file + " holds no CEK");
    if (!cek->signature_by(Usage::ask)) {
      return bad(
          Status::argument,
          file +
              " is as the platform exports it, without AMD's signature; fetch the signed one from AMD's key server");
    }
    for (const CertificateChain& root : roots_) {
      const owner::AmdCertificate* ask = root.amd(Usage::ask);
      if (ask != nullptr && cek->is_signed_by(Usage::ask, ask->key())) return good(file);
    }
    return doubtful(file +
                    " is signed by none of the ASKs that are named; hosts have to send theirs");
  }

  const CheckOptions& options_;
  Report report_;
  std::optional<owner::KeysFile> keys_;
  owner::KeysetPolicies keysets_;
  std::vector<std::string> allowing_;
  std::vector<CertificateChain> roots_;
};

int check(const CheckOptions& options) {
  const Report report = Check(options).run();
  write_output(options.json ? as_json(report) : as_lines(report, wants_colour()));
  return report.status;
}

}  // namespace

void add_check_command(Command& tool) {
  auto options = std::make_shared<CheckOptions>();
  Command& command = tool.add_command("check", "Look at all that serve would read, before it does",
                                      [options] { return check(*options); });
  command.add_file("--keys", options->keys.file, "The keys").show_default();
  add_keys_key(command, options->keys.key_file);
  command.add_file("--keysets", options->keysets, "Which keys are released on which conditions")
      .show_default();
  command.add_number("--area", options->area, "Bytes of the firmware's secret area", kLargestArea)
      .show_default();
  command.add_file("--amd-root", options->roots, "AMD's root: ARK, best with its ASK");
  command.add_file("--cek", options->ceks, "CEKs as AMD signed them, files or folders");
  add_bytes(command, "--digest", options->digest, "A launch digest that a keyset has to allow");
  add_allow_loose_modes(command, options->loose_modes);
  add_json(command, options->json);
}

}  // namespace oskbc::tools
