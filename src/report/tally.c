/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Counting outcomes.
 */
#include <config.h>

#include "report/tally.h"

static bool
is_expecting(const struct result *result)
{
    const struct settings *settings = result->request ? result->request->settings : NULL;

    return result->expected ||
           (settings && (settings->expected || settings->expect_offered ||
                         settings->forbid_offered || settings->require_delegation));
}

void
tally_add(struct tally *tally, const struct result *result)
{
    tally->targets++;
    tally->outcomes[result_outcome(result)]++;
    tally->status = tally->status ? tally->status : result->exit_status;
    tally->unmet += !result->met;
    tally->expecting = tally->expecting || is_expecting(result);
}

void
tally_put(FILE *out, const struct tally *tally)
{
    const char *separator = ": ";

    fprintf(out, "%lu target%s", tally->targets, tally->targets == 1 ? "" : "s");
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (tally->outcomes[i] == 0)
            continue;
        fprintf(out, "%s%lu %s", separator, tally->outcomes[i], outcome_word((enum outcome)i));
        separator = ", ";
    }
    if (tally->expecting)
        fprintf(out, "%s%lu not as expected", separator, tally->unmet);
    putc('\n', out);
}
