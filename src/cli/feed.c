/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order of targets: the command line's, which were parsed with it, then the lines of the
 * list, one at a time.
 */
#include <config.h>

#include "cli/feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/line.h"
#include "cli/options_parser.h"
#include "cli/reader.h"
#include "util/escape.h"
#include "util/signals.h"

#define SHOWN_MAX 160 /* bytes of the list's name in a message */
#define READS_MAX 16  /* for one task: 1 MiB */

struct feed {
    const struct command *command;
    size_t next; /* target of the command line */
    struct reader reader;
    bool ended;          /* of the list */
    unsigned long lines; /* of it that had words */
    bool is_key;         /* and no list: what follows is nobody's to see */
    bool no_memory;      /* for one */
};

/* As messages name the list. */
static const char *
list_name(const struct command *command, char shown[SHOWN_MAX])
{
    if (strcmp(command->file, "-") == 0)
        return "standard input";
    return escape_into(shown, SHOWN_MAX, command->file, strlen(command->file), ESCAPE_LINE);
}

/* False. */
static bool
fail(const struct command *command, int error, struct failure *failure)
{
    char shown[SHOWN_MAX];

    if (error == ENOMEM)
        return failure_no_memory(failure);
    failure_set(failure, OUTCOME_USAGE, "%s: %s", list_name(command, shown), strerror(error));
    return false;
}

struct feed *
feed_open(const struct command *command, struct failure *failure)
{
    struct feed *feed = calloc(1, sizeof(*feed));

    if (feed == NULL) {
        failure_no_memory(failure);
        return NULL;
    }
    feed->command = command;
    feed->reader.fd = -1;
    if (command->file == NULL || reader_open(&feed->reader, command->file, FEED_LINE_MAX))
        return feed;
    fail(command, errno, failure);
    free(feed);
    return NULL;
}

void
feed_close(struct feed *feed)
{
    if (feed != NULL)
        reader_close(&feed->reader);
    free(feed);
}

int
feed_fd(const struct feed *feed)
{
    return feed->reader.fd;
}

/* ---- the command line ---- */

static void
release(struct task *task)
{
    free(task);
}

/* NULL where memory is short. */
static struct task *
make_task(const struct command *command, size_t i)
{
    const struct owned *owned = command->owned;
    struct task *task = calloc(1, sizeof(*task));

    if (task == NULL)
        return NULL;
    task->request = command->targets[i];
    task->chains = command->chains;
    task->chain_count = command->chain_count;
    task->release = release;
    task->result.expected = command->settings.expected;
    task->result.place.named = owned->shown[i];
    return task;
}

/* ---- the list ---- */

/*
 * A private key that was named by mistake: its lines look like host names, and would be asked
 * of name servers, and be in the report. No line of a list can begin so.
 */
static bool
begins_key(const char *text, size_t len)
{
    static const char *const marks[] = {"-----BEGIN ", "---- BEGIN ", "PuTTY-User-Key-File-"};

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (len >= strlen(marks[i]) && memcmp(text, marks[i], strlen(marks[i])) == 0)
            return true;
    }
    return false;
}

/* One that only says why it is bad. */
static enum line_result
refuse(const struct feed *feed, const char *why, struct task **task)
{
    *task = line_refuse(feed->command, feed->reader.number, why);
    return *task != NULL ? LINE_TASK : LINE_NO_MEMORY;
}

/* The next task that is there. WAIT where it has none, or goes on and on without one. */
static enum task_next
next_line(struct feed *feed, struct task **task)
{
    struct reader *reader = &feed->reader;
    enum line_result made = LINE_EMPTY;
    unsigned reads = READS_MAX;
    const char *text;
    size_t len;

    while (made == LINE_EMPTY && !feed->is_key) {
        switch (reader_next(reader, &reads, &text, &len)) {
        case READER_LINE:
            feed->is_key = begins_key(text, len);
            made = feed->is_key ? refuse(feed, "a key begins here, and no more is read", task)
                                : line_parse(feed->command, reader->number, text, len, task);
            break;
        case READER_LONG:
            made = refuse(feed, "longer than 64 KiB", task);
            break;
        case READER_WAIT:
            return TASK_WAIT;
        case READER_END:
        case READER_FAILED:
            return TASK_END;
        }
    }
    if (made == LINE_EMPTY)
        return TASK_END;
    feed->lines++;
    feed->no_memory = made == LINE_NO_MEMORY;
    return feed->no_memory ? TASK_END : TASK_READY;
}

enum task_next
feed_next(struct feed *feed, struct task **task)
{
    enum task_next result = TASK_END;

    if (feed->next < feed->command->target_count) {
        *task = make_task(feed->command, feed->next++);
        if (*task != NULL)
            return TASK_READY;
        feed->next = feed->command->target_count;
        feed->no_memory = true;
        feed->ended = true;
    }
    if (feed->command->file != NULL && !feed->ended)
        result = next_line(feed, task);
    feed->ended = result == TASK_END;
    return result;
}

unsigned long
feed_total(const struct feed *feed, bool *exact)
{
    const struct command *command = feed->command;
    double share = command->file == NULL ? 1 : reader_share(&feed->reader);

    *exact = command->file == NULL;
    return share > 0
               ? command->target_count + (unsigned long)((double)feed->lines / share + 0.5)
               : 0;
}

static enum task_next
source_next(void *context, struct task **task)
{
    return feed_next(context, task);
}

static int
source_input(void *context)
{
    return feed_fd(context);
}

static unsigned long
source_total(void *context, bool *exact)
{
    return feed_total(context, exact);
}

struct task_source
feed_source(struct feed *feed)
{
    return (struct task_source){
        .next = source_next, .input = source_input, .total = source_total, .context = feed};
}

bool
feed_failed(const struct feed *feed, struct failure *failure)
{
    const struct command *command = feed->command;
    char shown[SHOWN_MAX];

    if (feed->no_memory)
        return !fail(command, ENOMEM, failure);
    if (command->file == NULL)
        return false;
    if (feed->reader.error != 0)
        return !fail(command, feed->reader.error, failure);
    if (feed->lines > 0 || !feed->ended || signals_caught() != 0)
        return false;
    failure_set(failure, OUTCOME_USAGE, "%s: no target in it", list_name(command, shown));
    return true;
}
