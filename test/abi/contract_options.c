/* SPDX-License-Identifier: Apache-2.0 */
/* Part of the contract test: what needs no client. */
/* For chdir() and getcwd(). */
#define _XOPEN_SOURCE 700

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "contract_check.h"

static void phase_static(void) {
  begin("version, strerror, first message");
  CHECK(strcmp(oskbc_last_error(), "") == 0);
  CHECK(strcmp(oskbc_version(), "0.2.0") == 0);
  const int numbers[] = {INT_MIN, -1, OSKBC_E_KEYSET_FILE_OLD + 1, 1000, INT_MAX};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; ++i) {
    CHECK(oskbc_strerror(numbers[i]) != NULL && oskbc_strerror(numbers[i])[0] != '\0');
  }
  for (int a = OSKBC_OK; a <= OSKBC_E_KEYSET_FILE_OLD; ++a) {
    CHECK(oskbc_strerror(a) != NULL && oskbc_strerror(a)[0] != '\0');
    CHECK(oskbc_strerror(a) == oskbc_strerror(a));
    for (int b = OSKBC_OK; b < a; ++b) CHECK(strcmp(oskbc_strerror(a), oskbc_strerror(b)) != 0);
  }
}

static void phase_wipe(void) {
  begin("wipe");
  unsigned char bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  oskbc_wipe(bytes + 2, 4);
  const unsigned char expected[8] = {1, 2, 0, 0, 0, 0, 7, 8};
  CHECK(memcmp(bytes, expected, sizeof bytes) == 0);
  oskbc_wipe(bytes, 0);
  oskbc_wipe(NULL, 0);
  oskbc_wipe(NULL, 8);
  CHECK(bytes[0] == 1);
}

static void phase_options(void) {
  begin("options");
  oskbc_options* options = NULL;
  CHECK_STATUS(oskbc_options_new(NULL), OSKBC_E_ARGUMENT);
  CHECK_STATUS(oskbc_options_new(&options), OSKBC_OK);
  CHECK(options != NULL);
  const int flags[] = {0, 1, -1, INT_MAX};
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; ++i) {
    CHECK_STATUS(oskbc_options_set_keep_secret(options, flags[i]), OSKBC_OK);
    CHECK_STATUS(oskbc_options_set_manage_kernel(options, flags[i]), OSKBC_OK);
    CHECK_STATUS(oskbc_options_set_require_authenticated(options, flags[i]), OSKBC_OK);
  }
  oskbc_options_free(&options);
  CHECK(options == NULL);
  oskbc_options_free(&options);
  oskbc_options_free(NULL);
}

static void phase_options_null(void) {
  begin("options: NULL");
  CHECK_STATUS(oskbc_options_set_keep_secret(NULL, 1), OSKBC_E_ARGUMENT);
  CHECK_STATUS(oskbc_options_set_manage_kernel(NULL, 1), OSKBC_E_ARGUMENT);
  CHECK_STATUS(oskbc_options_set_require_authenticated(NULL, 1), OSKBC_E_ARGUMENT);
  CHECK_STATUS(oskbc_options_set_root(NULL, "/"), OSKBC_E_ARGUMENT);
  CHECK_STATUS(oskbc_options_set_secret_guid(NULL, FAKE_TREE_KEYSET_GUID), OSKBC_E_ARGUMENT);
}

static void phase_options_guid(void) {
  begin("options: GUIDs");
  static const char* const good[] = {"e6f5a162-d67f-4750-a67c-5d065f2a9910",
                                     "E6F5A162-D67F-4750-A67C-5D065F2A9910",
                                     "00000000-0000-0000-0000-000000000000"};
  static const char* const bad[] = {"",
                                    "e6f5a162",
                                    "e6f5a162-d67f-4750-a67c-5d065f2a991",
                                    "e6f5a162-d67f-4750-a67c-5d065f2a99100",
                                    "e6f5a162-d67f-4750-a67c-5d065f2a991g",
                                    "e6f5a162d67f4750a67c5d065f2a9910",
                                    "{e6f5a162-d67f-4750-a67c-5d065f2a9910}",
                                    " e6f5a162-d67f-4750-a67c-5d065f2a9910",
                                    "e6f5a162-d67f-4750-a67c-5d065f2a9910\n",
                                    "e6f5a162_d67f_4750_a67c_5d065f2a9910",
                                    "e6f5a16-2d67f-4750-a67c-5d065f2a9910",
                                    "../../../../../../../../../etc/passwd",
                                    "-e6f5a162-d67f-4750-a67c-5d065f2a991"};
  oskbc_options* options = NULL;
  CHECK_STATUS(oskbc_options_new(&options), OSKBC_OK);
  CHECK_STATUS(oskbc_options_set_secret_guid(options, NULL), OSKBC_E_ARGUMENT);
  for (size_t i = 0; i < sizeof good / sizeof good[0]; ++i) {
    CHECK_STATUS(oskbc_options_set_secret_guid(options, good[i]), OSKBC_OK);
  }
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
    CHECK_STATUS(oskbc_options_set_secret_guid(options, bad[i]), OSKBC_E_ARGUMENT);
  }
  oskbc_options_free(&options);
}

static void phase_options_root(void) {
  begin("options: root");
  fake_tree tree;
  oskbc_options* options = NULL;
  char path[1024];
  make_tree(&tree);
  CHECK_STATUS(oskbc_options_new(&options), OSKBC_OK);
  CHECK_STATUS(oskbc_options_set_root(options, NULL), OSKBC_E_ARGUMENT);
  CHECK_STATUS(oskbc_options_set_root(options, ""), OSKBC_E_ARGUMENT);
  CHECK(snprintf(path, sizeof path, "%s/absent", tree.root) > 0);
  CHECK_STATUS(oskbc_options_set_root(options, path), OSKBC_E_ARGUMENT);
  CHECK(fake_tree_path(&tree, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID, path, sizeof path) == 0);
  CHECK_STATUS(oskbc_options_set_root(options, path), OSKBC_E_ARGUMENT);
  CHECK_STATUS(oskbc_options_set_root(options, "/"), OSKBC_OK);
  CHECK_STATUS(oskbc_options_set_root(options, tree.root), OSKBC_OK);
  oskbc_client* client = open_in(&tree, options);
  oskbc_client_close(&client);
  oskbc_options_free(&options);
  fake_tree_remove(&tree);
}

/* Relative to the working directory of the setter's time, not of the opening's. */
static void phase_relative_root(void) {
  begin("options: relative root");
  fake_tree tree;
  char before[1024];
  oskbc_options* options = NULL;
  make_tree(&tree);
  CHECK(getcwd(before, sizeof before) != NULL);
  CHECK(chdir(tree.root) == 0);
  CHECK_STATUS(oskbc_options_new(&options), OSKBC_OK);
  CHECK_STATUS(oskbc_options_set_root(options, "."), OSKBC_OK);
  CHECK(chdir(before) == 0);
  oskbc_client* client = open_in(&tree, options);
  CHECK(oskbc_client_key_count(client) == 4);
  oskbc_client_close(&client);
  oskbc_options_free(&options);
  fake_tree_remove(&tree);
}

void walk_options(void) {
  phase_static();
  phase_wipe();
  phase_options();
  phase_options_null();
  phase_options_guid();
  phase_options_root();
  phase_relative_root();
}
