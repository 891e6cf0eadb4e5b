/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program that is run for its standard output: for one line, the source cmd: and askpass, or
 * for all of it, the configuration that ssh prints. It runs in a session of its own, so that
 * /dev/tty cannot be opened: in a mere group of its own it would be stopped on reading the
 * terminal, and be waited for in vain. Its standard input is /dev/null; it inherits no
 * descriptor, and the signal mask and handlers that this process was started with (SIGCHLD is
 * never ignored). What it printed is wiped when it was used.
 */
#ifndef CHILD_H
#define CHILD_H

#include "util/deadline.h"
#include "util/failure.h"
#include "util/secret.h"

struct child {
    char *const *argv;        /* argv[0] is a path: PATH is not searched */
    char *const *variables;   /* environment of the child; NULL: this process's */
    struct deadline deadline; /* it is killed then, with its session */
    int watch_fd;             /* a socket whose hang-up ends the wait; -1: none */
    /* is given all of its output, in pieces, instead of `line`; NULL: none. What it leaves of
     * them is its own to wipe. */
    void (*take)(void *context, const char *bytes, size_t len);
    void *context;
};

enum child_result {
    CHILD_EXITED,      /* by itself: `status` is wait(2)'s */
    CHILD_TIMEOUT,     /* killed at the deadline */
    CHILD_INTERRUPTED, /* killed, since one of the signals of util/signals.h came */
    CHILD_WATCH_GONE,  /* killed, since watch_fd hung up */
    CHILD_TOO_MUCH,    /* killed, since it printed more than CHILD_MAX_OUTPUT bytes */
    CHILD_NOT_STARTED  /* errno tells why */
};

/* Bytes; behind the first line they are dropped where only that is wanted. */
#define CHILD_MAX_OUTPUT ((size_t)1024 * 1024)

struct child_output {
    int status;
    bool any;            /* there was a byte at all */
    bool too_long;       /* the first line did not fit into `line`, which is then empty */
    char complaint[200]; /* the first line of standard error that is not empty, printable */
};

/*
 * Runs it and waits for its end. `line` (initialised by the caller, empty; NULL with `take`)
 * gets the first line of its output, without the newline and a carriage return before it, and
 * is empty where the result is not CHILD_EXITED; `output` is filled in any case. A grandchild
 * that keeps the output open is not waited for. Nothing of the child is left behind: no zombie,
 * no process of its session where it was killed, no descriptor. Threads may call it at the same
 * time.
 */
enum child_result child_run(const struct child *child, struct secret *line,
                            struct child_output *output);

#endif
