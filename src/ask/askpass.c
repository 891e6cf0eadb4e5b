/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The person sees nothing but the program's window. So the question holds what a terminal would
 * show above the prompt: the fingerprint of the key that is to be accepted, for one.
 */
#include <config.h>

#include "ask/askpass.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/child.h"
#include "util/escape.h"
#include "util/process.h"
#include "util/program.h"
#include "util/signals.h"

#define DEFAULT_PROGRAM "/usr/bin/ssh-askpass"

/* That the question is none: ssh-add's. */
static const char *const hint_variable = "SSH_ASKPASS_PROMPT=";

/* ---- whether, and which ---- */

static bool
set_and_not_empty(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != '\0';
}

/* As named, not searched for; NULL: none. */
static const char *
program(void)
{
    const char *named = getenv("SSH_ASKPASS");
    if (named == NULL) {
        return access(DEFAULT_PROGRAM, X_OK) == 0 ? DEFAULT_PROGRAM : NULL;
    }
    return named[0] != '\0' ? named : NULL;
}

bool
askpass_wanted(bool terminal)
{
    const char *require = getenv("SSH_ASKPASS_REQUIRE");
    bool display = set_and_not_empty("DISPLAY") || set_and_not_empty("WAYLAND_DISPLAY");
    if (program() == NULL) {
        return false;
    }
    if (require != NULL && strcasecmp(require, "force") == 0) {
        return true;
    }
    if (require != NULL && strcasecmp(require, "never") == 0) {
        return false;
    }
    bool prefer = require != NULL && strcasecmp(require, "prefer") == 0;
    return display && (prefer || !terminal);
}

/* ---- the question ---- */

static char said[8192];

void
askpass_said(const char *text)
{
    size_t len = strlen(text), before = strlen(said);
    bool newline = len == 0 || text[len - 1] != '\n';
    if (before + len + newline >= sizeof said) {
        before = 0;
    }
    while (len + newline >= sizeof said) {
        const char *end = strchr(text, '\n');
        newline = newline && end != NULL; /* a last line that does not fit is dropped */
        text = end != NULL ? end + 1 : text + len;
        len = strlen(text);
    }
    snprintf(said + before, sizeof said - before, "%s%s", text, newline ? "\n" : "");
}

/* NULL where memory is short. */
static char *
question_make(const struct prompt *prompt)
{
    char *question = NULL;
    if (asprintf(&question, "%s%s", said, prompt->text) < 0) {
        question = NULL;
    }
    said[0] = '\0';
    return question;
}

/* ---- the answer ---- */

static enum outcome
no_response(struct failure *failure, const char *named, const char *why, const char *complaint)
{
    char shown[256];
    escape_into(shown, sizeof shown, named, strlen(named), ESCAPE_LINE);
    return failure_set(failure, OUTCOME_NO_RESPONSE,
                       "no answer from the askpass program %s: %s%s%s", shown, why,
                       complaint[0] != '\0' ? ": " : "", complaint);
}

/* It ended by itself. */
static enum outcome
judge(const char *named, const struct child_output *output, struct failure *failure)
{
    char ending[PROCESS_ENDING_SIZE], why[PROCESS_ENDING_SIZE + 16];
    if (output->status != 0) {
        bool signalled = WIFSIGNALED(output->status);
        snprintf(why, sizeof why, signalled ? "%s" : "cancelled (%s)",
                 process_ending(ending, output->status));
        return no_response(failure, named, why, output->complaint);
    }
    if (!output->any) {
        return no_response(failure, named, "cancelled (it printed nothing)", output->complaint);
    }
    if (output->too_long) {
        snprintf(why, sizeof why, "it is longer than %d bytes", SECRET_MAX);
        return no_response(failure, named, why, "");
    }
    return OUTCOME_SUCCESS;
}

static enum outcome
outcome_of(enum child_result result, const char *named, const struct child_output *output,
           struct failure *failure)
{
    char why[64];
    switch (result) {
    case CHILD_EXITED:
        return judge(named, output, failure);
    case CHILD_TIMEOUT:
        snprintf(why, sizeof why, "none came within %d minutes", ASKPASS_LIMIT / 60);
        return no_response(failure, named, why, output->complaint);
    case CHILD_INTERRUPTED:
        return failure_set(failure, OUTCOME_INTERRUPTED, "interrupted at a prompt: %s",
                           strsignal(signals_caught()));
    case CHILD_WATCH_GONE:
        return failure_set(failure, OUTCOME_DISCONNECTED,
                           "the server hung up while a prompt was waiting for its answer");
    case CHILD_TOO_MUCH:
        snprintf(why, sizeof why, "it printed more than %zu bytes", CHILD_MAX_OUTPUT);
        return no_response(failure, named, why, "");
    default:
        return no_response(failure, named, strerror(errno), "");
    }
}

static enum outcome
ask(const char *named, char *question, char **variables, const struct prompt *prompt,
    struct secret *answer, struct failure *failure)
{
    char path[PATH_MAX];
    if (!program_find(named, path, sizeof path)) {
        return no_response(failure, named, strerror(ENOENT), "");
    }
    char *argv[] = {path, question, NULL};
    const struct child child = {.argv = argv,
                                .variables = variables,
                                .deadline = deadline_after(ASKPASS_LIMIT * DEADLINE_SECOND),
                                .watch_fd = prompt->server_fd};
    struct child_output output;
    enum child_result result = child_run(&child, answer, &output);
    return outcome_of(result, named, &output, failure);
}

enum outcome
askpass_read(const struct prompt *prompt, struct secret *answer, struct failure *failure)
{
    const char *named = program();
    char *question = question_make(prompt);
    char **variables = process_variables(&hint_variable, 1, NULL);
    enum outcome outcome;
    if (question == NULL || variables == NULL) {
        outcome = failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    } else if (named == NULL) {
        outcome = failure_set(failure, OUTCOME_NO_RESPONSE, "there is no askpass program");
    } else {
        outcome = ask(named, question, variables, prompt, answer, failure);
    }
    if (answer->len > 0) {
        secret_truncate(answer, strlen(answer->text)); /* as ssh: to the first NUL */
    }
    if (outcome != OUTCOME_SUCCESS) {
        secret_clear(answer);
    }
    free(variables);
    free(question);
    return outcome;
}
