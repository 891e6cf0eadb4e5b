/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * variable.c: what is left of a variable that was taken. A child, which is this program again,
 * is started with one in its environment and does as it is told; its memory is searched here,
 * where the value is known.
 */
#include <config.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ask/variable.h"

static const char *program; /* argv[0] */

/* ---- within one process ---- */

static void
expect_kept(const char *name, const char *value)
{
    struct secret secret;
    assert_true(secret_init(&secret));
    assert_int_equal(variable_read(name, &secret), VARIABLE_TAKEN);
    assert_int_equal(secret.len, strlen(value));
    assert_string_equal(secret.text, value);
    secret_free(&secret);
}

static void
takes_variables(void **state)
{
    (void)state;
    setenv("VT_A", "one", 1);
    setenv("VT_B", "two=2\n", 1);
    setenv("VT_EMPTY", "", 1);
    setenv("VT_A_LONGER", "other", 1);
    assert_int_equal(variable_take("VT_A"), VARIABLE_TAKEN);
    assert_null(getenv("VT_A"));
    assert_string_equal(getenv("VT_A_LONGER"), "other");
    assert_int_equal(variable_take("VT_A"), VARIABLE_TAKEN);
    expect_kept("VT_A", "one");
    expect_kept("VT_B", "two=2\n");
    assert_null(getenv("VT_B"));
    expect_kept("VT_A", "one");
    expect_kept("VT_EMPTY", "");
    assert_null(getenv("VT_EMPTY"));
    assert_int_equal(variable_take("VT_UNSET"), VARIABLE_UNSET);
    setenv("VT_A", "again", 1); /* what was taken stays */
    expect_kept("VT_A", "one");
    variable_forget_all();
    expect_kept("VT_A", "again");
    assert_null(getenv("VT_A"));
    assert_int_equal(variable_take("VT_B"), VARIABLE_UNSET);
    variable_forget_all();
    variable_forget_all();
}

static void
appends_values(void **state)
{
    (void)state;
    struct secret secret;
    char value[SECRET_MAX + 2];
    memset(value, 'x', sizeof value);
    value[SECRET_MAX] = '\0';
    setenv("VT_FULL", value, 1);
    setenv("VT_A", "one", 1);
    expect_kept("VT_FULL", value);
    assert_true(secret_init(&secret));
    assert_true(secret_append(&secret, "a", 1));
    assert_int_equal(variable_read("VT_A", &secret), VARIABLE_TAKEN);
    assert_string_equal(secret.text, "aone");
    assert_int_equal(variable_read("VT_FULL", &secret), VARIABLE_TOO_LONG);
    assert_string_equal(secret.text, "aone");
    value[SECRET_MAX] = 'x';
    value[SECRET_MAX + 1] = '\0';
    setenv("VT_LONG", value, 1);
    assert_int_equal(variable_read("VT_LONG", &secret), VARIABLE_TOO_LONG);
    assert_null(getenv("VT_LONG")); /* taken all the same */
    assert_int_equal(variable_take("VT_LONG"), VARIABLE_TOO_LONG);
    assert_string_equal(secret.text, "aone");
    secret_free(&secret);
    variable_forget_all();
}

/* ---- what is left in a process ---- */

/* Answers each letter on standard input with a byte, once it has done what it stands for. */
static int
child(void)
{
    struct secret secret;
    char command;
    bool good = secret_init(&secret);

    while (good && read(STDIN_FILENO, &command, 1) == 1) {
        switch (command) {
        case 't':
            good = variable_take("VT_CANARY") == VARIABLE_TAKEN;
            break;
        case 'r':
            good = variable_read("VT_CANARY", &secret) == VARIABLE_TAKEN;
            break;
        case 'c':
            secret_free(&secret);
            break;
        case 'f':
            variable_forget_all();
            break;
        default: /* nothing yet: it has started */
            break;
        }
        good = good && write(STDIN_FILENO, &command, 1) == 1;
    }
    secret_free(&secret);
    variable_forget_all();
    return good ? 0 : 1;
}

static void
tell_child(int fd, char command)
{
    char answer = '\0';
    assert_int_equal(write(fd, &command, 1), 1);
    assert_int_equal(read(fd, &answer, 1), 1);
    assert_int_equal(answer, command);
}

