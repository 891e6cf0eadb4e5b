/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Targets that have no chain to be told of: bad lines of a list, credentials, signals; and
 * where a list has a target, in every format.
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

#include "json_fixture.h"
#include "report_fixture.h"

#define EVIL         "h\x1b]0;x\a\xff\nsuccess: evil"
#define EVIL_ON_LINE "h\\x1B]0;x\\x07\\xFF\\nsuccess: evil"

static struct result
unrun(enum outcome outcome, const char *message)
{
    struct result result = {.time = 1};
    struct failure failure = FAILURE_INIT;

    failure_set(&failure, outcome, "%s", message);
    result_fail(&result, &failure);
    return result;
}

/* A bad line: it is told where. */
static struct result
bad_line(void)
{
    struct result result = unrun(OUTCOME_USAGE, "--nosuch: there is no such option");

    result.place = (struct result_place){.file = "hosts", .line = 7, .named = ""};
    failure_hint(&result.failure, "try --help");
    return result;
}

/* Of a target that is known, with a list of its own. */
static struct result
bad_credential(void)
{
    struct result result = unrun(OUTCOME_CREDENTIAL, "-i x: no such file");

    result.place = (struct result_place){.file = "hosts", .line = 8, .named = "alice@bastion"};
    result.request = &json_request;
    return result;
}

/* Renders it, and compares with all that is to be written. */
static void
expect_run(const char *format, struct result result, const char *wanted, const char *said)
{
    char *log;
    const struct report_style style = {.format = format};
    char *text = report_render_run(&style, &result, 1, &log);

    assert_string_equal(text, wanted);
    assert_string_equal(log, said);
    free(text);
    free(log);
}

#define LINE_SAID                                                                              \
    "ssh-authtest: hosts:7: --nosuch: there is no such option\n"                               \
    "  try --help\n"
#define KEY_SAID "ssh-authtest: hosts:8: -i x: no such file\n"

static void
test_text(void **state)
{
    struct result result = bad_line();

    (void)state;
    expect_run("text", result,
               "hosts line 7\n\nusage: --nosuch: there is no such option\nhint: try --help\n",
               LINE_SAID);
    result.place.named = "alice@h2";
    expect_run("text", result,
               "alice@h2\nfrom      hosts line 7\n\n"
               "usage: --nosuch: there is no such option\nhint: try --help\n",
               LINE_SAID);
    expect_run("text", bad_credential(),
               "alice@bastion port 22\nfrom      hosts line 8\n\n"
               "credential: -i x: no such file\n",
               KEY_SAID);
    result = unrun(OUTCOME_USAGE, "ssh rejects its configuration");
    result.place.named = "h2";
    expect_run("text", result, "h2\n\nusage: ssh rejects its configuration\n",
               "ssh-authtest: h2: ssh rejects its configuration\n");
    result.place = (struct result_place){.file = "-", .line = 2};
    expect_run("text", result,
               "standard input line 2\n\nusage: ssh rejects its configuration\n",
               "ssh-authtest: -:2: ssh rejects its configuration\n");
}

static void
test_text_expected(void **state)
{
    struct result result = bad_credential();

    (void)state;
    result.expected = 1U << OUTCOME_CREDENTIAL | 1U << OUTCOME_FAILURE;
    result_fail(&result, &result.failure);
    assert_int_equal(result.exit_status, 0);
    expect_run("text", result,
               "alice@bastion port 22\nfrom      hosts line 8\n\n"
               "credential: -i x: no such file\nas expected: failure or credential\n",
               KEY_SAID);
}

/* A list may have any name. */
static void
test_text_evil(void **state)
{
    struct result result = unrun(OUTCOME_USAGE, "--nosuch: there is no such option");

    (void)state;
    result.place = (struct result_place){.file = EVIL, .line = 7, .named = ""};
    expect_run("text", result,
               EVIL_ON_LINE " line 7\n\nusage: --nosuch: there is no such option\n",
               "ssh-authtest: " EVIL_ON_LINE ":7: --nosuch: there is no such option\n");
}

