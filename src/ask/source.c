/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sources: one row each, and what they say where they fail. Failures name the source, never
 * its content.
 */
#include <config.h>

#include "ask/source.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/prompt.h"
#include "ask/source_kind.h"
#include "ask/variable.h"
#include "util/escape.h"
#include "util/signals.h"

/* ---- what went wrong ---- */

/* A source as a message shows it. */
struct shown {
    char text[256];
};

static struct shown
show(const struct source *source)
{
    struct shown shown;

    escape_into(shown.text, sizeof shown.text, source->text, strlen(source->text), ESCAPE_LINE);
    return shown;
}

bool
source_unusable(struct failure *failure, const struct source *source, const char *why)
{
    failure_set(failure, OUTCOME_CREDENTIAL, "%s: %s", show(source).text, why);
    return false;
}

bool
source_interrupted(struct failure *failure)
{
    failure_set(failure, OUTCOME_INTERRUPTED, "interrupted while waiting for an answer: %s",
                strsignal(signals_caught()));
    return false;
}

bool
source_timed_out(struct failure *failure, const struct source *source)
{
    failure_set(failure, OUTCOME_TIMEOUT, "%s: no answer came within the connection's limit",
                show(source).text);
    return false;
}

/* ---- env: and ask: ---- */

static bool
env_parse(struct source *source, const char **why)
{
    *why = "env: takes the name of a variable";
    if (source->value[0] == '\0' || strchr(source->value, '=') != NULL) {
        return false;
    }
    /* at once: ssh is asked for its configuration before sources are checked, and what it runs
     * must not inherit a secret; whether there is one is env_check()'s to say */
    variable_take(source->value);
    return true;
}

static bool
env_judge(enum variable_result result, const struct source *source, struct failure *failure)
{
    switch (result) {
    case VARIABLE_TAKEN:
        return true;
    case VARIABLE_UNSET:
        return source_unusable(failure, source, "the variable is not set");
    case VARIABLE_TOO_LONG:
        return source_unusable(failure, source, "the value is longer than an answer may be");
    case VARIABLE_NO_MEMORY:
        break;
    }
    return failure_no_memory(failure);
}

static bool
env_check(const struct source *source, struct failure *failure)
{
    return env_judge(variable_take(source->value), source, failure);
}

static bool
env_read(const struct source *source, const char *login, struct deadline deadline,
         struct secret *answer, struct failure *failure)
{
    (void)login, (void)deadline;
    return env_judge(variable_read(source->value, answer), source, failure);
}

static bool
ask_parse(struct source *source, const char **why)
{
    *why = "ask: takes nothing behind it";
    return source->value[0] == '\0';
}

static bool
ask_check(const struct source *source, struct failure *failure)
{
    (void)source;
    return prompt_ready(failure);
}

const struct source_kind source_env = {"env:", "NAME", env_parse, env_check, env_read};
const struct source_kind source_ask = {"ask:", "", ask_parse, ask_check, NULL};

/* ---- the table ---- */

static const struct source_kind *const kinds[] = {
    &source_env, &source_file, &source_fd, &source_cmd, &source_totp, &source_ask,
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const struct source_kind *
kind_find(const char *text)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (strncmp(text, kinds[i]->prefix, strlen(kinds[i]->prefix)) == 0) {
            return kinds[i];
        }
    }
    return NULL;
}

static char list[160];

static void
list_make(void)
{
    size_t len = 0;

    for (size_t i = 0; i < KINDS && len < sizeof list; i++) {
        const char *before = i == 0 ? "" : i + 1 < KINDS ? ", " : " or ";
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%s%s", before,
                                kinds[i]->prefix, kinds[i]->argument);
    }
}

const char *
source_list(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, list_make);
    return list;
}

bool
source_known(const char *text)
{
    return kind_find(text) != NULL;
}

bool
source_init(struct source *source, const char *text, const char **why)
{
    *why = NULL;
    *source = (struct source){.kind = kind_find(text), .text = strdup(text), .fd = -1};
    if (source->text == NULL) {
        return false;
    }
    source->value = source->text + strlen(source->kind->prefix);
    if (!source->kind->parse(source, why)) {
        source_free(source);
        return false;
    }
    *why = NULL;
    return true;
}

void
source_free(struct source *source)
{
    free(source->text);
    source->text = NULL;
}

bool
source_reads(const struct source *source, int fd)
{
    return source->kind == &source_fd && source->fd == fd;
}

bool
source_asks(const struct source *source)
{
    return source->kind->read == NULL;
}

bool
source_check(const struct source *source, struct failure *failure)
{
    return source->kind->check(source, failure);
}

bool
source_read(const struct source *source, const char *login, struct deadline deadline,
            struct secret *answer, struct failure *failure)
{
    return source->kind->read(source, login, deadline, answer, failure);
}
