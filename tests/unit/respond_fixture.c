/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said by no assertion of its own is checked here, each time.
 */
#include <config.h>

#include "respond_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ask/ledger.h"

int
fixture_forget(void **state)
{
    (void)state;
    ledger_forget_all();
    return 0;
}

struct respond_rules *
rules_of(const char *first, const char *second)
{
    struct failure failure = FAILURE_INIT;
    struct respond_rules *rules = respond_new();
    assert_non_null(rules);
    if (!respond_add(rules, first, &failure) ||
        (second != NULL && !respond_add(rules, second, &failure))) {
        fail_msg("%s", failure.message);
    }
    return rules;
}

struct respond_use *
begin_limited(const struct respond_rules *rules, const char *user, unsigned max_refused)
{
    const struct respond_attempt attempt = {.user = user,
                                            .login = LOGIN,
                                            .max_refused = max_refused,
                                            .dialogue = true,
                                            .server_fd = -1};
    struct respond_use *use = respond_begin(rules, &attempt);
    assert_non_null(use);
    return use;
}

struct respond_use *
begin(const struct respond_rules *rules, const char *user)
{
    return begin_limited(rules, user, RESPOND_MAX_REFUSED);
}

static char answered[SECRET_MAX + 1];

static enum respond_result
ask_more(struct respond_use *use, const char *prompt, const char **source,
         struct failure *failure)
{
    struct secret secret;
    *failure = FAILURE_INIT;
    assert_true(secret_init(&secret));
    assert_true(secret_append(&secret, "stale", 5));
    enum respond_result result =
        respond_answer(use, prompt, strlen(prompt), FAR, &secret, source, failure);
    assert_int_equal(result == RESPOND_FAILED, failure_is_set(failure));
    assert_true(result == RESPOND_ANSWERED || secret.len == 0);
    memcpy(answered, secret.text, secret.len + 1);
    secret_free(&secret);
    return result;
}

enum respond_result
ask(struct respond_use *use, const char *prompt, const char **source, struct failure *failure)
{
    respond_round(use);
    return ask_more(use, prompt, source, failure);
}

void
expect_answer(struct respond_use *use, const char *prompt, const char *answer)
{
    struct failure failure;
    const char *source;
    if (ask(use, prompt, &source, &failure) != RESPOND_ANSWERED) {
        fail_msg("%s: %s", prompt, failure.message);
    }
    assert_string_equal(answered, answer);
}

void
expect_more(struct respond_use *use, const char *prompt, const char *answer)
{
    struct failure failure;
    const char *source;
    if (ask_more(use, prompt, &source, &failure) != RESPOND_ANSWERED) {
        fail_msg("%s: %s", prompt, failure.message);
    }
    assert_string_equal(answered, answer);
}
