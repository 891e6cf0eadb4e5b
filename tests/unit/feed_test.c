/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists: order, lines in all forms, bad ones, and what cannot be opened.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "feed_fixture.h"
#include "report/place.h"

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
    feed_expect_end(NULL);
    task->release(task);
    second->release(second);
    feed_finish();
}

/* The command line's first, then the lines; each with where it is from. */
static void
test_order(void **state)
{
    (void)state;
    feed_write_list("# of ours\n\n  two  # here\n\t\n'th''ree'\n-p 4 -- four\n");
    assert_true(FEED_BEGIN("-f", "hosts", "-e", "failure", "-m", "none", "one"));
    feed_expect_host("one", 0);
    struct task *task = feed_take();
    assert_string_equal(task->result.place.file, "hosts");
    assert_string_equal(task->result.place.named, "two");
    assert_int_equal(task->result.expected, 1U << OUTCOME_FAILURE);
    assert_true(feed_prepare(task));
    assert_ptr_equal(task->request.settings, &feed_command.settings);
    assert_ptr_equal(task->chains, feed_command.chains);
    task->release(task);
    feed_expect_host("three", 5);
    feed_expect_host("four", 6);
    feed_expect_end(NULL);
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
        feed_expect_host("one", 1);
        feed_expect_host("two", 2);
        feed_expect_end(NULL);
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
    char text[4096] = "";

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\ngood\n", rows[i].line);
    feed_write_list(text);
    assert_true(FEED_BEGIN("-fhosts"));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct task *task = feed_take();
        const struct failure *failure = &task->result.failure;
        print_message("# %s\n", failure->message);
        assert_int_equal(failure->outcome, OUTCOME_USAGE);
        if (rows[i].why != NULL)
            assert_string_equal(failure->message, rows[i].why);
        else
            assert_int_equal(strncmp(failure->message, "target '", 8), 0);
        assert_null(strchr(failure->message, '\x1b'));
        assert_null(strstr(failure->message, "pw"));
        assert_string_equal(task->result.place.named, rows[i].named);
        assert_int_equal(task->result.place.line, 2 * i + 1);
        task->release(task);
        feed_expect_host("good", 2 * i + 2);
    }
    feed_expect_end(NULL);
    feed_finish();
}

static void
test_nul(void **state)
{
    static const char text[] = "a\0b\ngood";

    (void)state;
    feed_write("hosts", text, sizeof(text) - 1);
    assert_true(FEED_BEGIN("-f", "./hosts"));
    feed_expect_bad("./hosts:1: line: there is a NUL byte in it", 1);
    feed_expect_host("good", 2);
    feed_expect_end(NULL);
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
            feed_expect_host("long", 1);
        else
            feed_expect_bad("hosts:1: line: longer than 64 KiB", 1);
        if (more)
            feed_expect_host("next", 2);
        feed_expect_end(NULL);
        feed_finish();
    }
}

/* From the part that was read; a comment counts for what it takes. */
static void
test_total(void **state)
{
    static const char line[] = "u@0123456789\n";
    char text[1000 * (sizeof(line) - 1) + 1] = "";

    (void)state;
    bool exact = true;
    for (size_t i = 0; i < 1000; i++)
        memcpy(text + i * (sizeof(line) - 1), line, sizeof(line));
    feed_write_list(text);
    assert_true(FEED_BEGIN("-f", "hosts", "first"));
    assert_int_equal(feed_total(feed, &exact), 0);
    assert_false(exact);
    for (int i = 0; i < 1001; i++) {
        struct task *task = feed_take();
        task->release(task);
        assert_int_equal(feed_total(feed, &exact), i == 0 ? 0 : 1001);
    }
    feed_finish();

    memcpy(text, "#  ", 3);
    memset(text + 3, '#', sizeof(text) / 2);
    text[sizeof(text) / 2 - 1] = '\n';
    feed_write_list(text);
    assert_true(FEED_BEGIN("-f", "hosts"));
    struct task *task = feed_take();
    task->release(task);
    assert_in_range(feed_total(feed, &exact), 1, 3);
    feed_finish();

    assert_true(FEED_BEGIN("one", "two"));
    assert_int_equal(feed_total(feed, &exact), 2);
    assert_true(exact);
    feed_finish();
}

/* What somebody names by mistake is not asked of name servers, nor shown. */
static void
test_key(void **state)
{
    static const char *const rows[] = {
        "-----BEGIN OPENSSH PRIVATE KEY-----\n",        "-----BEGIN RSA PRIVATE KEY-----\r\n",
        "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n", "PuTTY-User-Key-File-3: ssh-ed25519\n",
        "\xef\xbb\xbf-----BEGIN PRIVATE KEY-----\n",
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text), "%sc2VjcmV0\nc2VjcmV0\n", rows[i]);
        feed_write_list(text);
        assert_true(FEED_BEGIN("-fhosts"));
        feed_expect_bad("hosts:1: line: a key begins here, and no more is read", 1);
        feed_expect_end(NULL);
        feed_finish();
    }
    feed_write_list("good\n-----BEGIN-----\n#-----BEGIN A KEY\nfine\n-----BEGIN A KEY\nsecret");
    assert_true(FEED_BEGIN("-fhosts"));
    feed_expect_host("good", 1);
    feed_expect_bad("hosts:2: -----BEGIN-----: no such option", 2);
    feed_expect_host("fine", 4);
    feed_expect_bad("hosts:5: line: a key begins here, and no more is read", 5);
    feed_expect_end(NULL);
    feed_finish();
}

/* As it was typed, but no more of it than anybody wants to see. */
static void
test_long_target(void **state)
{
    static char text[FEED_LINE_MAX];

    (void)state;
    memset(text, '\x1b', sizeof(text));
    feed_write("hosts", text, sizeof(text));
    assert_true(FEED_BEGIN("-fhosts"));
    struct task *task = feed_take();
    assert_int_equal(task->result.failure.outcome, OUTCOME_USAGE);
    assert_in_range(strlen(task->result.place.named), 900, 1100);
    assert_int_equal(strncmp(task->result.place.named, "\\x1B\\x1B", 8), 0);
    task->release(task);
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
    feed_write_list("");
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
    feed_write_list("\n # nothing\n");
    assert_true(FEED_BEGIN("-f", "hosts", "first"));
    feed_expect_host("first", 0);
    /* a run that ends here does not know */
    assert_false(feed_failed(feed, &feed_failure));
    feed_expect_end("hosts: no target in it");
    feed_finish();
    assert_true(FEED_BEGIN("-f", "/dev/null"));
    feed_expect_end("/dev/null: no target in it");
    feed_finish();
    feed_write_list("-x\n");
    assert_true(FEED_BEGIN("-f", "hosts"));
    feed_expect_bad("hosts:1: -x: no such option", 1);
    feed_expect_end(NULL);
    feed_finish();
    /* a read that fails: address 0 is nobody's */
    assert_true(FEED_BEGIN("-f", "/proc/self/mem"));
    feed_expect_end("/proc/self/mem: Input/output error");
    feed_finish();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_line), cmocka_unit_test(test_order),
        cmocka_unit_test(test_forms),        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_nul),          cmocka_unit_test(test_long),
        cmocka_unit_test(test_key),          cmocka_unit_test(test_long_target),
        cmocka_unit_test(test_open),         cmocka_unit_test(test_total),
        cmocka_unit_test(test_empty),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, feed_enter, feed_leave);
}
