/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A server by libssh, another implementation than OpenSSH's and libssh2's, for the tests:
 * dialogues of many rounds, partial success in any order, gssapi-with-mic. Its accounts are in
 * libssh_accounts.c.
 *
 *   libssh_server [OPTION]... HOST-KEY...
 *     -a FILE       a public key that logs in; may be repeated
 *     -g PRINCIPAL  who logs in by gssapi-with-mic, with the keytab of KRB5_KTNAME
 *     -n NAME       the host's name, of which the service principal is made
 *     -l SECONDS    it ends after so long (300)
 *
 * The password of every account is in PEER_PASSWORD. It listens on 127.0.0.1 at a port that the
 * kernel chooses, and prints it. A process serves each connection, and tells on standard error
 * what the client did, secrets by their length alone:
 *
 *   connected, closed
 *   key exchange: TEXT                     it failed
 *   request USER METHOD                    of a key: publickey-query, -signed or -bad
 *   answer N LENGTH right|wrong            of a password or a prompt
 *   principal NAME
 *   delegated yes|no
 *   accepted USER METHOD entirely|partly
 *   message TYPE SUBTYPE                   has no place in a login
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libssh_login.h"
#include "listen.h"

static const char *host_name = "localhost";
static struct accepted accepted = {.principal = ""};

/* libssh makes the service's name of this: no preloaded library is needed. */
int
gethostname(char *name, size_t size)
{
    if (strlen(host_name) >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(name, host_name);
    return 0;
}

/* ---------------------------------------------------------------- connections */

static void
serve(ssh_bind listener, int fd)
{
    struct login login = {.accepted = &accepted};
    ssh_session session = ssh_new();
    ssh_event event = ssh_event_new();

    if (session == NULL || event == NULL ||
        ssh_bind_accept_fd(listener, session, fd) != SSH_OK || !login_serve(session, &login)) {
        tell("no session: %s", ssh_get_error(listener));
        return;
    }
    if (ssh_handle_key_exchange(session) != SSH_OK) {
        tell("key exchange: %s", ssh_get_error(session));
        return;
    }
    if (ssh_event_add_session(event, session) != SSH_OK)
        return;
    while (!login.over && ssh_event_dopoll(event, -1) == SSH_OK &&
           (ssh_get_status(session) & (SSH_CLOSED | SSH_CLOSED_ERROR)) == 0)
        ;
    /* It drops what it cannot send at once, and has to be told first that it can. */
    if (login.over && ssh_event_dopoll(event, 0) != SSH_ERROR)
        ssh_disconnect(session);
}

static ssh_bind
make_listener(char **host_keys)
{
    ssh_bind listener = ssh_bind_new();
    bool no = false;

    /* Its own configuration in /etc is not the tests'. */
    if (listener == NULL ||
        ssh_bind_options_set(listener, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no) != 0)
        exit(1);
    for (; *host_keys != NULL; host_keys++)
        if (ssh_bind_options_set(listener, SSH_BIND_OPTIONS_HOSTKEY, *host_keys) != 0) {
            tell("%s: %s", *host_keys, ssh_get_error(listener));
            exit(1);
        }
    return listener;
}

static char **
read_arguments(int argc, char **argv)
{
    unsigned int limit = 300;
    int option;

    while ((option = getopt(argc, argv, "a:g:l:n:")) != -1) {
        if (option == 'a' && accepted.n_keys < KEYS &&
            ssh_pki_import_pubkey_file(optarg, &accepted.keys[accepted.n_keys]) == SSH_OK)
            accepted.n_keys++;
        else if (option == 'g')
            accepted.principal = optarg;
        else if (option == 'l')
            limit = (unsigned int)atoi(optarg);
        else if (option == 'n')
            host_name = optarg;
        else
            exit(2);
    }
    accepted.password = getenv("PEER_PASSWORD");
    if (accepted.password == NULL || argv[optind] == NULL)
        exit(2);
    alarm(limit);
    return argv + optind;
}

int
main(int argc, char **argv)
{
    char **host_keys = read_arguments(argc, argv);
    ssh_bind listener;
    pid_t parent = getpid();
    int fd;

    if (ssh_init() != SSH_OK)
        return 1;
    listener = make_listener(host_keys);
    signal(SIGCHLD, SIG_IGN);
    fd = listen_somewhere("libssh_server", 128);
    for (;;) {
        int connection = accept(fd, NULL, NULL), on = 1;

        if (connection < 0)
            continue;
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (fork() == 0) {
            /* It ends with its parent, which a test ends. */
            if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
                _exit(1);
            close(fd);
            tell("connected");
            serve(listener, connection);
            tell("closed");
            _exit(0);
        }
        close(connection);
    }
}
