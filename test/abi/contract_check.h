/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file contract_check.h
 * @brief What the phases of the contract test share: checks that count and go on, and fake guests.
 *
 * The keys are throw-away test keys.
 */
#ifndef OSKBC_TEST_CONTRACT_CHECK_H
#define OSKBC_TEST_CONTRACT_CHECK_H

#include <stddef.h>

#include "fake_tree.h"
#include <oskbc/oskbc.h>

/** Counts a check and says where it failed. The value is whether it held. */
#define CHECK(condition) contract_check((condition) != 0, #condition, __LINE__)

/** Checks a status, and that the call left a message if it failed and "" if it did not. */
#define CHECK_STATUS(call, expected) contract_check_status((call), (expected), #call, __LINE__)

extern const char kParams[];
/** Four entries: key_id1 and key_id2 are 32 times the letter k, the others resources. */
extern const char kKeyset[];

int contract_check(int holds, const char* condition, int line);
void contract_check_status(oskbc_status got, oskbc_status expected, const char* call, int line);

/** Names the phase that begins; failures repeat it. */
void begin(const char* name);
/** Prints the counts; whether nothing failed. */
int all_held(void);

/** A tree with kKeyset where the mainline kernel has it. */
void make_tree(fake_tree* tree);
int has_keyset(const fake_tree* tree, fake_tree_kernel kernel);
/** Options that point at a tree. */
oskbc_options* options_for(const fake_tree* tree);
/** Opens a tree; with `given` NULL, with the options that it needs and no more. */
oskbc_client* open_in(const fake_tree* tree, const oskbc_options* given);

/** The parts of the walk. */
void walk_options(void);
void walk_open(void);
void walk_client(void);

#endif
