/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The json format, on verdicts made by hand: what each method tells, the way to the server, and
 * text of any bytes.
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

#define BYTES(text)                                                                            \
    {                                                                                          \
        .data = (char *)(text), .len = sizeof(text) - 1                                        \
    }

/* Escapes, an override, bytes that are no UTF-8, a NUL, quotes, a character of two units. */
#define EVIL "\x1b]0;\x7f\xe2\x80\xae\xff\xc0\xaf\0\"\\\r\n{\xf0\x9f\x98\x80"
#define EVIL_JSON                                                                              \
    "\"\\u001B]0;\\u007F\\u202E\\uFFFD\\uFFFD\\uFFFD\\u0000\\\"\\\\\\r\\n{\\uD83D\\uDE00\""
/* the same up to its NUL, where a string ends */
#define EVIL_STRING "\"\\u001B]0;\\u007F\\u202E\\uFFFD\\uFFFD\\uFFFD\""

static const struct method none = {.name = "none", .id = USERAUTH_NONE};
static const struct method password = {.name = "password", .id = USERAUTH_PASSWORD};
static const struct method publickey = {.name = "publickey", .id = USERAUTH_PUBLICKEY};
static const struct method kbdint = {.name = "keyboard-interactive", .id = USERAUTH_KBDINT};
static const struct method gssapi = {.name = "gssapi-with-mic", .id = USERAUTH_GSSAPI};

static const struct chain listing = {.count = 0};
/* What there is of one chain, in the target's line. */
static void
expect_chain(struct verdict *verdict, const char *wanted)
{
    struct result result = {
        .request = &json_request, .verdicts = verdict, .count = 1, .met = true};
    struct report report;

    verdict->request = &json_request;
    if (!verdict->chain)
        verdict->chain = &listing;
    char *text = json_render(&result, false, &report);
    if (!strstr(text, wanted))
        print_error("missing: %s\nin: %s\n", wanted, text);
    assert_non_null(strstr(text, wanted));
    free(text);
}

static void
test_keys(void **state)
{
    struct key_try keys[] = {
        {.file = "id",
         .type = "ssh-ed25519",
         .fingerprint = "SHA256:a",
         .acceptable = true,
         .is_signed = true,
         .outcome = OUTCOME_SUCCESS},
        {.agent = true, .comment = BYTES(EVIL), .outcome = OUTCOME_FAILURE},
        {.file = EVIL, .outcome = OUTCOME_CREDENTIAL, .reason = "the passphrase is wrong"}};
    struct step step = {
        .method = &publickey, .outcome = OUTCOME_SUCCESS, .keys = keys, .key_count = 3};
    struct verdict verdict = {.steps = &step, .step_count = 1};

    (void)state;
    expect_chain(&verdict,
                 "\"keys\":[{\"file\":\"id\",\"type\":\"ssh-ed25519\","
                 "\"fingerprint\":\"SHA256:a\",\"agent\":false,\"query\":true,"
                 "\"signed\":true,\"outcome\":\"success\"},"
                 "{\"agent\":true,\"comment\":" EVIL_JSON
                 ",\"query\":false,\"signed\":false,\"outcome\":\"failure\"},"
                 "{\"file\":" EVIL_STRING ",\"agent\":false,\"query\":false,\"signed\":false,"
                 "\"outcome\":\"credential\",\"reason\":\"the passphrase is wrong\"}]");
}

