/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sources and users, and what is counted of them: for ask/ledger.c alone, under its mutex.
 */
#ifndef LEDGER_ENTRY_H
#define LEDGER_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A source and a user. */
struct ledger_entry {
    struct ledger_entry *next;
    uint64_t hash;
    size_t users;     /* accounts that have it */
    unsigned refused; /* never less than before */
    unsigned held;    /* claims of those not decided yet */
    unsigned queued;  /* while walking: claims of those who waited longer */
    size_t user_at;   /* of the user's name, in `text` */
    char text[];      /* the source, NUL, the user */
};

uint64_t ledger_entry_hash(const char *source, const char *user);

/* Is it this one, whose hash that is? */
bool ledger_entry_is(const struct ledger_entry *entry, uint64_t hash, const char *source,
                     const char *user);

/* Found or made, for one more account; NULL: memory is short. */
struct ledger_entry *ledger_entry_use(const char *source, const char *user);

/* One account less; freed where there is nothing to remember. */
void ledger_entry_drop(struct ledger_entry *entry);

/* Nothing was ever refused. */
void ledger_entry_forget_all(void);

#endif
