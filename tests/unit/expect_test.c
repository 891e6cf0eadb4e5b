/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Expectations: met or not, the exit status, and the words.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "probe/expect.h"

#define SET(symbol) ((outcome_set)1 << OUTCOME_##symbol)
#define STEPS       3

static const struct method methods[] = {
    {.name = "none", .id = USERAUTH_NONE},
    {.name = "publickey", .id = USERAUTH_PUBLICKEY},
    {.name = "gssapi-with-mic", .id = USERAUTH_GSSAPI},
    {.name = "keyboard-interactive", .id = USERAUTH_KBDINT},
};

enum { NONE, KEY, GSS, KBDINT };

/* A step of a chain; no outcome is needed but for GSS. */
struct made {
    int method; /* of `methods` */
    const char *remaining;
    enum outcome outcome;
    bool has_gss, delegated;
};

struct row {
    /* settings */
    outcome_set expected;
    const char *expect_offered, *forbid_offered;
    bool require_delegation;
    /* what came */
    enum outcome outcome;
    const char *listing; /* the list of a `none` request before the chain */
    struct made steps[STEPS];
    size_t step_count;
    /* what is made of it */
    int status;
    const char *unmet[VERDICT_UNMET_MAX];
};

/* The first list, as the probe keeps it. */
static const char *
first_list(const struct row *row)
{
    const char *list = row->listing;

    for (size_t i = 0; i < row->step_count && !list; i++)
        list = row->steps[i].remaining;
    return list;
}

static void
judge(const struct row *row, struct verdict *verdict)
{
    const struct settings settings = {.expected = row->expected,
                                      .expect_offered = row->expect_offered,
                                      .forbid_offered = row->forbid_offered,
                                      .require_delegation = row->require_delegation};
    const struct request request = {.settings = &settings};
    struct step steps[STEPS];

    memset(steps, 0, sizeof steps);
    *verdict = (struct verdict){
        .request = &request,
        .outcome = row->outcome,
        .unmet_count = 3, /* any content before */
        .offered = (char *)first_list(row),
        .listed = row->listing != NULL,
        .listing = {.method = &methods[NONE], .remaining = (char *)row->listing},
        .steps = steps,
        .step_count = row->step_count,
    };
    for (size_t i = 0; i < row->step_count; i++) {
        steps[i].method = &methods[row->steps[i].method];
        steps[i].outcome = row->steps[i].outcome;
        steps[i].remaining = (char *)row->steps[i].remaining;
        steps[i].has_gss = row->steps[i].has_gss;
        steps[i].gss.delegated = row->steps[i].delegated;
    }
    expect_judge(verdict);
}

static void
check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct verdict verdict;
        size_t unmet = 0;
        judge(&rows[i], &verdict);
        print_message("# row %zu: %d\n", i, verdict.exit_status);
        for (size_t k = 0; k < verdict.unmet_count; k++)
            print_message("#   %s\n", verdict.unmet[k]);
        while (unmet < VERDICT_UNMET_MAX && rows[i].unmet[unmet])
            unmet++;
        assert_int_equal(verdict.unmet_count, unmet);
        for (size_t k = 0; k < unmet; k++)
            assert_string_equal(verdict.unmet[k], rows[i].unmet[k]);
        assert_int_equal(verdict.met, unmet == 0);
        assert_int_equal(verdict.exit_status, rows[i].status);
        assert_int_equal(verdict.outcome, rows[i].outcome); /* the real one stays */
    }
}
#define CHECK(rows) check_rows(rows, sizeof rows / sizeof rows[0])

