/* SPDX-License-Identifier: Apache-2.0 */
/* For unshare(). */
#define _GNU_SOURCE

#include "unremovable.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* "nobody" on every Linux; any user but root would do. */
#define OTHER_USER 65534

const char* unremovable_name(unremovable_way way) {
  return way == UNREMOVABLE_DIRECTORY ? "a read-only directory" : "a read-only mount";
}

static int open_to_all(const unremovable* guard, const fake_tree* tree) {
  char file[1100];
  if (fake_tree_path(tree, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID, file, sizeof file) != 0) {
    return -1;
  }
  if (chmod(tree->root, 0755) != 0 || chmod(file, 0444) != 0) return -1;
  return chmod(guard->directory, 0555);
}

/* The temporary directory may lie where other users can't go. */
static int can_read(const fake_tree* tree) {
  char file[1100];
  if (fake_tree_path(tree, FAKE_TREE_MAINLINE, FAKE_TREE_KEYSET_GUID, file, sizeof file) != 0) {
    return -1;
  }
  const int descriptor = open(file, O_RDONLY | O_CLOEXEC);
  return descriptor < 0 ? -1 : close(descriptor);
}

static int begin_directory(const unremovable* guard, const fake_tree* tree) {
  if (open_to_all(guard, tree) != 0) return -1;
  if (geteuid() == 0 && seteuid(OTHER_USER) != 0) return -1;
  if (can_read(tree) == 0) return 0;
  const int cause = errno;
  unremovable_end(guard);
  errno = cause;
  return -1;
}

static int begin_mount(const unremovable* guard) {
  const char* directory = guard->directory;
  if (geteuid() != 0) {
    errno = EPERM;
    return -1;
  }
  /* The process stays in the namespace; with nothing mounted, that changes nothing for it. */
  if (unshare(CLONE_NEWNS) != 0) return -1;
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return -1;
  if (mount(directory, directory, NULL, MS_BIND, NULL) != 0) return -1;
  if (mount("none", directory, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0) return 0;
  const int cause = errno;
  unremovable_end(guard);
  errno = cause;
  return -1;
}

int unremovable_begin(unremovable* guard, const fake_tree* tree, unremovable_way way) {
  guard->way = way;
  if (fake_tree_path(tree, FAKE_TREE_MAINLINE, NULL, guard->directory, sizeof guard->directory)) {
    return -1;
  }
  return way == UNREMOVABLE_DIRECTORY ? begin_directory(guard, tree) : begin_mount(guard);
}

void unremovable_end(const unremovable* guard) {
  if (guard->way == UNREMOVABLE_MOUNT) {
    (void)umount2(guard->directory, MNT_DETACH);
    return;
  }
  /* Where the test does not run as root, this is refused and nothing was changed. */
  if (geteuid() != getuid()) (void)!seteuid(getuid());
  (void)chmod(guard->directory, 0755);
}
