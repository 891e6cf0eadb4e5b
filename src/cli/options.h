/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line, as a struct. Nothing here prints or exits.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdio.h>

#include "probe/request.h"
#include "report/style.h"
#include "util/failure.h"

enum command_action { COMMAND_PROBE, COMMAND_HELP, COMMAND_VERSION };

struct command {
    enum command_action action;
    struct settings settings;
    const struct chain
        *chains; /* at least one; a single one with count 0 where no -m was given */
    size_t chain_count;
    struct request *targets; /* each refers to `settings` above: not to be moved */
    size_t target_count;
    const char *file;     /* -f; "-": standard input; NULL: no list */
    unsigned jobs;        /* targets at once; at most target_count where there is no list */
    unsigned per_address; /* connections at once to one address and port */
    struct report_style style;
    void *owned; /* cli's own: what options_free() releases */
};

/*
 * Parses argv into *command (any content before). False, with the reason in `failure`, where
 * something is wrong: OUTCOME_USAGE, CREDENTIAL (what an option names for an answer or a login
 * cannot be used), GSSAPI_FAILURE (gss_choice_check()), INTERRUPTED, INTERNAL (memory).
 * options_free() is then still to be called.
 */
bool options_parse(struct command *command, int argc, char **argv, struct failure *failure);
void options_free(struct command *command);

/* The text of --help or --version, made from options.def and outcome.def, where `action` is one
 * of them. */
void options_print(enum command_action action, FILE *out);

#endif
