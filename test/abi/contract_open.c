/* SPDX-License-Identifier: Apache-2.0 */
/* Part of the contract test: opening, and every way in which it fails. */
/* For mkfifo() and symlink(). */
#define _XOPEN_SOURCE 700

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contract_check.h"
#include "unremovable.h"

/* What a failed call must replace by NULL; it is never looked through. */
static oskbc_client* garbage_client(void) {
  static char garbage;
  return (oskbc_client*)(void*)&garbage;
}

static void expect_no_client(const char* params, const oskbc_options* options,
                             oskbc_status expected) {
  oskbc_client* client = garbage_client();
  CHECK_STATUS(oskbc_client_open(params, options, &client), expected);
  CHECK(client == NULL);
}

static void phase_open(fake_tree_kernel kernel) {
  begin(kernel == FAKE_TREE_MAINLINE ? "open and close" : "open and close: old path");
  fake_tree tree;
  CHECK(fake_tree_make(&tree) == 0);
  CHECK(fake_tree_put(&tree, kernel, FAKE_TREE_KEYSET_GUID, kKeyset, strlen(kKeyset)) == 0);
  CHECK(has_keyset(&tree, kernel));
  oskbc_client* client = open_in(&tree, NULL);
  CHECK(client != NULL);
  CHECK(!has_keyset(&tree, kernel));
  CHECK(oskbc_client_key_count(client) == 4);
  oskbc_client_close(&client);
  CHECK(client == NULL);
  oskbc_client_close(&client);
  oskbc_client_close(NULL);
  fake_tree_remove(&tree);
}

/* The mainline path comes first; what is in the other is not looked at. */
static void phase_both_paths(void) {
  begin("open: both paths");
  fake_tree tree;
  make_tree(&tree);
  CHECK(fake_tree_put(&tree, FAKE_TREE_PATCHES, FAKE_TREE_KEYSET_GUID, "{}", 2) == 0);
  oskbc_client* client = open_in(&tree, NULL);
  CHECK(oskbc_client_key_count(client) == 4);
  CHECK(has_keyset(&tree, FAKE_TREE_PATCHES));
  oskbc_client_close(&client);
  fake_tree_remove(&tree);
}

static void phase_open_null(void) {
  begin("open: NULL and bad parameters");
  fake_tree tree;
  make_tree(&tree);
  oskbc_options* options = options_for(&tree);
  CHECK_STATUS(oskbc_client_open(kParams, options, NULL), OSKBC_E_ARGUMENT);
  expect_no_client(NULL, options, OSKBC_E_ARGUMENT);
  static const char* const bad[] = {"",
                                    "null",
                                    "offline_sev_kbc",
                                    "offline_sev_kbc:",
                                    "offline_sev_kbc::",
                                    "offline_sev_kbc:null",
                                    "::null",
                                    "::",
                                    "offline_fs_kbc::null",
                                    "online_sev_kbc::127.0.0.1:44444",
                                    "OFFLINE_SEV_KBC::null",
                                    " offline_sev_kbc::null",
                                    "offline_sev_kbc ::null",
                                    "cc_kbc::http://127.0.0.1:8080"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
    expect_no_client(bad[i], options, OSKBC_E_PARAMS);
    /* Without options too: the parameters come before anything is touched. */
    expect_no_client(bad[i], NULL, OSKBC_E_PARAMS);
  }
  CHECK(has_keyset(&tree, FAKE_TREE_MAINLINE));
  oskbc_options_free(&options);
  fake_tree_remove(&tree);
}

/* The first :: splits; the rest belongs to the URI and is ignored. */
static void phase_open_params(void) {
  begin("open: good parameters");
  static const char* const good[] = {"offline_sev_kbc::null", "offline_sev_kbc::x",
                                     "offline_sev_kbc::::", "offline_sev_kbc::a::b",
                                     "offline_sev_kbc::http://127.0.0.1:8080/"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; ++i) {
    fake_tree tree;
    oskbc_client* client = NULL;
    make_tree(&tree);
    oskbc_options* options = options_for(&tree);
    CHECK_STATUS(oskbc_client_open(good[i], options, &client), OSKBC_OK);
    oskbc_client_close(&client);
    oskbc_options_free(&options);
    fake_tree_remove(&tree);
  }
}

static void phase_no_secret(void) {
  begin("open: no secret");
  fake_tree tree;
  CHECK(fake_tree_make(&tree) == 0);
  oskbc_options* options = options_for(&tree);
  expect_no_client(kParams, options, OSKBC_E_NO_SECRET);
  static const char other[] = "736870e5-84f0-4973-92ec-06879ce3da0b";
  CHECK(fake_tree_put(&tree, FAKE_TREE_MAINLINE, other, "{}", 2) == 0);
  expect_no_client(kParams, options, OSKBC_E_NO_SECRET);
  CHECK(fake_tree_has(&tree, FAKE_TREE_MAINLINE, other));
  CHECK(fake_tree_put(&tree, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID, "{}", 2) == 0);
  oskbc_client* client = open_in(&tree, options);
  CHECK(oskbc_client_key_count(client) == 0);
  expect_no_client(kParams, options, OSKBC_E_NO_SECRET);
  oskbc_client_close(&client);
  oskbc_options_free(&options);
  fake_tree_remove(&tree);
}

