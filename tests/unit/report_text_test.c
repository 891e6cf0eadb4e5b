/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verdicts made by hand, and the lines that become of them.
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

#include "report_fixture.h"

#define BYTES(text)                                                                            \
    {                                                                                          \
        .data = (char *)(text), .len = sizeof(text) - 1                                        \
    }

/* Titles, colours, a bidirectional control, a byte that is no UTF-8, and lines like ours. */
#define EVIL         "\x1b]0;x\a\x1b[2J\xe2\x80\xae\xff\r\nsuccess: evil\r\n"
#define EVIL_ON_LINE "\\x1B]0;x\\x07\\x1B[2J\\u{202E}\\xFF\\x0D\\nsuccess: evil\\x0D\\n"

static const struct method none = {.name = "none", .id = USERAUTH_NONE};
static const struct method password = {.name = "password", .id = USERAUTH_PASSWORD};
static const struct method publickey = {.name = "publickey", .id = USERAUTH_PUBLICKEY};
static const struct method kbdint = {.name = "keyboard-interactive", .id = USERAUTH_KBDINT};
static const struct method gssapi = {.name = "gssapi-with-mic", .id = USERAUTH_GSSAPI};

static const struct method *steps_of_chain[] = {&publickey, &password};
static const struct chain chain = {.steps = steps_of_chain, .count = 2};
static struct settings settings;
static const struct request request = {.settings = &settings,
                                       .user = "alice",
                                       .host = "h",
                                       .port = 22,
                                       .label = "alice@h",
                                       .route.hostname = "h"};

static int
reset(void **state)
{
    (void)state;
    settings = (struct settings){.expected = 0};
    return 0;
}

#define EXPECT(verdict, ...)                                                                   \
    do {                                                                                       \
        prepare(verdict);                                                                      \
        EXPECT_LINES(verdict, __VA_ARGS__);                                                    \
    } while (0)

static void
prepare(struct verdict *verdict)
{
    verdict->request = &request;
    verdict->chain = &chain;
}

static void
test_listing(void **state)
{
    struct bytes banner = BYTES("hello\n");
    struct step step = {.method = &publickey, .outcome = OUTCOME_FAILURE};
    struct verdict verdict = {
        .outcome = OUTCOME_FAILURE,
        .met = true,
        .stage = STAGE_AUTH,
        .server_version = BYTES("SSH-2.0-Test"),
        .hostkey = {.status = HOSTKEY_KNOWN, .type = "ssh-ed25519", .fingerprint = "SHA256:x"},
        .banners = &banner,
        .banner_count = 1,
        .listed = true,
        .listing = {.method = &none, .remaining = (char *)"publickey,password"},
        .steps = &step,
        .step_count = 1,
    };
    char *log;

    (void)state;
    prepare(&verdict);
    char *text = report_render(&verdict, false, true, &log);
    /* the whole of it, in its order */
    assert_string_equal(text, "h port 22, SSH-2.0-Test\n"
                              "host key  ssh-ed25519 SHA256:x known\n"
                              "offered   publickey, password\n"
                              "banner from the server:\n"
                              "  | hello\n"
                              "\n"
                              "1  publickey             failure          0 ms\n"
                              "\n"
                              "failure: alice was refused by publickey\n");
    free(text);
    free(log);

    verdict.listing.remaining = (char *)"";
    EXPECT(&verdict, "offered   nothing");
}

/* The server did not wait for the chain. */
static void
test_accepted_none(void **state)
{
    struct verdict verdict = {.outcome = OUTCOME_EARLY_SUCCESS,
                              .met = true,
                              .trivial = true,
                              .listed = true,
                              .listing = {.method = &none, .outcome = OUTCOME_SUCCESS}};

    (void)state;
    EXPECT(&verdict, "offered   no list came: the server accepted none",
           "early-success: alice was accepted by none, before any method of the chain",
           "warning: no password, answer, signature or token was needed");
    verdict.outcome = OUTCOME_TRIVIAL;
    EXPECT(&verdict, "trivial: alice was accepted without any challenge");

    /* nor was there any step where the list says that there need not be one */
    verdict = (struct verdict){.outcome = OUTCOME_NOT_OFFERED, .met = true};
    EXPECT(&verdict, "not-offered: publickey is not open to alice at this point");
    verdict.outcome = OUTCOME_PARTIAL_SUCCESS;
    EXPECT(&verdict, "partial-success: alice passed , and the server asks for more: nothing");
}

