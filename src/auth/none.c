/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `none` (RFC 4252 section 5.2): asks which methods can continue, and may succeed.
 */
#include <config.h>

#include <string.h>

#include "auth/attempt.h"

void
none_attempt(struct attempt *attempt)
{
    LIBSSH2_SESSION *lib = attempt->session->lib;
    const char *user = attempt->request->user;
    int rc;

    do {
        /* the list itself is taken from the seam's record */
        const char *list = libssh2_userauth_list(lib, user, (unsigned)strlen(user));
        rc = list || libssh2_userauth_authenticated(lib) ? 0 : libssh2_session_last_errno(lib);
    } while (rc == LIBSSH2_ERROR_EAGAIN && attempt_wait(attempt));
    attempt_conclude(attempt, rc);
}
