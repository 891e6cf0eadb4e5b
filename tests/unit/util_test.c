/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The small tools: outcomes and their exit statuses, the failure, points in time, bytes. The
 * outcomes are typed here once more on purpose: users' scripts rely on them.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/bytes.h"
#include "util/certificate.h"
#include "util/deadline.h"
#include "util/failure.h"
#include "util/home.h"
#include "util/name_list.h"
#include "util/outcome.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* DESIGN section 5. */
static const struct {
    enum outcome outcome;
    const char *word;
    int status;
    bool answered, expectable;
} outcomes[] = {
    {OUTCOME_SUCCESS, "success", 0, true, true},
    {OUTCOME_LISTED, "listed", 0, true, true},
    {OUTCOME_FAILURE, "failure", 1, true, true},
    {OUTCOME_USAGE, "usage", 2, false, false},
    {OUTCOME_PARTIAL_SUCCESS, "partial-success", 3, true, true},
    {OUTCOME_NOT_OFFERED, "not-offered", 4, true, true},
    {OUTCOME_GSSAPI_FAILURE, "gssapi-failure", 5, false, true},
    {OUTCOME_HOST_KEY, "host-key", 6, false, true},
    {OUTCOME_UNREACHABLE, "unreachable", 7, false, true},
    {OUTCOME_TIMEOUT, "timeout", 8, false, true},
    {OUTCOME_PROTOCOL_ERROR, "protocol-error", 9, false, true},
    {OUTCOME_DISCONNECTED, "disconnected", 10, false, true},
    {OUTCOME_NO_RESPONSE, "no-response", 11, false, true},
    {OUTCOME_PASSWORD_EXPIRED, "password-expired", 12, true, true},
    {OUTCOME_TRIVIAL, "trivial", 13, true, true},
    {OUTCOME_UNEXPECTED, "unexpected", 14, false, false},
    {OUTCOME_CREDENTIAL, "credential", 15, false, true},
    {OUTCOME_EARLY_SUCCESS, "early-success", 16, true, true},
    {OUTCOME_INTERNAL, "internal", 17, false, false},
    {OUTCOME_KEX_FAILURE, "kex-failure", 18, false, true},
    {OUTCOME_KEY_ACCEPTABLE, "key-acceptable", 19, true, true},
    {OUTCOME_INTERRUPTED, "interrupted", 130, false, false},
};

static void
test_outcomes(void **state)
{
    (void)state;
    assert_int_equal(COUNT(outcomes), OUTCOME_COUNT);
    for (size_t i = 0; i < COUNT(outcomes); i++) {
        enum outcome outcome = outcomes[i].outcome;
        const char *word = outcomes[i].word;
        assert_string_equal(outcome_word(outcome), word);
        assert_int_equal(outcome_status(outcome), outcomes[i].status);
        assert_int_equal(outcome_answered(outcome), outcomes[i].answered);
        assert_int_equal(outcome_expectable(outcome), outcomes[i].expectable);
        assert_true(strlen(outcome_meaning(outcome)) > 5);
        assert_int_equal(outcome_find(word, strlen(word)), outcome);
        assert_int_equal(outcome_find(word, strlen(word) - 1), OUTCOME_COUNT);
        assert_int_equal(outcome_find(word, strlen(word) + 1), OUTCOME_COUNT);
    }
    assert_int_equal(outcome_find("", 0), OUTCOME_COUNT);
    assert_int_equal(outcome_find("Success", 7), OUTCOME_COUNT);
    assert_int_equal(outcome_find("success,failure", 7), OUTCOME_SUCCESS);
}

/* A value that is none is reported as a defect, not read out of bounds. */
static void
test_no_outcome(void **state)
{
    static const int values[] = {OUTCOME_COUNT, OUTCOME_COUNT + 1, -1, 1000000};

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        enum outcome outcome = (enum outcome)values[i];
        assert_string_equal(outcome_word(outcome), "internal");
        assert_int_equal(outcome_status(outcome), 17);
        assert_int_equal(outcome_exit(outcome, 0), 17);
        assert_int_equal(outcome_exit(outcome, UINT32_MAX), 17);
    }
}

/* Met is 0; not met is 14 where the server answered, else the outcome's own status. */
static void
test_exit(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(outcomes); i++) {
        enum outcome outcome = outcomes[i].outcome;
        outcome_set only = (outcome_set)1 << outcome;
        int status = outcomes[i].status;
        assert_int_equal(outcome_exit(outcome, 0), status);
        assert_int_equal(outcome_exit(outcome, only), 0);
        assert_int_equal(outcome_exit(outcome, UINT32_MAX), 0);
        assert_int_equal(outcome_exit(outcome, ~only), outcomes[i].answered ? 14 : status);
    }
    const outcome_set two = 1u << OUTCOME_FAILURE | 1u << OUTCOME_NOT_OFFERED;
    assert_int_equal(outcome_exit(OUTCOME_NOT_OFFERED, two), 0);
    assert_int_equal(outcome_exit(OUTCOME_SUCCESS, two), 14);
    assert_int_equal(outcome_exit(OUTCOME_UNREACHABLE, two), 7);
}

