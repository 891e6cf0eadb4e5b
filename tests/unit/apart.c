/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include "apart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { LIMIT = 120 };

pid_t
apart_fork(void)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        alarm(LIMIT);
    return child;
}

void
apart_join(pid_t child)
{
    int status = -1;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}
