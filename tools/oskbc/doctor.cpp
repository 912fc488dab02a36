// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/status.h"
#include "client/sealed_keyset.h"
#include "common/agent_config.h"
#include "common/doctor_report.h"
#include "common/io.h"
#include "crypto/key_wrap_cipher.h"
#include "format/keyset.h"
#include "format/uris.h"
#include "oskbc/commands.h"
#include "oskbc/module_help.h"
#include "source/chain.h"
#include "source/kernel_session.h"
#include "ttrpc/client.h"

namespace oskbc::tools {
namespace {

using core::Cause;
using core::Error;
using core::Status;

// Does what opening does, link by link, but leaves the secret where it is.
class Doctor {
 public:
  explicit Doctor(const Settings& settings)
      : agent_(settings.agent),
        params_(settings.params),
        root_(settings.root),
        options_(settings.core_options().source),
        paths_(options_.root),
        session_(system_, paths_) {}

  Report examine() {
    report_.check("parameters", [this] { return parameters(); });
    report_.check("cipher", cipher);
    report_.add("memory", memory());
    if (ask_agent()) return std::move(report_);
    bring_up();
    report_chain();
    if (chain_.entry) {
      report_.check("keyset", [this] { return keyset(); });
      report_.add("removal", removal());
    } else {
      report_.add("keyset", unknown());
      report_.add("removal", unknown());
    }
    put_back();
    return std::move(report_);
  }

 private:
  // What an agent in this guest is told counts, unless the doctor is told otherwise.
  [[nodiscard]] Verdict parameters() const {
    if (params_) {
      core::check_params(*params_);
      return good("aa_kbc_params selects offline_sev_kbc");
    }
    const auto found = AgentConfig(root_, "").find_params();
    if (!found) return good("offline_sev_kbc; no agent is told otherwise");
    try {
      core::check_params(found->value);
    } catch (const Error& error) {
      return bad(error.status(), found->where + ": " + error.what());
    }
    return good("aa_kbc_params selects offline_sev_kbc, as " + found->where + " says");
  }

  static Verdict cipher() {
    const core::KeyWrapCipher cipher;
    const std::array<std::uint8_t, core::kKekSize> kek{};
    const std::array<std::uint8_t, 16> plain{};
    std::array<std::uint8_t, 12> iv{};
    std::array<std::uint8_t, plain.size() + core::kGcmTagSize> wrapped{};
    std::array<std::uint8_t, plain.size()> unwrapped{};
    cipher.wrap(core::WrapType::a256gcm, kek, plain, iv, wrapped);
    cipher.unwrap(core::WrapType::a256gcm, kek, iv, wrapped, unwrapped);
    return good("AES-256-GCM wraps and unwraps");
  }

  static Verdict memory() {
    if (core::SecretBytes(1).locked()) return good("keys are locked into memory");
    return doubtful("memory can't be locked, so keys could be swapped; raise RLIMIT_MEMLOCK");
  }

  // An agent that has the keyset is the end of the chain: what was before it is gone from the
  // kernel. One without tells why, and the chain is looked at all the same.
  bool ask_agent() {
    try {
      auto agent = agent_.empty() ? ttrpc::find_agent(options_.root)
                                  : std::make_optional<ttrpc::AgentConnection>(agent_);
      if (!agent) return false;
      const std::vector<ttrpc::Entry> entries = agent->entries();
      report_.add("agent", good("runs at " + agent->path() + " and has taken the keyset"));
      report_.check("keyset", [&] { return count_keys(entries); });
      return true;
    } catch (const Error& error) {
      if (error.status() != Status::no_secret) {
        report_.add("agent", bad(error.status(), error.what()));
        return true;
      }
      report_.add("agent", doubtful(std::string("runs, and has no keyset: ") + error.what()));
      return false;
    }
  }

  static Verdict count_keys(const std::vector<ttrpc::Entry>& entries) {
    const auto keys = std::count_if(entries.begin(), entries.end(),
                                    [](const auto& entry) { return entry.size == core::kKekSize; });
    return describe_keys(static_cast<std::size_t>(keys), entries.size());
  }

