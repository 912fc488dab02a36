/* SPDX-License-Identifier: Apache-2.0 */
#include "contract_check.h"

#include <stdio.h>
#include <string.h>

static const char* phase = "start";
static int checks;
static int failures;

int contract_check(int holds, const char* condition, int line) {
  ++checks;
  if (holds) return 1;
  ++failures;
  fprintf(stderr, "%s: line %d: %s (last error: %s)\n", phase, line, condition, oskbc_last_error());
  return 0;
}

void begin(const char* name) {
  phase = name;
  printf("phase: %s\n", name);
}

int all_held(void) {
  printf("%d checks, %d failed\n", checks, failures);
  return failures == 0;
}

void contract_check_status(oskbc_status got, oskbc_status expected, const char* call, int line) {
  const int has_message = oskbc_last_error()[0] != '\0';
  if (contract_check(got == expected, call, line) == 0) {
    fprintf(stderr, "  got %d (%s), not %d\n", got, oskbc_strerror(got), expected);
  }
  contract_check(has_message == (got != OSKBC_OK), "a message, and only on failure", line);
}

const char kParams[] = "offline_sev_kbc::null";

/* 32 times the letter k; two resources; one key that is too short. */
const char kKeyset[] =
    "{\"key_id2\":\"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=\","
    "\"key_id1\":\"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=\","
    "\"default/policy/1\":\"cG9saWN5\",\"default/empty/1\":\"\"}";

oskbc_options* options_for(const fake_tree* tree) {
  oskbc_options* options = NULL;
  CHECK_STATUS(oskbc_options_new(&options), OSKBC_OK);
  CHECK_STATUS(oskbc_options_set_root(options, tree->root), OSKBC_OK);
  return options;
}

oskbc_client* open_in(const fake_tree* tree, const oskbc_options* given) {
  oskbc_client* client = NULL;
  oskbc_options* options = given == NULL ? options_for(tree) : NULL;
  CHECK_STATUS(oskbc_client_open(kParams, given == NULL ? options : given, &client), OSKBC_OK);
  oskbc_options_free(&options);
  return client;
}

void make_tree(fake_tree* tree) {
  CHECK(fake_tree_make_keyset(tree, kKeyset, strlen(kKeyset)) == 0);
}

int has_keyset(const fake_tree* tree, fake_tree_kernel kernel) {
  return fake_tree_has(tree, kernel, FAKE_TREE_KEYSET_GUID);
}
