// SPDX-License-Identifier: Apache-2.0
#include "luks/volumes.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "common/text.h"

namespace oskbc::luks {
namespace {

using core::fail;
using core::Status;
using Record = tools::TomlText::Record;

// One [[volume]], whose members are taken one by one; what is left over is unknown.
class Reading {
 public:
  Reading(Record record, std::string file) : record_(std::move(record)), file_(std::move(file)) {}

  Volume volume() {
    Volume volume;
    volume.name = needed("name");
    called_ = tools::printable(volume.name);
    if (volume.name.find('/') != std::string::npos) refuse("has a / in its name");
    volume.device = path("device", needed("device"));
    volume.header = path("header", needed("header"));
    volume.wanted.uuid = needed("uuid");
    volume.wanted.cipher = needed("cipher");
    volume.wanted.keyslot_cipher = take("keyslot_cipher");
    if (std::string integrity = take("integrity"); !integrity.empty()) {
      volume.wanted.integrity = std::move(integrity);
    }
    volume.wanted.key_bits = bits(take("key_bits"));
    volume.entry = secret();
    for (const auto& [name, value] : record_)
      refuse("has an unknown member " + tools::printable(name));
    check_wanted(volume.wanted);
    return volume;
  }

 private:
  std::string take(std::string_view name) {
    const auto found = record_.find(name);
    if (found == record_.end()) return {};
    std::string value = std::move(found->second);
    record_.erase(found);
    return value;
  }

  std::string needed(std::string_view name) {
    std::string value = take(name);
    if (value.empty()) refuse("has no " + std::string(name));
    return value;
  }

  std::string path(const char* name, std::string value) const {
    if (!value.empty() && value[0] != '/') refuse(std::string("has no absolute path as ") + name);
    return value;
  }

  unsigned bits(const std::string& text) const {
    unsigned number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (!text.empty() && (error != std::errc() || rest != end))
      refuse("has key_bits that are no number");
    return number;
  }

  // The entry's id, or "" for the secret area's own.
  std::string secret() {
    std::string entry = take("entry");
    const std::string area = take("secret");
    if (entry.empty() == area.empty() || (!area.empty() && area != "luks-key")) {
      refuse("needs one of the two: entry, an id of the keyset, or secret = \"luks-key\"");
    }
    return entry;
  }

  [[noreturn]] void refuse(const std::string& what) const {
    fail(Status::argument, "the volume %s in %s %s", called_.c_str(), file_.c_str(), what.c_str());
  }

  Record record_;
  std::string file_;
  std::string called_ = "without a name";
};

}  // namespace

std::vector<Volume> volumes_in(const tools::AgentConfig& config) {
  std::vector<Volume> volumes;
  for (const Record& record : config.records("volume")) {
    Volume volume = Reading(record, config.file()).volume();
    if (find_volume(volumes, volume.name) != nullptr) {
      fail(Status::argument, "the volume %s is in %s twice", tools::printable(volume.name).c_str(),
           config.file().c_str());
    }
    volumes.push_back(std::move(volume));
  }
  return volumes;
}

const Volume* find_volume(const std::vector<Volume>& volumes, std::string_view name) {
  const auto found = std::find_if(volumes.begin(), volumes.end(),
                                  [&](const Volume& volume) { return volume.name == name; });
  return found == volumes.end() ? nullptr : &*found;
}

}  // namespace oskbc::luks
