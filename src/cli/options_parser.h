/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the command line share while it is read: not for anybody else. options.c
 * owns all and goes through it, options_take.c reads one option, options_check.c asks at the
 * end whether what was said goes together.
 */
#ifndef OPTIONS_PARSER_H
#define OPTIONS_PARSER_H

#include "cli/list.h"
#include "cli/options.h"
#include "cli/scan.h"
#include "cli/sshconfig.h"
#include "cli/target.h"

/* The memory behind a struct command. */
struct owned {
    struct chain_list chains;
    struct target *named; /* as typed; as many as command->targets */
    char **labels;
    struct sshconfig *configs; /* as many as targets */
    char *local_user;
    const char *known_hosts;  /* --known-hosts, as a list of one */
    const char **ssh_options; /* -o */
    size_t ssh_option_count;
    char *expect_offered, *forbid_offered;
};

/* What the options said, until all are read. */
struct parser {
    struct command *command;
    struct owned *owned;
    struct failure *failure;
    const char *login;  /* -l; NULL: not given */
    uint16_t port;      /* -p; 0: not given */
    struct route route; /* what was given of it; NULL, 0: not given */
    bool seen[OPTION_COUNT];
};

/* Records OUTCOME_INTERNAL. Always false. */
bool options_no_memory(struct parser *parser);

/* A scan_taker with the parser as context: one option. */
enum scan_result options_take(void *parser, enum option_id id, const char *option, char *value);

/*
 * After the last option, and before the targets: what cannot go together. Where no chain was
 * named it adds the listing. False with USAGE, or INTERNAL (memory), in the failure.
 */
bool options_check(struct parser *parser);

/*
 * Last of all, before anything is sent: can what the options name be used, sources, keys, the
 * agent and Kerberos credentials? False with CREDENTIAL in the failure, INTERNAL (memory), or
 * what else gss_choice_check() has.
 */
bool options_check_credentials(struct parser *parser);

#endif
