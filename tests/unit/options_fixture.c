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

bool
parse(struct command *command, struct failure *failure, const char *const *args)
{
    char *argv[ARGS_MAX + 2] = {(char *)"ssh-authtest"};
    int argc = 1;

    memset(command, 0xa5, sizeof(*command));
    *failure = FAILURE_INIT;
    for (; args[argc - 1] != NULL; argc++) {
        assert_true(argc <= ARGS_MAX);
        argv[argc] = (char *)args[argc - 1];
    }
    return options_parse(command, argc, argv, failure);
}
