/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See child_fixture.h.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child_fixture.h"

struct ran ran;

void
run_into(struct ran *into, const struct child *child)
{
    assert_true(into->line.text != NULL || secret_init(&into->line));
    secret_clear(&into->line);
    into->result = child_run(child, &into->line, &into->output);
    into->error = errno;
}

struct child
shell(const char *argv[4], const char *command)
{
    argv[0] = "/bin/sh";
    argv[1] = "-c";
    argv[2] = command;
    argv[3] = NULL;
    return (struct child){.argv = (char *const *)(uintptr_t)argv,
                          .deadline = deadline_after(CHILD_PATIENCE * DEADLINE_SECOND),
                          .watch_fd = -1};
}

void
sh(const char *command)
{
    const char *argv[4];
    struct child child = shell(argv, command);
    run_into(&ran, &child);
}

void
sh_within(const char *command, int milliseconds)
{
    const char *argv[4];
    struct child child = shell(argv, command);
    child.deadline = deadline_after(milliseconds * (DEADLINE_SECOND / 1000));
    run_into(&ran, &child);
}

void
assert_line(const char *bytes, size_t len)
{
    assert_int_equal(ran.result, CHILD_EXITED);
    assert_int_equal(ran.line.len, len);
    assert_memory_equal(ran.line.text, bytes, len);
    assert_false(ran.output.too_long);
}

void
assert_exit(int status)
{
    assert_int_equal(ran.result, CHILD_EXITED);
    assert_true(WIFEXITED(ran.output.status));
    assert_int_equal(WEXITSTATUS(ran.output.status), status);
}

pid_t
pid_in(const char *path)
{
    FILE *file = fopen(path, "re");
    int pid = 0;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    unlink(path);
    return pid;
}

bool
gone(pid_t pid)
{
    char path[64], text[256];

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    for (int i = 0; i < 100; i++) {
        FILE *file = fopen(path, "re");
        if (file == NULL)
            return true;
        size_t n = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        text[n] = '\0';
        if (n == 0 || strstr(text, ") Z ") != NULL || strstr(text, ") X ") != NULL)
            return true;
        usleep(10000);
    }
    return false;
}

int
enter_folder(void **state)
{
    char name[] = "/tmp/child_test.XXXXXX";

    assert_non_null(mkdtemp(name));
    *state = strdup(name);
    return chdir(name);
}

int
leave_folder(void **state)
{
    unlink("pid");
    unlink("pid2");
    int rc = chdir("/") != 0 || rmdir(*state) != 0;
    free(*state);
    return rc;
}

bool
under_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");

    return preload != NULL && strstr(preload, "vgpreload") != NULL;
}
