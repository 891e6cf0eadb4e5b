/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The child's life: started, waited for, ended.
 *
 * What `ssh -W` does, seen with OpenSSH 9.2: it ends with 0 however the server hangs up (end of
 * file, reset, at once or later), as soon as both directions are closed, and with 0 where it
 * gets SIGTERM; with 255 where the target refuses, the jump host is not reached, does not let
 * the user in or hangs up, and at SIGHUP. So a status other than 0 is a proxy's failure. Of
 * proxy commands the same is assumed.
 */
#include <config.h>

#include "probe/proxy.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ask/prompt.h"
#include "probe/connect_text.h"
#include "probe/proxy_command.h"
#include "probe/proxy_spawn.h"
#include "probe/proxy_words.h"
#include "util/descriptor.h"
#include "util/escape.h"
#include "util/process.h"
#include "util/program.h"
#include "util/signals.h"

enum {
    STEP_MS = 100, /* between one SIGHUP and the next */
    STEP_WITHOUT_PID_FD_MS = 20,
    READS_MAX = 64,  /* of what it says, at once */
    WORDS_MAX = 400, /* bytes of what it said, in a message */
    END_MS = 1000,   /* from its hang-up to its end; from SIGHUP, where it may have to put the
                      * terminal back */
    /* The next two together are well below the second that a run may take beyond its limit. */
    STOP_MS = 300,   /* from the end of its input to SIGHUP */
    HANG_UP_MS = 400 /* from there to SIGKILL */
};

struct proxy {
    struct process process;
    bool own_session;
    bool crowded;   /* it may not ask, but for one at a time it may */
    bool connected; /* a byte came through it */
    int err;        /* what it says; -1 at its end */
    struct proxy_words words;
    char label[160]; /* printable: "proxy command", "jump host NAME" */
};

bool
proxy_needed(const struct route *route)
{
    return route->jump != NULL || route->proxy_command != NULL;
}

/* Alone, it could. */
static bool
could_ask(const struct request *request)
{
    return !request->settings->batch && prompt_possible();
}

bool
proxy_may_ask(const struct request *request)
{
    return !request->settings->crowd && could_ask(request);
}

/* ---- what it says, and how it ended ---- */

/* Not for as long as it goes on: one that never stops would make limits and signals wait. */
static void
listen_to(struct proxy *proxy)
{
    char bytes[4096];
    for (int reads = 0; proxy->err >= 0 && reads < READS_MAX; reads++) {
        ssize_t n = read(proxy->err, bytes, sizeof bytes);
        if (n > 0) {
            proxy_words_take(&proxy->words, bytes, (size_t)n);
        } else if (n < 0 && errno == EAGAIN) {
            break;
        } else if (n == 0 || errno != EINTR) {
            descriptor_close(&proxy->err);
        }
    }
}

/* "LABEL: WHY", and what it said. */
static enum outcome
fail(struct proxy *proxy, enum outcome outcome, const char *why, struct failure *failure)
{
    char words[WORDS_MAX];
    listen_to(proxy);
    proxy_words_text(&proxy->words, words, sizeof words);
    return failure_set(failure, outcome, "%s: %s%s%s", proxy->label, why,
                       words[0] != '\0' ? ": " : "", words);
}

static enum outcome
fail_ended(struct proxy *proxy, struct failure *failure)
{
    char ending[PROCESS_ENDING_SIZE];
    int status = process_status(&proxy->process);
    if (proxy->crowded) {
        failure_hint(failure, "where it has something to ask: with --jobs=1 it may");
    }
    return fail(proxy, OUTCOME_UNREACHABLE,
                status != 0 ? process_ending(ending, status)
                            : "it ended, with exit status 0, before the server said a word",
                failure);
}

/* ---- waiting ---- */