/* Each outcome with each that can be expected, alone and in a set. */
static void
test_outcomes(void **state)
{
    char text[128];

    (void)state;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        enum outcome outcome = (enum outcome)i;
        int unmet_status = outcome_answered(outcome) ? 14 : outcome_status(outcome);
        struct row row = {.outcome = outcome};
        struct verdict verdict;

        judge(&row, &verdict);
        assert_true(verdict.met);
        assert_int_equal(verdict.exit_status, outcome_status(outcome));
        for (int k = 0; k < OUTCOME_COUNT; k++) {
            if (!outcome_expectable((enum outcome)k))
                continue;
            row.expected = (outcome_set)1 << k;
            judge(&row, &verdict);
            assert_int_equal(verdict.met, i == k);
            assert_int_equal(verdict.exit_status, i == k ? 0 : unmet_status);
            assert_int_equal(verdict.unmet_count, i != k);
            snprintf(text, sizeof text, "expected outcome %s, got %s",
                     outcome_word((enum outcome)k), outcome_word(outcome));
            if (i != k)
                assert_string_equal(verdict.unmet[0], text);
            row.expected |= (outcome_set)1 << i;
            judge(&row, &verdict);
            assert_true(verdict.met);
            assert_int_equal(verdict.exit_status, 0);
        }
    }
}

static void
test_outcome_sets(void **state)
{
    static const struct row rows[] = {
        {.expected = SET(FAILURE) | SET(NOT_OFFERED),
         .outcome = OUTCOME_SUCCESS,
         .status = 14,
         .unmet = {"expected outcome failure or not-offered, got success"}},
        {.expected = SET(FAILURE) | SET(NOT_OFFERED) | SET(SUCCESS),
         .outcome = OUTCOME_UNREACHABLE,
         .status = 7,
         .unmet = {"expected outcome success or failure or not-offered, got unreachable"}},
    };
    struct row all = {.outcome = OUTCOME_INTERNAL};
    struct verdict verdict;

    (void)state;
    CHECK(rows);
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (outcome_expectable((enum outcome)i))
            all.expected |= (outcome_set)1 << i;
    }
    judge(&all, &verdict);
    assert_int_equal(verdict.exit_status, 17);
    assert_non_null(strstr(verdict.unmet[0], "key-acceptable, got internal")); /* all of it */
}

