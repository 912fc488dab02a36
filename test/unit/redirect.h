// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>

#include "base/unique_fd.h"

namespace oskbc::test {

// Puts another file in place of a standard descriptor, for as long as it lives. Catch reports
// to standard output, so nothing is checked meanwhile.
class Redirect {
 public:
  Redirect(int standard, int replacement) : standard_(standard), kept_(::dup(standard)) {
    std::fflush(nullptr);
    ::dup2(replacement, standard_);
  }
  Redirect(const Redirect&) = delete;
  Redirect& operator=(const Redirect&) = delete;
  ~Redirect() {
    std::fflush(nullptr);
    ::dup2(kept_.get(), standard_);
  }

 private:
  int standard_;
  core::UniqueFd kept_;
};

// What `call` writes to a standard descriptor, by way of a file without a name.
template <typename Call>
[[nodiscard]] std::string output_of(int standard, Call call) {
  std::FILE* file = std::tmpfile();
  {
    const Redirect redirect(standard, ::fileno(file));
    call();
  }
  std::string text(static_cast<std::size_t>(::lseek(::fileno(file), 0, SEEK_END)), '\0');
  const ssize_t size = ::pread(::fileno(file), text.data(), text.size(), 0);
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  std::fclose(file);
  return text;
}

}  // namespace oskbc::test
