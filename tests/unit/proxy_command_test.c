/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a proxy is started with, and what is made of its words.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/proxy_command.h"
#include "probe/proxy_words.h"
#include "util/deadline.h"

static struct request
request_of(const char *user, const char *hostname)
{
    return (struct request){
        .user = user,
        .host = "typed",
        .port = 2222,
        .route = {.hostname = hostname, .connect_timeout = 10 * DEADLINE_SECOND}};
}

/* All arguments, "|" between; the command is freed. */
static const char *
joined(struct proxy_command *command)
{
    static char text[1024];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < command->count; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? "|" : "",
                                 command->argv[i]);
        assert_true(used < sizeof text);
    }
    assert_null(command->argv[command->count]);
    proxy_command_free(command);
    return text;
}

/* ---- proxy commands ---- */

static void
test_tokens(void **state)
{
    static const struct {
        const char *command, *user, *hostname, *expected;
    } cases[] = {
        {"nc %h %p", "alice", "server", "sh|-c|exec nc server 2222"},
        {"%n-%h-%p-%r", "alice", "server", "sh|-c|exec typed-server-2222-alice"},
        {"%%h 100%% %%%h", "alice", "server", "sh|-c|exec %h 100% %server"},
        {"a; b | c $HOME", "alice", "server", "sh|-c|exec a; b | c $HOME"},
        {"nc %h", "alice", "fe80::1%h", "sh|-c|exec nc fe80::1%h"}, /* once */
        {"x %r", "alice@EXAMPLE.TEST", "server", "sh|-c|exec x alice@EXAMPLE.TEST"},
        {"x %r", "j\xc3\xb8rn", "server", "sh|-c|exec x j\xc3\xb8rn"},
        {"x", "a;b", "$(c)", "sh|-c|exec x"}, /* not put into it */
        {"", "alice", "server", "sh|-c|exec "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request request = request_of(cases[i].user, cases[i].hostname);
        struct proxy_command command;
        struct failure failure = FAILURE_INIT;
        request.route.proxy_command = cases[i].command;
        assert_int_equal(proxy_command_shell(&command, &request, "sh", &failure),
                         OUTCOME_SUCCESS);
        assert_string_equal(joined(&command), cases[i].expected);
        assert_false(failure_is_set(&failure));
    }
}

static void
test_no_such_token(void **state)
{
    static const struct {
        const char *command, *words;
    } cases[] = {
        {"nc %i %p", "proxy command: there is no token %i"},
        {"nc %h %", "proxy command: a % stands at its end"},
        {"nc %%%", "proxy command: a % stands at its end"},
        {"nc %\033[2J", "proxy command: there is no token %\\x1B"},
        {"nc %\n", "proxy command: there is no token %\\n"},
        {"nc %C", "proxy command: there is no token %C"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request request = request_of("alice", "server");
        struct proxy_command command;
        struct failure failure = FAILURE_INIT;
        request.route.proxy_command = cases[i].command;
        assert_int_equal(proxy_command_shell(&command, &request, "sh", &failure),
                         OUTCOME_USAGE);
        assert_string_equal(failure.message, cases[i].words);
        assert_string_equal(failure.hint, "known are %h, %n, %p and %r; %% is a percent sign");
    }
}

/* Whoever writes a list of targets must not run programs by a user's name. */
static void
test_shell_characters(void **state)
{
    static const char bad[] = "'`\"$\\;&<>|(){}*?[]~#!^ \t\n\r\v\f\x01\x7f";
    static const char tokens[] = "rhn";

    (void)state;
    for (size_t i = 0; i < sizeof bad; i++) { /* its NUL: a name that begins with '-' */
        const char name[] = {bad[i] != '\0' ? 'a' : '-', bad[i] != '\0' ? bad[i] : 'o', 'b', 0};
        for (size_t j = 0; j < sizeof tokens - 1; j++) {
            const char template[] = {'x', ' ', '%', tokens[j], 0};
            struct request request = request_of(name, name);
            struct proxy_command command;
            struct failure failure = FAILURE_INIT;
            request.host = name;
            request.route.proxy_command = template;
            assert_int_equal(proxy_command_shell(&command, &request, "sh", &failure),
                             OUTCOME_USAGE);
            assert_non_null(strstr(failure.message, "cannot stand for %"));
            assert_null(strpbrk(failure.message, "\t\n\r\v\f\x01\x7f"));
            request.route.proxy_command = NULL;
            request.route.jump = template + 2;
            failure = FAILURE_INIT;
            assert_int_equal(proxy_command_jump(&command, &request, "ssh", true, &failure),
                             OUTCOME_USAGE);
        }
    }
}

/* ---- jumps ---- */

static void
test_jump(void **state)
{
#define TO "-W|[server]:2222|--|"
#define CT "-o|ConnectTimeout=10|"
    static const struct {
        const char *jump, *expected;
    } cases[] = {
        {"h1", "ssh|" CT TO "h1"},
        {"h1:22", "ssh|" CT "-p|22|" TO "h1"},
        {"h1:", "ssh|" CT TO "h1"},
        {"bob@h1", "ssh|" CT "-l|bob|" TO "h1"},
        {"bob@R@h1:65535", "ssh|" CT "-l|bob@R|-p|65535|" TO "h1"},
        {"DOM\\bob@h1", "ssh|" CT "-l|DOM\\bob|" TO "h1"}, /* no shell */
        {"[::1]", "ssh|" CT TO "::1"},
        {"[::1]:23", "ssh|" CT "-p|23|" TO "::1"},
        {"bob@[fe80::1%%eth0]:23", "ssh|" CT "-l|bob|-p|23|" TO "fe80::1%eth0"},
        {"::1", "ssh|" CT TO "::1"},
        {"ssh://h1", "ssh|" CT TO "h1"},
        {"SSH://bob@h1:23/", "ssh|" CT "-l|bob|-p|23|" TO "h1"},
        {"ssh://[::1]:23", "ssh|" CT "-p|23|" TO "::1"},
        {"h1,h2", "ssh|-J|h1|" CT TO "h2"},
        {"a@h1:1,ssh://b@h2:2,[::1]:3,c@h4:4",
         "ssh|-J|a@h1:1,ssh://b@h2:2,[::1]:3|" CT "-l|c|-p|4|" TO "h4"},
        {"gw-%h", "ssh|" CT TO "gw-server"},
        {"%r@%n,%r@gw:%p", "ssh|-J|alice@typed|" CT "-l|alice|-p|2222|" TO "gw"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request request = request_of("alice", "server");
        struct proxy_command command;
        struct failure failure = FAILURE_INIT;
        request.route.jump = cases[i].jump;
        assert_int_equal(proxy_command_jump(&command, &request, "ssh", true, &failure),
                         OUTCOME_SUCCESS);
        assert_string_equal(joined(&command), cases[i].expected);
    }
}

static void
test_jump_options(void **state)
{
    struct request request = request_of("alice", "fe80::1%eth0");
    struct proxy_command command;
    struct failure failure = FAILURE_INIT;

    (void)state;
    request.route.jump = "a,bob@h1:23";
    request.route.config = "none";
    assert_int_equal(proxy_command_jump(&command, &request, "/bin/ssh", false, &failure),
                     OUTCOME_SUCCESS);
    assert_string_equal(joined(&command),
                        "/bin/ssh|-F|none|-J|a|-o|BatchMode=yes|-o|ConnectTimeout=10|-l|bob|-p|"
                        "23|-W|[fe80::1%eth0]:2222|--|h1");
}

static void
test_jump_timeout(void **state)
{
    static const struct {
        int64_t limit;
        const char *words;
    } cases[] = {
        {1, "ConnectTimeout=1|"},
        {DEADLINE_SECOND, "ConnectTimeout=1|"},
        {DEADLINE_SECOND + 1, "ConnectTimeout=2|"},
        {5 * DEADLINE_SECOND / 2, "ConnectTimeout=3|"},
        {INT64_MAX, "ConnectTimeout=1000000|"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request request = request_of("alice", "server");
        struct proxy_command command;
        struct failure failure = FAILURE_INIT;
        request.route.jump = "h1";
        request.route.connect_timeout = cases[i].limit;
        assert_int_equal(proxy_command_jump(&command, &request, "ssh", true, &failure),
                         OUTCOME_SUCCESS);
        assert_non_null(strstr(joined(&command), cases[i].words));
    }
}

static void
test_no_jump(void **state)
{
    static const struct {
        const char *jump, *words;
    } cases[] = {
        {"", "jump host '': a host is"},
        {",h1", "jump host '': a host is"},
        {"h1,", "jump host '': a host is"},
        {"h1,,h2", "jump host '': a host is"},
        {"-oProxyCommand=x", "jump host '-oProxyCommand=x': a host is"},
        {"h1,-h2", "jump host '-h2': a host is"},
        {"-h1,h2", "jump host '-h1': a host is"},
        {"bob@-h1", "a host is"},
        {"-bob@h1", "a user is"},
        {"@h1", "a user is"},
        {"h1 h2", "a host is"},
        {"h1\n", "jump host 'h1\\n': a host is"},
        {"b ob@h1", "a user is"},
        {"h1/x", "a host is"},
        {"ssh://h1/x", "a host is"},
        {"ssh://", "a host is"},
        {"http://h1", "a port is"},
        {"h1:0", "a port is"},
        {"h1:65536", "a port is"},
        {"h1:+1", "a port is"},
        {"h1:22x", "a port is"},
        {"[::1", "the brackets"},
        {"[::1]x", "the brackets"},
        {"a;b@h1,h2", "jump host 'a;b@h1': a shell"},
        {"$(x),h2", "a shell"},
        {"gw-%C", "jump host: there is no token %C"},
        {"ssh://bob:secret@h1", "must not hold a password"},
        {"h0,ssh://bob:secret@h1,h2", "must not hold a password"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request request = request_of("alice", "server");
        struct proxy_command command;
        struct failure failure = FAILURE_INIT;
        request.route.jump = cases[i].jump;
        assert_int_equal(proxy_command_jump(&command, &request, "ssh", true, &failure),
                         OUTCOME_USAGE);
        if (strstr(failure.message, cases[i].words) == NULL)
            fail_msg("%s: %s", cases[i].jump, failure.message);
        assert_null(strstr(failure.message, "secret"));
        assert_int_equal(command.count, 0);
    }
}

/* ---- words ---- */

static const char *
words_of(const char *bytes, size_t len, size_t piece, size_t size)
{
    static char text[4096];
    struct proxy_words words = {.len = 0};
    for (size_t at = 0; at < len; at += piece) {
        proxy_words_take(&words, bytes + at, len - at < piece ? len - at : piece);
    }
    memset(text, 'x', sizeof text);
    assert_true(size <= sizeof text);
    proxy_words_text(&words, text, size);
    assert_true(strlen(text) < size);
    return text;
}

static void
test_words(void **state)
{
    static const struct {
        const char *said;
        size_t size;
        const char *expected;
    } cases[] = {
        {"", 400, ""},
        {"\n\r\n  \n", 400, ""},
        {"one", 400, "one"},
        {"one\r\n\n  two \r\n", 400, "one; two"},
        {"\033[31mred\n\302\233", 400, "\\x1B[31mred; \\u{9B}"},
        {"Pseudo-terminal will not be allocated because stdin is not a terminal.\r\nwhy\n", 400,
         "why"},
        {"banner one\nbanner two\nthe reason\n", 30, "...; banner two; the reason"},
        {"banner one\nbanner two\nthe reason\n", 24, "...; the reason"},
        {"a long reason alone", 15, "a long reas..."},
        {"a\na long reason alone", 15, "a long reas..."},
        {"12345678901234", 15, "12345678901234"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len = strlen(cases[i].said);
        for (size_t piece = 1; piece <= len + 1; piece++) {
            assert_string_equal(words_of(cases[i].said, len, piece, cases[i].size),
                                cases[i].expected);
        }
    }
}

static void
test_many_words(void **state)
{
    const size_t len = 20000;
    char *said = malloc(len);

    (void)state;
    assert_non_null(said);
    for (size_t i = 0; i < len; i++) {
        said[i] = i % 100 == 99 ? '\n' : (char)('a' + i % 26);
    }
    memcpy(said + len - 7, "\nreason", 7);
    static const size_t pieces[] = {1, 7, 4095, 4096, 4097, 20000};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        const char *text = words_of(said, len, pieces[i], 230);
        assert_int_equal(strncmp(text, "...; ", 5), 0);
        assert_string_equal(text + strlen(text) - 8, "; reason");
        /* with room for all: the line that is cut at its beginning is left out */
        text = words_of(said, len, pieces[i], 4096);
        assert_int_equal(strncmp(text, "...; ", 5), 0);
        assert_int_equal(strcspn(text + 5, ";"), 99);
    }
    memset(said, 'y', len); /* one line without an end */
    const char *text = words_of(said, len, 4096, 100);
    assert_string_equal(text + strlen(text) - 4, "y...");
    free(said);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),       cmocka_unit_test(test_no_such_token),
        cmocka_unit_test(test_jump),         cmocka_unit_test(test_shell_characters),
        cmocka_unit_test(test_jump_options), cmocka_unit_test(test_jump_timeout),
        cmocka_unit_test(test_no_jump),      cmocka_unit_test(test_words),
        cmocka_unit_test(test_many_words),
    };

    return cmocka_run_group_tests_name("proxy_command", tests, NULL, NULL);
}
