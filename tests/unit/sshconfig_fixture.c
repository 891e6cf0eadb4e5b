/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See sshconfig_fixture.h.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "child_fixture.h"
#include "sshconfig_fixture.h"
#include "util/deadline.h"

struct sshconfig config;
struct failure failure;
static char *path_before;

bool
ask_ssh(const struct sshconfig_query *query)
{
    struct sshconfig_query limited = *query;
    if (limited.limit == 0)
        limited.limit = CHILD_PATIENCE * DEADLINE_SECOND;
    if (limited.host == NULL)
        limited.host = "web1";
    sshconfig_free(&config);
    failure = FAILURE_INIT;
    bool good = sshconfig_read(&limited, &config, &failure);
    assert_int_equal(good, !failure_is_set(&failure));
    return good;
}

bool
parse_config(const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    sshconfig_free(&config);
    failure = FAILURE_INIT;
    bool good = sshconfig_parse(copy, &config, &failure);
    assert_int_equal(good, !failure_is_set(&failure));
    free(copy);
    return good;
}

void
forget_config(void)
{
    sshconfig_free(&config);
}

void
assert_text(const char *found, const char *expected)
{
    if (expected == NULL)
        assert_null(found);
    else
        assert_string_equal(found != NULL ? found : "(none)", expected);
}

void
assert_usage(const char *message, const char *hint)
{
    assert_int_equal(failure.outcome, OUTCOME_USAGE);
    assert_string_equal(failure.message, message);
    assert_string_equal(failure.hint, hint);
}

void
write_file(const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(name, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(name, mode), 0);
}

int
enter_sshconfig(void **state)
{
    path_before = strdup(getenv("PATH"));
    assert_non_null(path_before);
    return enter_folder(state);
}

int
leave_sshconfig(void **state)
{
    unlink("ssh");
    unlink("called");
    unlink("conf");
    setenv("PATH", path_before, 1);
    free(path_before);
    return leave_folder(state);
}
