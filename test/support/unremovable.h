/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file unremovable.h
 * @brief Makes the entries of a fake tree readable but impossible to remove, for root too.
 */
#ifndef OSKBC_TEST_UNREMOVABLE_H
#define OSKBC_TEST_UNREMOVABLE_H

#include "fake_tree.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum unremovable_way {
  /** A directory without the right to write (EACCES). Root acts as another user meanwhile. */
  UNREMOVABLE_DIRECTORY,
  /** A read-only mount in a mount namespace of our own (EROFS), as a guest may have it; root only.
   */
  UNREMOVABLE_MOUNT
} unremovable_way;

typedef struct unremovable {
  unremovable_way way;
  /** The directory of the entries. */
  char directory[1024];
} unremovable;

const char* unremovable_name(unremovable_way way);

/** Returns 0, or -1 with errno where it cannot be had; then nothing has to be ended. */
int unremovable_begin(unremovable* guard, const fake_tree* tree, unremovable_way way);

void unremovable_end(const unremovable* guard);

#ifdef __cplusplus
}
#endif

#endif