static void
test_failure(void **state)
{
    struct failure failure = FAILURE_INIT;

    (void)state;
    assert_false(failure_is_set(&failure));
    assert_int_equal(failure_set(&failure, OUTCOME_TIMEOUT, "%s: %d", "first", 1),
                     OUTCOME_TIMEOUT);
    assert_true(failure_is_set(&failure));
    assert_int_equal(failure_set(&failure, OUTCOME_INTERNAL, "second"), OUTCOME_TIMEOUT);
    assert_int_equal(failure.outcome, OUTCOME_TIMEOUT);
    assert_string_equal(failure.message, "first: 1");
    assert_string_equal(failure.hint, "");
    failure_hint(&failure, "try %s", "this");
    failure_hint(&failure, "no, that");
    assert_string_equal(failure.hint, "try this");
    assert_string_equal(failure.message, "first: 1");

    failure = FAILURE_INIT; /* an empty text would be no failure */
    assert_int_equal(failure_set(&failure, OUTCOME_FAILURE, "%s", ""), OUTCOME_FAILURE);
    assert_true(failure_is_set(&failure));
}

/* A text of `len` bytes, two-byte characters after `ascii` one-byte ones, is kept as a prefix.
 */
static void
check_truncation(size_t ascii, size_t len)
{
    struct failure failure = FAILURE_INIT;
    const size_t room = sizeof(failure.message) - 1;
    char text[2048];

    memset(text, 'x', ascii);
    for (size_t i = ascii; i < len; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[len] = '\0';
    failure_set(&failure, OUTCOME_FAILURE, "%s", text);
    size_t kept = strlen(failure.message);
    if (len <= room) {
        assert_string_equal(failure.message, text);
        return;
    }
    assert_in_range(kept, room - 1, room); /* as much as fits, in whole characters */
    assert_string_equal(failure.message + kept - 3, "...");
    assert_memory_equal(failure.message, text, kept - 3);
    assert_true(kept - 3 <= ascii || (kept - 3 - ascii) % 2 == 0);
}

static void
test_failure_truncated(void **state)
{
    struct failure failure = FAILURE_INIT;
    char text[1024];

    (void)state;
    for (size_t ascii = 0; ascii < 4; ascii++) {
        for (size_t len = 1010 + ascii % 2; len < 1100; len += 2)
            check_truncation(ascii, len);
    }
    check_truncation(1023, 1023);
    check_truncation(1024, 1024);
    check_truncation(2000, 2000);
    memset(text, 'h', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    failure_hint(&failure, "%s", text);
    assert_int_equal(strlen(failure.hint), sizeof(failure.hint) - 1);
    assert_string_equal(failure.hint + sizeof(failure.hint) - 5, "h...");
    assert_false(failure_is_set(&failure));
}

static void
test_deadline(void **state)
{
    int64_t begin = clock_now();
    struct deadline soon = deadline_after(3600 * DEADLINE_SECOND);
    struct deadline later = deadline_after(7200 * DEADLINE_SECOND);
    struct deadline past = deadline_after(0);

    (void)state;
    assert_true(begin > 0 && clock_now() >= begin);
    assert_true(clock_ms_since(begin) >= 0 && clock_ms_since(begin) < 60000);
    assert_true(clock_ms_since(begin - DEADLINE_SECOND) >= 1000);
    assert_true(soon.at >= begin + 3600 * DEADLINE_SECOND);
    assert_true(soon.at <= clock_now() + 3600 * DEADLINE_SECOND);
    assert_true(deadline_passed(past) && !deadline_passed(soon));
    assert_true(deadline_earlier(soon, later).at == soon.at);
    assert_true(deadline_earlier(later, soon).at == soon.at);
    deadline_extend(&soon, 7200 * DEADLINE_SECOND);
    assert_true(deadline_earlier(soon, later).at == later.at);
    deadline_extend(&past, 60 * DEADLINE_SECOND);
    assert_false(deadline_passed(past));
}

static void
test_deadline_saturates(void **state)
{
    struct deadline never = deadline_after(INT64_MAX);
    struct deadline always = {.at = INT64_MIN};

    (void)state;
    assert_true(never.at == INT64_MAX && !deadline_passed(never));
    assert_true(deadline_after(INT64_MAX - 1).at == INT64_MAX);
    deadline_extend(&never, INT64_MAX);
    assert_true(never.at == INT64_MAX);
    deadline_extend(&always, -1);
    assert_true(always.at == INT64_MIN && deadline_passed(always));
    assert_true(deadline_passed(deadline_after(INT64_MIN)));
    struct deadline half = {.at = INT64_MAX - 5};
    deadline_extend(&half, 5);
    assert_true(half.at == INT64_MAX);
}

static void
test_deadline_left(void **state)
{
    struct timespec left = deadline_left(deadline_after(90 * DEADLINE_SECOND + 1));

    (void)state;
    assert_true(left.tv_sec == 90 || left.tv_sec == 89);
    assert_true(left.tv_nsec >= 0 && left.tv_nsec < DEADLINE_SECOND);
    left = deadline_left((struct deadline){.at = INT64_MAX});
    assert_true(left.tv_sec > 3600L * 24 * 365 * 100);
    assert_true(left.tv_nsec >= 0 && left.tv_nsec < DEADLINE_SECOND);
    left = deadline_left((struct deadline){.at = INT64_MIN});
    assert_true(left.tv_sec == 0 && left.tv_nsec == 0);
    left = deadline_left(deadline_after(0));
    assert_true(left.tv_sec == 0 && left.tv_nsec == 0);
    left = deadline_left(deadline_after(DEADLINE_SECOND / 2));
    assert_true(left.tv_sec == 0 && left.tv_nsec <= DEADLINE_SECOND / 2);
}

static void
test_bytes(void **state)
{
    struct bytes bytes = {NULL, 0};

    (void)state;
    bytes_free(&bytes);
    assert_true(bytes_copy(&bytes, "a\0b", 3));
    assert_int_equal(bytes.len, 3);
    assert_memory_equal(bytes.data, "a\0b\0", 4);
    bytes_free(&bytes);
    assert_null(bytes.data);
    assert_int_equal(bytes.len, 0);
    assert_true(bytes_copy(&bytes, NULL, 0));
    assert_int_equal(bytes.len, 0);
    assert_string_equal(bytes.data, "");
    bytes_free(&bytes);
    bytes_free(&bytes);
    assert_null(bytes.data);
}

/* Lists come from the decoder, which takes no NUL and no empty name. */
static void
test_name_list_has(void **state)
{
    static const struct {
        const char *list, *name;
        bool has;
    } rows[] = {
        {"password", "password", true},
        {"a,b,c", "a", true},
        {"a,b,c", "b", true},
        {"a,b,c", "c", true},
        {"a,b,c", "d", false},
        {"passwords", "password", false},
        {"password", "passwords", false},
        {"pass,word", "password", false},
        {"Password", "password", false},
        {"a,b", "a,b", false},
        {"", "", false},
        {"", "a", false},
        {"ab", "b", false},
        {NULL, "a", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (name_list_has(rows[i].list, rows[i].name, strlen(rows[i].name)) != rows[i].has)
            fail_msg("list %zu, %s", i, rows[i].name);
    }
}

static void
test_certificate(void **state)
{
    static const struct {
        const char *type;
        size_t plain;
    } rows[] = {
        {"ssh-ed25519-cert-v01@openssh.com", 11},
        {"x-cert-v01@openssh.com", 1},
        {"-cert-v01@openssh.com", 0},
        {"ssh-ed25519", 0},
        {"ssh-ed25519-cert-v01@openssh.comx", 0},
        {"ssh-ed25519-cert-v01@openssh.co", 0},
        {"", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(certificate_plain_length(rows[i].type, strlen(rows[i].type)),
                         rows[i].plain);
}

/* ---- home ---- */

static void
test_home(void **state)
{
    char out[PATH_MAX], account[PATH_MAX], longest[PATH_MAX + 1] = "/";

    (void)state;
    assert_non_null(home_of_account(account));
    assert_int_equal(account[0], '/');
    assert_int_equal(setenv("HOME", "/home of", 1), 0);
    assert_ptr_equal(home_directory(out), out);
    assert_string_equal(out, "/home of");
    assert_int_equal(setenv("HOME", "relative", 1), 0);
    assert_string_equal(home_directory(out), account);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_string_equal(home_directory(out), account);
    memset(longest + 1, 'x', PATH_MAX - 1);
    assert_int_equal(setenv("HOME", longest, 1), 0);
    assert_null(home_directory(out));
    longest[PATH_MAX - 1] = '\0';
    assert_int_equal(setenv("HOME", longest, 1), 0);
    assert_string_equal(home_directory(out), longest);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_list_has),
        cmocka_unit_test(test_certificate),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_no_outcome),
        cmocka_unit_test(test_exit),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_failure_truncated),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_deadline_saturates),
        cmocka_unit_test(test_deadline_left),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_home),
    };

    return cmocka_run_group_tests_name("util", tests, NULL, NULL);
}
