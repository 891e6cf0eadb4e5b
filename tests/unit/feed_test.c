/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists: order, lines in all forms, what comes while it is read, and what cannot be opened.
 */
#include <config.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "descriptors.h"
#include "feed_fixture.h"
#include "util/signals.h"

static void
write_list(const char *text)
{
    feed_write("hosts", text, strlen(text));
}

/* The next one is this host, from this line, and can be run. */
static void
expect_host(const char *host, unsigned long line)
{
    struct task *task = feed_take();

    assert_string_equal(task->result.failure.message, "");
    if (!feed_prepare(task))
        fail_msg("%s", feed_failure.message);
    assert_string_equal(task->request.host, host);
    assert_int_equal(task->result.place.line, line);
    task->release(task);
}

/* The next one is a bad line. */
static void
expect_bad(const char *message, unsigned long line)
{
    struct task *task = feed_take();

    assert_string_equal(task->result.failure.message, message);
    assert_int_equal(task->result.failure.outcome, OUTCOME_USAGE);
    assert_int_equal(task->result.place.line, line);
    task->release(task);
}

static void
expect_end(const char *failure)
{
    struct failure found = FAILURE_INIT;

    assert_true(feed_at_end());
    assert_int_equal(feed_failed(feed, &found), failure != NULL);
    assert_string_equal(found.message, failure != NULL ? failure : "");
}

static void
test_command_line(void **state)
{
    (void)state;
    assert_true(FEED_BEGIN("u@b:7", "ssh://u@a"));
    assert_int_equal(feed_fd(feed), -1);
    struct task *task = feed_take();
    assert_null(task->prepare);
    assert_null(task->result.place.file);
    assert_int_equal(task->result.place.line, 0);
    assert_string_equal(task->result.place.named, "u@b:7");
    assert_string_equal(task->request.label, "u@b");
    assert_ptr_equal(task->chains, feed_command.chains);
    assert_int_equal(task->chain_count, 1);
    struct task *second = feed_take();
    assert_string_equal(second->result.place.named, "ssh://u@a");
    expect_end(NULL);
    task->release(task);
    second->release(second);
    feed_finish();
}

/* The command line's first, then the lines; each with where it is from. */
static void
test_order(void **state)
{
    (void)state;
    write_list("# of ours\n\n  two  # here\n\t\n'th''ree'\n-p 4 -- four\n");
    assert_true(FEED_BEGIN("-f", "hosts", "-e", "failure", "-m", "none", "one"));
    assert_int_equal(feed_fd(feed), -1);
    expect_host("one", 0);
    struct task *task = feed_take();
    assert_string_equal(task->result.place.file, "hosts");
    assert_string_equal(task->result.place.named, "two");
    assert_int_equal(task->result.expected, 1U << OUTCOME_FAILURE);
    assert_true(feed_prepare(task));
    assert_ptr_equal(task->request.settings, &feed_command.settings);
    assert_ptr_equal(task->chains, feed_command.chains);
    task->release(task);
    expect_host("three", 5);
    expect_host("four", 6);
    expect_end(NULL);
    feed_finish();
}

static void
test_forms(void **state)
{
    static const struct {
        const char *text;
        size_t len;
    } rows[] = {
#define TEXT(text) {text, sizeof(text) - 1}
        TEXT("one\ntwo\n"),
        TEXT("one\ntwo"),
        TEXT("one\r\ntwo\r\n"),
        TEXT("one\r\ntwo\r"),
        TEXT("\xef\xbb\xbfone\ntwo"),
        TEXT("\xef\xbb\xbf"
             "one\r\ntwo\n\n"),
        TEXT("one\ntwo\n# the end"),
#undef TEXT
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("# row %zu\n", i);
        feed_write("hosts", rows[i].text, rows[i].len);
        assert_true(FEED_BEGIN("-fhosts"));
        expect_host("one", 1);
        expect_host("two", 2);
        expect_end(NULL);
        feed_finish();
    }
}

