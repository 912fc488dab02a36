// SPDX-License-Identifier: Apache-2.0
// Opens a keyset once, the first thing that this process does with the library, and prints the
// nanoseconds of processor time that it took.
//
// usage: cold_open KEYS [file]
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "bench/material.h"
#include "support/fake_tree.h"
#include <oskbc/oskbc.h>

namespace {

double processor_time() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e9 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec);
}

bool fill_tree(fake_tree& tree, std::size_t keys, bool in_file) {
  const oskbc::bench::KeysetMaterial keyset(keys);
  if (!in_file) return fake_tree_make_keyset(&tree, keyset.text.data(), keyset.text.size()) == 0;
  const oskbc::bench::FileMaterial both(keyset);
  return fake_tree_make_keyset(&tree, both.injected.data(), both.injected.size()) == 0 &&
         fake_tree_put_file(&tree, "/etc/oskbc/keyset.jwe", both.file.data(), both.file.size()) ==
             0;
}

// In a child, so that nothing of this process is warm.
bool make_tree(fake_tree& tree, std::size_t keys, bool in_file) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  const pid_t child = fork();
  if (child == 0) {
    const bool made = fill_tree(tree, keys, in_file);
    _exit(made && write(ends[1], tree.root, sizeof tree.root) == sizeof tree.root ? 0 : 1);
  }
  int status = 1;
  const bool ended = waitpid(child, &status, 0) == child && status == 0;
  return ended && read(ends[0], tree.root, sizeof tree.root) == sizeof tree.root;
}

}  // namespace

int main(int argc, char** argv) {
  fake_tree tree{};
  oskbc_options* options = nullptr;
  oskbc_client* client = nullptr;
  if (argc < 2 || !make_tree(tree, std::strtoul(argv[1], nullptr, 10), argc > 2)) return 64;
  oskbc_status status = oskbc_options_new(&options);
  if (status == OSKBC_OK) status = oskbc_options_set_root(options, tree.root);
  const double start = processor_time();
  if (status == OSKBC_OK) status = oskbc_client_open("offline_sev_kbc::null", options, &client);
  const double time = processor_time() - start;
  oskbc_client_close(&client);
  oskbc_options_free(&options);
  fake_tree_remove(&tree);
  std::printf("%.0f\n", time);
  return status;
}