/* A place is told whole, or cut where its name is too long, and the reason always. */
static void
test_text_long_name(void **state)
{
    static const struct report_style style = {.format = "text", .quiet = true};
    char name[1024], *text, *log;

    (void)state;
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    for (size_t len = 390; len < sizeof(name); len += 633) {
        struct result result = bad_line();
        result.place.file = name + sizeof(name) - 1 - len;
        text = report_render_run(&style, &result, 1, &log);
        assert_string_equal(text, "");
        assert_non_null(strstr(log, ":7: --nosuch: there is no such option\n  try --help\n"));
        assert_true(strspn(log + strlen("ssh-authtest: "), "x") > 380);
        free(text);
        free(log);
    }
}

/* Two reports are a line apart, whatever they are; errors are said to -q as well. */
static void
test_text_run(void **state)
{
    struct result results[] = {bad_line(), bad_credential()};
    struct report_style style = {.format = "text"};
    char *log;
    char *text = report_render_run(&style, results, 2, &log);

    (void)state;
    assert_non_null(strstr(text, "hint: try --help\n\nalice@bastion port 22\n"));
    free(text);
    free(log);
    style.quiet = true;
    text = report_render_run(&style, results, 2, &log);
    assert_string_equal(text, "");
    assert_string_equal(log, LINE_SAID KEY_SAID);
    free(text);
    free(log);
}

/* The line of JSON, behind what each begins with. */
static void
expect_json(struct result result, const char *wanted, const char *said)
{
    const struct report_style style = {.format = "json"};
    char *log;
    char *text = report_render_run(&style, &result, 1, &log);
    const char *time = strstr(text, "\"time\":\"1970-01-01T00:00:01Z\",");

    assert_non_null(time);
    assert_string_equal(time + strlen("\"time\":\"1970-01-01T00:00:01Z\","), wanted);
    assert_string_equal(log, said);
    free(text);
    free(log);
}

static void
test_json(void **state)
{
    struct result result = bad_line();

    (void)state;
    expect_json(result,
                "\"file\":\"hosts\",\"line\":7,\"outcome\":\"usage\",\"exit\":2,\"met\":true,"
                "\"warnings\":[],\"chains\":[],\"error\":{\"message\":\"--nosuch: there is no "
                "such option\",\"hint\":\"try --help\"}}\n",
                LINE_SAID);
    expect_json(bad_credential(),
                "\"target\":\"alice@bastion:22\",\"user\":\"alice\",\"host\":\"bastion\","
                "\"hostname\":\"bastion.example\",\"port\":22,\"file\":\"hosts\",\"line\":8,"
                "\"outcome\":\"credential\",\"exit\":15,\"met\":true,\"warnings\":[],"
                "\"chains\":[],\"error\":{\"message\":\"-i x: no such file\"}}\n",
                KEY_SAID);
    result = bad_credential();
    result.request = NULL;
    result.expected = 1U << OUTCOME_CREDENTIAL;
    result_fail(&result, &result.failure);
    expect_json(result,
                "\"target\":\"alice@bastion\",\"file\":\"hosts\",\"line\":8,"
                "\"outcome\":\"credential\",\"exit\":0,\"expected\":[\"credential\"],"
                "\"met\":true,\"warnings\":[],"
                "\"chains\":[],\"error\":{\"message\":\"-i x: no such file\"}}\n",
                KEY_SAID);
    result = bad_line();
    result.expected = 1U << OUTCOME_SUCCESS;
    result_fail(&result, &result.failure);
    expect_json(result,
                "\"file\":\"hosts\",\"line\":7,\"outcome\":\"usage\",\"exit\":2,"
                "\"expected\":[\"success\"],\"met\":false,"
                "\"warnings\":[],\"chains\":[],\"error\":{\"message\":\"--nosuch: there is no "
                "such option\",\"hint\":\"try --help\"}}\n",
                LINE_SAID);
}