/* Each bad line is one result, and the next line is as good as ever. */
static void
test_bad(void **state)
{
    static const struct {
        const char *line, *why, *named;
    } rows[] = {
        {"--colour host", "--colour: no such option", ""},
        {"-p0 host", "-p '0': a port is a number from 1 to 65535", ""},
        {"host -p", "-p: its argument is missing: PORT", ""},
        {"'a b", "line: a ' in it has no end", ""},
        {"a\\", "line: nothing stands behind the backslash at its end", ""},
        {"-4", "no target: [USER@]HOST[:PORT] is missing", ""},
        {"a b", "target 'b': it is the second one in this line", ""},
        {"a ssh://u:pw@b", "target '...': it is the second one in this line", ""},
        {"bad:0", "target 'bad:0': a port is a number from 1 to 65535", "bad:0"},
        {"'a\x1b[2Jb'", NULL, "a\\x1B[2Jb"},
        {"ssh://u:pw@host",
         "target: a URI must not hold a password, for all can see the command line", ""},
        {"-v host", "-v: of the whole run, not of one target", ""},
        {"-4v host", "-v: of the whole run, not of one target", ""},
        {"-q host", "-q: of the whole run, not of one target", ""},
        {"-f x host", "-f: of the whole run, not of one target", ""},
        {"-j 2 host", "-j: of the whole run, not of one target", ""},
        {"--format=json host", "--format: of the whole run, not of one target", ""},
        {"--color=never host", "--color: of the whole run, not of one target", ""},
        {"--max-per-address=1 host", "--max-per-address: of the whole run, not of one target",
         ""},
        {"-h", "-h: of the whole run, not of one target", ""},
        {"--version", "--version: of the whole run, not of one target", ""},
    };
    char text[4096] = "", message[256];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\ngood\n", rows[i].line);
    write_list(text);
    assert_true(FEED_BEGIN("-fhosts"));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct task *task = feed_take();
        const struct failure *failure = &task->result.failure;
        print_message("# %s\n", failure->message);
        assert_int_equal(failure->outcome, OUTCOME_USAGE);
        snprintf(message, sizeof(message), "hosts:%zu: %s", 2 * i + 1,
                 rows[i].why != NULL ? rows[i].why : "target '");
        assert_int_equal(
            strncmp(failure->message, message, strlen(message) + (rows[i].why != NULL)), 0);
        assert_null(strchr(failure->message, '\x1b'));
        assert_null(strstr(failure->message, "pw"));
        assert_string_equal(task->result.place.named, rows[i].named);
        assert_int_equal(task->result.place.line, 2 * i + 1);
        task->release(task);
        expect_host("good", 2 * i + 2);
    }
    expect_end(NULL);
    feed_finish();
}

static void
test_nul(void **state)
{
    static const char text[] = "a\0b\ngood";

    (void)state;
    feed_write("hosts", text, sizeof(text) - 1);
    assert_true(FEED_BEGIN("-f", "./hosts"));
    expect_bad("./hosts:1: line: there is a NUL byte in it", 1);
    expect_host("good", 2);
    expect_end(NULL);
    feed_finish();
}

