/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files that each read some options share: the functions of the table in
 * options_take.c.
 */
#ifndef OPTIONS_TAKE_H
#define OPTIONS_TAKE_H

#include "cli/options_parser.h"

/* One option as it was given. */
struct given {
    enum option_id id;
    const char *option; /* as the user spelled it */
    const char *value;  /* NULL where it takes none */
};

/* False with the reason in the parser's failure. */
typedef bool option_taker(struct parser *parser, const struct given *given);

/* options_methods.c */
option_taker take_methods, take_expect, take_expect_offered, take_forbid_offered;
/* options_answers.c */
option_taker take_respond, take_respond_file, take_max_refused, take_identity, take_passphrase;
/* options_route.c */
option_taker take_port, take_family, take_jump, take_ssh_option, take_timeout,
    take_connect_timeout, take_host_key, take_fingerprint, take_known_hosts;
/* options_run.c */
option_taker take_verbose, take_quiet, take_format, take_color, take_help, take_version,
    take_file, take_jobs, take_per_address;

/* Records "OPTION 'VALUE': why"; always false. */
bool take_refused(struct parser *parser, const struct given *given, const char *why);

/* The index of the value among the words of the option's argument in options.def, or -1 with
 * the failure set. */
int take_choice(struct parser *parser, const struct given *given);

#endif
