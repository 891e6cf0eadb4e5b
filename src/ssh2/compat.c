/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The symbols of libssh2's error codes, which the library itself does not name, and calls that
 * differ between its versions.
 */
#include <config.h>

#include "ssh2/compat.h"

#include <stddef.h>
#include <stdint.h>

#define CODE(symbol)                                                                           \
    {                                                                                          \
        symbol, #symbol                                                                        \
    }

static const struct {
    int code;
    const char *name;
} codes[] = {
    CODE(LIBSSH2_ERROR_SOCKET_NONE),
    CODE(LIBSSH2_ERROR_BANNER_RECV),
    CODE(LIBSSH2_ERROR_BANNER_SEND),
    CODE(LIBSSH2_ERROR_INVALID_MAC),
    CODE(LIBSSH2_ERROR_KEX_FAILURE),
    CODE(LIBSSH2_ERROR_ALLOC),
    CODE(LIBSSH2_ERROR_SOCKET_SEND),
    CODE(LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE),
    CODE(LIBSSH2_ERROR_TIMEOUT),
    CODE(LIBSSH2_ERROR_HOSTKEY_INIT),
    CODE(LIBSSH2_ERROR_HOSTKEY_SIGN),
    CODE(LIBSSH2_ERROR_DECRYPT),
    CODE(LIBSSH2_ERROR_SOCKET_DISCONNECT),
    CODE(LIBSSH2_ERROR_PROTO),
    CODE(LIBSSH2_ERROR_PASSWORD_EXPIRED),
    CODE(LIBSSH2_ERROR_FILE),
    CODE(LIBSSH2_ERROR_METHOD_NONE),
    CODE(LIBSSH2_ERROR_AUTHENTICATION_FAILED),
    CODE(LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED),
    CODE(LIBSSH2_ERROR_SOCKET_TIMEOUT),
    CODE(LIBSSH2_ERROR_REQUEST_DENIED),
    CODE(LIBSSH2_ERROR_METHOD_NOT_SUPPORTED),
    CODE(LIBSSH2_ERROR_INVAL),
    CODE(LIBSSH2_ERROR_EAGAIN),
    CODE(LIBSSH2_ERROR_BUFFER_TOO_SMALL),
    CODE(LIBSSH2_ERROR_BAD_USE),
    CODE(LIBSSH2_ERROR_COMPRESS),
    CODE(LIBSSH2_ERROR_OUT_OF_BOUNDARY),
    CODE(LIBSSH2_ERROR_AGENT_PROTOCOL),
    CODE(LIBSSH2_ERROR_SOCKET_RECV),
    CODE(LIBSSH2_ERROR_ENCRYPT),
    CODE(LIBSSH2_ERROR_BAD_SOCKET),
    CODE(LIBSSH2_ERROR_KNOWN_HOSTS),
    CODE(LIBSSH2_ERROR_KEYFILE_AUTH_FAILED),
    CODE(LIBSSH2_ERROR_PARTIAL_SUCCESS),
    CODE(LIBSSH2_ERROR_GSSAPI_FAILURE),
};

const char *
compat_error_name(int code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].code == code)
            return codes[i].name;
    }
    return NULL;
}

void
compat_set_callback(LIBSSH2_SESSION *session, int which, compat_callback *callback)
{
#if HAVE_DECL_LIBSSH2_SESSION_CALLBACK_SET2
    libssh2_session_callback_set2(session, which, callback);
#else
    libssh2_session_callback_set(session, which, (void *)(uintptr_t)callback);
#endif
}
