/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who wins: the target, an option, ssh's configuration, the default. What ssh says is made up
 * here: these functions stand for those of cli/sshconfig.c.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "cli/sshconfig.h"
#include "options_fixture.h"
#include "util/deadline.h"

static struct sshconfig answer;      /* given to every question */
static struct sshconfig_query asked; /* the last one */
static unsigned questions, freed;
static bool refuses;

bool
sshconfig_read(const struct sshconfig_query *query, struct sshconfig *config,
               struct failure *failure)
{
    asked = *query;
    questions++;
    *config = answer;
    if (refuses)
        failure_set(failure, OUTCOME_USAGE, "configuration: no");
    return !refuses;
}

void
sshconfig_free(struct sshconfig *config)
{
    (void)config; /* its strings are the test's */
    freed++;
}

const char *
sshconfig_option_error(const char *option)
{
    return strchr(option, '=') != NULL ? NULL : "no";
}

static struct command command;
static struct failure failure;
static const struct request *request;

/* One target on a command line that is right. */
#define ROUTE(...)                                                                             \
    do {                                                                                       \
        options_free(&command);                                                                \
        if (!PARSE(&command, &failure, __VA_ARGS__))                                           \
            fail_msg("%s", failure.message);                                                   \
        assert_int_equal(command.target_count, 1);                                             \
        request = command.targets;                                                             \
    } while (0)

static char *files[] = {(char *)"one", (char *)"two"};

/* A configuration that says something of everything. */
static void
answer_all(void)
{
    answer = (struct sshconfig){.user = (char *)"carl",
                                .hostname = (char *)"web1.example",
                                .port = 2222,
                                .family = AF_INET6,
                                .connect_timeout = 3 * DEADLINE_SECOND,
                                .bind = (char *)"192.0.2.1",
                                .jump = (char *)"jump",
                                .host_key_alias = (char *)"alias",
                                .host_key = HOSTKEY_STRICT,
                                .known_hosts = files,
                                .known_hosts_count = 2,
                                .known_hosts_written = (char *)"one",
                                .hash_known_hosts = true,
                                .revoked_host_keys = (char *)"revoked",
                                .gssapi_host = (char *)"krb.example",
                                .note = (char *)"a note"};
}

static void
test_defaults(void **state)
{
    (void)state;
    ROUTE("web1");
    assert_string_equal(request->host, "web1");
    assert_string_equal(request->route.hostname, "web1");
    assert_string_equal(request->route.gssapi_host, "web1");
    assert_int_equal(request->port, 22);
    assert_int_equal(request->route.family, AF_UNSPEC);
    assert_true(request->route.connect_timeout == 10 * DEADLINE_SECOND);
    assert_false(request->route.connect_timeout_named);
    assert_null(request->route.bind);
    assert_null(request->route.jump);
    assert_null(request->route.proxy_command);
    assert_null(request->route.host_key_alias);
    assert_int_equal(request->route.known_hosts_count, 0);
    assert_int_equal(request->route.host_key, HOSTKEY_DEFAULT);
    assert_null(request->note);
}

static void
test_configuration(void **state)
{
    (void)state;
    answer_all();
    ROUTE("web1");
    assert_string_equal(request->host, "web1");
    assert_string_equal(request->label, "carl@web1");
    assert_string_equal(request->user, "carl");
    assert_string_equal(request->route.hostname, "web1.example");
    assert_int_equal(request->port, 2222);
    assert_int_equal(request->route.family, AF_INET6);
    assert_true(request->route.connect_timeout == 3 * DEADLINE_SECOND);
    assert_false(request->route.connect_timeout_named);
    assert_string_equal(request->route.bind, "192.0.2.1");
    assert_string_equal(request->route.jump, "jump");
    assert_null(request->route.proxy_command);
    assert_string_equal(request->route.host_key_alias, "alias");
    assert_int_equal(request->route.host_key, HOSTKEY_STRICT);
    assert_int_equal(request->route.known_hosts_count, 2);
    assert_string_equal(request->route.known_hosts[1], "two");
    assert_string_equal(request->route.known_hosts_written, "one");
    assert_false(request->route.known_hosts_named);
    assert_true(request->route.hash_known_hosts);
    assert_string_equal(request->route.revoked_host_keys, "revoked");
    assert_string_equal(request->route.gssapi_host, "krb.example");
    assert_string_equal(request->note, "a note");
    answer.gssapi_host =
        NULL; /* the name that was put in is what Kerberos knows, as with ssh */
    ROUTE("web1");
    assert_string_equal(request->route.gssapi_host, "web1.example");
}

static void
test_command_line(void **state)
{
    (void)state;
    answer_all();
    ROUTE("-l", "lena", "-p", "23", "-4", "-b", "127.0.0.1", "--connect-timeout=7",
          "--host-key=off", "--known-hosts=mine", "-F", "file", "web1");
    assert_string_equal(request->user, "lena");
    assert_int_equal(request->port, 23);
    assert_int_equal(request->route.family, AF_INET);
    assert_string_equal(request->route.bind, "127.0.0.1");
    assert_true(request->route.connect_timeout == 7 * DEADLINE_SECOND);
    assert_true(request->route.connect_timeout_named);
    assert_int_equal(request->route.host_key, HOSTKEY_OFF);
    assert_int_equal(request->route.known_hosts_count, 1);
    assert_string_equal(request->route.known_hosts[0], "mine");
    assert_true(request->route.known_hosts_named);
    assert_string_equal(request->route.config, "file");
    /* these can only forbid */
    assert_string_equal(request->route.revoked_host_keys, "revoked");
    assert_string_equal(request->route.hostname, "web1.example");
    ROUTE("-l", "lena", "-p", "23", "tom@web1:24");
    assert_string_equal(request->user, "tom");
    assert_int_equal(request->port, 24);
    ROUTE("-m", "gssapi", "--gssapi-host=g.example", "web1");
    assert_string_equal(request->route.gssapi_host, "g.example");
}

