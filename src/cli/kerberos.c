/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whoever names a keytab and then logs in without Kerberos would take one test for another:
 * what has no effect is an error.
 */
#include <config.h>

#include "cli/kerberos.h"

#include "auth/method.h"
#include "gss/choice.h"

static bool
has_gssapi_step(const struct command *command)
{
    for (size_t i = 0; i < command->chain_count; i++) {
        for (size_t j = 0; j < command->chains[i].count; j++) {
            if (command->chains[i].steps[j]->id == USERAUTH_GSSAPI)
                return true;
        }
    }
    return false;
}

/* The first of the options that only gssapi-with-mic looks at; OPTION_COUNT: none was given. */
static enum option_id
first_seen(const bool *seen)
{
    static const enum option_id options[] = {OPTION_GSSAPI_CLIENT, OPTION_CCACHE, OPTION_KEYTAB,
                                             OPTION_REQUIRE_DELEGATION};

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (seen[options[i]])
            return options[i];
    }
    return OPTION_COUNT;
}

bool
kerberos_check(const struct command *command, const bool *seen, struct failure *failure)
{
    enum option_id first = first_seen(seen);

    if (first == OPTION_COUNT)
        return true;
    if (!has_gssapi_step(command)) {
        failure_set(failure, OUTCOME_USAGE, "%s: of no use without gssapi-with-mic in %s",
                    scan_spelling(first).text, scan_spelling(OPTION_METHODS).text);
        return false;
    }
    if (seen[OPTION_KEYTAB] && seen[OPTION_CCACHE]) {
        failure_set(failure, OUTCOME_USAGE, "%s: not together with %s",
                    scan_spelling(OPTION_KEYTAB).text, scan_spelling(OPTION_CCACHE).text);
        failure_hint(failure, "a keytab's ticket is kept in memory, and in no cache");
        return false;
    }
    if (seen[OPTION_REQUIRE_DELEGATION] && !seen[OPTION_DELEGATE]) {
        failure_set(failure, OUTCOME_USAGE, "%s: of no use without %s",
                    scan_spelling(OPTION_REQUIRE_DELEGATION).text,
                    scan_spelling(OPTION_DELEGATE).text);
        return false;
    }
    return gss_choice_check(&command->settings.gss, failure);
}
