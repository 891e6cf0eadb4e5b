/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tests of ssh's configuration share: a question that is asked, with its answer, and a
 * folder of their own.
 */
#ifndef SSHCONFIG_FIXTURE_H
#define SSHCONFIG_FIXTURE_H

#include <sys/types.h>

#include "cli/sshconfig.h"

/* The answer to the last question; freed before the next, and by forget_config(). */
extern struct sshconfig config;
extern struct failure failure;

/* sshconfig_read(): about web1, and without haste, where nothing else is said. */
bool ask_ssh(const struct sshconfig_query *query);
#define ASK(...) ask_ssh(&(const struct sshconfig_query){__VA_ARGS__})

/* sshconfig_parse() of a copy. */
bool parse_config(const char *text);

void forget_config(void);

/* NULL: there is none. */
void assert_text(const char *found, const char *expected);

/* The failure: USAGE, and these words. */
void assert_usage(const char *message, const char *hint);

void write_file(const char *name, const char *text, mode_t mode);

/* enter_folder() and leave_folder(), which removes "ssh", "called" and "conf", too, and puts
 * PATH back. */
int enter_sshconfig(void **state);
int leave_sshconfig(void **state);

#endif
