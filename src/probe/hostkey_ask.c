/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Puts one question to the person and reads the answer strictly: only a full "yes", "save" or
 * the very fingerprint accepts. Knows no files and no modes.
 */
#include <config.h>

#include "probe/hostkey_ask.h"

#include <string.h>
#include <strings.h>

#include "ask/prompt.h"
#include "util/secret.h"

enum { TRIES = 3 };

static const struct {
    const char *word;
    enum hostkey_answer answer;
} words[] = {
    {"yes", HOSTKEY_ANSWER_ONCE},
    {"save", HOSTKEY_ANSWER_SAVE},
    {"no", HOSTKEY_ANSWER_NO},
};

/* True where the text, blanks around it aside, is an answer. */
static bool
understand(const char *text, const char *fingerprint, enum hostkey_answer *answer)
{
    static const char blanks[] = " \t\r\n";
    char word[128];
    text += strspn(text, blanks);
    size_t len = strlen(text);
    while (len > 0 && strchr(blanks, text[len - 1]) != NULL)
        len--;
    if (len >= sizeof(word))
        return false;
    memcpy(word, text, len);
    word[len] = '\0';
    if (strcmp(word, fingerprint) == 0) {
        *answer = HOSTKEY_ANSWER_ONCE;
        return true;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(word, words[i].word) == 0) {
            *answer = words[i].answer;
            return true;
        }
    }
    if (strncasecmp(word, "SHA256:", strlen("SHA256:")) == 0)
        prompt_say("That is not the fingerprint of the key that the server showed.");
    return false;
}

enum outcome
hostkey_ask(const struct hostkey_question *question, enum hostkey_answer *answer,
            struct failure *failure)
{
    static const char first[] =
        "Accept it? [yes = this time, save = and remember it, no, or the fingerprint] ";
    static const char again[] = "Please answer yes, save, no, or with the fingerprint: ";
    struct prompt prompt = {
        .echo = true, .server_fd = question->server_fd, .deadline = question->deadline};
    struct secret text = {.text = NULL};
    if (!secret_init(&text))
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    enum outcome outcome = OUTCOME_SUCCESS;
    bool understood = false;
    *answer = HOSTKEY_ANSWER_NO;
    prompt_say(question->text);
    for (int tries = 0; tries < TRIES && !understood && outcome == OUTCOME_SUCCESS; tries++) {
        prompt.text = tries == 0 ? first : again;
        secret_clear(&text);
        outcome = prompt_read(&prompt, &text, failure);
        if (outcome == OUTCOME_SUCCESS)
            understood = understand(text.text, question->fingerprint, answer);
    }
    secret_free(&text);
    return outcome;
}
