/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One line to words, with the quoting of a POSIX shell (XCU 2.2) and nothing else of it: blanks
 * separate words; a backslash makes the next byte ordinary; '...' is taken as it stands; within
 * "..." a backslash does so before $ ` " and \ alone; a # at the beginning of a word begins a
 * comment. Nothing is expanded, and what else means something to a shell is ordinary here.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct words {
    char **list; /* ends with a NULL */
    size_t count;
    char *text; /* the memory behind them */
};

/*
 * Splits `len` bytes, without the newline, into *words (any content before), to be freed by
 * words_free(). False, with nothing to free and a static text on the line in *why: a quote
 * without its end, nothing behind a backslash, a NUL byte; NULL where memory is short.
 */
bool words_split(struct words *words, const char *line, size_t len, const char **why);
void words_free(struct words *words);

#endif
