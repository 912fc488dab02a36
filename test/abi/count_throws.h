/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file count_throws.h
 * @brief Counts the exceptions of a process.
 */
#ifndef OSKBC_TEST_COUNT_THROWS_H
#define OSKBC_TEST_COUNT_THROWS_H

#ifdef __cplusplus
extern "C" {
#endif

/** How many were thrown so far. For one thread. */
int thrown(void);

#ifdef __cplusplus
}
#endif

#endif
