/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One loop: what the program prints, its end, the deadline, signals and the server's hang-up,
 * whichever comes first.
 */
#include <config.h>

#include "util/child.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "util/descriptor.h"
#include "util/escape.h"
#include "util/process.h"
#include "util/signals.h"

/* How long a wait is blind to an end that no descriptor tells. */
enum { STEP_WITHOUT_PID_FD_MS = 20 };

struct run {
    const struct child *child;
    struct process process;
    struct secret *line;
    struct child_output *output;
    int out, err; /* the ends to read from; -1: at their end */
    size_t printed;
    bool line_done;
    bool carriage_return; /* held back: it is dropped before a newline */
    char complaint[512];  /* as it came */
    size_t complaint_len;
    bool complaint_done;
};

/* ---- what it prints ---- */

static void
append(struct run *run, const char *bytes, size_t len)
{
    if (!run->output->too_long && !secret_append(run->line, bytes, len)) {
        run->output->too_long = true;
        secret_clear(run->line);
    }
}

static void
take_output(struct run *run, const char *bytes, size_t len)
{
    run->output->any = true;
    if (run->child->take != NULL) {
        run->child->take(run->child->context, bytes, len);
        return;
    }
    if (run->line_done) {
        return;
    }
    const char *newline = memchr(bytes, '\n', len);
    size_t part = newline != NULL ? (size_t)(newline - bytes) : len;
    run->line_done = newline != NULL;
    if (part == 0) {
        return;
    }
    if (run->carriage_return) {
        append(run, "\r", 1);
    }
    run->carriage_return = bytes[part - 1] == '\r';
    append(run, bytes, run->carriage_return ? part - 1 : part);
}

static void
take_complaint(struct run *run, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len && !run->complaint_done; i++) {
        if (bytes[i] == '\n') {
            run->complaint_done = run->complaint_len > 0;
        } else if (bytes[i] != '\r' && run->complaint_len < sizeof run->complaint) {
            run->complaint[run->complaint_len++] = bytes[i];
        }
    }
}

/* Reads what is there. False where it is more than may be. */
static bool
drain(struct run *run, int *fd, void (*take)(struct run *run, const char *bytes, size_t len))
{
    char bytes[4096];
    while (*fd >= 0 && run->printed <= CHILD_MAX_OUTPUT) {
        ssize_t n = read(*fd, bytes, sizeof bytes);
        if (n > 0) {
            run->printed += (size_t)n;
            take(run, bytes, (size_t)n);
        } else if (n < 0 && errno == EAGAIN) {
            break;
        } else if (n == 0 || errno != EINTR) {
            descriptor_close(fd);
        }
    }
    explicit_bzero(bytes, sizeof bytes);
    return run->printed <= CHILD_MAX_OUTPUT;
}

/* ---- waiting ---- */

static struct timespec
step(const struct run *run)
{
    struct deadline limit = run->child->deadline;
    if (run->process.pid_fd < 0) {
        limit = deadline_earlier(
            limit, deadline_after(STEP_WITHOUT_PID_FD_MS * (DEADLINE_SECOND / 1000)));
    }
    return deadline_left(limit);
}

/* Until something may have happened. CHILD_EXITED: go on. */
static enum child_result
wait_a_step(const struct run *run)
{
    /* RDHUP alone: what the server sends meanwhile is not read here */
    struct pollfd fds[] = {{.fd = run->child->watch_fd, .events = POLLRDHUP},
                           {.fd = run->out, .events = POLLIN},
                           {.fd = run->err, .events = POLLIN},
                           {.fd = run->process.pid_fd, .events = POLLIN}};
    struct timespec timeout = step(run);
    if (signals_poll(fds, sizeof fds / sizeof fds[0], &timeout) < 0) {
        return signals_caught() != 0 ? CHILD_INTERRUPTED
               : errno == EINTR      ? CHILD_EXITED
                                     : CHILD_NOT_STARTED;
    }
    return fds[0].revents != 0 ? CHILD_WATCH_GONE : CHILD_EXITED;
}

/* EXITED: it is to be reaped; anything else: it is to be killed. */
static enum child_result
watch(struct run *run)
{
    for (;;) {
        /* asked before reading: what it printed until then is in the pipe */
        bool ended = process_ended(&run->process);
        if (!drain(run, &run->out, take_output) || !drain(run, &run->err, take_complaint)) {
            return CHILD_TOO_MUCH;
        }
        if (ended) {
            return CHILD_EXITED;
        }
        if (deadline_passed(run->child->deadline)) {
            return CHILD_TIMEOUT;
        }
        enum child_result result = wait_a_step(run);
        if (result != CHILD_EXITED) {
            return result;
        }
    }
}

/* ---- starting ---- */

static bool
make_pipe(int *from, int *to)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    *from = ends[0];
    *to = ends[1];
    return descriptor_move_up(from) && descriptor_move_up(to) &&
           fcntl(*from, F_SETFL, O_NONBLOCK) == 0;
}

static bool
start(struct run *run)
{
    const struct child *child = run->child;
    struct process_plan plan = {
        .argv = child->argv, .variables = child->variables, .in = -1, .out = -1, .err = -1};
    bool good = make_pipe(&run->out, &plan.out) && make_pipe(&run->err, &plan.err) &&
                process_start(&run->process, &plan);
    descriptor_close(&plan.out);
    descriptor_close(&plan.err);
    return good;
}

/* Kills it where it has not ended by itself, and reaps it. */
static enum child_result
finish(struct run *run, enum child_result result)
{
    int error = errno;
    if (result != CHILD_EXITED) {
        process_kill(&run->process);
    }
    bool reaped = process_reap(&run->process, &run->output->status);
    if (!reaped && result == CHILD_EXITED) {
        return CHILD_NOT_STARTED;
    }
    errno = error;
    return result;
}

enum child_result
child_run(const struct child *child, struct secret *line, struct child_output *output)
{
    struct run run = {.child = child, .line = line, .output = output, .out = -1, .err = -1};
    *output = (struct child_output){.status = 0};
    enum child_result result = CHILD_NOT_STARTED;
    if (start(&run)) {
        result = finish(&run, watch(&run));
    }
    int error = errno;
    descriptor_close(&run.out);
    descriptor_close(&run.err);
    if (result != CHILD_EXITED && line != NULL) {
        secret_clear(line);
    }
    escape_into(output->complaint, sizeof output->complaint, run.complaint, run.complaint_len,
                ESCAPE_LINE);
    explicit_bzero(run.complaint, sizeof run.complaint);
    errno = error;
    return result;
}
