/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why a key's file is not taken, before it has the name of the file put to it.
 */
#ifndef REFUSAL_H
#define REFUSAL_H

#include <stdbool.h>

struct refusal {
    char why[256];    /* printable; empty: memory is short */
    const char *hint; /* static; NULL: none; FILE in it is the file */
};

/* Returns false, for `return refuse(...)`. Text from the file is escaped before. */
bool refuse(struct refusal *refusal, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "the key is damaged: WHAT", without a hint. Always false. */
bool refuse_damaged(struct refusal *refusal, const char *what);

#endif
