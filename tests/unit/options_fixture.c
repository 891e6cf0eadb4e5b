/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Command lines for tests.
 */
#include <config.h>

#include "options_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Behind `head`, a list up to a NULL as well. */
static bool
parse_behind(struct command *command, struct failure *failure, const char *const *head,
             const char *const *args)
{
    char *argv[ARGS_MAX + 4] = {(char *)"ssh-authtest"};
    int argc = 1;

    memset(command, 0xa5, sizeof(*command));
    *failure = FAILURE_INIT;
    for (; *head != NULL; head++)
        argv[argc++] = (char *)*head;
    for (size_t i = 0; args[i] != NULL; i++) {
        assert_true(i < ARGS_MAX);
        argv[argc++] = (char *)args[i];
    }
    return options_parse(command, argc, argv, failure);
}

bool
parse(struct command *command, struct failure *failure, const char *const *args)
{
    static const char *const head[] = {"-F", "none", NULL};

    return parse_behind(command, failure, head, args);
}

bool
parse_bare(struct command *command, struct failure *failure, const char *const *args)
{
    static const char *const head[] = {NULL};

    return parse_behind(command, failure, head, args);
}
