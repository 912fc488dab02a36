/* SPDX-License-Identifier: Apache-2.0 */
/* Stands before the C++ runtime's function. In C, whose compiler has no declaration of its own. */
#define _GNU_SOURCE
#include "count_throws.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef void (*throw_function)(void*, void*, void (*)(void*));

void __cxa_throw(void* object, void* type, void (*destroy)(void*));

static int count;

int thrown(void) { return count; }

void __cxa_throw(void* object, void* type, void (*destroy)(void*)) {
  throw_function next;
  void* symbol = dlsym(RTLD_NEXT, "__cxa_throw");
  /* C has no conversion from a pointer to an object. */
  memcpy(&next, &symbol, sizeof next);
  ++count;
  next(object, type, destroy);
  abort();
}
