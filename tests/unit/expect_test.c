/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Expected outcomes, delegation, and all at once: met or not, the exit status, and the words.
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
         .unmet =
             {"expected outcome failure, got success",
              "expected the methods a to be offered, and no others; got b: b is not expected, "
              "a is missing",
              "b is offered, and must not be", "delegation was required, and not granted"}},
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_outcome_sets),
        cmocka_unit_test(test_delegation),
        cmocka_unit_test(test_all_at_once),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
