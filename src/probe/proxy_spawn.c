/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard error is a pipe whose writing end does not block, so that nobody has to read it
 * while the connection lasts. A sealed memfd would do as well, but for programs that open
 * /dev/stderr: truncating it is refused.
 */
#include <config.h>

#include "probe/proxy_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The environment of a child that must not ask: not even the ssh of hops before, which are told
 * nothing else. The strings are not copied; NULL where memory is short. */
static char **
quiet_environment(void)
{
    static const char *const dropped[] = {
        "SSH_ASKPASS=", "SSH_ASKPASS_REQUIRE=", "DISPLAY=", "WAYLAND_DISPLAY="};
    static char never[] = "SSH_ASKPASS_REQUIRE=never";
    size_t count = 0, kept = 0;
    while (environ != NULL && environ[count] != NULL) {
        count++;
    }
    char **variables = calloc(count + 2, sizeof *variables);
    for (size_t i = 0; variables != NULL && i < count; i++) {
        bool keep = true;
        for (size_t j = 0; j < sizeof dropped / sizeof dropped[0]; j++) {
            keep = keep && strncmp(environ[i], dropped[j], strlen(dropped[j])) != 0;
        }
        if (keep) {
            variables[kept++] = environ[i];
        }
    }
    if (variables != NULL) {
        variables[kept] = never;
    }
    return variables;
}

/* In a process whose standard descriptors are closed one would land there, and be lost when the
 * child's are set. */
static bool
move_up(int *fd)
{
    if (*fd > STDERR_FILENO) {
        return true;
    }
    int low = *fd;
    *fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int error = errno;
    close(low);
    errno = error;
    return *fd >= 0;
}

/* ends: ours and the child's, of the socket pair, then of the pipe; -1 before. */
static bool
make_ends(int socket_ends[2], int pipe_ends[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socket_ends) == 0 &&
           pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) == 0 && move_up(&socket_ends[0]) &&
           move_up(&socket_ends[1]) && move_up(&pipe_ends[0]) && move_up(&pipe_ends[1]) &&
           fcntl(socket_ends[0], F_SETFL, O_NONBLOCK) == 0;
}

static void
close_one(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static bool
spawn(struct process *process, char *const *argv, bool own_session, int in_out, int err)
{
    struct process_plan plan = {
        .argv = argv, .in = in_out, .out = in_out, .err = err, .shares_terminal = !own_session};
    if (!own_session) {
        return process_start(process, &plan);
    }
    char **variables = quiet_environment();
    plan.variables = variables;
    bool good = variables != NULL && process_start(process, &plan);
    int error = errno;
    free(variables);
    errno = error;
    return good;
}

bool
proxy_spawn(struct process *process, char *const *argv, bool own_session, int *fd, int *err)
{
    int sockets[2] = {-1, -1}, pipes[2] = {-1, -1};
    bool good =
        make_ends(sockets, pipes) && spawn(process, argv, own_session, sockets[1], pipes[1]);
    int error = errno;
    close_one(&sockets[1]);
    close_one(&pipes[1]);
    if (!good) {
        close_one(&sockets[0]);
        close_one(&pipes[0]);
    }
    *fd = sockets[0];
    *err = pipes[0];
    errno = error;
    return good;
}
