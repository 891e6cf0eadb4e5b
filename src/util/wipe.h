/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Copies of secrets in places that are not ours: what libcrypto freed, and the stack below us.
 */
#ifndef WIPE_H
#define WIPE_H

#include <stdbool.h>

/*
 * From here on libcrypto wipes all that it frees. To be called before its first use by anybody,
 * later it would not work. Best effort. Keeps some memory in reserve for it.
 */
void wipe_what_libcrypto_frees(void);

/* How often libcrypto, in this thread, asked for memory where there was none but a reserve that
 * is kept for it. Where that was not enough it says so to few, and they hide it: who wants to
 * know compares what this was before. */
unsigned long wipe_memory_shortages(void);

/* Makes the reserve again where it was used up: others may have given memory back since. False
 * where there is none: nothing that needs libcrypto should be begun then. */
bool wipe_keep_reserve(void);

/*
 * Watches a block of libcrypto's that a library may forget to free: where nobody has freed it
 * at the next call of either function in this thread, `drop` does. Of no effect where
 * libcrypto's memory is not watched.
 */
void wipe_if_forgotten(void *block, void (*drop)(void *block));
void wipe_forgotten(void);

/*
 * Overwrites the stack below the caller, where functions that have returned left what they
 * worked on, and the registers that copying uses. To be called at the end of what used secrets,
 * as high up as can be, in the thread that did.
 */
void wipe_stack(void);

#endif
