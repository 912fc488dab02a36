// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>

#include "agent/failure.h"

namespace oskbc::agent {
namespace {

namespace fs = std::filesystem;

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;
using Writer = std::unique_ptr<archive, decltype(&archive_write_free)>;

// Image specification, "Whiteouts": a file of this name removes the one without the prefix that a
// layer below has; and one of the other name, all that layers below have in its folder.
constexpr const char* kWhiteout = ".wh.";
constexpr const char* kOpaqueWhiteout = ".wh..wh..opq";

[[noreturn]] void refuse(const std::string& text) { throw Failure(kBadImage, text); }

[[noreturn]] void refuse_because_of(archive* source) {
  const char* reason = archive_error_string(source);
  refuse(std::string("a layer cannot be unpacked: ") + (reason != nullptr ? reason : "no reason"));
}

bool is_whiteout(const fs::path& path) { return path.filename().string().rfind(kWhiteout, 0) == 0; }

Reader read_from(const Buffer& layer) {
  Reader reader(archive_read_new(), &archive_read_free);
  if (!reader || archive_read_support_format_tar(reader.get()) != ARCHIVE_OK ||
      archive_read_support_filter_gzip(reader.get()) != ARCHIVE_OK ||
      archive_read_open_memory(reader.get(), layer.data(), layer.size()) != ARCHIVE_OK) {
    refuse("a layer is neither a tar nor a tar in gzip");
  }
  return reader;
}

// Calls a function for each entry of a layer.
template <typename Function>
void for_each_entry(const Buffer& layer, Function function) {
  const Reader reader = read_from(layer);
  for (;;) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) return;
    // A warning is for a name that the locale, of which an initrd has none, can't say; it comes
    // as it stands.
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) refuse_because_of(reader.get());
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) refuse("a layer has an entry without a name");
    function(reader.get(), entry, fs::path(name));
  }
}

void remove_below(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) refuse("a layer's removal of " + path.string() + " failed: " + error.message());
}

void apply_whiteout(const fs::path& path) {
  const std::string name = path.filename().string();
  const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (name != kOpaqueWhiteout) return remove_below(folder / name.substr(4));
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) remove_below(entry.path());
}

// A device would let the container reach around its root, to all of the guest's memory.
void check_type(archive_entry* entry, const fs::path& path) {
  if (archive_entry_hardlink(entry) != nullptr) return;
  const auto type = archive_entry_filetype(entry);
  if (type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK) {
    refuse("a layer has " + path.string() + ", which is no file, folder or link");
  }
}

std::size_t copy_content(archive* reader, archive* writer, std::size_t limit) {
  std::size_t written = 0;
  for (;;) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(reader, &block, &size, &offset);
    if (status == ARCHIVE_EOF) return written;
    if (status != ARCHIVE_OK) refuse_because_of(reader);
    written += size;
    if (written > limit) refuse("the image's content is over 512 MiB");
    if (archive_write_data_block(writer, block, size, offset) < ARCHIVE_OK) {
      refuse_because_of(writer);
    }
  }
}

Writer write_to_disk() {
  Writer writer(archive_write_disk_new(), &archive_write_free);
  constexpr int kOptions = ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
                           ARCHIVE_EXTRACT_UNLINK | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                           ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;
  if (!writer || archive_write_disk_set_options(writer.get(), kOptions) != ARCHIVE_OK) {
    refuse("a layer cannot be unpacked: memory is short");
  }
  return writer;
}

}  // namespace

std::size_t unpack_layer(const Buffer& layer, std::size_t limit) {
  // What a layer removes, layers below have: so removals come first, wherever they stand in it.
  for_each_entry(layer, [](archive*, archive_entry*, const fs::path& path) {
    if (is_whiteout(path)) apply_whiteout(path);
  });
  std::size_t written = 0;
  const Writer writer = write_to_disk();
  for_each_entry(layer, [&](archive* reader, archive_entry* entry, const fs::path& path) {
    if (is_whiteout(path)) return;
    check_type(entry, path);
    if (archive_write_header(writer.get(), entry) != ARCHIVE_OK) refuse_because_of(writer.get());
    written += copy_content(reader, writer.get(), limit - written);
    if (archive_write_finish_entry(writer.get()) != ARCHIVE_OK) refuse_because_of(writer.get());
  });
  // Times and modes of folders are set now.
  if (archive_write_close(writer.get()) != ARCHIVE_OK) refuse_because_of(writer.get());
  return written;
}

}  // namespace oskbc::agent
