/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The json format, on results made by hand: every field in its order, what is absent, and
 * memory that ends anywhere. Text of any bytes is in json_text_test.c.
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
#include <jansson.h>

#include "json_fixture.h"
#include "report_fixture.h"

#define BYTES(text)                                                                            \
    {                                                                                          \
        .data = (char *)(text), .len = sizeof(text) - 1                                        \
    }

static const struct method kbdint = {.name = "keyboard-interactive", .id = USERAUTH_KBDINT};
static const struct method gssapi = {.name = "gssapi-with-mic", .id = USERAUTH_GSSAPI};

static const struct method *steps_of_chain[] = {&gssapi, &kbdint};
static const struct chain chain = {.steps = steps_of_chain, .count = 2};
static const struct chain listing = {.count = 0};
/* The whole line, behind what is of no interest. */
static void
expect_line(struct result *result, const char *wanted)
{
    static const char head[] =
        "{\"version\":1,\"tool\":\"" PACKAGE_VERSION "\",\"libssh2\":\"" LIBSSH2_RELEASE
        "\",\"time\":\"2026-11-20T12:00:00Z\",";
    struct report report;

    result->request = &json_request;
    result->time = 1795176000;
    char *text = json_render(result, false, &report);
    assert_false(report.incomplete);
    assert_int_equal(strncmp(text, head, sizeof head - 1), 0);
    text[strlen(text) - 1] = '\0';
    assert_string_equal(text + sizeof head - 1, wanted);
    free(text);
}

#define TARGET                                                                                 \
    "\"target\":\"alice@bastion:22\",\"user\":\"alice\",\"host\":\"bastion\","                 \
    "\"hostname\":\"bastion.example\",\"port\":22,"

/* A chain as DESIGN has it. */
static void
make_chain(struct verdict *verdict, struct step *steps, struct bytes *banner)
{
    static char *texts[] = {(char *)"one", (char *)"two"};
    static struct kbdint_prompt prompt = {.text = BYTES("Password: "),
                                          .source = (char *)"env:PW"};
    static struct kbdint_round rounds[] = {{.prompts = &prompt, .prompt_count = 1},
                                           {.instruction = BYTES("Wait.")}};

    *banner = (struct bytes)BYTES("hello\n");
    steps[0] = (struct step){.method = &gssapi,
                             .outcome = OUTCOME_PARTIAL_SUCCESS,
                             .has_code = true,
                             .code = -1001,
                             .code_name = "LIBSSH2_ERROR_PARTIAL_SUCCESS",
                             .library_code = -1001,
                             .library_message = "more is needed",
                             .remaining = (char *)"keyboard-interactive",
                             .ms = 41.2,
                             .has_gss = true,
                             .gss = {.client = (char *)"alice@EXAMPLE.TEST",
                                     .target = (char *)"host/bastion@EXAMPLE.TEST",
                                     .mechanism = "1.2.840.113554.1.2.2",
                                     .delegation_requested = true,
                                     .complete = true,
                                     .has_lifetime = true,
                                     .lifetime = 36000,
                                     .texts = {texts[0], texts[1]},
                                     .text_count = 2}};
    steps[1] = (struct step){.method = &kbdint,
                             .outcome = OUTCOME_SUCCESS,
                             .has_code = true,
                             .ms = 73,
                             .rounds = rounds,
                             .round_count = 2};
    *verdict = (struct verdict){
        .request = &json_request,
        .chain = &chain,
        .outcome = OUTCOME_SUCCESS,
        .met = true,
        .stage = STAGE_AUTH,
        .address = "192.0.2.7",
        .server_version = BYTES("SSH-2.0-OpenSSH_9.2p1"),
        .hostkey = {.status = HOSTKEY_KNOWN, .type = "ssh-ed25519", .fingerprint = "SHA256:x"},
        .banners = banner,
        .banner_count = 1,
        .offered = (char *)"publickey,gssapi-with-mic",
        .steps = steps,
        .step_count = 2,
        .reached = {true, true, false, true, true, true, true},
        .ms = {0.1, 0.4, 0, 1.0004, 2.0004, 3.0004, 114.2},
        .total_ms = 120.7};
}