static void
test_expect_offered(void **state)
{
    static const struct row rows[] = {
        {.expect_offered = "publickey,password",
         .outcome = OUTCOME_LISTED,
         .listing = "password,publickey",
         .status = 0},
        /* met: the outcome's own status stays */
        {.expect_offered = "publickey",
         .outcome = OUTCOME_FAILURE,
         .listing = "publickey,publickey",
         .status = 1},
        {.expect_offered = "publickey",
         .outcome = OUTCOME_TIMEOUT,
         .listing = "publickey",
         .status = 8},
        {.expected = SET(FAILURE),
         .expect_offered = "publickey",
         .outcome = OUTCOME_FAILURE,
         .listing = "publickey",
         .status = 0},
        /* only the first list counts */
        {.expect_offered = "publickey",
         .outcome = OUTCOME_PARTIAL_SUCCESS,
         .listing = "publickey",
         .steps = {{.method = KEY, .remaining = "password"}},
         .step_count = 1,
         .status = 3},
        /* a listing of its own, without -m */
        {.expect_offered = "publickey",
         .outcome = OUTCOME_LISTED,
         .steps = {{.method = NONE, .remaining = "password"}},
         .step_count = 1,
         .status = 14,
         .unmet = {"expected the methods publickey to be offered, and no others; got password: "
                   "password is too many, publickey is missing"}},
        {.expect_offered = "publickey,keyboard-interactive",
         .outcome = OUTCOME_SUCCESS,
         .listing = "publickey,password",
         .status = 14,
         .unmet = {"expected the methods publickey,keyboard-interactive to be offered, and no "
                   "others; got publickey,password: password is too many, "
                   "keyboard-interactive is missing"}},
        {.expect_offered = "a",
         .outcome = OUTCOME_SUCCESS,
         .listing = "a,b,c",
         .status = 14,
         .unmet = {"expected the methods a to be offered, and no others; got a,b,c: "
                   "b,c are too many"}},
        {.expect_offered = "a,b,c",
         .outcome = OUTCOME_SUCCESS,
         .listing = "b",
         .status = 14,
         .unmet = {"expected the methods a,b,c to be offered, and no others; got b: "
                   "a,c are missing"}},
        {.expect_offered = "a",
         .outcome = OUTCOME_FAILURE,
         .listing = "",
         .status = 14,
         .unmet = {"expected the methods a to be offered, and no others; got none at all: "
                   "a is missing"}},
        /* case and length matter */
        {.expect_offered = "password",
         .outcome = OUTCOME_FAILURE,
         .listing = "Password",
         .status = 14,
         .unmet = {"expected the methods password to be offered, and no others; got Password: "
                   "Password is too many, password is missing"}},
        {.expect_offered = "gssapi",
         .outcome = OUTCOME_FAILURE,
         .listing = "gssapi-with-mic",
         .status = 14,
         .unmet = {"expected the methods gssapi to be offered, and no others; "
                   "got gssapi-with-mic: gssapi-with-mic is too many, gssapi is missing"}},
        /* the outcome was expected, the list was not */
        {.expected = SET(FAILURE),
         .expect_offered = "a",
         .outcome = OUTCOME_FAILURE,
         .listing = "b",
         .status = 14,
         .unmet = {"expected the methods a to be offered, and no others; got b: b is too many, "
                   "a is missing"}},
        /* no answer: its own status, even where that was expected */
        {.expect_offered = "a",
         .outcome = OUTCOME_UNREACHABLE,
         .status = 7,
         .unmet = {"expected the methods a to be offered, and no others; no list came"}},
        {.expected = SET(DISCONNECTED),
         .expect_offered = "a",
         .outcome = OUTCOME_DISCONNECTED,
         .listing = "b",
         .status = 10,
         .unmet = {"expected the methods a to be offered, and no others; got b: b is too many, "
                   "a is missing"}},
        {.expect_offered = "a",
         .outcome = OUTCOME_INTERRUPTED,
         .status = 130,
         .unmet = {"expected the methods a to be offered, and no others; no list came"}},
        /* nothing was listed: the server let the user in */
        {.expect_offered = "a",
         .outcome = OUTCOME_SUCCESS,
         .status = 14,
         .unmet = {"expected the methods a to be offered, and no others; no list came: the "
                   "server accepted none"}},
        {.expect_offered = "a",
         .outcome = OUTCOME_EARLY_SUCCESS,
         .status = 14,
         .unmet = {"expected the methods a to be offered, and no others; no list came: the "
                   "server accepted none"}},
        {.expected = SET(TRIVIAL),
         .expect_offered = "a",
         .outcome = OUTCOME_TRIVIAL,
         .status = 14,
         .unmet = {"expected the methods a to be offered, and no others; no list came: the "
                   "server accepted none"}},
    };

    (void)state;
    CHECK(rows);
}

static void
test_forbid_offered(void **state)
{
    static const struct row rows[] = {
        {.forbid_offered = "password",
         .outcome = OUTCOME_FAILURE,
         .listing = "publickey,keyboard-interactive",
         .status = 1},
        {.forbid_offered = "password",
         .outcome = OUTCOME_LISTED,
         .listing = "passwords,xpassword,Password,pass",
         .status = 0},
        {.forbid_offered = "password", .outcome = OUTCOME_LISTED, .listing = "", .status = 0},
        {.expected = SET(NOT_OFFERED),
         .forbid_offered = "password",
         .outcome = OUTCOME_NOT_OFFERED,
         .listing = "publickey",
         .status = 0},
        {.forbid_offered = "password",
         .outcome = OUTCOME_LISTED,
         .listing = "publickey,password",
         .status = 14,
         .unmet = {"password is offered, and must not be"}},
        {.forbid_offered = "password,x,hostbased",
         .outcome = OUTCOME_LISTED,
         .steps = {{.method = NONE, .remaining = "hostbased,publickey,password"}},
         .step_count = 1,
         .status = 14,
         .unmet = {"password,hostbased are offered, and must not be"}},
        /* later lists, with the method behind which each was found first */
        {.forbid_offered = "password",
         .outcome = OUTCOME_PARTIAL_SUCCESS,
         .listing = "publickey",
         .steps = {{.method = KEY, .remaining = "password"}},
         .step_count = 1,
         .status = 14,
         .unmet = {"password (after publickey) is offered, and must not be"}},
        {.forbid_offered = "c,b,a",
         .outcome = OUTCOME_SUCCESS,
         .listing = "a",
         .steps = {{.method = KEY, .remaining = "b,a"},
                   {.method = KBDINT, .remaining = "c,b"},
                   {.method = GSS}},
         .step_count = 3,
         .status = 14,
         .unmet = {"c (after keyboard-interactive),b (after publickey),a are offered, and "
                   "must not be"}},
        {.expected = SET(SUCCESS),
         .forbid_offered = "password",
         .outcome = OUTCOME_SUCCESS,
         .listing = "password",
         .status = 14,
         .unmet = {"password is offered, and must not be"}},
        {.forbid_offered = "password",
         .outcome = OUTCOME_CREDENTIAL,
         .listing = "password",
         .status = 15,
         .unmet = {"password is offered, and must not be"}},
        /* what is not known is not met */
        {.forbid_offered = "password,hostbased",
         .outcome = OUTCOME_EARLY_SUCCESS,
         .status = 14,
         .unmet = {"password,hostbased must not be offered, and whether it is, is not known; "
                   "no list came: the server accepted none"}},
        {.forbid_offered = "password",
         .outcome = OUTCOME_UNREACHABLE,
         .status = 7,
         .unmet = {"password must not be offered, and whether it is, is not known; no list "
                   "came"}},
    };

    (void)state;
    CHECK(rows);
}