/* Of the longest that is allowed, and of one byte more, with all that does not count. */
static void
test_long(void **state)
{
    static char text[4 * FEED_LINE_MAX];
    static const struct {
        const char *before;
        size_t len;
        const char *after;
        bool good;
    } rows[] = {
        {"", FEED_LINE_MAX, "\n", true},
        {"\xef\xbb\xbf", FEED_LINE_MAX, "\r\n", true},
        {"", FEED_LINE_MAX, "", true},
        {"", FEED_LINE_MAX + 1, "\n", false},
        {"", FEED_LINE_MAX + 2, "\r\n", false},
        {"\xef\xbb\xbf", FEED_LINE_MAX + 1, "\n", false},
        {"", FEED_LINE_MAX + 5, "\n", false},
        {"", 3 * FEED_LINE_MAX, "\n", false},
        {"", 3 * FEED_LINE_MAX, "", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = (size_t)sprintf(text, "%slong #", rows[i].before);
        size_t begin = strlen(rows[i].before);
        print_message("# row %zu\n", i);
        memset(text + len, 'x', rows[i].len);
        len = begin + rows[i].len;
        len += (size_t)sprintf(text + len, "%s", rows[i].after);
        bool more = *rows[i].after != '\0';
        len += more ? (size_t)sprintf(text + len, "next") : 0;
        feed_write("hosts", text, len);
        assert_true(FEED_BEGIN("-fhosts"));
        if (rows[i].good)
            expect_host("long", 1);
        else
            expect_bad("hosts:1: line: longer than 64 KiB", 1);
        if (more)
            expect_host("next", 2);
        expect_end(NULL);
        feed_finish();
    }
}

static void
put(int fd, const char *text)
{
    assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static void
expect_wait(void)
{
    struct task *task;

    assert_int_equal(feed_next(feed, &task), TASK_WAIT);
    assert_int_equal(feed_next(feed, &task), TASK_WAIT);
}

/* What was written is there before the writer is done; and half a line is not. */
static void
stream(int to)
{
    expect_wait();
    put(to, "one\n# a comment\n\ntw");
    expect_host("one", 1);
    expect_wait();
    put(to, "o\nthree\nfour");
    expect_host("two", 4);
    expect_host("three", 5);
    expect_wait();
    assert_int_equal(close(to), 0);
    expect_host("four", 6);
    expect_end(NULL);
    feed_finish();
}

/* A line names a descriptor that is the list's own. */
static void
test_descriptor(void **state)
{
    char line[64];

    (void)state;
    snprintf(line, sizeof(line), "-m none -r x=fd:%d h\n", next_descriptor());
    write_list(line);
    assert_true(FEED_BEGIN("-f", "hosts"));
    struct task *task = feed_take();
    assert_false(feed_prepare(task));
    assert_int_equal(feed_failure.outcome, OUTCOME_CREDENTIAL);
    assert_non_null(strstr(feed_failure.message, ": the descriptor is not open"));
    task->release(task);
    feed_finish();
}

static void
test_pipe(void **state)
{
    int ends[2], before = dup(STDIN_FILENO);

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_true(FEED_BEGIN("-f", "-", "-m", "none", "-e", "failure"));
    int fd = feed_fd(feed);
    assert_true(fd > STDERR_FILENO);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_false(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
    put(ends[1], "--respond x=fd:0 h\n-m publickey -i key --passphrase=fd:0 h\n-x\n");
    expect_bad("-:1: fd:0: standard input is the list", 1);
    expect_bad("-:2: fd:0: standard input is the list", 2);
    expect_bad("-:3: -x: no such option", 3);
    feed_finish();

    assert_true(FEED_BEGIN("-f-"));
    stream(ends[1]);
    close(ends[0]);
    assert_int_equal(dup2(before, STDIN_FILENO), STDIN_FILENO);
    close(before);
}

/* Nobody writes yet: nothing waits for him, and it is not the end. */
static void
test_fifo(void **state)
{
    (void)state;
    unlink("hosts");
    assert_int_equal(mkfifo("hosts", 0600), 0);
    assert_true(FEED_BEGIN("-f", "hosts"));
    expect_wait();
    int to = open("hosts", O_WRONLY);
    assert_true(to >= 0);
    stream(to);
    unlink("hosts");
}

/* The caller has other things to do than to read what never comes to an end. */
static void
test_endless(void **state)
{
    (void)state;
    assert_true(FEED_BEGIN("-f", "/dev/zero"));
    expect_bad("/dev/zero:1: line: longer than 64 KiB", 1);
    expect_wait();
    feed_finish();
}

static void
test_open(void **state)
{
    static const struct {
        const char *file, *why;
    } rows[] = {
        {"nothing", "nothing: No such file or directory"},
        {"/", "/: Is a directory"},
        {"hosts/x", "hosts/x: Not a directory"},
        {"a\nb", "a\\nb: No such file or directory"},
    };

    (void)state;
    write_list("");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_false(FEED_BEGIN("-f", rows[i].file));
        assert_int_equal(feed_failure.outcome, OUTCOME_USAGE);
        assert_string_equal(feed_failure.message, rows[i].why);
        feed_finish();
    }
}

static void
test_empty(void **state)
{
    (void)state;
    write_list("\n # nothing\n");
    assert_true(FEED_BEGIN("-f", "hosts", "first"));
    expect_host("first", 0);
    expect_end("hosts: no target in it");
    feed_finish();
    assert_true(FEED_BEGIN("-f", "/dev/null"));
    expect_end("/dev/null: no target in it");
    feed_finish();
    write_list("-x\n");
    assert_true(FEED_BEGIN("-f", "hosts"));
    expect_bad("hosts:1: -x: no such option", 1);
    expect_end(NULL);
    feed_finish();
    /* a read that fails: address 0 is nobody's */
    assert_true(FEED_BEGIN("-f", "/proc/self/mem"));
    expect_end("/proc/self/mem: Input/output error");
    feed_finish();
}

/* All are there at once, and go in any order; no descriptor is left. */
static void
test_release(void **state)
{
    enum { COUNT = 200 };
    static struct task *tasks[COUNT];
    char text[COUNT * 64] = "";
    unsigned before = open_descriptors();

    (void)state;
    for (size_t i = 0, len = 0; i < COUNT; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s h%zu\n",
                                i % 3 == 0   ? "-m none -o User=x --fingerprint"
                                : i % 3 == 1 ? "-m 'none none' -B -l u"
                                             : "",
                                i);
    write_list(text);
    assert_true(FEED_BEGIN("-fhosts"));
    for (size_t i = 0; i < COUNT; i++) {
        tasks[i] = feed_take();
        assert_int_equal(failure_is_set(&tasks[i]->result.failure), i % 3 == 0);
        if (i % 3 != 0 && i % 2 == 0)
            assert_true(feed_prepare(tasks[i]));
        if (i % 3 != 0 && i % 4 == 0) /* as where memory was short */
            assert_true(feed_prepare(tasks[i]));
    }
    for (size_t i = 0; i < COUNT; i++) {
        struct task *task = tasks[i * 7 % COUNT];
        task->release(task);
    }
    expect_end(NULL);
    feed_finish();
    assert_int_equal(open_descriptors(), before);
}

/* ---- in threads ---- */

static void *
prepare(void *argument)
{
    struct task *task = argument;
    struct failure failure = FAILURE_INIT;
    bool good = task->prepare(task, &failure);

    return good && strcmp(task->request.host, task->request.route.hostname) != 0 ? task : NULL;
}

/* Each asks an ssh of its own, and gets its own answer. */
static void
test_threads(void **state)
{
    enum { COUNT = 24 };
    static const char script[] = "#!/bin/sh\n"
                                 "for host; do :; done\n"
                                 "echo user u\necho port 22\n"
                                 "echo hostname $host.example\n";
    char text[COUNT * 32] = "", path[4096], expected[32];
    struct task *tasks[COUNT];
    pthread_t threads[COUNT];
    void *good;

    (void)state;
    feed_write("ssh", script, sizeof(script) - 1);
    char *before = strdup(getenv("PATH"));
    snprintf(path, sizeof(path), ".:%s", before);
    assert_int_equal(setenv("PATH", path, 1), 0);
    for (size_t i = 0; i < COUNT; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "-o Tag=x h%zu\n", i);
    write_list(text);
    assert_true(FEED_BEGIN("-fhosts"));
    for (size_t i = 0; i < COUNT; i++) {
        tasks[i] = feed_take();
        assert_int_equal(pthread_create(&threads[i], NULL, prepare, tasks[i]), 0);
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(pthread_join(threads[i], &good), 0);
        assert_ptr_equal(good, tasks[i]);
        snprintf(expected, sizeof(expected), "h%zu.example", i);
        assert_string_equal(tasks[i]->request.route.hostname, expected);
        tasks[i]->release(tasks[i]);
    }
    feed_finish();
    assert_int_equal(setenv("PATH", before, 1), 0);
    free(before);
}

/* The last one, for a signal stays. A file is read to its end, so that each target is told. */
static void
test_signal(void **state)
{
    (void)state;
    unlink("hosts");
    assert_int_equal(mkfifo("hosts", 0600), 0);
    signals_install();
    assert_true(FEED_BEGIN("-f", "hosts"));
    int to = open("hosts", O_WRONLY);
    put(to, "one\ntwo\n");
    expect_host("one", 1);
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(signals_check(), SIGTERM);
    expect_end(NULL);
    feed_finish();
    close(to);
    unlink("hosts");

    write_list("one\ntwo\n");
    assert_true(FEED_BEGIN("-f", "hosts"));
    expect_host("one", 1);
    expect_host("two", 2);
    expect_end(NULL);
    feed_finish();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_line), cmocka_unit_test(test_order),
        cmocka_unit_test(test_forms),        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_nul),          cmocka_unit_test(test_long),
        cmocka_unit_test(test_pipe),         cmocka_unit_test(test_fifo),
        cmocka_unit_test(test_descriptor),   cmocka_unit_test(test_endless),
        cmocka_unit_test(test_open),         cmocka_unit_test(test_empty),
        cmocka_unit_test(test_release),      cmocka_unit_test(test_threads),
        cmocka_unit_test(test_signal),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, feed_enter, feed_leave);
}