static void
test_design(void **state)
{
    struct verdict verdict;
    struct step steps[2];
    struct bytes banner;
    struct result result = {.verdicts = &verdict, .count = 1, .met = true};

    (void)state;
    make_chain(&verdict, steps, &banner);
    json_settings.expected = 1U << OUTCOME_SUCCESS;
    expect_line(
        &result, TARGET
        "\"outcome\":\"success\",\"exit\":0,\"expected\":[\"success\"],\"met\":true,"
        "\"warnings\":[],\"chains\":[{"
        "\"methods\":[\"gssapi-with-mic\",\"keyboard-interactive\"],"
        "\"outcome\":\"success\",\"exit\":0,\"met\":true,\"address\":\"192.0.2.7\","
        "\"server\":\"SSH-2.0-OpenSSH_9.2p1\",\"host_key\":{\"type\":\"ssh-ed25519\","
        "\"fingerprint\":\"SHA256:x\",\"status\":\"known\"},\"banners\":[\"hello\\n\"],"
        "\"trivial\":false,\"offered\":[\"publickey\",\"gssapi-with-mic\"],\"steps\":["
        "{\"method\":\"gssapi-with-mic\",\"outcome\":\"partial-success\",\"code\":-1001,"
        "\"code_name\":\"LIBSSH2_ERROR_PARTIAL_SUCCESS\",\"library_code\":-1001,"
        "\"message\":\"more is needed\",\"remaining\":[\"keyboard-interactive\"],\"ms\":41.2,"
        "\"gssapi\":{\"client\":\"alice@EXAMPLE.TEST\",\"target\":\"host/"
        "bastion@EXAMPLE.TEST\","
        "\"mechanism\":\"1.2.840.113554.1.2.2\",\"delegation_requested\":true,"
        "\"delegated\":false,\"expires_in\":36000,\"major\":0,\"minor\":0,"
        "\"texts\":[\"one\",\"two\"],\"error_token\":false}},"
        "{\"method\":\"keyboard-interactive\",\"outcome\":\"success\",\"code\":0,"
        "\"library_code\":0,\"ms\":73.0,\"rounds\":["
        "{\"name\":\"\",\"instruction\":\"\",\"prompts\":[{\"text\":\"Password: \","
        "\"echo\":false,\"source\":\"env:PW\"}]},"
        "{\"name\":\"\",\"instruction\":\"Wait.\",\"prompts\":[]}]}],"
        "\"timing_ms\":{\"resolve\":0.1,\"connect\":0.4,\"handshake\":6.001,\"auth\":114.2,"
        "\"total\":120.7}}]}");
}

/* Nothing was reached, and hardly anything is known. */
static void
test_absent(void **state)
{
    struct verdict verdict = {.request = &json_request,
                              .chain = &listing,
                              .outcome = OUTCOME_UNREACHABLE,
                              .exit_status = 7,
                              .met = true,
                              .reached = {true}};
    struct result result = {.verdicts = &verdict, .count = 1, .exit_status = 7, .met = true};

    (void)state;
    failure_set(&verdict.failure, OUTCOME_UNREACHABLE, "bastion: no such name");
    failure_hint(&verdict.failure, "type another");
    expect_line(
        &result, TARGET
        "\"outcome\":\"unreachable\",\"exit\":7,\"met\":true,\"warnings\":[],\"chains\":[{"
        "\"methods\":[],\"outcome\":\"unreachable\",\"exit\":7,\"met\":true,\"steps\":[],"
        "\"error\":{\"stage\":\"resolve\",\"message\":\"bastion: no such name\","
        "\"hint\":\"type another\"},\"timing_ms\":{\"resolve\":0.0,\"total\":0.0}}]}");

    /* a signal came before the first chain */
    struct failure signalled = FAILURE_INIT;
    result.count = 0;
    failure_set(&signalled, OUTCOME_INTERRUPTED, "interrupted by a signal");
    result_fail(&result, &signalled);
    expect_line(&result, TARGET "\"outcome\":\"interrupted\",\"exit\":130,\"met\":true,"
                                "\"warnings\":[],\"chains\":[],"
                                "\"error\":{\"message\":\"interrupted by a signal\"}}");
}

