/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Waiting for an agent that may ask a person, may be stopped, or may have gone.
 */
#include <config.h>

#include "ssh2/agent_io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "ssh2/session.h"
#include "util/signals.h"

static ssize_t
failed(struct session *session, int error)
{
    session->agent_error = error;
    session->memory.exhausted |= error == ENOMEM; /* not the agent's fault */
    return -error;
}

/* 0 once the descriptor is ready, or an errno. */
static int
wait_for(struct session *session, int fd, short events)
{
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = events};
        struct timespec left = deadline_left(session->deadline);
        if (signals_caught())
            return EINTR;
        if (deadline_passed(session->deadline))
            return ETIMEDOUT;
        int ready = signals_poll(&wait, 1, &left);
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return errno;
    }
}

static bool
try_again(ssize_t result)
{
    return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

ssize_t
agent_io_receive(struct session *session, int fd, void *buffer, size_t len)
{
    ssize_t got;

    do {
        int error = wait_for(session, fd, POLLIN);
        if (error)
            return failed(session, error);
        got = recv(fd, buffer, len, MSG_DONTWAIT);
    } while (try_again(got));
    if (got == 0)
        return failed(session, ECONNRESET);
    return got < 0 ? failed(session, errno) : got;
}

ssize_t
agent_io_send(struct session *session, int fd, const void *buffer, size_t len)
{
    ssize_t sent;

    do {
        int error = wait_for(session, fd, POLLOUT);
        if (error)
            return failed(session, error);
        sent = send(fd, buffer, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (try_again(sent));
    return sent < 0 ? failed(session, errno) : sent;
}

/* Connecting ------------------------------------------------------------------------------- */

enum { RETRY_MS = 20 }; /* no descriptor tells that an agent takes connections again */

/* libssh2's call has no session at hand: whose agent this thread connects to. NULL: none. */
static _Thread_local struct session *connecting;

void
agent_io_connecting(struct session *session)
{
    connecting = session;
}

/* Where the listener's queue is full, a connect(2) that does not block says EAGAIN. */
static int
connect_within_limit(struct session *session, int fd, const struct sockaddr *address,
                     socklen_t len, agent_io_connector *real)
{
    const struct timespec pause = {.tv_nsec = RETRY_MS * 1000000L};

    while (real(fd, address, len) < 0) {
        if (errno != EAGAIN && errno != EINTR)
            return errno;
        if (signals_check())
            return EINTR;
        if (deadline_passed(session->deadline))
            return ETIMEDOUT;
        signals_poll(NULL, 0, &pause);
    }
    return 0;
}

int
agent_io_connect_socket(int fd, const struct sockaddr *address, socklen_t len,
                        agent_io_connector *real)
{
    int flags = connecting ? fcntl(fd, F_GETFL) : -1;

    if (!connecting)
        return real(fd, address, len);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -1;
    int error = connect_within_limit(connecting, fd, address, len, real);
    if (error == 0 && fcntl(fd, F_SETFL, flags) < 0)
        error = errno;
    if (error)
        failed(connecting, error);
    errno = error;
    return error ? -1 : 0;
}
