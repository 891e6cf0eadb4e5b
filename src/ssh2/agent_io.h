/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The agent's socket. libssh2 reads and writes it through the session's own callbacks, where it
 * must not be taken for the server's: its bytes count towards no budget, and a wait is one of
 * ours, since libssh2 loses bytes where it is told EAGAIN, and turns for ever at an end of
 * file.
 */
#ifndef AGENT_IO_H
#define AGENT_IO_H

#include <sys/socket.h>
#include <sys/types.h>

struct session;

/*
 * Until it is called again with NULL, connect(2) in this thread is for the session's agent: an
 * agent that takes no connections, one that is stopped say, is waited for until the session's
 * deadline or a signal, and not without limit. session->agent_error keeps why it failed.
 */
void agent_io_connecting(struct session *session);

/* For the one place where connect(2) is wrapped (mend.c); `real` is connect(2) itself. */
typedef int agent_io_connector(int fd, const struct sockaddr *address, socklen_t len);
int agent_io_connect_socket(int fd, const struct sockaddr *address, socklen_t len,
                            agent_io_connector *real);

/* As recv(2) and send(2), until the session's deadline or a signal; -errno on failure,
 * ECONNRESET at the end of file, which session->agent_error keeps. Never 0 and never -EAGAIN.
 */
ssize_t agent_io_receive(struct session *session, int fd, void *buffer, size_t len);
ssize_t agent_io_send(struct session *session, int fd, const void *buffer, size_t len);

#endif
