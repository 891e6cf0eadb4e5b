/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Targets, mutated and made up, always in the same way: the parser never crashes, and what it
 * accepts keeps the rules for users and hosts.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/target.h"
#include "util/failure.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { TEXT_MAX = 120 };

static uint32_t
next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Mostly what means something to the parser. */
static char
next_char(uint64_t *seed)
{
    static const char special[] = "@@::[]%%//;.+-?# 0259afs\\\t\xC3";

    if (next_random(seed) % 4 == 0)
        return (char)(1 + next_random(seed) % 255);
    return special[next_random(seed) % (sizeof(special) - 1)];
}

static void
mutate(char *text, uint64_t *seed)
{
    static const char *const pieces[] = {"ssh://", "[::1]", "%25", "%00",   "%2d", "%40",
                                         ":22",    ":0",    "a@",  "65536", "%",   "://"};
    const char *piece = pieces[next_random(seed) % COUNT(pieces)];
    size_t len = strlen(text);
    size_t at = next_random(seed) % (len + 1);

    switch (next_random(seed) % 5) {
    case 0: /* another one; at the end it is one more, the last byte is never written */
        text[at] = next_char(seed);
        break;
    case 1: /* cut */
        text[at] = '\0';
        break;
    case 2: /* one less */
        if (at < len)
            memmove(text + at, text + at + 1, len - at);
        break;
    default: /* something more, anywhere */
        memmove(text + at + strlen(piece), text + at, len - at + 1);
        memcpy(text + at, piece, strlen(piece));
        break;
    }
}

/* A copy of its own size, so that one byte too far is seen. True where it was accepted. */
static bool
parse_exact(const char *text)
{
    char *copy = strdup(text);
    struct failure failure = FAILURE_INIT;
    struct target target;

    assert_non_null(copy);
    bool good = target_parse(&target, copy, &failure);
    assert_string_equal(copy, text);
    free(copy);
    assert_int_equal(good, !failure_is_set(&failure));
    if (!good) {
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
        for (const char *c = failure.message; *c != '\0'; c++)
            assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
        return false;
    }
    assert_null(target_host_error(target.host));
    if (target.user != NULL)
        assert_null(target_user_error(target.user));
    char *label = target_label(target.user == NULL ? "" : target.user, target.host);
    assert_non_null(label);
    free(label);
    target_free(&target);
    return true;
}

static void
test_mutations(void **state)
{
    enum { TURNS = 200000 };
    static const char *const good[] = {
        "host",
        "alice@host:22",
        "alice@EXAMPLE.TEST@host",
        "DOM\\user@192.0.2.7:2022",
        "[::1]:22",
        "alice@[fe80::1%eth0]:22",
        "2001:db8::7",
        "ssh://alice@host:22/",
        "ssh://al%69ce+b@host.",
        "ssh://[fe80::1%25eth0]:65535",
        "SSH://a%40b@[host]:",
    };
    char text[TEXT_MAX + 1] = {0};
    uint64_t seed = 20261121;
    unsigned accepted = 0;

    (void)state;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        memset(text, 0, sizeof(text));
        strcpy(text, good[next_random(&seed) % COUNT(good)]);
        for (unsigned n = next_random(&seed) % 6; n > 0; n--)
            mutate(text, &seed);
        accepted += parse_exact(text);
    }
    assert_in_range(accepted, TURNS / 10,
                    TURNS - TURNS / 10); /* else it tested one side only */
}

static void
test_made_up(void **state)
{
    enum { TURNS = 200000 };
    char text[TEXT_MAX + 1];
    uint64_t seed = 4;
    unsigned accepted = 0;

    (void)state;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        size_t len = 0;
        if (next_random(&seed) % 2 == 0) {
            memcpy(text, "ssh://", 6);
            len = 6;
        }
        for (size_t end = len + next_random(&seed) % 12; len < end; len++)
            text[len] = next_char(&seed);
        text[len] = '\0';
        accepted += parse_exact(text);
    }
    assert_in_range(accepted, TURNS / 1000, TURNS - TURNS / 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mutations),
                                       cmocka_unit_test(test_made_up)};

    return cmocka_run_group_tests_name("target_fuzz", tests, NULL, NULL);
}