static void phase_guid(void) {
  begin("open: another entry, its GUID in capitals");
  fake_tree tree;
  oskbc_client* client = NULL;
  static const char other[] = "1ee27366-0c87-43a6-af48-28543eaf7cb0";
  make_tree(&tree);
  CHECK(fake_tree_put(&tree, FAKE_TREE_MAINLINE, other, "{\"a\":\"QUJD\"}", 12) == 0);
  oskbc_options* options = options_for(&tree);
  CHECK_STATUS(oskbc_options_set_secret_guid(options, "1EE27366-0C87-43A6-AF48-28543EAF7CB0"),
               OSKBC_OK);
  CHECK_STATUS(oskbc_client_open(kParams, options, &client), OSKBC_OK);
  CHECK(oskbc_client_key_count(client) == 1);
  CHECK(!fake_tree_has(&tree, FAKE_TREE_MAINLINE, other));
  CHECK(has_keyset(&tree, FAKE_TREE_MAINLINE));
  oskbc_client_close(&client);
  oskbc_options_free(&options);
  fake_tree_remove(&tree);
}

static void phase_keep(void) {
  begin("open: keep the secret");
  fake_tree tree;
  oskbc_client* client = NULL;
  make_tree(&tree);
  oskbc_options* options = options_for(&tree);
  CHECK_STATUS(oskbc_options_set_keep_secret(options, 7), OSKBC_OK);
  for (int i = 0; i < 2; ++i) {
    CHECK_STATUS(oskbc_client_open(kParams, options, &client), OSKBC_OK);
    CHECK(has_keyset(&tree, FAKE_TREE_MAINLINE));
    oskbc_client_close(&client);
  }
  CHECK_STATUS(oskbc_options_set_keep_secret(options, 0), OSKBC_OK);
  CHECK_STATUS(oskbc_client_open(kParams, options, &client), OSKBC_OK);
  CHECK(!has_keyset(&tree, FAKE_TREE_MAINLINE));
  oskbc_client_close(&client);
  oskbc_options_free(&options);
  fake_tree_remove(&tree);
}

static void expect_io(const fake_tree* tree) {
  oskbc_options* options = options_for(tree);
  expect_no_client(kParams, options, OSKBC_E_IO);
  oskbc_options_free(&options);
}

static void make_odd_entry(fake_tree* tree, char* path, size_t size) {
  CHECK(fake_tree_make(tree) == 0);
  CHECK(fake_tree_put(tree, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID, "", 0) == 0);
  CHECK(fake_tree_path(tree, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID, path, size) == 0);
  CHECK(unlink(path) == 0);
}

static void phase_io(void) {
  begin("open: not a regular file");
  fake_tree tree;
  char path[1024];
  make_odd_entry(&tree, path, sizeof path);
  CHECK(mkdir(path, 0755) == 0);
  expect_io(&tree);
  CHECK(rmdir(path) == 0);
  /* A call that waits for a writer would hang the boot. */
  CHECK(mkfifo(path, 0600) == 0);
  expect_io(&tree);
  CHECK(unlink(path) == 0);
  CHECK(symlink("/dev/zero", path) == 0);
  expect_io(&tree);
  fake_tree_remove(&tree);
}

static void phase_keyset(void) {
  begin("open: malformed keyset");
  fake_tree tree;
  static const char bad[] = "{\"default/secret/1\":\"QUJ=\"}";
  CHECK(fake_tree_make_keyset(&tree, bad, strlen(bad)) == 0);
  oskbc_options* options = options_for(&tree);
  expect_no_client(kParams, options, OSKBC_E_KEYSET);
  CHECK(strstr(oskbc_last_error(), "default/secret/1") == NULL);
  CHECK(strstr(oskbc_last_error(), "QUJ") == NULL);
  CHECK(!has_keyset(&tree, FAKE_TREE_MAINLINE));
  oskbc_options_free(&options);
  fake_tree_remove(&tree);
}

static void open_unremovable(const fake_tree* tree, unremovable_way way) {
  unremovable guard;
  oskbc_client* client = garbage_client();
  oskbc_options* options = options_for(tree);
  if (unremovable_begin(&guard, tree, way) != 0) {
    printf("SKIPPED: status WIPE by %s: not possible here (%s)\n", unremovable_name(way),
           strerror(errno));
  } else {
    const oskbc_status status = oskbc_client_open(kParams, options, &client);
    unremovable_end(&guard);
    CHECK_STATUS(status, OSKBC_E_WIPE);
    CHECK(client == NULL);
    CHECK(has_keyset(tree, FAKE_TREE_MAINLINE));
  }
  oskbc_options_free(&options);
}

static void phase_wipe_refused(void) {
  begin("open: the file cannot be removed");
  static const unremovable_way ways[] = {UNREMOVABLE_DIRECTORY, UNREMOVABLE_MOUNT};
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; ++i) {
    fake_tree tree;
    make_tree(&tree);
    open_unremovable(&tree, ways[i]);
    fake_tree_remove(&tree);
  }
}

void walk_open(void) {
  phase_open(FAKE_TREE_MAINLINE);
  phase_open(FAKE_TREE_PATCHES);
  phase_both_paths();
  phase_open_null();
  phase_open_params();
  phase_no_secret();
  phase_guid();
  phase_keep();
  phase_io();
  phase_keyset();
  phase_wipe_refused();
}
