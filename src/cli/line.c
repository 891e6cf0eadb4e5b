/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Most lines are a target and nothing else: what is their own is its name, what ssh's
 * configuration says of it, and the task. The others have a layer of options.
 */
#include <config.h>

#include "cli/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/options_parser.h"
#include "cli/route.h"
#include "cli/words.h"
#include "util/authority.h"
#include "util/escape.h"

#define SHOWN_MAX 160  /* bytes of a word in a message */
#define NAMED_MAX 1024 /* of a target as it was typed */

struct line {
    struct task task; /* the first member: what is handed out */
    const struct command *command;
    struct words words; /* options point into it */
    struct layer *own;  /* NULL: no options of its own */
    struct target named;
    char *shown; /* as typed */
    char *label;
    struct sshconfig config;
};

/* ---- the task ---- */

/* What was made of its words. */
static void
forget_words(struct line *line)
{
    if (line->own != NULL)
        layer_free(line->own);
    free(line->own);
    line->own = NULL;
    words_free(&line->words);
}

static void
line_release(struct task *task)
{
    struct line *line = (struct line *)task;

    forget_words(line);
    target_free(&line->named);
    sshconfig_free(&line->config);
    free(line->shown);
    free(line->label);
    free(line);
}

static struct line *
line_new(const struct command *command, unsigned long number)
{
    struct line *line = calloc(1, sizeof(*line));

    if (line == NULL)
        return NULL;
    line->command = command;
    line->task.release = line_release;
    line->task.result.expected = command->settings.expected;
    line->task.result.place =
        (struct result_place){.file = command->file, .line = number, .named = ""};
    return line;
}

static const struct layer *
layer_of(const struct line *line)
{
    const struct owned *owned = line->command->owned;

    return line->own != NULL ? line->own : &owned->layer;
}

/* In the thread that runs it; again, where memory or descriptors were short. */
static bool
line_prepare(struct task *task, struct failure *failure)
{
    struct line *line = (struct line *)task;
    struct request *request = &task->request;

    sshconfig_free(&line->config);
    free(line->label);
    line->label = NULL;
    /* those of the command line were looked at when it was parsed */
    if ((line->own != NULL && !options_check_credentials(line->own, failure)) ||
        !route_make(&layer_of(line)->options, &line->named, &line->config, request, failure))
        return false;
    if (line->own == NULL)
        request->settings = &line->command->settings;
    line->label = target_label(request->user, request->host);
    request->label = line->label;
    return line->label != NULL || failure_no_memory(failure);
}

/* ---- words ---- */

static bool
is_plain(const struct words *words)
{
    return words->count == 1 && words->list[0][0] != '-';
}

/* What is left behind the options is one target. */
static bool
check_count(char *const *targets, int count, struct failure *failure)
{
    char shown[SHOWN_MAX];

    if (count == 1)
        return true;
    if (count == 0) {
        failure_set(failure, OUTCOME_USAGE, "no target: [USER@]HOST[:PORT] is missing");
    } else {
        escape_into(shown, sizeof(shown), targets[1], strlen(targets[1]), ESCAPE_LINE);
        failure_set(failure, OUTCOME_USAGE, "target '%s': it is the second one in this line",
                    authority_has_password(targets[1], strlen(targets[1])) ? "..." : shown);
    }
    return false;
}

/* Sets *target to the one word that is no option. */
static bool
scan(struct line *line, const char **target, struct failure *failure)
{
    const struct owned *owned = line->command->owned;
    const struct words *words = &line->words;
    char **argv = calloc(words->count + 2, sizeof(*argv));
    struct parser parser = {.failure = failure};
    bool good = false;

    line->own = malloc(sizeof(*line->own));
    if (line->own != NULL)
        layer_begin(line->own, &owned->layer);
    if (line->own == NULL || argv == NULL) {
        free(argv);
        return failure_no_memory(failure);
    }
    parser.layer = line->own;
    argv[0] = (char *)PACKAGE_NAME;
    memcpy(argv + 1, words->list, words->count * sizeof(*argv));
    int count = (int)words->count + 1;
    int first = scan_options(count, argv, options_take, &parser, failure);
    if (first >= 0) {
        *target = argv[first];
        good = check_count(argv + first, count - first, failure);
    }
    free(argv);
    return good;
}

/* Answers are not read from the list. */
static bool
check_input(const struct line *line, struct failure *failure)
{
    if (line->own == NULL || !layer_reads(line->own, STDIN_FILENO) ||
        !options_list_is_input(line->command))
        return true;
    failure_set(failure, OUTCOME_USAGE, "fd:%d: standard input is the list", STDIN_FILENO);
    return false;
}

/* A URI may hold a password. */
static bool
take_target(struct line *line, const char *text, struct failure *failure)
{
    size_t len = strlen(text);

    if (!authority_has_password(text, len)) {
        char shown[NAMED_MAX];
        line->shown = strdup(escape_into(shown, sizeof(shown), text, len, ESCAPE_LINE));
        if (line->shown == NULL)
            return failure_no_memory(failure);
        line->task.result.place.named = line->shown;
    }
    return target_parse(&line->named, text, failure);
}

static bool
parse(struct line *line, struct failure *failure)
{
    const char *target = line->words.list[0];

    if (!is_plain(&line->words) && !scan(line, &target, failure))
        return false;
    const struct layer *layer = layer_of(line);
    line->task.result.expected = layer->options.settings.expected;
    if (!take_target(line, target, failure) || !options_check(layer, failure) ||
        !check_input(line, failure))
        return false;
    line->task.chains = layer->options.chains;
    line->task.chain_count = layer->options.chain_count;
    line->task.prepare = line_prepare;
    if (line->own == NULL)
        words_free(&line->words);
    return true;
}

/* ---- a line ---- */

enum line_result
line_parse(const struct command *command, unsigned long number, const char *text, size_t len,
           struct task **task)
{
    struct words words;
    const char *why;

    if (!words_split(&words, text, len, &why)) {
        *task = why != NULL ? line_refuse(command, number, why) : NULL;
        return *task != NULL ? LINE_TASK : LINE_NO_MEMORY;
    }
    struct line *line = words.count > 0 ? line_new(command, number) : NULL;
    if (line == NULL) {
        enum line_result result = words.count > 0 ? LINE_NO_MEMORY : LINE_EMPTY;
        words_free(&words);
        return result;
    }
    line->words = words;
    if (!parse(line, &line->task.result.failure))
        forget_words(line); /* of as many as wait to be told of, each up to 64 KiB */
    *task = &line->task;
    return LINE_TASK;
}

struct task *
line_refuse(const struct command *command, unsigned long number, const char *why)
{
    struct line *line = line_new(command, number);

    if (line == NULL)
        return NULL;
    failure_set(&line->task.result.failure, OUTCOME_USAGE, "line: %s", why);
    return &line->task;
}
