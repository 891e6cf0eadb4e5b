/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cmd:COMMAND, the first line that a command of the shell prints. It has no terminal, and the
 * environment of this process, from which ask/variable.h took what the env: of others name.
 */
#include <config.h>

#include "ask/source_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask/respond.h"
#include "util/child.h"
#include "util/process.h"

#define SHELL "/bin/sh"

static bool
cmd_parse(struct source *source, const char **why)
{
    *why = "cmd: takes a command";
    return source->value[0] != '\0';
}

static bool
cannot_start(struct failure *failure, const struct source *source, int error)
{
    char why[128];
    snprintf(why, sizeof why, SHELL ": %s", strerror(error));
    return source_unusable(failure, source, why);
}

static bool
cmd_check(const struct source *source, struct failure *failure)
{
    return faccessat(AT_FDCWD, SHELL, X_OK, AT_EACCESS) == 0 ||
           cannot_start(failure, source, errno);
}

/* Always false: "WHAT: COMPLAINT". */
static bool
complain(struct failure *failure, const struct source *source, const char *what,
         const struct child_output *output)
{
    char why[sizeof output->complaint + 128];
    snprintf(why, sizeof why, "%s%s%s", what, output->complaint[0] != '\0' ? ": " : "",
             output->complaint);
    return source_unusable(failure, source, why);
}

/* It ended by itself. */
static bool
judge(const struct source *source, const struct child_output *output, struct failure *failure)
{
    char ending[PROCESS_ENDING_SIZE];
    if (output->status != 0) {
        return complain(failure, source, process_ending(ending, output->status), output);
    }
    if (!output->any) {
        return complain(failure, source, "it printed nothing", output);
    }
    return !output->too_long ||
           source_unusable(failure, source, "the line is longer than an answer may be");
}

static bool
cmd_read(const struct source *source, const char *login, struct deadline deadline,
         struct secret *answer, struct failure *failure)
{
    (void)login;
    char path[] = SHELL, option[] = "-c", end_of_options[] = "--";
    char *argv[] = {path, option, end_of_options, source->text + strlen(source_cmd.prefix),
                    NULL};
    struct deadline ours = deadline_after(RESPOND_CMD_LIMIT * DEADLINE_SECOND);
    const struct child child = {
        .argv = argv, .deadline = deadline_earlier(ours, deadline), .watch_fd = -1};
    struct child_output output;
    char why[64];
    switch (child_run(&child, answer, &output)) {
    case CHILD_EXITED:
        return judge(source, &output, failure);
    case CHILD_TIMEOUT:
        if (deadline_passed(deadline)) {
            return source_timed_out(failure, source);
        }
        snprintf(why, sizeof why, "it did not end within %d seconds", RESPOND_CMD_LIMIT);
        return complain(failure, source, why, &output);
    case CHILD_INTERRUPTED:
        return source_interrupted(failure);
    case CHILD_TOO_MUCH:
        snprintf(why, sizeof why, "it printed more than %zu bytes", CHILD_MAX_OUTPUT);
        return source_unusable(failure, source, why);
    default:
        return cannot_start(failure, source, errno);
    }
}

const struct source_kind source_cmd = {"cmd:", "COMMAND", cmd_parse, cmd_check, cmd_read};