static void
test_hostile(void **state)
{
    struct bytes banners[] = {BYTES(EVIL), BYTES("")};
    struct kbdint_prompt prompts[] = {
        {.text = BYTES(EVIL), .echo = true, .source = (char *)EVIL}, {.text = BYTES("")}};
    struct kbdint_round round = {
        .name = BYTES(EVIL), .instruction = BYTES(EVIL), .prompts = prompts, .prompt_count = 2};
    struct step steps[] = {
        {.method = &kbdint, .rounds = &round, .round_count = 1, .remaining = (char *)EVIL ",x"},
        {.method = &gssapi,
         .has_gss = true,
         .gss = {.major = 0xd0000,
                 .minor = (uint32_t)-1765328228,
                 .server_errtok = true,
                 .server_error = true,
                 .server_major = 0xffffffff,
                 .server_minor = 0xffffffff,
                 .server_text = BYTES(EVIL)}},
        {.method = &password, .source = (char *)EVIL, .change_text = BYTES(EVIL)}};
    struct verdict verdict = {.outcome = OUTCOME_PASSWORD_EXPIRED,
                              .server_version = BYTES(EVIL),
                              .banners = banners,
                              .banner_count = 2,
                              .banners_dropped = 3,
                              .offered = (char *)"," EVIL,
                              .listed = true,
                              .listing = {.method = &none, .remaining = (char *)""},
                              .disconnect = {true, 0xffffffff, BYTES(EVIL)},
                              .reached = {[STAGE_AUTH] = true},
                              .steps = steps,
                              .step_count = 3};

    (void)state;
    json_request.user = json_request.host = EVIL;
    expect_chain(&verdict, "\"user\":" EVIL_STRING ",\"host\":" EVIL_STRING ",");
    expect_chain(&verdict, "\"server\":" EVIL_JSON);
    expect_chain(&verdict, "\"banners\":[" EVIL_JSON ",\"\"],\"trivial\":false,"
                           "\"banners_dropped\":3,\"offered\":[\"\"," EVIL_STRING "],");
    expect_chain(&verdict, "\"listing\":{\"method\":\"none\",\"outcome\":\"success\","
                           "\"remaining\":[],\"ms\":0.0}");
    expect_chain(&verdict,
                 "\"rounds\":[{\"name\":" EVIL_JSON ",\"instruction\":" EVIL_JSON
                 ",\"prompts\":[{\"text\":" EVIL_JSON ",\"echo\":true,\"source\":" EVIL_STRING
                 "},{\"text\":\"\",\"echo\":false}]}]");
    expect_chain(&verdict,
                 "\"gssapi\":{\"delegation_requested\":false,\"major\":851968,"
                 "\"minor\":-1765328228,\"texts\":[],\"error_token\":true,\"server_error\":{"
                 "\"major\":4294967295,\"minor\":-1,\"text\":" EVIL_JSON "}}");
    expect_chain(&verdict, "\"source\":" EVIL_STRING ",\"change_text\":" EVIL_JSON "}");
    expect_chain(&verdict, "\"disconnect\":{\"code\":4294967295,\"text\":" EVIL_JSON "}");
}

static void
test_route(void **state)
{
    struct verdict verdict = {.outcome = OUTCOME_TIMEOUT,
                              .stage = STAGE_PROXY,
                              .reached = {[STAGE_PROXY] = true},
                              .ms = {[STAGE_PROXY] = 1500},
                              .total_ms = 123456789.0125};

    (void)state;
    json_request.route.jump = "bob@gate:2222";
    expect_chain(&verdict, "\"via\":\"jump\",\"jump\":\"bob@gate:2222\",\"steps\":[],"
                           "\"error\":{\"stage\":\"proxy\",\"message\":\"the limit passed; the "
                           "report names the stage\"},"
                           "\"timing_ms\":{\"proxy\":1500.0,\"total\":123456789.013}}");
    json_request.route.jump = NULL;
    json_request.route.proxy_command = "nc %h %p";
    json_request.label = "alice@[2001:db8::7]";
    expect_chain(&verdict, "\"target\":\"alice@[2001:db8::7]:22\"");
    expect_chain(&verdict, "\"via\":\"proxy-command\",\"steps\"");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_keys, json_reset),
        cmocka_unit_test_setup(test_hostile, json_reset),
        cmocka_unit_test_setup(test_route, json_reset),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
