// SPDX-License-Identifier: Apache-2.0
#include "host/pack.h"

#include <archive.h>
#include <archive_entry.h>

#include <cstdio>
#include <memory>

#include "support/catch.h"

namespace oskbc::test {
namespace {

struct FreeWriter {
  void operator()(struct archive* archive) const { archive_write_free(archive); }
};
using Writer = std::unique_ptr<struct archive, FreeWriter>;

// What the archive writes comes out of it in blocks.
la_ssize_t take_block(struct archive*, void* out, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  auto* all = static_cast<core::Bytes*>(out);
  all->insert(all->end(), bytes, bytes + size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

core::Bytes pack(std::string_view content, const char* filter) {
  core::Bytes out;
  const Writer writer(archive_write_new());
  REQUIRE(archive_write_add_filter_by_name(writer.get(), filter) == ARCHIVE_OK);
  archive_write_set_format_raw(writer.get());
  archive_write_set_bytes_in_last_block(writer.get(), 1);
  REQUIRE(archive_write_open(writer.get(), &out, nullptr, take_block, nullptr) == ARCHIVE_OK);
  struct archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(writer.get(), entry);
  archive_write_data(writer.get(), content.data(), content.size());
  archive_entry_free(entry);
  archive_write_close(writer.get());
  return out;
}

namespace {

std::string padded(std::string text) {
  text.append((4 - text.size() % 4) % 4, '\0');
  return text;
}

// Not by libarchive, so that it reads what it has not written.
std::string cpio_entry(const std::string& path, std::string content, unsigned inode) {
  const bool is_link = content.starts_with("->");
  if (is_link) content.erase(0, 2);
  char header[111];
  std::snprintf(header, sizeof header, "070701%08X%08X%032X%08X%032X%08X%08X", inode,
                is_link ? 0120777U : 0100644U, 0U, static_cast<unsigned>(content.size()), 0U,
                static_cast<unsigned>(path.size() + 1), 0U);
  return padded(std::string(header) + path + '\0') + padded(content);
}

}  // namespace

core::Bytes cpio(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string all;
  unsigned inode = 0;
  for (const auto& [path, content] : files) all += cpio_entry(path, content, ++inode);
  all += cpio_entry("TRAILER!!!", "", 0);
  const core::ByteView bytes = core::as_bytes(all);
  return {bytes.begin(), bytes.end()};
}

}  // namespace oskbc::test