/* Sleeps until something may have happened to one of these: -1 is none. False at a signal. */
static bool
wait_a_step(int fd, int err, int pid_fd, struct deadline limit)
{
    struct deadline next = deadline_after(STEP_WITHOUT_PID_FD_MS * (DEADLINE_SECOND / 1000));
    struct timespec timeout = deadline_left(pid_fd < 0 ? deadline_earlier(limit, next) : limit);
    struct pollfd fds[] = {{.fd = fd, .events = POLLIN},
                           {.fd = err, .events = POLLIN},
                           {.fd = pid_fd, .events = POLLIN}};
    signals_poll(fds, sizeof fds / sizeof fds[0], &timeout);
    return signals_caught() == 0;
}

/* Waits for its end. False where it did not come, or a signal did. */
static bool
await_end(struct proxy *proxy, int milliseconds)
{
    struct deadline limit = deadline_after(milliseconds * (DEADLINE_SECOND / 1000));
    while (!process_ended(&proxy->process)) {
        if (deadline_passed(limit) || !wait_a_step(-1, -1, proxy->process.pid_fd, limit)) {
            return process_ended(&proxy->process);
        }
    }
    return true;
}

/*
 * Sends SIGHUP until it ends, whatever signals come to us; true where it does. ssh puts the
 * terminal back at it, and ends the ssh of the hops before; but what it gets just before it
 * begins to read a password does not end that read(2), while the next one does.
 */
static bool
hang_up(struct proxy *proxy)
{
    int milliseconds = proxy->own_session ? HANG_UP_MS : END_MS;
    struct deadline limit = deadline_after(milliseconds * (DEADLINE_SECOND / 1000));
    pid_t whom = proxy->own_session ? -proxy->process.pid : proxy->process.pid;
    while (!process_ended(&proxy->process) && !deadline_passed(limit)) {
        struct pollfd wait = {.fd = proxy->process.pid_fd, .events = POLLIN};
        kill(whom, SIGHUP);
        kill(whom, SIGCONT); /* one that is stopped gets it only then */
        poll(&wait, 1, wait.fd < 0 ? STEP_WITHOUT_PID_FD_MS : STEP_MS);
    }
    return process_ended(&proxy->process);
}

enum sight { NOTHING_YET, A_BYTE, HUNG_UP };

static enum sight
look(int fd)
{
    char byte;
    ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n > 0) {
        return A_BYTE;
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? NOTHING_YET : HUNG_UP;
}

static enum outcome
hung_up(struct proxy *proxy, struct failure *failure)
{
    bool ended = await_end(proxy, END_MS);
    /* asked first: Ctrl-C may have ended it as well */
    if (signals_check() != 0) {
        return fail(proxy, OUTCOME_INTERRUPTED, "interrupted by a signal", failure);
    }
    if (ended) {
        return fail_ended(proxy, failure);
    }
    return fail(proxy, OUTCOME_UNREACHABLE, "it closed the connection", failure);
}

/* One that ended well may have left the connection to a process of its own. */
static enum outcome
await_first_byte(struct proxy *proxy, int fd, struct deadline limit, struct failure *failure)
{
    for (;;) {
        /* asked before looking: what it wrote until then is there */
        bool ended = process_ended(&proxy->process);
        if (signals_check() != 0) {
            return fail(proxy, OUTCOME_INTERRUPTED, "interrupted by a signal", failure);
        }
        listen_to(proxy);
        enum sight sight = look(fd);
        if (sight == A_BYTE) {
            return OUTCOME_SUCCESS;
        }
        if (sight == HUNG_UP) {
            return hung_up(proxy, failure);
        }
        if (ended && process_status(&proxy->process) != 0) {
            return fail_ended(proxy, failure);
        }
        if (deadline_passed(limit)) {
            return fail(proxy, OUTCOME_TIMEOUT, "nothing came from the server within the limit",
                        failure);
        }
        wait_a_step(fd, proxy->err, ended ? -1 : proxy->process.pid_fd, limit);
    }
}

/* ---- ending ---- */

