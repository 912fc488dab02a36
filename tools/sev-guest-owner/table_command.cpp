// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/status.h"
#include "common/file_writer.h"
#include "common/io.h"
#include "common/json.h"
#include "common/text.h"
#include "owner/keys/keys_file.h"
#include "owner/keys/keyset_policy.h"
#include "owner/keys/secret_table.h"
#include "sev-guest-owner/byte_options.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/inputs.h"
#include "sev-guest-owner/keyset_file.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;

// No firmware takes more than 16 KiB at once; this only bounds the memory.
constexpr std::uint32_t kLargestArea = std::uint32_t{1} << 20;

struct TableOptions {
  owner::KeysLocation keys;
  std::string keysets;
  std::string keyset;
  std::string keyset_file;
  std::vector<std::string> entries;
  std::string output;
  std::string table;
  std::string directory;
  std::uint32_t area = owner::kDefaultArea;
  bool padded = false;
  bool loose_modes = false;
  bool force = false;
  bool json = false;
};

// Entries with the data that they point to.
class Entries {
 public:
  void add(const core::Guid& guid, SecretBytes data) {
    data_.push_back(std::move(data));
    entries_.push_back({guid, data_.back().expose()});
  }
  [[nodiscard]] const std::vector<owner::SecretEntry>& get() const { return entries_; }

 private:
  std::vector<SecretBytes> data_;
  std::vector<owner::SecretEntry> entries_;
};

std::vector<std::string> released_keys(const TableOptions& options, const owner::KeysFile& keys) {
  if (options.keyset.empty()) return keys.ids();
  owner::KeysetPolicy policy = read_keyset(options.keysets, options.keyset, options.loose_modes);
  if (!policy.allowed_keys) {
    fail(Status::keyset, "%s, keyset %s: it has no list of allowed_keys, so no key may be released",
         options.keysets.c_str(), printable(options.keyset).c_str());
  }
  return std::move(*policy.allowed_keys);
}

// The keyset to inject, and what there is to say about it.
struct Bundle {
  SecretBytes json;
  std::string said;
};

// A key is in the area or in the file. What a keyset allows is injected as a broker would, so that
// it can't be left out here.
void leave_out(std::vector<std::string>& ids, const core::Keyset& in_file,
               const TableOptions& options) {
  const auto is_in_file = [&](const std::string& id) { return in_file.find(id) != nullptr; };
  if (options.keyset.empty()) {
    std::erase_if(ids, is_in_file);
    return;
  }
  const auto both = std::ranges::find_if(ids, is_in_file);
  if (both == ids.end()) return;
  fail(Status::keyset,
       "%s is in %s, and the keyset %s allows it for the area, too; a guest refuses both",
       printable(*both).c_str(), options.keyset_file.c_str(), printable(options.keyset).c_str());
}

void check_injected(const std::vector<std::string>& ids) {
  for (const std::string_view id : {core::kFileKeyId, core::kFileDigestId}) {
    if (std::ranges::find(ids, id) != ids.end()) continue;
    fail(Status::keyset,
         "%s is not among the keys to inject; without it no guest opens the keyset file",
         id.data());
  }
}

Bundle keyset_bundle(const TableOptions& options) {
  const owner::KeysFile keys(read_keys(options.keys, options.loose_modes), options.keys.file);
  std::vector<std::string> ids = released_keys(options, keys);
  std::string said;
  if (!options.keyset_file.empty()) {
    const core::Keyset in_file = open_keyset_file(options.keyset_file, keys);
    leave_out(ids, in_file, options);
    check_injected(ids);
    said = "keys in the area: " + std::to_string(ids.size()) + ", in " + options.keyset_file +
           ": " + std::to_string(in_file.size()) + "\n";
  }
  return {keys.bundle(ids), std::move(said)};
}

void add_file(const std::string& argument, Entries& entries) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos || equals + 1 == argument.size()) {
    throw UsageError("--entry", "GUID=FILE is needed");
  }
  const core::Guid guid =
      as_usage("--entry", [&] { return owner::entry_guid(argument.substr(0, equals)); });
  const std::string file = argument.substr(equals + 1);
  SecretBytes data = read_input(file, kLargestArea, Status::argument);
  if (data.empty())
    fail(Status::argument, "%s is empty; an entry without data is no secret", file.c_str());
  entries.add(guid, std::move(data));
}

int build(const TableOptions& options) {
  if (options.output.empty() && !options.force) refuse_terminal();
  Entries entries;
  std::string said;
  if (!options.keys.file.empty()) {
    Bundle bundle = keyset_bundle(options);
    entries.add(core::keyset_guid(), std::move(bundle.json));
    said = std::move(bundle.said);
  }
  for (const std::string& entry : options.entries) add_file(entry, entries);
  const SecretBytes table = owner::build_secret_table(
      entries.get(), options.padded ? owner::TableLength::padded : owner::TableLength::unpadded,
      options.area);
  if (options.output.empty()) {
    write_output(table.expose());
  } else {
    write_file(options.output, table.expose(), FileMode::secret, options.force);
    write_output(options.output + ": a table of " + std::to_string(table.size()) +
                 " of the area's " + std::to_string(options.area) +
                 " bytes, entries: " + std::to_string(entries.get().size()) + "\n" + said);
  }
  return 0;
}

