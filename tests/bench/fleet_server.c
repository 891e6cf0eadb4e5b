/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A cheap server for a thousand clients at once, by libssh: it answers each `none` with a list
 * of methods, and lets nobody in.
 *
 *   fleet_server HOST-KEY
 *
 * It listens on 127.0.0.1 at a port that the kernel chooses, and prints it. Each line of
 * standard input is answered by one that tells what was since the one before:
 *
 *   LISTS CONNECTIONS MOST-AT-ONCE MICROSECONDS-OF-CPU
 *
 * and the end of standard input ends it. A thread serves each connection: libssh's own event
 * loop looks at all sessions for each packet of one of them.
 */
#include <config.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>

#include "../peer/listen.h"

#define STACK   (256 * 1024)
#define SECONDS 60 /* a client may be silent */

static atomic_uint lists, connections, open_now, most;

static int
refuse(ssh_session session, const char *user, void *context)
{
    (void)session, (void)user, (void)context;
    lists++;
    return SSH_AUTH_DENIED;
}

static void
serve(ssh_session session, ssh_event event)
{
    struct ssh_server_callbacks_struct calls = {.auth_none_function = refuse};

    ssh_callbacks_init(&calls);
    if (ssh_set_server_callbacks(session, &calls) != SSH_OK)
        return;
    ssh_set_auth_methods(session, SSH_AUTH_METHOD_PUBLICKEY | SSH_AUTH_METHOD_PASSWORD |
                                      SSH_AUTH_METHOD_INTERACTIVE);
    if (ssh_handle_key_exchange(session) != SSH_OK ||
        ssh_event_add_session(event, session) != SSH_OK)
        return;
    while (ssh_event_dopoll(event, SECONDS * 1000) == SSH_OK &&
           (ssh_get_status(session) & (SSH_CLOSED | SSH_CLOSED_ERROR)) == 0)
        ;
    ssh_event_remove_session(event, session);
}

static void *
thread(void *argument)
{
    ssh_session session = argument;
    ssh_event event = ssh_event_new();

    if (event != NULL) {
        serve(session, event);
        ssh_event_free(event);
    }
    ssh_disconnect(session);
    ssh_free(session);
    open_now--;
    return NULL;
}

/* The listener is used by this thread alone: a session gets copies of its keys. */
static void
take(ssh_bind listener, int fd, const pthread_attr_t *small)
{
    ssh_session session = ssh_new();
    unsigned open;
    int on = 1;
    pthread_t id;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (session == NULL) {
        close(fd);
        return;
    }
    connections++;
    open = ++open_now;
    if (open > most)
        most = open;
    if (ssh_bind_accept_fd(listener, session, fd) != SSH_OK ||
        pthread_create(&id, small, thread, session) != 0) {
        fprintf(stderr, "fleet_server: %s\n", ssh_get_error(listener));
        ssh_free(session);
        open_now--;
    }
}

static void *
answer(void *unused)
{
    char line[256];
    struct rusage usage;

    (void)unused;
    while (fgets(line, sizeof line, stdin) != NULL) {
        getrusage(RUSAGE_SELF, &usage);
        printf("%u %u %u %jd\n", atomic_exchange(&lists, 0), atomic_exchange(&connections, 0),
               atomic_exchange(&most, open_now),
               (intmax_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                   usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
        fflush(stdout);
    }
    _exit(0); /* no handler of libcrypto's, while threads use it */
}

int
main(int argc, char **argv)
{
    ssh_bind listener;
    struct rlimit limit;
    pthread_attr_t small;
    pthread_t id;
    bool no = false;
    int fd, connection;

    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (argc != 2 || ssh_init() != SSH_OK || (listener = ssh_bind_new()) == NULL ||
        ssh_bind_options_set(listener, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no) != 0 ||
        ssh_bind_options_set(listener, SSH_BIND_OPTIONS_HOSTKEY, argv[1]) != 0 ||
        pthread_attr_init(&small) != 0 || pthread_attr_setstacksize(&small, STACK) != 0 ||
        pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED) != 0) {
        fprintf(stderr, "fleet_server: cannot begin\n");
        return 1;
    }
    fd = listen_somewhere("fleet_server", 4096);
    if (pthread_create(&id, NULL, answer, NULL) != 0)
        return 1;
    while ((connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        take(listener, connection, &small);
    perror("fleet_server: accept");
    return 1;
}
