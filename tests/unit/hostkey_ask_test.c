/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which answers accept a host key, and how often the question is put. The person is the
 * functions of ask/prompt.h below.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ask/prompt.h"
#include "probe/hostkey_ask.h"

#define FINGERPRINT "SHA256:pjOLNeP4WfOCxDr7jGnoHxTGKf9wqZCHXlcBAteJgtc"

static struct {
    const char *const *answers; /* NULL: Ctrl-D */
    size_t asked;
    char said[2048];
} person;

void
prompt_say(const char *text)
{
    strncat(person.said, text, sizeof(person.said) - strlen(person.said) - 1);
}

enum outcome
prompt_read(const struct prompt *prompt, struct secret *answer, struct failure *failure)
{
    assert_true(prompt->echo);
    assert_int_equal(prompt->server_fd, 7);
    assert_non_null(prompt->deadline);
    assert_int_equal(answer->len, 0);
    const char *text = person.answers[person.asked++];
    prompt_say(prompt->text);
    if (text == NULL)
        return failure_set(failure, OUTCOME_NO_RESPONSE, "end of file");
    assert_true(secret_append(answer, text, strlen(text)));
    return OUTCOME_SUCCESS;
}

static const struct {
    const char *answers[4];
    size_t asked;
    enum outcome outcome;
    enum hostkey_answer answer;
} dialogues[] = {
    {{"yes"}, 1, OUTCOME_SUCCESS, HOSTKEY_ANSWER_ONCE},
    {{" YES "}, 1, OUTCOME_SUCCESS, HOSTKEY_ANSWER_ONCE},
    {{"save"}, 1, OUTCOME_SUCCESS, HOSTKEY_ANSWER_SAVE},
    {{"Save\t"}, 1, OUTCOME_SUCCESS, HOSTKEY_ANSWER_SAVE},
    {{"no"}, 1, OUTCOME_SUCCESS, HOSTKEY_ANSWER_NO},
    {{FINGERPRINT}, 1, OUTCOME_SUCCESS, HOSTKEY_ANSWER_ONCE},
    {{"\t" FINGERPRINT " "}, 1, OUTCOME_SUCCESS, HOSTKEY_ANSWER_ONCE},
    {{FINGERPRINT "=", "no"}, 2, OUTCOME_SUCCESS, HOSTKEY_ANSWER_NO},
    {{"sha256:pjoLnep4wFocxDr7jgnOhxtgkF9wqzCHxLcbaTejgtc", "no"},
     2,
     OUTCOME_SUCCESS,
     HOSTKEY_ANSWER_NO},
    {{"y", "", "yes"}, 3, OUTCOME_SUCCESS, HOSTKEY_ANSWER_ONCE},
    {{"", " ", "\t"}, 3, OUTCOME_SUCCESS, HOSTKEY_ANSWER_NO},
    {{"y", "y", "y", "yes"}, 3, OUTCOME_SUCCESS, HOSTKEY_ANSWER_NO},
    {{"yes\033", "yes no", "save it"}, 3, OUTCOME_SUCCESS, HOSTKEY_ANSWER_NO},
    {{NULL}, 1, OUTCOME_NO_RESPONSE, HOSTKEY_ANSWER_NO},
    {{"y", NULL}, 2, OUTCOME_NO_RESPONSE, HOSTKEY_ANSWER_NO},
};

static void
test_dialogues(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(dialogues) / sizeof(dialogues[0]); i++) {
        struct deadline deadline = {.at = 0};
        struct failure failure = FAILURE_INIT;
        enum hostkey_answer answer = HOSTKEY_ANSWER_SAVE;
        const struct hostkey_question question = {.text = "THE KEY",
                                                  .fingerprint = FINGERPRINT,
                                                  .server_fd = 7,
                                                  .deadline = &deadline};
        memset(&person, 0, sizeof(person));
        person.answers = dialogues[i].answers;
        assert_int_equal(hostkey_ask(&question, &answer, &failure), dialogues[i].outcome);
        assert_int_equal(answer, dialogues[i].answer);
        assert_int_equal(person.asked, dialogues[i].asked);
        assert_ptr_equal(strstr(person.said, "THE KEY"), person.said);
        assert_non_null(strstr(person.said, "[yes = this time, save"));
        bool other = dialogues[i].answers[1] != NULL &&
                     strncasecmp(dialogues[i].answers[0], "SHA256:", 7) == 0;
        assert_int_equal(strstr(person.said, "not the fingerprint of the key") != NULL, other);
    }
}

static void
test_long_answer(void **state)
{
    (void)state;
    static char longest[SECRET_MAX + 1];
    memset(longest, ' ', SECRET_MAX);
    const char *answers[] = {longest, NULL, NULL};
    const struct hostkey_question question = {.text = "",
                                              .fingerprint = FINGERPRINT,
                                              .server_fd = 7,
                                              .deadline = &(struct deadline){0}};
    struct failure failure = FAILURE_INIT;
    enum hostkey_answer answer;
    memcpy(longest + SECRET_MAX - 3, "yes", 3); /* blanks before it do not matter */
    memset(&person, 0, sizeof(person));
    person.answers = answers;
    assert_int_equal(hostkey_ask(&question, &answer, &failure), OUTCOME_SUCCESS);
    assert_int_equal(answer, HOSTKEY_ANSWER_ONCE);
    memset(longest, 'y', SECRET_MAX);
    person.asked = 0;
    assert_int_equal(hostkey_ask(&question, &answer, &failure), OUTCOME_NO_RESPONSE);
    assert_int_equal(answer, HOSTKEY_ANSWER_NO);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialogues),
        cmocka_unit_test(test_long_answer),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
