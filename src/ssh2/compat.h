/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What libssh2 is to have one day, for the libssh2 of today: two error codes and the call
 * libssh2_userauth_gssapi_with_mic_ex() with the prototype proposed upstream. Each is defined
 * here only where configure did not find it in the library.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include <string.h>

#include <libssh2.h>

/* Outside libssh2's own range, since upstream has assigned none. */
#if !HAVE_DECL_LIBSSH2_ERROR_PARTIAL_SUCCESS
#define LIBSSH2_ERROR_PARTIAL_SUCCESS (-1001)
#endif
#if !HAVE_DECL_LIBSSH2_ERROR_GSSAPI_FAILURE
#define LIBSSH2_ERROR_GSSAPI_FAILURE (-1002)
#endif

#if !HAVE_DECL_LIBSSH2_USERAUTH_GSSAPI_WITH_MIC_EX
/*
 * Authenticates by gssapi-with-mic (RFC 4462 section 3) with Kerberos V5 and the default
 * credentials, or those that the session's gss_choice names. `username` is sent as given: a
 * local name, or user@REALM. `hostname` makes the target host@hostname, a GSS host-based
 * service. A delegation_flag other than 0 asks that the credentials be delegated.
 *
 * The session must be one that session_open() made, with the handshake complete.
 *
 * Returns 0, or
 *   LIBSSH2_ERROR_ALLOC                  memory, or the libraries are not there
 *   LIBSSH2_ERROR_SOCKET_SEND            the connection failed
 *   LIBSSH2_ERROR_AUTHENTICATION_FAILED  the server refused the user, or the ticket
 *   LIBSSH2_ERROR_PASSWORD_EXPIRED       Kerberos says that the client's password has expired
 *   LIBSSH2_ERROR_GSSAPI_FAILURE         an error in the GSSAPI exchange, on either side;
 *                                        gssapi_with_mic_record() has the texts
 *   LIBSSH2_ERROR_PARTIAL_SUCCESS        accepted, and the server asks for more
 *   LIBSSH2_ERROR_EAGAIN                 on a non-blocking session: call again with the same
 *                                        arguments when the socket, or session_wait()'s other
 *                                        descriptor, is ready
 */
int libssh2_userauth_gssapi_with_mic_ex(LIBSSH2_SESSION *session, const char *username,
                                        unsigned int username_len, const char *hostname,
                                        unsigned int hostname_len, int delegation_flag);

#define libssh2_userauth_gssapi_with_mic(session, username, hostname)                          \
    libssh2_userauth_gssapi_with_mic_ex((session), (username), (unsigned int)strlen(username), \
                                        (hostname), (unsigned int)strlen(hostname), 0)
#endif

/* Sets one of a session's callbacks, of whichever type; libssh2 before 1.11.1 took a void *. */
typedef void compat_callback(void);
void compat_set_callback(LIBSSH2_SESSION *session, int which, compat_callback *callback);

/* "LIBSSH2_ERROR_EAGAIN" for -37, a static string; NULL for a code that has no symbol. */
const char *compat_error_name(int code);

#endif
