/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Debian's libstdc++, libcrypto and libgcc, built over glibc, need and musl has not. Enough to
 * link and run a program over musl with them, which shows that liboskbc itself needs nothing of the
 * kind. No replacement for libraries that were built over musl.
 */
#define _GNU_SOURCE
#include <link.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* libstdc++: whether reference counts may do without atomic operations. Zero: they may not. */
char __libc_single_threaded;

/* libgcc: where an object's unwinding tables are. A static program has one object. */
struct found {
  unsigned long long flags;
  void* start;
  void* end;
  void* object;
  void* tables;
};
static int find_tables(struct dl_phdr_info* info, size_t size, void* result) {
  struct found* found = result;
  (void)size;
  found->start = NULL;
  found->tables = NULL;
  found->end = (void*)UINTPTR_MAX;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type == PT_GNU_EH_FRAME) {
      found->tables = (void*)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    }
  }
  return 1;
}
int _dl_find_object(void* address, void* result) {
  (void)address;
  dl_iterate_phdr(find_tables, result);
  return ((struct found*)result)->tables == NULL ? -1 : 0;
}

/* libcrypto: its asynchronous jobs, of which the library has none. */
int getcontext(void* context) {
  (void)context;
  return -1;
}
int setcontext(const void* context) {
  (void)context;
  return -1;
}
void makecontext(void) {}

/* libstdc++'s random_device. */
uint32_t arc4random(void) {
  uint32_t number = 0;
  return getrandom(&number, sizeof number, 0) == sizeof number ? number : 4;
}

/* Calls that Debian's compilations fortified. */
void* __memcpy_chk(void* to, const void* from, size_t size, size_t room) {
  (void)room;
  return memcpy(to, from, size);
}
void* __memset_chk(void* to, int byte, size_t size, size_t room) {
  (void)room;
  return memset(to, byte, size);
}
int __vsnprintf_chk(char* out, size_t size, int flag, size_t room, const char* format,
                    va_list arguments) {
  (void)flag;
  (void)room;
  return vsnprintf(out, size, format, arguments);
}
int __vfprintf_chk(FILE* file, int flag, const char* format, va_list arguments) {
  (void)flag;
  return vfprintf(file, format, arguments);
}
int __fprintf_chk(FILE* file, int flag, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int written = __vfprintf_chk(file, flag, format, arguments);
  va_end(arguments);
  return written;
}
long __fdelt_chk(long descriptor) { return descriptor / 64; }
