/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of decisions on host keys, each a program of its own: one request and its
 * results. The person is the three functions of ask/prompt.h below. The system's known hosts
 * files are files in the test's own directory: hostkey_known.c is compiled in here with their
 * name, and the library's own copy of it is then not linked.
 */
#ifndef HOSTKEY_FIXTURE_H
#define HOSTKEY_FIXTURE_H

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#define SSH_SYSTEM_KNOWN_HOSTS "system_known_hosts"
#include "probe/hostkey_known.c"

#include "ask/prompt.h"
#include "ask/turn.h"
#include "probe/hostkey.h"
#include "test_keys.h"

#define USER_FILE ".ssh/known_hosts"

static struct {
    bool possible;
    const char *answer; /* NULL: Ctrl-D */
    size_t asked;
    char said[4096];
} person;

/* The wait for the turn; what happens to the user's file meanwhile. */
static const char *saved_meanwhile;

enum outcome
turn_take(void (*run)(void *context), void *context, int server_fd, struct deadline *deadline,
          struct failure *failure)
{
    (void)deadline, (void)failure;
    assert_int_equal(server_fd, 7);
    if (saved_meanwhile != NULL)
        write_text(USER_FILE, saved_meanwhile);
    run(context);
    return OUTCOME_SUCCESS;
}

bool
prompt_possible(void)
{
    return person.possible;
}

void
prompt_say(const char *text)
{
    strncat(person.said, text, sizeof(person.said) - strlen(person.said) - 2);
    strcat(person.said, "\n");
}

enum outcome
prompt_read(const struct prompt *prompt, struct secret *answer, struct failure *failure)
{
    assert_true(person.possible);
    assert_true(prompt->echo);
    assert_int_equal(prompt->server_fd, 7);
    assert_int_equal(answer->len, 0);
    prompt_say(prompt->text);
    person.asked++;
    if (person.answer == NULL)
        return failure_set(failure, OUTCOME_NO_RESPONSE, "end of file");
    assert_true(secret_append(answer, person.answer, strlen(person.answer)));
    return OUTCOME_SUCCESS;
}

/* One check; its results. */
static struct settings settings;
static struct request request;
static struct hostkey_verdict verdict;
static struct failure failure;

static const char *named_file;

/* As --known-hosts; NULL: the usual files. */
static inline void
use_file(const char *path)
{
    named_file = path;
    request.route.known_hosts = path != NULL ? &named_file : NULL;
    request.route.known_hosts_count = path != NULL;
    request.route.known_hosts_named = path != NULL;
    request.route.known_hosts_written = path;
}

static inline enum outcome
check(const char *key)
{
    const struct blob blob = blob_of(key);
    struct deadline deadline = {.at = 0};
    failure = FAILURE_INIT;
    memset(person.said, 0, sizeof(person.said));
    person.asked = 0;
    request.settings = &settings;
    enum outcome outcome =
        hostkey_check(&request, blob.bytes, blob.len, 7, &deadline, &verdict, &failure);
    assert_int_equal(verdict.accepted, outcome == OUTCOME_SUCCESS);
    assert_int_equal(failure_is_set(&failure), outcome != OUTCOME_SUCCESS);
    return outcome;
}

static inline void
assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static inline void
assert_file(const char *path, const char *expected)
{
    char *text = read_text(path);
    if (expected == NULL)
        assert_null(text);
    else
        assert_string_equal(text, expected);
    free(text);
}

static const enum hostkey_mode all_modes[] = {HOSTKEY_DEFAULT, HOSTKEY_STRICT, HOSTKEY_ASK,
                                              HOSTKEY_ACCEPT_NEW, HOSTKEY_OFF};
#define EACH_MODE(i) (size_t i = 0; i < sizeof(all_modes) / sizeof(all_modes[0]); i++)

static inline int
setup(void **state)
{
    directory_setup(state);
    assert_int_equal(setenv("HOME", *state, 1), 0);
    assert_int_equal(mkdir(".ssh", 0700), 0);
    memset(&person, 0, sizeof(person));
    memset(&settings, 0, sizeof(settings));
    request =
        (struct request){.port = 22, .user = "x", .label = "x@web1", .route.hostname = "web1"};
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, directory_teardown)

#endif