// The whole area, as it is in the guest's memory: zeros after the table.
SecretBytes read_area(const TableOptions& options) {
  SecretBytes table = read_binary_or_base64(options.table, options.area);
  table.resize(options.area);
  return table;
}

owner::ParsedSecretTable parse(core::ByteView area) {
  owner::ParsedSecretTable table = owner::parse_secret_table(area);
  if (table.result != owner::ProbeResult::files) {
    fail(Status::no_secret, "the kernel would give no files for this table: %s", table.reason);
  }
  return table;
}

std::string lines_of(const owner::ParsedSecretTable& table) {
  std::string lines;
  for (const owner::SecretEntry& entry : table.entries) {
    const std::string_view known = entry.guid.known_as();
    lines += entry.guid.text() + "\t" + std::to_string(entry.data.size());
    if (!known.empty()) lines += "\t" + std::string(known);
    lines += "\n";
  }
  if (table.too_many) lines += "what follows is dropped by the kernel, which makes 64 files\n";
  return lines;
}

std::string json_of(const owner::ParsedSecretTable& table, std::uint32_t area) {
  Json entries = Json::array();
  for (const owner::SecretEntry& entry : table.entries) {
    Json object = Json::object({{"guid", entry.guid.text()}, {"length", entry.data.size()}});
    if (!entry.guid.known_as().empty()) object.set("purpose", entry.guid.known_as());
    entries.append(object);
  }
  return Json::object({{"length", table.length},
                       {"area", area},
                       {"deleted", table.deleted},
                       {"dropped", table.too_many},
                       {"entries", entries}})
      .document();
}

int show(const TableOptions& options) {
  const SecretBytes area = read_area(options);
  const owner::ParsedSecretTable table = parse(area.expose());
  write_output(options.json ? json_of(table, options.area) : lines_of(table));
  return 0;
}

int tree(const TableOptions& options) {
  const SecretBytes area = read_area(options);
  const owner::ParsedSecretTable table = parse(area.expose());
  owner::lay_out_secret_tree(table.entries, options.directory, options.force);
  write_output(options.directory +
               ": the table's entries as files, as the guest's kernel shows them: " +
               std::to_string(table.entries.size()) + "\n");
  return 0;
}

void add_area(Command& command, TableOptions& options) {
  command.add_number("--area", options.area, "Bytes of the firmware's secret area", kLargestArea)
      .show_default();
}

void add_keyset(Command& command, TableOptions& options) {
  const Option& keys = command.add_file("--keys", options.keys.file,
                                        "Inject the keys of this file as the guest's keyset");
  Option& keysets =
      command.add_file("--keysets", options.keysets, "The file that has the keyset's allowed_keys");
  Option& keyset =
      command.add_text("--keyset", options.keyset, "Release only the keys that this keyset allows");
  keysets.needs(keys).needs(keyset);
  keyset.value_name("ID").needs(keysets);
  command
      .add_file("--keyset-file", options.keyset_file,
                "The guest's keyset in a file, whose keys are left out of the area")
      .needs(keys);
  add_keys_key(command, options.keys.key_file).needs(keys);
  add_allow_loose_modes(command, options.loose_modes);
}

void add_build(Command& table, const std::shared_ptr<TableOptions>& options) {
  Command& command = table.add_command("build", "Build a table of a keyset or of files",
                                       [options] { return build(*options); });
  command.also_needs([options] {
    const bool has_any = !options->keys.file.empty() || !options->entries.empty();
    return has_any ? std::vector<std::string>() : std::vector<std::string>{"--keys or --entry"};
  });
  add_keyset(command, *options);
  command
      .add_text(
          "--entry", options->entries,
          "Inject a file; for a GUID also offline_sev_kbc, online_sev_kbc, simple-kbs, luks-key, disk-password")
      .value_name("GUID=FILE");
  command.add_file("-o,--output", options->output, "The table's file; default: standard output");
  command.add_flag("--padded-length", options->padded,
                   "Count the zeros at the end in the table's length, as gop-server.py does");
  add_area(command, *options);
  add_force(command, options->force, "Replace a file that is there; write to a terminal too");
}

void add_table(Command& command, TableOptions& options) {
  command.add_file("F", options.table, "The table, or - for standard input").required();
  add_area(command, options);
}

}  // namespace

void add_table_command(Command& tool) {
  auto options = std::make_shared<TableOptions>();
  Command& table = tool.add_command("table", "Build and read secret tables");
  add_build(table, options);

  Command& shown = table.add_command("show", "List a table's entries, never their data",
                                     [options] { return show(*options); });
  add_table(shown, *options);
  add_json(shown, options->json);

  Command& laid_out = table.add_command("tree", "Lay a table out as the kernel would",
                                        [options] { return tree(*options); });
  add_table(laid_out, *options);
  laid_out.add_folder("DIR", options->directory, "The folder that stands for the guest's /")
      .required();
  add_force(laid_out, options->force, "Replace the secrets that are there");
}

}  // namespace oskbc::tools
