/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why a connection failed. libssh2 tells almost nothing of it: what the callbacks of session.c
 * and the seam noted does.
 */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "ssh2/exchange_guard.h"
#include "ssh2/session.h"
#include "util/escape.h"
#include "util/wipe.h"

/*
 * RFC 4253 section 11.1. A server that hung up said why in the bytes before: they may still
 * wait to be read when a send fails first.
 */
static void
read_last_words(struct session *session)
{
    if (session->error && !session->eof && !session->disconnect.seen) {
        session->error = 0;
        packet_collect_banners(session);
        if (!session->error)
            session->eof = true;
    }
}

/* What its transport returns. RFC 4253 section 6 says how long a packet is, and its padding. */
static const struct {
    int error;
    enum outcome outcome;
    const char *text;
} transport_errors[] = {
    {LIBSSH2_ERROR_SOCKET_DISCONNECT, OUTCOME_DISCONNECTED,
     "the server disconnected, and gave no reason"},
    {LIBSSH2_ERROR_INVALID_MAC, OUTCOME_PROTOCOL_ERROR,
     "a packet with a wrong MAC (RFC 4253 section 6.4)"},
    {LIBSSH2_ERROR_OUT_OF_BOUNDARY, OUTCOME_PROTOCOL_ERROR,
     "a packet of an impossible length (RFC 4253 section 6)"},
    {LIBSSH2_ERROR_DECRYPT, OUTCOME_PROTOCOL_ERROR,
     "a packet whose length or padding is impossible (RFC 4253 section 6)"},
    {LIBSSH2_ERROR_BUFFER_TOO_SMALL, OUTCOME_PROTOCOL_ERROR,
     "a message that ends in the middle of a field (RFC 4251 section 5)"},
};

/* What libssh2 itself says: of the transport, which its userauth calls hide, or of the call. */
static enum outcome
diagnose_transport(struct session *session, int rc, struct failure *failure)
{
    int error = session->packet.transport_error ? session->packet.transport_error : rc;
    const char *name = compat_error_name(error);
    char *message = NULL;
    char text[256];

    for (size_t i = 0; i < sizeof transport_errors / sizeof *transport_errors; i++) {
        if (error == transport_errors[i].error)
            return failure_set(failure, transport_errors[i].outcome, "%s",
                               transport_errors[i].text);
    }
    libssh2_session_last_error(session->lib, &message, NULL, 0);
    escape_into(text, sizeof text, message ? message : "", message ? strlen(message) : 0,
                ESCAPE_LINE);
    return failure_set(
        failure, OUTCOME_PROTOCOL_ERROR, "a packet that libssh2 cannot read: %s%s%s (%d)",
        session->packet.transport_error ? "" : text, session->packet.transport_error ? "" : " ",
        name ? name : "no reason", error);
}

/* A later exchange failed, in a call that is of something else. */
static bool
error_is_of_keys(const struct session *session)
{
    return session->packet.transport_error == LIBSSH2_ERROR_KEX_FAILURE ||
           session->packet.transport_error == LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE;
}

/* Of a key exchange that failed for no packet's sake, the first one or a later one. */
static enum outcome
diagnose_keys(struct session *session, int rc, struct failure *failure)
{
    char *message = NULL;

    if (rc == LIBSSH2_ERROR_KEX_FAILURE)
        return exchange_explain(session, failure);
    /* libssh2 hides its reason; a reply, and no NEWKEYS of ours: its signature was wrong */
    if (session->packet.guard.exchange >= GUARD_KEX_REPLY && !session->packet.guard.keyed &&
        libssh2_session_hostkey(session->lib, &(size_t){0}, &(int){0}))
        return failure_set(failure, OUTCOME_HOST_KEY,
                           "host key: the server's signature with it could not be verified");
    if (session->packet.guard.exchanges > 1) /* libssh2's text may be an older one */
        return failure_set(failure, OUTCOME_PROTOCOL_ERROR,
                           "key exchange: a later one could not be completed");
    libssh2_session_last_error(session->lib, &message, NULL, 0);
    return failure_set(failure, OUTCOME_PROTOCOL_ERROR, "%s: %s",
                       session_has_version(session) ? "key exchange" : "version exchange",
                       message && *message ? message : "failed");
}

/* What a server says that refuses before the version: "Exceeded MaxStartups". Printable. */
static bool
last_line(const struct session *session, char *text, size_t size)
{
    const char *line = libssh2_session_banner_get(session->lib);

    if (!line || session_has_version(session))
        return false;
    escape_into(text, size, line, strlen(line), ESCAPE_LINE);
    return true;
}

bool
session_memory_was_short(const struct session *session)
{
    return session->memory.exhausted || wipe_memory_shortages() != session->shortages;
}

enum outcome
session_diagnose(struct session *session, int rc, struct failure *failure)
{
    char text[256];
    int error = session->error;

    if (failure_is_set(&session->packet.failure)) {
        *failure = session->packet.failure;
        return failure->outcome;
    }
    read_last_words(session);
    if (session->disconnect.seen) {
        escape_into(text, sizeof text, session->disconnect.text, session->disconnect.text_len,
                    ESCAPE_LINE);
        return failure_set(failure, OUTCOME_DISCONNECTED,
                           "the server disconnected: \"%s\" (reason %u)", text,
                           (unsigned)session->disconnect.reason);
    }
    /* what it had not read of ours makes a reset of its end */
    if ((session->eof || error == ECONNRESET) && last_line(session, text, sizeof text))
        return failure_set(failure, OUTCOME_DISCONNECTED,
                           "the server closed the connection instead of sending its version; "
                           "its last line was \"%s\"",
                           text);
    if (error)
        return failure_set(failure, OUTCOME_DISCONNECTED, "the connection broke: %s",
                           strerror(error));
    if (session->eof)
        return failure_set(failure, OUTCOME_DISCONNECTED, "the server closed the connection");
    if (session_memory_was_short(session) ||
        (rc == LIBSSH2_ERROR_ALLOC && !session->memory.capped))
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    if (session->memory.capped)
        return failure_set(failure, OUTCOME_PROTOCOL_ERROR,
                           "a packet needs more than %zu bytes of memory at once",
                           MEMORY_MAX_BLOCK);
    if (error_is_of_keys(session))
        return diagnose_keys(session, session->packet.transport_error, failure);
    return diagnose_transport(session, rc, failure);
}

/* libssh2 signs with the algorithms that it verifies host keys with. `len` bytes of a name. */
static bool
has_algorithm(LIBSSH2_SESSION *lib, const char *name, size_t len)
{
    const char **list = NULL;
    int count = libssh2_session_supported_algs(lib, LIBSSH2_METHOD_HOSTKEY, &list);
    bool found = false;

    for (int i = 0; i < count; i++)
        found |= strncmp(list[i], name, len) == 0;
    if (list)
        libssh2_free(lib, list);
    return found;
}

bool
session_can_sign(const struct session *session, const char *type)
{
    return has_algorithm(session->lib, type, strlen(type) + 1);
}

bool
session_has_rsa_sha2(const struct session *session)
{
    return has_algorithm(session->lib, "rsa-sha2-", strlen("rsa-sha2-"));
}

enum outcome
session_diagnose_exchange(struct session *session, int rc, struct failure *failure)
{
    if (session->eof || session->error || session->disconnect.seen || session->memory.capped ||
        session_memory_was_short(session) || failure_is_set(&session->packet.failure) ||
        session->packet.transport_error || rc == LIBSSH2_ERROR_ALLOC)
        return session_diagnose(session, rc, failure);
    return diagnose_keys(session, rc, failure);
}
