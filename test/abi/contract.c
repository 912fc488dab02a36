/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks the whole interface in plain C, phase by phase, and goes on after a failed check. Needs
 * nothing but the header, the library and a temporary directory.
 */
#include "contract_check.h"

int main(void) {
  walk_options();
  walk_open();
  walk_client();
  return all_held() ? 0 : 1;
}
