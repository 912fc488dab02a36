// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fake_tree.h"
#include "needle.h"

namespace oskbc_test {

// A process that makes the secrets and alone knows them: keys, and plaintexts that are wrapped with
// them. The test's own process gets what an agent gets, files and packets, and needles to search
// for.
class Keeper {
 public:
  static constexpr std::uint32_t kKeys = 10;
  static constexpr std::size_t kPlaintextSize = 193;

  // How a keyset is put into the tree.
  enum class Form : std::uint32_t {
    plain,
    escaped,  // with an escape in each value
    control,  // a control character in place of the byte at `place`
    foreign,  // a character that base64 does not have, in place of that byte
    cut,      // ends before `position`
    // In a file, which opens as it should, by "dir" or "A256KW".
    in_file,
    in_file_wrapped,
    in_file_cut,   // what it decrypts to ends before `position`
    file_altered,  // its tag was changed
    file_old,      // another digest was injected
    file_of_other_key,
    no_file
  };

  // Forks; the caller's process has no secrets and no threads yet.
  Keeper(const fake_tree& tree, const Piece& mask);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper();

  // Returns when the file is there.
  void put_keyset(Form form, std::uint32_t position = 0) const;

  [[nodiscard]] std::uint32_t keyset_size() const { return keyset_size_; }
  [[nodiscard]] const std::vector<Needle>& needles() const { return needles_; }
  // Packets with one plaintext each for key_id0, key_id1, ...
  [[nodiscard]] const std::string& gcm_packet(std::size_t number) const { return gcm_[number]; }
  [[nodiscard]] const std::string& ctr_packet(std::size_t number) const { return ctr_[number]; }

 private:
  int socket_ = -1;
  pid_t child_ = -1;
  std::uint32_t keyset_size_ = 0;
  std::vector<Needle> needles_;
  std::vector<std::string> gcm_;
  std::vector<std::string> ctr_;
};

}  // namespace oskbc_test
