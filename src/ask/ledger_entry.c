/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table of a fixed size is enough: what is in it was refused, or is being used.
 */
#include <config.h>

#include "ask/ledger_entry.h"

#include <stdlib.h>
#include <string.h>

#include "util/hash.h"

enum { BUCKETS = 1024 };

static struct ledger_entry *buckets[BUCKETS];

uint64_t
ledger_entry_hash(const char *source, const char *user)
{
    uint64_t hash = hash_bytes(HASH_BEGIN, source, strlen(source) + 1);
    return hash_bytes(hash, user, strlen(user));
}

bool
ledger_entry_is(const struct ledger_entry *entry, uint64_t hash, const char *source,
                const char *user)
{
    return entry->hash == hash && strcmp(entry->text, source) == 0 &&
           strcmp(entry->text + entry->user_at, user) == 0;
}

struct ledger_entry *
ledger_entry_use(const char *source, const char *user)
{
    uint64_t hash = ledger_entry_hash(source, user);
    struct ledger_entry **bucket = &buckets[hash % BUCKETS];
    for (struct ledger_entry *entry = *bucket; entry != NULL; entry = entry->next) {
        if (ledger_entry_is(entry, hash, source, user)) {
            entry->users++;
            return entry;
        }
    }
    size_t source_size = strlen(source) + 1, user_size = strlen(user) + 1;
    struct ledger_entry *entry = calloc(1, sizeof *entry + source_size + user_size);
    if (entry != NULL) {
        entry->hash = hash;
        entry->users = 1;
        entry->user_at = source_size;
        memcpy(entry->text, source, source_size);
        memcpy(entry->text + source_size, user, user_size);
        entry->next = *bucket;
        *bucket = entry;
    }
    return entry;
}

void
ledger_entry_drop(struct ledger_entry *entry)
{
    entry->users--;
    if (entry->users > 0 || entry->refused > 0) {
        return; /* it is to be remembered */
    }
    struct ledger_entry **link = &buckets[entry->hash % BUCKETS];
    while (*link != entry) {
        link = &(*link)->next;
    }
    *link = entry->next;
    free(entry);
}

void
ledger_entry_forget_all(void)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        struct ledger_entry **link = &buckets[i];
        while (*link != NULL) {
            struct ledger_entry *entry = *link;
            entry->refused = 0;
            if (entry->users == 0) {
                *link = entry->next;
                free(entry);
            } else {
                link = &entry->next;
            }
        }
    }
}
