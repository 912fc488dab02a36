/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fake_tree.h
 * @brief A directory that looks like the root of a guest whose kernel shows an injected secret.
 *
 * For tests. Each tree lies in a temporary directory of its own and is removed with all that is in
 * it.
 */
#ifndef OSKBC_TEST_FAKE_TREE_H
#define OSKBC_TEST_FAKE_TREE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The file name of the keyset's entry. */
#define FAKE_TREE_KEYSET_GUID "e6f5a162-d67f-4750-a67c-5d065f2a9910"

/** Which kernel the tree looks like. */
typedef enum fake_tree_kernel {
  /** Linux 5.19 and later: sys/kernel/security/secrets/coco. */
  FAKE_TREE_MAINLINE,
  /** The patches before: sys/kernel/security/coco/efi_secret. */
  FAKE_TREE_PATCHES
} fake_tree_kernel;

typedef struct fake_tree {
  /** The directory that stands for `/`; empty when there is no tree. */
  char root[512];
} fake_tree;

/** Makes a tree with securityfs' directory and nothing in it. Returns 0, or -1 with errno. */
int fake_tree_make(fake_tree* tree);

/** Puts an entry into a tree. Returns 0, or -1 with errno. */
int fake_tree_put(const fake_tree* tree, fake_tree_kernel kernel, const char* guid,
                  const void* content, size_t len);

/** Makes a tree with one keyset, where the mainline kernel has it. Returns 0, or -1 with errno. */
int fake_tree_make_keyset(fake_tree* tree, const void* content, size_t len);

/** Puts any file below the root, whose path starts with a slash. Returns 0, or -1 with errno. */
int fake_tree_put_file(const fake_tree* tree, const char* file, const void* content, size_t len);

/** Says whether an entry is there: 1 or 0. */
int fake_tree_has(const fake_tree* tree, fake_tree_kernel kernel, const char* guid);

/** Writes the path of an entry; with `guid` NULL, that of the directory of all. Returns 0 or -1. */
int fake_tree_path(const fake_tree* tree, fake_tree_kernel kernel, const char* guid, char* path,
                   size_t size);

/** Removes the tree, and whatever modes were set in it; nothing happens where there is none. */
void fake_tree_remove(fake_tree* tree);

#ifdef __cplusplus
}
#endif

#endif
