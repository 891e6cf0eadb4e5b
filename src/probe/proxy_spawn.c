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
#include <sys/socket.h>
#include <unistd.h>

#include "util/descriptor.h"

/* A child that must not ask is not to ask through SSH_ASKPASS either, nor is the ssh of hops
 * before, which is told nothing but this. */
static const char *const dropped[] = {
    "SSH_ASKPASS=", "SSH_ASKPASS_REQUIRE=", "DISPLAY=", "WAYLAND_DISPLAY="};
static char never[] = "SSH_ASKPASS_REQUIRE=never";

/* ends: ours and the child's, of the socket pair, then of the pipe; -1 before. */
static bool
make_ends(int socket_ends[2], int pipe_ends[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socket_ends) == 0 &&
           pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) == 0 &&
           descriptor_move_up(&socket_ends[0]) && descriptor_move_up(&socket_ends[1]) &&
           descriptor_move_up(&pipe_ends[0]) && descriptor_move_up(&pipe_ends[1]) &&
           fcntl(socket_ends[0], F_SETFL, O_NONBLOCK) == 0;
}

static bool
spawn(struct process *process, char *const *argv, bool own_session, int in_out, int err)
{
    struct process_plan plan = {
        .argv = argv, .in = in_out, .out = in_out, .err = err, .shares_terminal = !own_session};
    if (!own_session) {
        return process_start(process, &plan);
    }
    char **variables = process_variables(dropped, sizeof dropped / sizeof dropped[0], never);
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
    descriptor_close(&sockets[1]);
    descriptor_close(&pipes[1]);
    if (!good) {
        descriptor_close(&sockets[0]);
        descriptor_close(&pipes[0]);
    }
    *fd = sockets[0];
    *err = pipes[0];
    return good;
}
