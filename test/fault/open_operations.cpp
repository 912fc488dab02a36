// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <stdexcept>

#include "capi/arguments.h"
#include "capi/guard.h"
#include "fault/kernel.h"
#include "fault/keyset.h"
#include "fault/operation.h"
#include "support/jwe_maker.h"
#include "support/temp_tree.h"

namespace oskbc::fault {
namespace {

constexpr const char* kParams = "offline_sev_kbc::null";
constexpr std::string_view kMalformed = R"({"default/key/an-id-that-is-no-short-string":"QUJ="})";

// A way that an opening can go.
struct Scenario {
  const char* name;
  oskbc_status expected = OSKBC_OK;
  std::string_view keyset = kKeyset;
  std::string_view file = test::kKeysetFile;
  // When the file comes into sight.
  enum class Appears { before, at_mount, at_modprobe, never } appears = Appears::before;
  bool keep = false;
  bool refuse_unlink = false;
  // A keyset in a file, where there is one.
  std::string_view keyset_file = {};
  std::size_t entries = kKeysetEntries;
};

// One opening after the other, all in one tree.
class Opening {
 public:
  Opening(const Scenario& scenario, core::System& system) : scenario_(scenario), system_(system) {
    tree_.make_folder("sbin");
    boost::filesystem::create_symlink("/bin/true", tree_.path("sbin/modprobe"));
  }

  void prepare() {
    if (scenario_.appears == Scenario::Appears::before) put_secret();
    prepare_options();
    hooked_.emplace(hooks());
    opened_before_ = opened_files();
    client_ = kGarbage;
  }

  // oskbc_client_open(), of any system.
  oskbc_status call() {
    return core::guarded([this] {
      client_ = nullptr;
      client_ = new oskbc_client{.object = {kParams, options_->object, system_}};
    });
  }

  std::string judge(oskbc_status status, std::string_view failed) {
    const bool opened = opened_files() != opened_before_;
    hooked_.reset();
    std::string wrong = status == OSKBC_OK ? judge_client() : judge_failure(status, opened, failed);
    oskbc_client_close(&client_);
    oskbc_options_free(&options_);
    boost::filesystem::remove(tree_.path(scenario_.file));
    return wrong;
  }

 private:
  void put_secret() {
    tree_.write(scenario_.file, scenario_.keyset);
    if (!scenario_.keyset_file.empty()) tree_.write("etc/oskbc/keyset.jwe", scenario_.keyset_file);
  }

  void prepare_options() {
    const int manage = scenario_.appears == Scenario::Appears::before ? 0 : 1;
    if (oskbc_options_new(&options_) != OSKBC_OK ||
        oskbc_options_set_root(options_, tree_.path().c_str()) != OSKBC_OK ||
        oskbc_options_set_keep_secret(options_, scenario_.keep ? 1 : 0) != OSKBC_OK ||
        oskbc_options_set_manage_kernel(options_, manage) != OSKBC_OK) {
      throw std::runtime_error("no options");
    }
  }

  Hooks hooks() {
    Hooks hooks;
    hooks.refuse_unlink = scenario_.refuse_unlink;
    if (scenario_.appears == Scenario::Appears::at_mount) hooks.on_mount = [this] { put_secret(); };
    if (scenario_.appears == Scenario::Appears::at_modprobe) {
      // Loading; unloading comes when the secret has been here.
      hooks.on_spawn = [this, loaded = false]() mutable {
        if (!std::exchange(loaded, true)) put_secret();
      };
    }
    return hooks;
  }

  std::string judge_client() {
    if (client_ == nullptr || client_ == kGarbage) return "there is no client";
    if (oskbc_client_key_count(client_) != scenario_.entries) return "entries are missing";
    if (tree_.has(scenario_.file) == scenario_.keep) return "";
    return scenario_.keep ? "the secret is gone" : "the secret is still there";
  }