static void
test_tap(void **state)
{
    struct result result = bad_credential();

    (void)state;
    expect_run("tap", bad_line(),
               "TAP version 13\n"
               "not ok 1 - hosts line 7: usage\n"
               "  ---\n"
               "  file: \"hosts\"\n"
               "  line: 7\n"
               "  outcome: \"usage\"\n"
               "  exit: 2\n"
               "  message: \"--nosuch: there is no such option\"\n"
               "  hint: \"try --help\"\n"
               "  ...\n"
               "1..1\n",
               LINE_SAID);
    result.expected = 1U << OUTCOME_CREDENTIAL;
    result_fail(&result, &result.failure);
    expect_run("tap", result,
               "TAP version 13\n"
               "ok 1 - alice@bastion:22: credential\n"
               "  ---\n"
               "  file: \"hosts\"\n"
               "  line: 8\n"
               "  outcome: \"credential\"\n"
               "  exit: 0\n"
               "  expected:\n"
               "    - \"credential\"\n"
               "  message: \"-i x: no such file\"\n"
               "  ...\n"
               "1..1\n",
               KEY_SAID);
}

static void
test_junit(void **state)
{
    struct result results[] = {bad_line(), bad_credential()};
    const struct report_style style = {.format = "junit"};
    char *log;

    (void)state;
    results[1].expected = 1U << OUTCOME_CREDENTIAL;
    result_fail(&results[1], &results[1].failure);
    char *text = report_render_run(&style, results, 2, &log);
    assert_non_null(strstr(text, "tests=\"2\" failures=\"0\" errors=\"1\""));
    assert_non_null(strstr(text, "name=\"hosts line 7: usage\" time=\"0.000\">\n<error "
                                 "type=\"usage\" message=\"--nosuch: there is no such option\">"
                                 "file: hosts\nline: 7\noutcome: usage\nexit: 2\n"));
    assert_non_null(strstr(text, "name=\"alice@bastion:22: credential\" time=\"0.000\" />"));
    free(text);
    free(log);
}

/* A signal came first: people are not told of each, programs are. */
static void
test_interrupted(void **state)
{
    struct result result = unrun(OUTCOME_INTERRUPTED, "interrupted by a signal");

    (void)state;
    result.place.named = "h2";
    expect_run("text", result, "", "");
    expect_json(result,
                "\"target\":\"h2\",\"outcome\":\"interrupted\",\"exit\":130,\"met\":true,"
                "\"warnings\":[],\"chains\":[],"
                "\"error\":{\"message\":\"interrupted by a signal\"}}\n",
                "");
    expect_run("tap", result,
               "TAP version 13\nnot ok 1 - h2: interrupted\n  ---\n"
               "  outcome: \"interrupted\"\n  exit: 130\n"
               "  message: \"interrupted by a signal\"\n  ...\n1..1\n",
               "");
}

/* One that was run: where its line is. */
static void
test_place(void **state)
{
    static const struct chain listing = {.count = 0};
    struct verdict verdict = {.request = &json_request,
                              .chain = &listing,
                              .outcome = OUTCOME_LISTED,
                              .server_version = {.data = (char *)"SSH-2.0-Test", .len = 12},
                              .offered = (char *)"password",
                              .met = true};
    struct result result = {.request = &json_request,
                            .place = {.file = "hosts", .line = 7, .named = "bastion"},
                            .verdicts = &verdict,
                            .count = 1,
                            .met = true,
                            .time = 1};
    const struct report_style tap = {.format = "tap"};
    char *log;

    (void)state;
    expect_run("text", result,
               "bastion port 22 (bastion.example), SSH-2.0-Test\nfrom      hosts line 7\n\n"
               "listed: alice can use password\n",
               "");
    char *text = report_render_run(&tap, &result, 1, &log);
    assert_non_null(strstr(text, "\nok 1 - alice@bastion:22: list\n  ---\n  file: \"hosts\"\n"
                                 "  line: 7\n  outcome: \"listed\"\n"));
    free(text);
    free(log);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_text, json_reset),
        cmocka_unit_test_setup(test_text_expected, json_reset),
        cmocka_unit_test_setup(test_text_evil, json_reset),
        cmocka_unit_test_setup(test_text_long_name, json_reset),
        cmocka_unit_test_setup(test_text_run, json_reset),
        cmocka_unit_test_setup(test_json, json_reset),
        cmocka_unit_test_setup(test_tap, json_reset),
        cmocka_unit_test_setup(test_junit, json_reset),
        cmocka_unit_test_setup(test_interrupted, json_reset),
        cmocka_unit_test_setup(test_place, json_reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
