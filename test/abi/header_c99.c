/* SPDX-License-Identifier: Apache-2.0 */
/* The header alone, first and twice, compiled as C99 with all warnings. */
#include <oskbc/oskbc.h>

/* An int in memory, whatever a compiler does with enums. */
typedef char status_is_int[sizeof(oskbc_status) == sizeof(int) ? 1 : -1];
/* The numbers are the interface: callers in other languages write them down. */
typedef char numbers_stay[OSKBC_OK == 0 && OSKBC_E_ARGUMENT == 1 && OSKBC_E_BUFFER == 2 &&
                                  OSKBC_E_PARAMS == 3 && OSKBC_E_NO_SECRET == 4 &&
                                  OSKBC_E_IO == 5 && OSKBC_E_WIPE == 6 && OSKBC_E_KEYSET == 7 &&
                                  OSKBC_E_PACKET == 8 && OSKBC_E_REQUEST == 9 &&
                                  OSKBC_E_UNKNOWN_KEY == 10 && OSKBC_E_UNSUPPORTED == 11 &&
                                  OSKBC_E_DECRYPT == 12 && OSKBC_E_NO_MEMORY == 13 &&
                                  OSKBC_E_INTERNAL == 14 && OSKBC_E_NO_KEYSET_FILE == 15 &&
                                  OSKBC_E_KEYSET_FILE_KEY == 16 &&
                                  OSKBC_E_KEYSET_FILE_ALTERED == 17 && OSKBC_E_KEYSET_FILE_OLD == 18
                              ? 1
                              : -1];

int main(void) { return oskbc_version() == NULL; }
