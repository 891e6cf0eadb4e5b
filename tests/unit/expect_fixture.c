/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verdicts for tests.
 */
#include <config.h>

#include "expect_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct method methods[] = {
    {.name = "none", .id = USERAUTH_NONE},
    {.name = "publickey", .id = USERAUTH_PUBLICKEY},
    {.name = "gssapi-with-mic", .id = USERAUTH_GSSAPI},
    {.name = "keyboard-interactive", .id = USERAUTH_KBDINT},
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

void
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

void
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
