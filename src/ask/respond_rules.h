/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the rules share: not for anybody else.
 */
#ifndef RESPOND_RULES_H
#define RESPOND_RULES_H

#include <locale.h>
#include <regex.h>

#include "ask/respond.h"
#include "ask/source.h"

struct rule {
    struct source source;
    regex_t pattern;
};

struct respond_rules {
    struct rule *rules;
    size_t count;
    locale_t locale; /* of patterns and prompts; 0: the process's own */
};

/* respond_add() for a rule of which messages say that it is at `where` (printable). */
bool respond_add_from(struct respond_rules *rules, const char *argument, const char *where,
                      struct failure *failure);

/* Finds the first rule that matches, NULL where none does. False: memory is short. */
bool respond_find(const struct respond_rules *rules, const char *prompt, size_t len,
                  const struct rule **found);

#endif
