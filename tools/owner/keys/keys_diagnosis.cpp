// SPDX-License-Identifier: Apache-2.0
#include "owner/keys/keys_diagnosis.h"

#include <set>

#include "base/secret_bytes.h"
#include "base/status.h"
#include "common/text.h"
#include "format/base64.h"
#include "format/json_reader.h"

namespace oskbc::owner {
namespace {

using core::Status;

// Walks as KeysFile does, and remembers what of.
class Diagnosis {
 public:
  explicit Diagnosis(std::string_view text) : reader_(text, Status::keyset, "keys file") {}

  // What is wrong; "" if it is nothing that is known here.
  std::string look() try {
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) {
      id_.clear();
      const std::string why = look_at_entry();
      if (!why.empty()) return why;
    }
    id_.clear();
    reader_.finish(/*allow_nuls=*/true);
    return {};
  } catch (const core::Error& error) {
    // The reader's own, which tells the byte.
    byte_ = reader_.position();
    const std::string text = error.what();
    return text.substr(text.rfind(": ") + 2);
  }

  [[nodiscard]] std::size_t byte() const noexcept { return byte_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

 private:
  std::string look_at_entry() {
    mark();
    id_ = to_string(reader_.name());
    if (id_.find('\0') != std::string::npos) return "the id holds a NUL";
    if (!seen_.insert(id_).second) return "the id is there already";
    mark();
    if (reader_.peek() != '"') return "the value is not a string";
    const core::DecodedString value(reader_.string());
    const bool is_base64 = core::read_base64(value.expose_text(), [this](std::size_t size) {
      if (size > room_.size()) room_.resize(size);
      return room_.expose_writable().first(size);
    });
    return is_base64 ? "" : "the value is not canonical base64";
  }

  void mark() {
    reader_.peek();
    byte_ = reader_.position();
  }

  core::JsonReader reader_;
  std::size_t byte_ = 0;
  std::string id_;
  std::set<std::string> seen_;
  core::SecretBytes room_;  // for all values in turn
};

}  // namespace

void explain_keys(std::string_view text, const std::string& file, const core::Error& error) {
  Diagnosis diagnosis(text);
  const std::string why = diagnosis.look();
  if (why.empty()) core::fail(error.status(), "%s: %s", file.c_str(), error.what());
  const std::string& id = diagnosis.id();
  core::fail(Status::keyset, "%s%s%s: %s", tools::position_in(file, text, diagnosis.byte()).c_str(),
             id.empty() ? "" : ", key id ", tools::printable(id).c_str(), why.c_str());
}

}  // namespace oskbc::owner
