/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One login on the libssh server of the tests.
 */
#ifndef LIBSSH_LOGIN_H
#define LIBSSH_LOGIN_H

#include <stdbool.h>
#include <stddef.h>

/* What is to be used instead of the calls for messages knows no keyboard-interactive. */
#define SSH_SUPPRESS_DEPRECATED
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>

#include "libssh_accounts.h"

#define KEYS 8

/* What every account accepts. */
struct accepted {
    const char *password;
    const char *principal; /* of gssapi-with-mic */
    ssh_key keys[KEYS];
    int n_keys;
};

/* To begin with, all but ACCEPTED is 0. */
struct login {
    const struct accepted *accepted;
    const struct account *account; /* NULL: unknown so far */
    char user[128];                /* of the last request */
    int step;
    int round;    /* of the dialogue */
    int refusals; /* of none are not counted */
    bool right;   /* all answers of the dialogue so far */
    bool greeted;
    bool over; /* it is to be disconnected, with the session's message */
    struct ssh_server_callbacks_struct calls;
};

/* A line on standard error. */
__attribute__((format(printf, 1, 2))) void tell(const char *format, ...);

/* From here on libssh calls for what the client sends; fails without memory. LOGIN has to live
 * as long as the session. */
bool login_serve(ssh_session session, struct login *login);

#endif