static void
test_keys(void **state)
{
    static const struct {
        struct key_try key;
        const char *line;
    } rows[] = {
        {{.file = "id",
          .type = "ssh-ed25519",
          .fingerprint = "SHA256:a",
          .acceptable = true,
          .is_signed = true,
          .outcome = OUTCOME_SUCCESS},
         "   ssh-ed25519 SHA256:a: acceptable, signed, accepted; file id"},
        {{.file = "id",
          .type = "ssh-ed25519",
          .fingerprint = "SHA256:a",
          .acceptable = true,
          .is_signed = true,
          .outcome = OUTCOME_PARTIAL_SUCCESS},
         "   ssh-ed25519 SHA256:a: acceptable, signed, accepted; file id"},
        {{.file = "id",
          .type = "ssh-rsa",
          .fingerprint = "SHA256:b",
          .is_signed = true,
          .outcome = OUTCOME_FAILURE},
         "   ssh-rsa SHA256:b: signed, refused; file id"},
        {{.file = "id.pub",
          .type = "ssh-rsa",
          .fingerprint = "SHA256:b",
          .outcome = OUTCOME_NOT_OFFERED},
         "   ssh-rsa SHA256:b: refused; file id.pub"},
        {{.file = "id.pub",
          .type = "ssh-rsa",
          .fingerprint = "SHA256:b",
          .acceptable = true,
          .outcome = OUTCOME_KEY_ACCEPTABLE},
         "   ssh-rsa SHA256:b: acceptable, not signed; file id.pub"},
        {{.file = "old", .outcome = OUTCOME_CREDENTIAL, .reason = "the passphrase is wrong"},
         "   key of unknown type: unusable: the passphrase is wrong; file old"},
        {{.file = "id",
          .type = "ssh-rsa",
          .fingerprint = "SHA256:b",
          .acceptable = true,
          .outcome = OUTCOME_TIMEOUT},
         "   ssh-rsa SHA256:b: acceptable, timeout; file id"},
        {{.agent = true,
          .type = "ssh-ed25519",
          .fingerprint = "SHA256:c",
          .outcome = OUTCOME_FAILURE},
         "   ssh-ed25519 SHA256:c: refused; agent"},
        {{.agent = true,
          .comment = BYTES("alice@laptop"),
          .type = "ssh-ed25519",
          .fingerprint = "SHA256:c",
          .outcome = OUTCOME_FAILURE},
         "   ssh-ed25519 SHA256:c: refused; agent, which calls it: alice@laptop"},
        {{.file = "id.pub",
          .agent = true,
          .comment = BYTES("x"),
          .type = "ssh-ed25519",
          .fingerprint = "SHA256:c",
          .acceptable = true,
          .is_signed = true,
          .outcome = OUTCOME_SUCCESS},
         "   ssh-ed25519 SHA256:c: acceptable, signed, accepted; file id.pub, agent, which "
         "calls it: x"},
        {{.file = EVIL,
          .agent = true,
          .comment = BYTES(EVIL "\0" EVIL),
          .type = "ssh-ed25519",
          .fingerprint = "SHA256:c",
          .outcome = OUTCOME_FAILURE},
         "   ssh-ed25519 SHA256:c: refused; file " EVIL_ON_LINE
         ", agent, which calls it: " EVIL_ON_LINE "\\x00" EVIL_ON_LINE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct key_try keys[] = {rows[0].key, rows[i].key};
        struct step step = {.method = &publickey,
                            .outcome = OUTCOME_KEY_ACCEPTABLE,
                            .keys = keys,
                            .key_count = 2};
        struct verdict verdict = {
            .outcome = OUTCOME_KEY_ACCEPTABLE, .met = true, .steps = &step, .step_count = 1};
        EXPECT(&verdict, rows[0].line, rows[i].line,
               "key-acceptable: the server would accept the key for alice; nothing was signed");
    }
}

static void
test_password(void **state)
{
    struct step steps[] = {
        {.method = &publickey, .outcome = OUTCOME_PARTIAL_SUCCESS},
        {.method = &password,
         .outcome = OUTCOME_PASSWORD_EXPIRED,
         .source = (char *)"env:PW",
         .change_text = BYTES("Yours is old.\nType another:")},
    };
    struct verdict verdict = {.outcome = OUTCOME_PASSWORD_EXPIRED,
                              .met = true,
                              .stage = STAGE_AUTH,
                              .steps = steps,
                              .step_count = 2};

    (void)state;
    EXPECT(&verdict, "   answered by env:PW",
           "   the server demands a new password:", "   | Yours is old.", "   | Type another:",
           "password-expired: the server demands a new password of alice, and none was set; it "
           "says: Yours is old.\\nType another:");
    steps[1].change_text = (struct bytes)BYTES("");
    steps[1].source = (char *)"terminal";
    EXPECT(&verdict, "   answered by terminal", "   the server demands a new password",
           "password-expired: the server demands a new password of alice, and none was set");
    /* Kerberos says it in a failure */
    steps[1] = (struct step){.method = &gssapi, .outcome = OUTCOME_PASSWORD_EXPIRED};
    failure_set(&verdict.failure, OUTCOME_PASSWORD_EXPIRED, "the principal's is old");
    EXPECT(&verdict, "password-expired: the principal's is old (stage auth)");
}

static void
test_hostile(void **state)
{
    struct bytes banner = BYTES(EVIL);
    struct kbdint_prompt prompt = {.text = BYTES(EVIL), .source = (char *)EVIL};
    struct kbdint_round round = {
        .name = BYTES(EVIL), .instruction = BYTES(EVIL), .prompts = &prompt, .prompt_count = 1};
    struct step steps[] = {
        {.method = &kbdint, .rounds = &round, .round_count = 1, .remaining = (char *)EVIL},
        {.method = &gssapi,
         .has_gss = true,
         .gss = {.server_error = true, .server_text = BYTES(EVIL)}},
        {.method = &password,
         .outcome = OUTCOME_PASSWORD_EXPIRED,
         .source = (char *)EVIL,
         .change_text = BYTES(EVIL)},
    };
    struct verdict verdict = {.outcome = OUTCOME_PASSWORD_EXPIRED,
                              .met = true,
                              .server_version = BYTES(EVIL),
                              .banners = &banner,
                              .banner_count = 1,
                              .offered = (char *)EVIL,
                              .listed = true,
                              .listing = {.method = &none, .remaining = (char *)EVIL},
                              .steps = steps,
                              .step_count = 3};

    (void)state;
    EXPECT(&verdict, "h port 22, " EVIL_ON_LINE, "offered   " EVIL_ON_LINE,
           "  | \\x1B]0;x\\x07\\x1B[2J\\u{202E}\\xFF", "  | success: evil",
           "   | \\x1B]0;x\\x07\\x1B[2J\\u{202E}\\xFF", "   | success: evil",
           "     no echo, answered by " EVIL_ON_LINE, "   can continue with: " EVIL_ON_LINE,
           "   answered by " EVIL_ON_LINE,
           "password-expired: the server demands a new password of alice, and none was set; it "
           "says: " EVIL_ON_LINE);
    verdict.outcome = OUTCOME_LISTED;
    EXPECT(&verdict, "listed: alice can use " EVIL_ON_LINE);
    verdict.outcome = OUTCOME_PARTIAL_SUCCESS;
    verdict.step_count = 1;
    EXPECT(&verdict, "partial-success: alice passed publickey, and the server asks for "
                     "more: " EVIL_ON_LINE);
}

static void
test_met(void **state)
{
    struct verdict verdict = {.outcome = OUTCOME_TRIVIAL, .met = true};
    char *log;

    (void)state;
    prepare(&verdict);
    char *text = report_render(&verdict, false, true, &log);
    assert_null(strstr(text, "as expected"));
    free(text);
    free(log);

    settings.expected = 1U << OUTCOME_SUCCESS | 1U << OUTCOME_TRIVIAL;
    EXPECT(&verdict, "as expected: success or trivial");
    settings.expect_offered = "publickey,password";
    settings.forbid_offered = "hostbased";
    EXPECT(&verdict, "as expected: success or trivial; offered are publickey, password, and no "
                     "others; not offered: hostbased");
    settings.expected = 0;
    EXPECT(&verdict,
           "as expected: offered are publickey, password, and no others; not offered: "
           "hostbased");
}

/* In the report, and on standard error where nobody reads it beside the report. */
static void
test_unmet(void **state)
{
    struct verdict verdict = {.outcome = OUTCOME_TRIVIAL,
                              .unmet = {"expected one thing, got another", "and so on"},
                              .unmet_count = 2};
    static const char said[] = "ssh-authtest: alice@h: expected one thing, got another\n"
                               "ssh-authtest: alice@h: and so on\n";
    char *log;

    (void)state;
    settings.expected = 1U << OUTCOME_SUCCESS;
    EXPECT(&verdict, "not as expected: expected one thing, got another",
           "not as expected: and so on");
    prepare(&verdict);
    char *text = report_render(&verdict, false, false, &log);
    assert_true(report_has_line(text, "not as expected: and so on"));
    assert_null(strstr(text, "\nas expected"));
    assert_string_equal(log, said);
    free(text);
    free(log);
    for (int same_eyes = 0; same_eyes < 2; same_eyes++) {
        prepare(&verdict);
        text = report_render(&verdict, true, same_eyes, &log);
        assert_string_equal(text, "");
        assert_string_equal(log, said);
        free(text);
        free(log);
    }

    /* behind the reason, where there is no answer */
    verdict.outcome = OUTCOME_UNREACHABLE;
    verdict.unmet_count = 1;
    failure_set(&verdict.failure, OUTCOME_UNREACHABLE, "h port 22: refused");
    prepare(&verdict);
    text = report_render(&verdict, true, false, &log);
    assert_string_equal(log, "ssh-authtest: alice@h: h port 22: refused (stage resolve)\n"
                             "ssh-authtest: alice@h: expected one thing, got another\n");
    free(text);
    free(log);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_listing, reset),
        cmocka_unit_test_setup(test_accepted_none, reset),
        cmocka_unit_test_setup(test_keys, reset),
        cmocka_unit_test_setup(test_password, reset),
        cmocka_unit_test_setup(test_hostile, reset),
        cmocka_unit_test_setup(test_met, reset),
        cmocka_unit_test_setup(test_unmet, reset),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