static void
test_question(void **state)
{
    (void)state;
    ROUTE("-F", "file", "-o", "A=b", "-o", "C=d", "-J", "j1,j2", "-t", "9", "tom@[::1]:24");
    assert_string_equal(asked.host, "::1");
    assert_string_equal(asked.user, "tom");
    assert_int_equal(asked.port, 24);
    assert_string_equal(asked.file, "file");
    assert_string_equal(asked.jump, "j1,j2");
    assert_null(asked.proxy_command);
    assert_int_equal(asked.option_count, 2);
    assert_string_equal(asked.options[0], "A=b");
    assert_string_equal(asked.options[1], "C=d");
    assert_true(asked.limit == 9 * DEADLINE_SECOND);
    ROUTE("-6", "-b", "::1", "-l", "lena", "-p", "23", "web1");
    assert_string_equal(asked.user, "lena");
    assert_int_equal(asked.port, 23);
    assert_int_equal(asked.family, AF_INET6);
    assert_string_equal(asked.bind, "::1");
    ROUTE("web1");
    assert_null(asked.user); /* so that the configuration can name one */
    assert_int_equal(asked.port, 0);
    assert_int_equal(asked.family, AF_UNSPEC);
}

/* Where ssh answers it has been told what is given; where there is none, that is all there is.
 */
static void
test_proxies(void **state)
{
    (void)state;
    static const struct {
        const char *option, *value;
        bool answered;
        const char *config_jump, *config_command;
        const char *jump, *command;
    } rows[] = {
        {"-o", "A=b", true, "cj", NULL, "cj", NULL},
        {"-o", "A=b", true, NULL, "cc", NULL, "cc"},
        {"-J", "j", true, "u@j:22", NULL, "u@j:22", NULL},
        {"-J", "none", true, NULL, NULL, NULL, NULL},
        {"-J", "none", true, NULL, "cc", NULL, "cc"}, /* as ssh does */
        {"--proxy-command", "c", true, NULL, "c", NULL, "c"},
        {"--proxy-command", "c", false, NULL, NULL, NULL, "c"},
        {"--proxy-command", "none", false, NULL, NULL, NULL, NULL},
        {"-J", "None", false, NULL, NULL, NULL, NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        answer = (struct sshconfig){.jump = (char *)rows[i].config_jump,
                                    .proxy_command = (char *)rows[i].config_command};
        if (rows[i].answered)
            answer.hostname = (char *)"web1";
        ROUTE(rows[i].option, rows[i].value, "web1");
        const char *found[2] = {request->route.jump, request->route.proxy_command};
        const char *wanted[2] = {rows[i].jump, rows[i].command};
        for (size_t k = 0; k < 2; k++) {
            assert_int_equal(found[k] == NULL, wanted[k] == NULL);
            if (wanted[k] != NULL)
                assert_string_equal(found[k], wanted[k]);
        }
    }
}

/* Each target is asked about, what was had is freed, and a refusal ends it all. */
static void
test_many(void **state)
{
    (void)state;
    options_free(&command);
    questions = freed = 0;
    assert_true(PARSE(&command, &failure, "a", "b", "c"));
    assert_int_equal(questions, 3);
    options_free(&command);
    assert_int_equal(freed, 3);
    refuses = true;
    questions = freed = 0;
    assert_false(PARSE(&command, &failure, "a", "b", "c"));
    assert_int_equal(failure.outcome, OUTCOME_USAGE);
    assert_int_equal(questions, 1);
    options_free(&command);
    assert_int_equal(freed, 3); /* those that were not asked about are empty */
}

static void
test_conflicts(void **state)
{
    (void)state;
    static const char *const rows[][4] = {
        {"-J", "j", "--proxy-command", "c"},
        {"-b", "::1", "-J", "j"},
        {"-b", "::1", "--proxy-command", "c"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        options_free(&command);
        assert_false(
            PARSE(&command, &failure, rows[i][0], rows[i][1], rows[i][2], rows[i][3], "web1"));
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
        assert_non_null(strstr(failure.message, "not together with"));
    }
    /* it is not repeated, and not taken for a part of the user */
    options_free(&command);
    assert_false(PARSE(&command, &failure, "-J", "j1,ssh://u:secret@j2,j3", "web1"));
    assert_int_equal(failure.outcome, OUTCOME_USAGE);
    assert_string_equal(failure.message, "-J: a URI must not hold a password, for all can see "
                                         "the command line");
    options_free(&command);
    assert_true(PARSE(&command, &failure, "-J", "ssh://j1:23,u@j2", "web1"));
    static const char *const empty[] = {"-J", "-F", "-b", "--proxy-command", "-o"};
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        options_free(&command);
        assert_false(PARSE(&command, &failure, empty[i], "", "web1"));
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
    }
}

static int
setup(void **state)
{
    (void)state;
    answer = (struct sshconfig){.user = NULL};
    refuses = false;
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    options_free(&command);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_defaults),  TEST(test_configuration), TEST(test_command_line),
        TEST(test_question),  TEST(test_proxies),       TEST(test_many),
        TEST(test_conflicts),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