static void
test_delegation(void **state)
{
    static const char not_granted[] = "delegation was required, and not granted";
    static const struct row rows[] = {
        {.require_delegation = true,
         .outcome = OUTCOME_SUCCESS,
         .steps =
             {{.method = GSS, .outcome = OUTCOME_SUCCESS, .has_gss = true, .delegated = true}},
         .step_count = 1,
         .status = 0},
        {.require_delegation = true,
         .outcome = OUTCOME_SUCCESS,
         .steps = {{.method = GSS, .outcome = OUTCOME_SUCCESS, .has_gss = true}},
         .step_count = 1,
         .status = 14,
         .unmet = {not_granted}},
        /* nobody knows */
        {.require_delegation = true,
         .outcome = OUTCOME_SUCCESS,
         .steps = {{.method = GSS, .outcome = OUTCOME_SUCCESS, .delegated = true}},
         .step_count = 1,
         .status = 14,
         .unmet = {not_granted}},
        {.outcome = OUTCOME_SUCCESS,
         .steps = {{.method = GSS, .outcome = OUTCOME_SUCCESS, .has_gss = true}},
         .step_count = 1,
         .status = 0},
        {.require_delegation = true,
         .expected = SET(PARTIAL_SUCCESS),
         .outcome = OUTCOME_PARTIAL_SUCCESS,
         .steps = {{.method = GSS, .outcome = OUTCOME_PARTIAL_SUCCESS, .has_gss = true}},
         .step_count = 1,
         .status = 14,
         .unmet = {not_granted}},
        {.require_delegation = true,
         .outcome = OUTCOME_PARTIAL_SUCCESS,
         .steps = {{.method = GSS,
                    .outcome = OUTCOME_PARTIAL_SUCCESS,
                    .has_gss = true,
                    .delegated = true}},
         .step_count = 1,
         .status = 3},
        /* the ticket was refused: it is not about delegation */
        {.require_delegation = true,
         .outcome = OUTCOME_FAILURE,
         .steps = {{.method = GSS, .outcome = OUTCOME_FAILURE, .has_gss = true}},
         .step_count = 1,
         .status = 1},
        {.require_delegation = true,
         .outcome = OUTCOME_GSSAPI_FAILURE,
         .steps = {{.method = GSS, .outcome = OUTCOME_GSSAPI_FAILURE, .has_gss = true}},
         .step_count = 1,
         .status = 5},
        /* a chain without Kerberos */
        {.require_delegation = true,
         .outcome = OUTCOME_SUCCESS,
         .steps = {{.method = KEY, .outcome = OUTCOME_SUCCESS}},
         .step_count = 1,
         .status = 0},
        {.require_delegation = true, .outcome = OUTCOME_UNREACHABLE, .status = 7},
        /* in the middle of one; the connection broke after it */
        {.require_delegation = true,
         .outcome = OUTCOME_DISCONNECTED,
         .steps = {{.method = KEY, .outcome = OUTCOME_PARTIAL_SUCCESS},
                   {.method = GSS, .outcome = OUTCOME_PARTIAL_SUCCESS, .has_gss = true},
                   {.method = KBDINT, .outcome = OUTCOME_DISCONNECTED}},
         .step_count = 3,
         .status = 10,
         .unmet = {not_granted}},
        /* one of two */
        {.require_delegation = true,
         .outcome = OUTCOME_SUCCESS,
         .steps = {{.method = GSS,
                    .outcome = OUTCOME_PARTIAL_SUCCESS,
                    .has_gss = true,
                    .delegated = true},
                   {.method = GSS, .outcome = OUTCOME_SUCCESS, .has_gss = true}},
         .step_count = 2,
         .status = 14,
         .unmet = {not_granted}},
    };

    (void)state;
    CHECK(rows);
}

