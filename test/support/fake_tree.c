/* SPDX-License-Identifier: Apache-2.0 */
/* For mkdtemp() and nftw(), which C99 alone has not. */
#define _XOPEN_SOURCE 700

#include "fake_tree.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char* folder_of(fake_tree_kernel kernel) {
  return kernel == FAKE_TREE_MAINLINE ? "secrets/coco" : "coco/efi_secret";
}

static int fits(int printed, size_t size) {
  if (printed >= 0 && (size_t)printed < size) return 0;
  errno = ENAMETOOLONG;
  return -1;
}

int fake_tree_path(const fake_tree* tree, fake_tree_kernel kernel, const char* guid, char* path,
                   size_t size) {
  const char* folder = folder_of(kernel);
  const int printed =
      guid == NULL ? snprintf(path, size, "%s/sys/kernel/security/%s", tree->root, folder)
                   : snprintf(path, size, "%s/sys/kernel/security/%s/%s", tree->root, folder, guid);
  return fits(printed, size);
}

static int make_directory(const char* path) {
  if (mkdir(path, 0755) == 0 || errno == EEXIST) return 0;
  return -1;
}

/* Makes the directories below the root that a path needs; the path is changed back as it goes. */
static int make_directories(const fake_tree* tree, char* path) {
  char* slash = path + strlen(tree->root);
  while ((slash = strchr(slash + 1, '/')) != NULL) {
    *slash = '\0';
    const int made = make_directory(path);
    *slash = '/';
    if (made != 0) return -1;
  }
  return make_directory(path);
}

static int name_root(fake_tree* tree) {
  const char* parent = getenv("TMPDIR");
  if (parent == NULL || parent[0] == '\0') parent = "/tmp";
  return fits(snprintf(tree->root, sizeof tree->root, "%s/oskbc-tree-XXXXXX", parent),
              sizeof tree->root);
}

int fake_tree_make(fake_tree* tree) {
  char path[1024];
  if (name_root(tree) != 0 || mkdtemp(tree->root) == NULL) {
    tree->root[0] = '\0';
    return -1;
  }
  if (fits(snprintf(path, sizeof path, "%s/sys/kernel/security", tree->root), sizeof path) != 0) {
    return -1;
  }
  return make_directories(tree, path);
}

static int write_file(const char* path, const void* content, size_t len) {
  FILE* file = fopen(path, "wb");
  if (file == NULL) return -1;
  const int written = len == 0 || fwrite(content, 1, len, file) == len;
  if (fclose(file) != 0 || !written) return -1;
  return chmod(path, 0440);
}

int fake_tree_put(const fake_tree* tree, fake_tree_kernel kernel, const char* guid,
                  const void* content, size_t len) {
  char path[1024];
  if (fake_tree_path(tree, kernel, NULL, path, sizeof path) != 0) return -1;
  if (make_directories(tree, path) != 0) return -1;
  if (fake_tree_path(tree, kernel, guid, path, sizeof path) != 0) return -1;
  return write_file(path, content, len);
}

int fake_tree_put_file(const fake_tree* tree, const char* file, const void* content, size_t len) {
  char path[1024];
  if (fits(snprintf(path, sizeof path, "%s%s", tree->root, file), sizeof path) != 0) return -1;
  char* name = strrchr(path, '/');
  *name = '\0';
  if (strlen(path) > strlen(tree->root) && make_directories(tree, path) != 0) return -1;
  *name = '/';
  if (remove(path) != 0 && errno != ENOENT) return -1;
  return write_file(path, content, len);
}

int fake_tree_make_keyset(fake_tree* tree, const void* content, size_t len) {
  if (fake_tree_make(tree) != 0) return -1;
  return fake_tree_put(tree, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID, content, len);
}

int fake_tree_has(const fake_tree* tree, fake_tree_kernel kernel, const char* guid) {
  char path[1024];
  struct stat status;
  if (fake_tree_path(tree, kernel, guid, path, sizeof path) != 0) return 0;
  return lstat(path, &status) == 0;
}

/* Tests take rights away from directories; removing needs them back. */
static int give_back_rights(const char* path, const struct stat* status, int type,
                            struct FTW* where) {
  (void)status;
  (void)where;
  if (type == FTW_D || type == FTW_DNR) (void)chmod(path, 0700);
  return 0;
}

static int remove_entry(const char* path, const struct stat* status, int type, struct FTW* where) {
  (void)status;
  (void)type;
  (void)where;
  (void)remove(path);
  return 0;
}

void fake_tree_remove(fake_tree* tree) {
  if (tree->root[0] == '\0') return;
  (void)nftw(tree->root, give_back_rights, 8, FTW_PHYS);
  (void)nftw(tree->root, remove_entry, 8, FTW_PHYS | FTW_DEPTH);
  tree->root[0] = '\0';
}
