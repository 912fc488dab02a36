// SPDX-License-Identifier: Apache-2.0
#include "owner/keys/keysets_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <functional>

#include <boost/filesystem/operations.hpp>

#include "base/status.h"
#include "common/file_writer.h"
#include "format/json_reader.h"
#include "owner/keys/keys_file.h"

namespace oskbc::owner {
namespace {

using core::JsonReader;

// An allowed key, with where it stands in the text.
struct Element {
  std::string id;
  std::size_t start;
  std::size_t end;
};

// Copies the text, but for the lists of allowed keys, which `edit` may write anew.
class Editor {
 public:
  // Writes the elements with what is between them; returns whether something is different.
  using Edit = std::function<bool(const std::vector<Element>&, Editor&)>;

  Editor(std::string_view text, Edit edit)
      : text_(text), edit_(std::move(edit)), reader_(text, core::Status::keyset, "keysets file") {}

  ChangedKeysets run() {
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) {
      const std::string keyset = to_string(reader_.name());
      if (edit_keyset()) changed_.keysets.push_back(keyset);
    }
    copy_to(text_.size());
    return std::move(changed_);
  }

  void copy_to(std::size_t byte) {
    changed_.text += text_.substr(copied_, byte - copied_);
    copied_ = byte;
  }
  void skip_to(std::size_t byte) { copied_ = byte; }
  void write(std::string_view text) { changed_.text += text; }
  [[nodiscard]] std::string_view text(std::size_t start, std::size_t end) const {
    return text_.substr(start, end - start);
  }

 private:
  bool edit_keyset() {
    bool is_different = false;
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) {
      std::string name = to_string(reader_.name());
      std::ranges::replace(name, '-', '_');
      if (name == "allowed_keys") {
        is_different = edit_(elements(), *this);
      } else {
        reader_.skip_value();
      }
    }
    return is_different;
  }

  std::vector<Element> elements() {
    std::vector<Element> all;
    for (bool more = reader_.enter_array(); more; more = reader_.next_element()) {
      reader_.peek();
      const std::size_t start = reader_.position();
      std::string id = to_string(reader_.string());
      all.push_back({std::move(id), start, reader_.position()});
    }
    return all;
  }

  std::string_view text_;
  Edit edit_;
  JsonReader reader_;
  ChangedKeysets changed_;
  std::size_t copied_ = 0;
};

bool has(const std::vector<Element>& elements, const std::string& id) {
  return std::ranges::any_of(elements, [&](const Element& one) { return one.id == id; });
}

}  // namespace

ChangedKeysets with_key_beside(std::string_view text, const std::string& id,
                               const std::string& other) {
  const auto edit = [&](const std::vector<Element>& elements, Editor& editor) {
    const auto found =
        std::ranges::find_if(elements, [&](const Element& one) { return one.id == id; });
    if (found == elements.end() || has(elements, other)) return false;
    editor.copy_to(found->end);
    editor.write(", " + json_string(other));
    return true;
  };
  return Editor(text, edit).run();
}

ChangedKeysets without_keys(std::string_view text, std::span<const std::string> ids) {
  const auto is_kept = [&](const Element& one) {
    return std::ranges::find(ids, one.id) == ids.end();
  };
  const auto edit = [&](const std::vector<Element>& elements, Editor& editor) {
    if (std::ranges::all_of(elements, is_kept)) return false;
    editor.copy_to(elements.front().start);
    bool is_first = true;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (!is_kept(elements[i])) continue;
      // What stands between an element and the one before it goes with the element.
      if (!is_first) editor.write(editor.text(elements[i - 1].end, elements[i].start));
      editor.write(editor.text(elements[i].start, elements[i].end));
      is_first = false;
    }
    editor.skip_to(elements.back().end);
    return true;
  };
  return Editor(text, edit).run();
}

void replace_keysets_file(const std::string& file, std::string_view text) {
  // A link keeps leading to the file.
  const std::string path = boost::filesystem::canonical(file).string();
  struct stat status {};
  const bool is_private = ::stat(path.c_str(), &status) == 0 && (status.st_mode & 077U) == 0;
  tools::write_file(path, core::as_bytes(text),
                    is_private ? tools::FileMode::secret : tools::FileMode::plain, /*force=*/true);
}

}  // namespace oskbc::owner
