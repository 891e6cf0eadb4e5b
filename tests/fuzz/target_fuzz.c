/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Targets as on the command line: what is accepted keeps the rules for users and hosts, and
 * what is not leaves nothing but one printable line.
 */
#include <config.h>

#include "cli/target.h"
#include "fuzz.h"

static bool
is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct failure failure = FAILURE_INIT, again = FAILURE_INIT;
    struct target target, second;
    char *text = fuzz_string(data, size);
    char *copy = fuzz_string(data, size);

    bool good = target_parse(&target, text, &failure);
    REQUIRE(memcmp(text, copy, size + 1) == 0);
    REQUIRE(good == !failure_is_set(&failure));
    REQUIRE(good == target_parse(&second, text, &again));
    REQUIRE(fuzz_is_line(failure.message) && fuzz_is_line(failure.hint));
    REQUIRE(strcmp(failure.message, again.message) == 0);
    if (!good) {
        REQUIRE(failure.outcome == OUTCOME_USAGE);
    } else {
        REQUIRE(target.host && !target_host_error(target.host));
        REQUIRE(!target.user || !target_user_error(target.user));
        REQUIRE(is_same(target.host, second.host) && is_same(target.user, second.user));
        REQUIRE(target.port == second.port);
        char *label = target_label(target.user ? target.user : "", target.host);
        REQUIRE(label && fuzz_is_line(label));
        free(label);
        target_free(&target);
        target_free(&second);
    }
    free(text);
    free(copy);
    return 0;
}