/* The target's words are those of the chain that decides. */
static void
test_deciding(void **state)
{
    struct verdict verdicts[] = {
        {.outcome = OUTCOME_SUCCESS, .trivial = true, .met = true},
        {.outcome = OUTCOME_FAILURE,
         .exit_status = 14,
         .unmet = {"expected success, got failure"},
         .unmet_count = 1},
        {.outcome = OUTCOME_TRIVIAL, .trivial = true, .exit_status = 13, .met = true}};
    struct result result = {.request = &json_request,
                            .verdicts = verdicts,
                            .count = 3,
                            .deciding = 1,
                            .exit_status = 14};
    struct report report;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        verdicts[i].request = &json_request;
        verdicts[i].chain = &listing;
    }
    json_settings.expected = 1U << OUTCOME_SUCCESS | 1U << OUTCOME_TRIVIAL;
    json_settings.expect_offered = "a,b";
    json_settings.forbid_offered = "c";
    json_request.note = "no ssh";
    for (int verbose = 0; verbose < 2; verbose++) {
        char *text = json_render(&result, verbose, &report);
        assert_non_null(strstr(text,
                               "\"port\":22,\"outcome\":\"failure\",\"exit\":14,"
                               "\"expected\":[\"success\",\"trivial\"],"
                               "\"expect_offered\":[\"a\",\"b\"],"
                               "\"forbid_offered\":[\"c\"],\"met\":false,\"warnings\":["));
        assert_non_null(strstr(text, "\"no password, answer, signature or token was needed\","
                                     "\"expected success, got failure\"],\"chains\""));
        assert_int_equal(strstr(text, "[\"no ssh\",") != NULL, verbose);
        free(text);
    }
}

/* ------------------------------------------------------ memory that ends anywhere */

static long blocks_left; /* until one is refused */
static bool once;        /* and not those behind it */

static void *
scarce_malloc(size_t size)
{
    bool refused = once ? blocks_left == 0 : blocks_left <= 0;

    blocks_left--;
    return refused ? NULL : malloc(size);
}

/* The line is whole or not there, and the latter is internal. */
static void
expect_whole(const struct result *result, const char *whole, struct report *report)
{
    struct failure failure = FAILURE_INIT;
    char *text = json_render(result, false, report);

    assert_string_equal(text, report->incomplete ? "" : whole);
    free(text);
    report->out = report->log = fopen("/dev/null", "w");
    assert_non_null(report->out);
    assert_int_equal(report_finish(report, &failure, 0), report->incomplete ? 17 : 0);
    fclose(report->out);
}

static void
test_no_memory(void **state)
{
    struct verdict verdict;
    struct step steps[2];
    struct bytes banner;
    struct result result = {
        .request = &json_request, .verdicts = &verdict, .count = 1, .met = true};
    struct report report;

    (void)state;
    make_chain(&verdict, steps, &banner);
    verdict.listed = true;
    verdict.listing = steps[0];
    char *whole = json_render(&result, false, &report);
    json_set_alloc_funcs(scarce_malloc, free);
    for (int mode = 0; mode < 2; mode++) {
        long blocks = 0;
        once = mode;
        do {
            blocks_left = blocks++;
            expect_whole(&result, whole, &report);
        } while (report.incomplete && blocks < 10000);
        assert_in_range(blocks, 100, 9999);
    }
    json_set_alloc_funcs(malloc, free);
    free(whole);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_design, json_reset),
        cmocka_unit_test_setup(test_absent, json_reset),
        cmocka_unit_test_setup(test_deciding, json_reset),
        cmocka_unit_test_setup(test_no_memory, json_reset),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