static void
end(struct proxy *proxy, int patience_ms)
{
    int status;
    if (!await_end(proxy, patience_ms) && !hang_up(proxy)) {
        process_kill(&proxy->process);
    }
    process_reap(&proxy->process, &status);
}

void
proxy_stop(struct proxy *proxy)
{
    if (proxy == NULL) {
        return;
    }
    end(proxy, proxy->connected ? STOP_MS : 0);
    descriptor_close(&proxy->err);
    free(proxy);
}

bool
proxy_failed(struct proxy *proxy, struct failure *failure)
{
    if (!await_end(proxy, END_MS) || signals_check() != 0 ||
        process_status(&proxy->process) == 0) {
        return false;
    }
    *failure = FAILURE_INIT;
    fail_ended(proxy, failure);
    return true;
}

/* ---- starting ---- */

static const char *
shell(void)
{
    const char *named = getenv("SHELL");
    return named != NULL && named[0] == '/' && access(named, X_OK) == 0 ? named : "/bin/sh";
}

static enum outcome
make_command(struct proxy *proxy, const struct request *request, bool may_ask,
             struct proxy_command *command, struct failure *failure)
{
    const char *jump = request->route.jump;
    char ssh[PATH_MAX], shown[128];
    if (jump == NULL) {
        snprintf(proxy->label, sizeof proxy->label, "proxy command");
        return proxy_command_shell(command, request, shell(), failure);
    }
    bool found = program_find("ssh", ssh, sizeof ssh);
    /* checked first: a password in a URI is in no message */
    enum outcome outcome =
        proxy_command_jump(command, request, found ? ssh : "ssh", may_ask, failure);
    if (outcome != OUTCOME_SUCCESS) {
        return outcome;
    }
    snprintf(proxy->label, sizeof proxy->label, "jump host%s %s",
             strchr(jump, ',') != NULL ? "s" : "",
             escape_into(shown, sizeof shown, jump, strlen(jump), ESCAPE_LINE));
    if (!found) {
        proxy_command_free(command);
        failure_hint(failure, "a jump host is reached by the ssh of OpenSSH");
        return failure_set(failure, OUTCOME_UNREACHABLE, "%s: ssh is not installed",
                           proxy->label);
    }
    return OUTCOME_SUCCESS;
}

static enum outcome
start(struct proxy *proxy, char *const *argv, int *fd, struct failure *failure)
{
    char shown[128];
    if (proxy_spawn(&proxy->process, argv, proxy->own_session, fd, &proxy->err)) {
        return OUTCOME_SUCCESS;
    }
    /* EAGAIN: too many processes */
    bool shortage = connect_is_shortage(errno) || errno == EAGAIN;
    enum outcome outcome = shortage ? OUTCOME_INTERNAL : OUTCOME_UNREACHABLE;
    const char *why = strerror(errno);
    return failure_set(failure, outcome, "%s: %s cannot be started: %s", proxy->label,
                       escape_into(shown, sizeof shown, argv[0], strlen(argv[0]), ESCAPE_LINE),
                       why);
}

enum outcome
proxy_start(const struct request *request, struct deadline deadline, struct proxy **proxy,
            int *fd, struct failure *failure)
{
    bool may_ask = proxy_may_ask(request);
    struct proxy_command command;
    struct proxy *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    }
    made->own_session = !may_ask;
    made->crowded = request->settings->crowd && could_ask(request);
    enum outcome outcome = make_command(made, request, may_ask, &command, failure);
    if (outcome == OUTCOME_SUCCESS) {
        outcome = start(made, command.argv, fd, failure);
        proxy_command_free(&command);
    }
    if (outcome != OUTCOME_SUCCESS) {
        free(made);
        return outcome;
    }
    *proxy = made;
    outcome = await_first_byte(made, *fd, deadline, failure);
    made->connected = outcome == OUTCOME_SUCCESS;
    return outcome;
}
