/* SPDX-License-Identifier: Apache-2.0
 *
 * The container's program: prints what its image's second layer has for it, and fails where that
 * layer's removals were not made.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  char note[128] = "";
  FILE* file = fopen("/etc/note", "r");
  if (file == NULL || fgets(note, sizeof(note), file) == NULL) return 1;
  fclose(file);
  if (access("/etc/removed", F_OK) == 0 || access("/old/file", F_OK) == 0) return 2;
  if (getenv("GREETING") == NULL) return 3;
  printf("container: %s %s\n", getenv("GREETING"), note);
  return 0;
}
