/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of the command line: one that is written as a list of words.
 */
#ifndef OPTIONS_FIXTURE_H
#define OPTIONS_FIXTURE_H

#include <stdbool.h>

#include "cli/options.h"

#define ARGS_MAX 16 /* besides those that parse() adds */

/* What stands behind "SHA256:" in a fingerprint. */
#define HASH "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

/*
 * Parses copies of `args`, up to a NULL, behind a program's name and "-F none", so that the
 * tester's own configuration of ssh is not read; getopt permutes the array. *command and
 * *failure may have any content before.
 */
bool parse(struct command *command, struct failure *failure, const char *const *args);

/* The same without "-F none". */
bool parse_bare(struct command *command, struct failure *failure, const char *const *args);

#define PARSE(command, failure, ...)                                                           \
    parse(command, failure, (const char *const[]){__VA_ARGS__, NULL})
#define PARSE_BARE(command, failure, ...)                                                      \
    parse_bare(command, failure, (const char *const[]){__VA_ARGS__, NULL})

#endif
