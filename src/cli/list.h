/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of names on the command line: methods in sshd_config's AuthenticationMethods syntax,
 * methods that a server may offer, and outcomes. `option` is how the user spelled the option,
 * for messages.
 */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "probe/request.h"
#include "util/failure.h"

#define LIST_STEPS_MAX  64  /* methods in one chain */
#define LIST_CHAINS_MAX 256 /* chains of one command line */
#define LIST_NAMES_MAX  64  /* methods that are expected, or forbidden, in one list */

struct chain_list {
    struct chain *chains;
    size_t count;
};

/*
 * Adds the chains of `text` to `list`: methods joined by commas, chains separated by blanks.
 * False, with USAGE or INTERNAL (memory) in `failure`; `list` then holds what was read so far.
 */
bool list_add_chains(struct chain_list *list, const char *option, const char *text,
                     struct failure *failure);

/* Adds one chain without steps: list what the server offers. False where memory is short. */
bool list_add_listing(struct chain_list *list);

/* Frees the chains and empties the list; safe on a zeroed struct. */
void list_free(struct chain_list *list);

/*
 * Reads "method,method" as a server may offer them: any names of RFC 4251 section 6, also of
 * methods that are not known here; aliases become the names on the wire. NULL, with USAGE or
 * INTERNAL (memory) in `failure`, for an empty list or name, one that is named twice, `none`
 * and `any`, which no server lists, and submethods. Else a name-list, to be freed.
 */
char *list_names(const char *option, const char *text, struct failure *failure);

/* Reads "word,word" into *set (any content before). False, with USAGE in `failure`. */
bool list_outcomes(outcome_set *set, const char *option, const char *text,
                   struct failure *failure);

/* Writes the methods of this build, "name (alias), name", cut to fit `size` bytes. Returns
 * `out`. */
char *list_known_methods(char *out, size_t size);

#endif
