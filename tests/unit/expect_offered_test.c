/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Methods that are to be offered, and such that must not be.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "expect_fixture.h"

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
                   "password is not expected, publickey is missing"}},
        {.expect_offered = "publickey,keyboard-interactive",
         .outcome = OUTCOME_SUCCESS,
         .listing = "publickey,password",
         .status = 14,
         .unmet = {"expected the methods publickey,keyboard-interactive to be offered, and no "
                   "others; got publickey,password: password is not expected, "
                   "keyboard-interactive is missing"}},
        {.expect_offered = "a",
         .outcome = OUTCOME_SUCCESS,
         .listing = "a,b,c",
         .status = 14,
         .unmet = {"expected the methods a to be offered, and no others; got a,b,c: "
                   "b,c are not expected"}},
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
                   "Password is not expected, password is missing"}},
        {.expect_offered = "gssapi",
         .outcome = OUTCOME_FAILURE,
         .listing = "gssapi-with-mic",
         .status = 14,
         .unmet = {"expected the methods gssapi to be offered, and no others; "
                   "got gssapi-with-mic: gssapi-with-mic is not expected, gssapi is missing"}},
        /* the outcome was expected, the list was not */
        {.expected = SET(FAILURE),
         .expect_offered = "a",
         .outcome = OUTCOME_FAILURE,
         .listing = "b",
         .status = 14,
         .unmet =
             {"expected the methods a to be offered, and no others; got b: b is not expected, "
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
         .unmet =
             {"expected the methods a to be offered, and no others; got b: b is not expected, "
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
                   "got \\x1B]0;x\\x07,a\\n,\\xFF: \\x1B]0;x\\x07,a\\n,\\xFF are not expected, "
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
    assert_non_null(strstr(verdict.unmet[0], "... are not expected, "));
    assert_non_null(strstr(verdict.unmet[0], "... are missing"));
    assert_non_null(strstr(verdict.unmet[1], "... are offered, and must not be"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expect_offered),
        cmocka_unit_test(test_forbid_offered),
        cmocka_unit_test(test_hostile_names),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