  static Verdict describe_keys(std::size_t keys, std::size_t entries) {
    if (keys == 0) {
      core::fail(Status::unknown_key, "no key of %zu bytes among its %zu entries; inject one",
                 core::kKekSize, entries);
    }
    return good(std::to_string(keys) + " of " + std::to_string(entries) +
                " entries can unwrap (32 bytes)");
  }

  void bring_up() {
    inspect();
    if (chain_.entry || !options_.manage_kernel) return;
    try {
      session_.mount_securityfs();
      inspect();
      if (!chain_.entry) session_.load_module();
    } catch (const Error& error) {
      report_.add("kernel", bad(error.status(), error.what()));
    }
    inspect();
  }

  void inspect() { chain_ = core::inspect(core::linux_system(), paths_, options_.guid); }

  void report_chain() {
    report_link("securityfs", chain_.securityfs, Cause::no_securityfs, paths_.securityfs());
    report_link(
        "module", chain_.module_loaded, Cause::no_module,
        session_.loaded_module() ? "efi_secret was loaded for this check" : "efi_secret is loaded");
    report_link("secret area", chain_.secret_area, Cause::no_secret_area,
                "announced by the firmware");
    report_link("entries", !chain_.folder.empty(), Cause::not_populated,
                core::describe_entries(chain_.entries) + " in " + chain_.folder);
    report_link("entry", chain_.entry, Cause::not_among, options_.guid.text() + " is there");
  }

  // What is missing is the cause, or comes after it; or it comes before an entry that is there all
  // the same: an old kernel has no device, and a fake tree no module.
  void report_link(const char* link, bool is_there, Cause cause, const std::string& found) {
    if (core::cause_of(chain_) == cause) {
      report_.add(link, bad(Status::no_secret, explain(cause)));
    } else if (is_there) {
      report_.add(link, good(found));
    } else {
      report_.add(link,
                  unknown(chain_.folder.empty() ? "" : "not seen, but the entries are there"));
    }
  }

  // Of the module the guest's tool can tell more than the library.
  [[nodiscard]] std::string explain(Cause cause) const {
    if (cause == Cause::no_module) return explain_module(module_facts(paths_, system_));
    const std::string of_kernel =
        cause == Cause::no_secret_area ? explain_area(module_facts(paths_, system_)) : "";
    return of_kernel.empty() ? core::explain(chain_, paths_, options_.guid) : of_kernel;
  }

  [[nodiscard]] Verdict keyset() const {
    core::SourceOptions options = options_;
    options.keep_secret = true;
    options.manage_kernel = false;
    core::SecretBytes text = core::value_of(core::take_secret(core::linux_system(), options));
    const core::Keyset keyset =
        core::with_keyset_file(core::Keyset::parse(std::move(text)), core::linux_system(), options,
                               core::CipherProvider());
    std::size_t keys = 0;
    for (std::size_t i = 0; i < keyset.size(); ++i) {
      if (keyset.expose_value(i).size() == core::kKekSize) ++keys;
    }
    return describe_keys(keys, keyset.size());
  }

  [[nodiscard]] Verdict removal() const {
    if (options_.keep_secret) return doubtful("--keep-secret leaves the secret in place");
    if (faccessat(AT_FDCWD, chain_.folder.c_str(), W_OK, AT_EACCESS) == 0) {
      return good("the secret can be removed after reading");
    }
    return bad(Status::wipe, "the secret could not be removed from " + chain_.folder + ": " +
                                 std::strerror(errno) + "; it needs root and a writable mount");
  }

  void put_back() {
    if (!session_.loaded_module()) return;
    report_.add(
        "unloading",
        session_.unload_module()
            ? good("efi_secret was unloaded again")
            : doubtful(
                  "efi_secret stays loaded: this kernel does not unload modules (CONFIG_MODULE_UNLOAD)"));
  }

  std::string agent_;
  std::optional<std::string> params_;
  std::string root_;
  core::SourceOptions options_;
  core::SecretPaths paths_;
  ListeningSystem system_;
  core::KernelSession session_;
  core::Chain chain_;
  Report report_;
};

}  // namespace

int doctor(const Settings& settings, bool json) {
  const Report report = Doctor(settings).examine();
  write_output(json ? as_json(report) : as_lines(report, wants_colour()));
  return report.status;
}

}  // namespace oskbc::tools