static void
test_all_at_once(void **state)
{
    static const struct row rows[] = {
        {.expected = SET(FAILURE),
         .expect_offered = "a",
         .forbid_offered = "b",
         .require_delegation = true,
         .outcome = OUTCOME_SUCCESS,
         .listing = "b",
         .steps = {{.method = GSS, .outcome = OUTCOME_SUCCESS}},
         .step_count = 1,
         .status = 14,
         .unmet = {"expected outcome failure, got success",
                   "expected the methods a to be offered, and no others; got b: b is too many, "
                   "a is missing",
                   "b is offered, and must not be",
                   "delegation was required, and not granted"}},
        {.expected = SET(SUCCESS),
         .expect_offered = "a",
         .forbid_offered = "b",
         .require_delegation = true,
         .outcome = OUTCOME_SUCCESS,
         .listing = "a",
         .steps =
             {{.method = GSS, .outcome = OUTCOME_SUCCESS, .has_gss = true, .delegated = true}},
         .step_count = 1,
         .status = 0},
    };

    (void)state;
    CHECK(rows);
}

/* Whatever a server calls its methods, and however many they are: one printable line, which
 * has room for the differences. */
static void
test_hostile_names(void **state)
{
    static const struct row rows[] = {
        {.expect_offered = "a",
         .outcome = OUTCOME_LISTED,
         .listing = "\x1b]0;x\a,a\n,\xff",
         .status = 14,
         .unmet = {"expected the methods a to be offered, and no others; "
                   "got \\x1B]0;x\\x07,a\\n,\\xFF: \\x1B]0;x\\x07,a\\n,\\xFF are too many, "
                   "a is missing"}},
    };
    static char many[20000], others[20000];
    struct row row = {.expect_offered = others,
                      .forbid_offered = many,
                      .outcome = OUTCOME_LISTED,
                      .listing = many,
                      .status = 14};
    struct verdict verdict;

    (void)state;
    CHECK(rows);
    for (size_t i = 0; i < sizeof many - 1; i++) {
        many[i] = i % 10 == 9 ? ',' : (char)('a' + i / 10 % 26);
        others[i] = i % 10 == 9 ? ',' : (char)('A' + i / 10 % 26);
    }
    judge(&row, &verdict);
    assert_int_equal(verdict.unmet_count, 2);
    for (size_t i = 0; i < verdict.unmet_count; i++) {
        print_message("# %s\n", verdict.unmet[i]);
        assert_true(strlen(verdict.unmet[i]) < VERDICT_UNMET_SIZE - 1);
        assert_null(strpbrk(verdict.unmet[i], "\n\x1b"));
    }
    assert_non_null(strstr(verdict.unmet[0], "... are too many, "));
    assert_non_null(strstr(verdict.unmet[0], "... are missing"));
    assert_non_null(strstr(verdict.unmet[1], "... are offered, and must not be"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes),       cmocka_unit_test(test_outcome_sets),
        cmocka_unit_test(test_expect_offered), cmocka_unit_test(test_forbid_offered),
        cmocka_unit_test(test_delegation),     cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_hostile_names),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
