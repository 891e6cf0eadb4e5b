/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A connection through a child process: `ssh -W` for a jump, or a proxy command (ssh_config(5),
 * ProxyJump and ProxyCommand). The child has one end of a socket pair as its standard input and
 * output. The end of what it says on standard error is kept for the report.
 */
#ifndef PROXY_H
#define PROXY_H

#include "probe/request.h"
#include "util/deadline.h"
#include "util/failure.h"

struct proxy;

/* Does the route lead through one? */
bool proxy_needed(const struct route *route);

/* May the child ask a person: is a terminal there, or SSH_ASKPASS, and is it neither --batch
 * nor one of several targets that run at once? They would all ask at the same time. */
bool proxy_may_ask(const struct request *request);

/*
 * Starts it and waits for the server's first byte, until the deadline. OUTCOME_SUCCESS, else
 * the reason, with what the child said, in `failure`:
 *   USAGE        a token that a proxy command or a jump cannot have, a host or user that a
 *                shell would take for more than a name, a hop that cannot be one
 *   UNREACHABLE  it could not be started, ended, or hung up before a byte came
 *   TIMEOUT, INTERRUPTED, INTERNAL
 * Wherever it was started, on failure too, *proxy is set, to be ended by proxy_stop(), and *fd,
 * a non-blocking socket with close-on-exec, which is the caller's to close before; else there
 * is nothing to end or to close.
 *
 * Where the child may ask a person it shares the terminal and SSH_ASKPASS; else it has a
 * session of its own without a terminal, and SSH_ASKPASS is not used.
 */
enum outcome proxy_start(const struct request *request, struct deadline deadline,
                         struct proxy **proxy, int *fd, struct failure *failure);

/*
 * After a connection that ended early (the server's end of file, a broken connection, and no
 * DISCONNECT was read): was it the proxy that failed, and not the server that hung up? *fd is
 * to be closed before, or `ssh -W` may wait for its end; it is given up to a second to end.
 * True, with UNREACHABLE and its words in *failure instead of what was there, where it ended by
 * a signal or with a status other than 0.
 */
bool proxy_failed(struct proxy *proxy, struct failure *failure);

/* Ends it: by the end of its input, then by SIGHUP, then by SIGKILL, with its session where
 * that is its own. NULL is fine. */
void proxy_stop(struct proxy *proxy);

#endif