/* How often is the text in this part of the memory? */
static size_t
count_in_range(int mem, unsigned long begin, unsigned long end, const char *text, size_t len)
{
    enum { PART = 65536 };
    static char bytes[PART + 256];
    size_t count = 0, kept = 0;

    while (begin < end) {
        size_t want = end - begin < PART ? end - begin : PART;
        ssize_t n = pread(mem, bytes + kept, want, (off_t)begin);
        if (n <= 0) {
            return count; /* not mapped after all */
        }
        begin += (size_t)n;
        size_t have = kept + (size_t)n;
        for (char *at = bytes; (at = memmem(at, have - (size_t)(at - bytes), text, len));
             at++) {
            count++;
        }
        kept = have < len - 1 ? have : len - 1;
        memmove(bytes, bytes + have - kept, kept);
    }
    return count;
}

static size_t
count_in_memory(pid_t pid, const char *text)
{
    char path[64], line[512], access[8];
    unsigned long begin, end;
    size_t count = 0;

    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    int mem = open(path, O_RDONLY);
    assert_true(mem >= 0);
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(path, "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        /* what is larger is a sanitizer's shadow */
        if (sscanf(line, "%lx-%lx %7s", &begin, &end, access) == 3 && access[1] == 'w' &&
            end - begin < 1UL << 30) {
            count += count_in_range(mem, begin, end, text, strlen(text));
        }
    }
    fclose(maps);
    close(mem);
    return count;
}

static size_t
count_in_environ(pid_t pid, const char *text)
{
    static char bytes[1 << 20];
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    size_t len = 0;
    ssize_t n;
    while ((n = read(fd, bytes + len, sizeof bytes - len)) > 0) {
        len += (size_t)n;
    }
    close(fd);
    assert_true(len > 0);
    return memmem(bytes, len, text, strlen(text)) == NULL ? 0 : 1;
}

/* Sanitizers keep an environment of their own, and leave registers on the stack. */
static void
expect_copies(pid_t pid, const char *text, size_t count)
{
#ifdef SANITIZERS
    assert_true(count_in_memory(pid, text) >= count);
#else
    assert_int_equal(count_in_memory(pid, text), count);
#endif
}

static pid_t
start_child(const char *canary, int *fd)
{
    char variable[64], twin[80];
    int ends[2];

    snprintf(variable, sizeof variable, "VT_CANARY=%s", canary);
    snprintf(twin, sizeof twin, "VT_CANARY=second-%s", canary); /* such environments exist */
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char *arguments[] = {(char *)program, (char *)"--child", NULL};
        char *environment[] = {(char *)"A=1", variable, (char *)"B=2", twin, NULL};
        dup2(ends[1], STDIN_FILENO);
        execve(program, arguments, environment);
        _exit(127);
    }
    close(ends[1]);
    *fd = ends[0];
    return pid;
}

static void
leaves_nothing_in_memory(void **state)
{
    (void)state;
    unsigned char random[16];
    char canary[sizeof random * 2 + 1];
    int fd, status;

    assert_int_equal(getrandom(random, sizeof random, 0), sizeof random);
    for (size_t i = 0; i < sizeof random; i++) {
        snprintf(canary + 2 * i, 3, "%02x", random[i]);
    }
    pid_t pid = start_child(canary, &fd);
    tell_child(fd, '-');
    assert_int_equal(count_in_environ(pid, canary), 1);
    expect_copies(pid, canary, 2);
    tell_child(fd, 't');
    assert_int_equal(count_in_environ(pid, canary), 0);
    expect_copies(pid, canary, 0); /* what is kept is masked */
    tell_child(fd, 'r');
    expect_copies(pid, canary, 1); /* the answer, and nothing else */
    tell_child(fd, 'c');
    expect_copies(pid, canary, 0);
    tell_child(fd, 'f');
    expect_copies(pid, canary, 0);
    close(fd);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_variables),
        cmocka_unit_test(appends_values),
        cmocka_unit_test(leaves_nothing_in_memory),
    };

    program = argv[0];
    if (argc > 1 && strcmp(argv[1], "--child") == 0) {
        return child();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
