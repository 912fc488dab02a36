/* SPDX-License-Identifier: Apache-2.0
 *
 * The container's program: prints what its image's second layer has for it, and fails where that
 * layer's removals were not made; prints what the kernel says of its rights and namespaces; then
 * what its arguments ask for:
 *
 *   capabilities FILE   those of a file, as its attribute has them, in hexadecimal
 *   link PATH           where it points to
 *   files DIR           how many are in it
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

static int print_note(void) {
  char note[128] = "";
  FILE* file = fopen("/etc/note", "r");
  if (file == NULL || fgets(note, sizeof(note), file) == NULL) return 1;
  fclose(file);
  if (access("/etc/removed", F_OK) == 0 || access("/old/file", F_OK) == 0) return 2;
  if (getenv("GREETING") == NULL) return 3;
  printf("container: %s %s\n", getenv("GREETING"), note);
  return 0;
}

/* User and group are among the lines, as real, effective, saved and file system's. */
static void print_rights(void) {
  char line[256];
  FILE* file = fopen("/proc/self/status", "r");
  while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
    if (strncmp(line, "Cap", 3) == 0 || strncmp(line, "Uid", 3) == 0) printf("container: %s", line);
  }
  if (file != NULL) fclose(file);
}

static void print_link(const char* path) {
  char target[PATH_MAX] = "";
  const ssize_t length = readlink(path, target, sizeof(target) - 1);
  printf("container: %s -> %s\n", path, length < 0 ? "no link" : target);
}

static void print_capabilities(const char* path) {
  unsigned char value[64];
  const ssize_t size = getxattr(path, "security.capability", value, sizeof(value));
  printf("container: capabilities of %s: ", path);
  for (ssize_t i = 0; i < size; ++i) printf("%02x", value[i]);
  printf("\n");
}

static void print_files(const char* path) {
  int count = 0;
  DIR* folder = opendir(path);
  const struct dirent* entry;
  while (folder != NULL && (entry = readdir(folder)) != NULL) count += entry->d_name[0] != '.';
  if (folder != NULL) closedir(folder);
  printf("container: files in %s: %d\n", path, count);
}

int main(int count, char** arguments) {
  static const char* const kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "uts"};
  const int status = print_note();
  if (status != 0) return status;
  print_rights();
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); ++i) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
    print_link(path);
  }
  for (int i = 1; i + 1 < count; i += 2) {
    if (strcmp(arguments[i], "capabilities") == 0) print_capabilities(arguments[i + 1]);
    if (strcmp(arguments[i], "link") == 0) print_link(arguments[i + 1]);
    if (strcmp(arguments[i], "files") == 0) print_files(arguments[i + 1]);
  }
  return 0;
}