  std::string judge_failure(oskbc_status status, bool opened, std::string_view failed) {
    if (client_ != nullptr) return "the client is not NULL";
    if (opened && !scenario_.keep) {
      const bool refused = scenario_.refuse_unlink || failed == "unlink";
      if (tree_.has(scenario_.file) != refused) return "the secret is still there";
      if (scenario_.refuse_unlink && failed != "unlink" && status != OSKBC_E_WIPE) {
        return "the secret is still there, and the status does not say so";
      }
    } else if (scenario_.appears == Scenario::Appears::before && !tree_.has(scenario_.file)) {
      return "a secret that was not read is gone";
    }
    return works_now();
  }

  std::string works_now() {
    tree_.write(scenario_.file, kKeyset);
    scenario_.entries = kKeysetEntries;
    const std::string wrong =
        call() == OSKBC_OK ? judge_client() : std::string("it does not work afterwards");
    scenario_.entries = entries_;
    return wrong;
  }

  static inline char garbage_;
  static inline oskbc_client* const kGarbage = reinterpret_cast<oskbc_client*>(&garbage_);

  Scenario scenario_;
  std::size_t entries_ = scenario_.entries;
  core::System& system_;
  test::TempTree tree_;
  oskbc_options* options_ = nullptr;
  std::optional<Hooked> hooked_;
  long opened_before_ = 0;
  oskbc_client* client_ = nullptr;
};

std::string long_keyset() {
  // Several reads, each of twice the size.
  return std::string(kKeyset) + std::string(20'000, ' ');
}

// Both keysets of guests whose keys are in a file.
struct FileKeysets {
  test::JweMaker maker;
  std::string file = maker.make(kKeyset);
  std::string injected = test::keyset_for(file, maker.kek);
  std::string with_more = test::keyset_for(
      file, maker.kek, R"(,"default/resource/one-that-is-not-in-the-file":"QUJD")");
  std::string of_another = test::keyset_for("another file", maker.kek);
  std::string wrapped = [this] {
    test::JweMaker wrapping = maker;
    wrapping.wraps = true;
    return wrapping.make(kKeyset);
  }();
  std::string injected_for_wrapped = test::keyset_for(wrapped, maker.kek);
};

Operation opening(const Scenario& scenario, core::System& system) {
  const auto state = std::make_shared<Opening>(scenario, system);
  return {
      .name = scenario.name,
      .expected = scenario.expected,
      .prepare = [state] { state->prepare(); },
      .call = [state] { return state->call(); },
      .judge = [state](oskbc_status status,
                       std::string_view failed) { return state->judge(status, failed); },
  };
}

}  // namespace

std::vector<Operation> open_operations(core::System& system) {
  using Appears = Scenario::Appears;
  static const std::string kLong = long_keyset();
  static const FileKeysets kFiles;
  const Scenario scenarios[] = {
      {.name = "open"},
      {.name = "open, the path of the early patches", .file = test::kOldKeysetFile},
      {.name = "open, several reads", .keyset = kLong},
      {.name = "open, securityfs to be mounted", .appears = Appears::at_mount},
      {.name = "open, module to be loaded", .appears = Appears::at_modprobe},
      {.name = "open, secret kept", .keep = true},
      {.name = "open, no secret", .expected = OSKBC_E_NO_SECRET, .appears = Appears::never},
      {.name = "open, malformed keyset", .expected = OSKBC_E_KEYSET, .keyset = kMalformed},
      {.name = "open, secret not removable", .expected = OSKBC_E_WIPE, .refuse_unlink = true},
      {.name = "open, keyset in a file",
       .keyset = kFiles.with_more,
       .keyset_file = kFiles.file,
       .entries = kKeysetEntries + 1},
      {.name = "open, keyset in a file, A256KW",
       .keyset = kFiles.injected_for_wrapped,
       .keyset_file = kFiles.wrapped},
      {.name = "open, no keyset file",
       .expected = OSKBC_E_NO_KEYSET_FILE,
       .keyset = kFiles.injected},
      {.name = "open, old keyset file",
       .expected = OSKBC_E_KEYSET_FILE_OLD,
       .keyset = kFiles.of_another,
       .keyset_file = kFiles.file},
  };
  std::vector<Operation> all;
  for (const Scenario& scenario : scenarios) all.push_back(opening(scenario, system));
  return all;
}

}  // namespace oskbc::fault
