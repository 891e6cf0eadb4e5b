/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The life of one connection. libssh2's public API, its callbacks, and the poll loop; what a
 * packet means is packet.c's business, whom to trust is probe/'s.
 */
#include <config.h>

#include "ssh2/session.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ssh2/gssapi_with_mic.h"
#include "util/escape.h"
#include "util/signals.h"

/* Before each of libssh2's allocations: its size, so that it can be wiped. */
union header {
    size_t size;
    max_align_t align;
};

void *
session_allocate(size_t size)
{
    if (size > SESSION_MAX_ALLOCATION)
        return NULL;
    union header *header = malloc(sizeof *header + size + 1); /* alloc(0) must not be NULL */
    if (!header)
        return NULL;
    header->size = size;
    return header + 1;
}

/* *abstract is NULL while libssh2_session_init_ex() allocates the session itself. */
static LIBSSH2_ALLOC_FUNC(allocate)
{
    struct session *session = *abstract;

    if (count > SESSION_MAX_ALLOCATION && session)
        session->allocation_capped = true;
    return session_allocate(count);
}

static LIBSSH2_FREE_FUNC(release)
{
    (void)abstract;
    if (!ptr)
        return;
    union header *header = (union header *)ptr - 1;
    explicit_bzero(header, sizeof *header + header->size);
    free(header);
}

static LIBSSH2_REALLOC_FUNC(reallocate)
{
    void *grown = allocate(count, abstract);

    if (!grown || !ptr)
        return grown;
    size_t old = ((union header *)ptr - 1)->size;
    memcpy(grown, ptr, old < count ? old : count);
    release(ptr, abstract);
    return grown;
}

/*
 * libssh2 reads on as long as data comes, so that a flood outlives any limit around its calls:
 * the deadline and the budget are looked at here.
 */
static LIBSSH2_RECV_FUNC(receive_bytes)
{
    struct session *session = *abstract;

    if (deadline_passed(session->deadline) || signals_caught())
        return -EAGAIN;
    if (session->input >= SESSION_MAX_INPUT) {
        packet_refuse(&session->packet, OUTCOME_PROTOCOL_ERROR,
                      "the server sent more than %u bytes", (unsigned)SESSION_MAX_INPUT);
        return -ECONNABORTED;
    }
    ssize_t got = recv(socket, buffer, length, flags | MSG_NOSIGNAL);
    if (got < 0) {
        if (errno == EINTR)
            return -EAGAIN;
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            session->error = errno;
        return -errno;
    }
    if (got == 0)
        session->eof = true;
    session->input += (uint64_t)got;
    return got;
}

static LIBSSH2_SEND_FUNC(send_bytes)
{
    struct session *session = *abstract;
    ssize_t sent = send(socket, buffer, length, flags | MSG_NOSIGNAL);

    if (sent >= 0)
        return sent;
    if (errno == EINTR)
        return -EAGAIN;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        session->error = errno;
    return -errno;
}

static LIBSSH2_DISCONNECT_FUNC(note_disconnect)
{
    struct session_disconnect *disconnect = &((struct session *)*abstract)->disconnect;

    (void)session;
    (void)language;
    (void)language_len;
    disconnect->seen = true;
    disconnect->reason = (uint32_t)reason;
    if (message && message_len > 0) {
        size_t len = (size_t)message_len;
        if (len > sizeof disconnect->text)
            len = sizeof disconnect->text;
        memcpy(disconnect->text, message, len);
        disconnect->text_len = len;
    }
}

struct session *
session_of(LIBSSH2_SESSION *lib)
{
    return *libssh2_session_abstract(lib);
}

struct session *
session_open(int fd, struct deadline deadline)
{
    struct session *session = calloc(1, sizeof *session);

    if (!session)
        return NULL;
    session->fd = fd;
    session->wake_fd = -1;
    session->deadline = deadline;
    session->lib = libssh2_session_init_ex(allocate, release, reallocate, session);
    if (!session->lib) {
        free(session);
        return NULL;
    }
    libssh2_session_set_blocking(session->lib, 0);
    /* a union of function pointer types is what libssh2's void * stands for */
    libssh2_session_callback_set(session->lib, LIBSSH2_CALLBACK_RECV,
                                 (void *)(uintptr_t)receive_bytes);
    libssh2_session_callback_set(session->lib, LIBSSH2_CALLBACK_SEND,
                                 (void *)(uintptr_t)send_bytes);
    libssh2_session_callback_set(session->lib, LIBSSH2_CALLBACK_DISCONNECT,
                                 (void *)(uintptr_t)note_disconnect);
    return session;
}

void
session_close(struct session *session)
{
    if (!session)
        return;
    gssapi_with_mic_free(session);
    if (session->packet.gate_open && !session->eof && !session->error &&
        !session->disconnect.seen)
        libssh2_session_disconnect(session->lib, "done");
    libssh2_session_free(session->lib);
    packet_free(&session->packet);
    explicit_bzero(session, sizeof *session);
    free(session);
}

enum outcome
session_wait(struct session *session)
{
    int directions = libssh2_session_block_directions(session->lib);
    struct pollfd fds[2] = {{.fd = session->fd}, {.fd = session->wake_fd, .events = POLLIN}};

    if (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND)
        fds[0].events = POLLOUT;
    /* where libssh2 names none it waits for input; with a worker at work it waits for that */
    if (directions & LIBSSH2_SESSION_BLOCK_INBOUND || (!directions && session->wake_fd < 0))
        fds[0].events |= POLLIN;
    if (session->wake_fd >= 0)
        fds[0].fd = -1;
    if (signals_caught())
        return OUTCOME_INTERRUPTED;
    if (deadline_passed(session->deadline))
        return OUTCOME_TIMEOUT;
    struct timespec left = deadline_left(session->deadline);
    int ready = signals_poll(fds, 2, &left);
    if (ready < 0 && signals_caught())
        return OUTCOME_INTERRUPTED;
    if (ready == 0 && deadline_passed(session->deadline))
        return OUTCOME_TIMEOUT;
    return OUTCOME_SUCCESS;
}

bool
session_has_version(const struct session *session)
{
    const char *line = libssh2_session_banner_get(session->lib);

    /* lines before the version are legal (RFC 4253 section 4.2), and libssh2 gives them as well
     */
    return line && strncmp(line, "SSH-", 4) == 0;
}

/* RFC 4253 sections 4.2 and 5.1: 2.0, or 1.99 of a server that speaks 1.x as well. */
static bool
speaks_ssh2(const struct session *session)
{
    const char *version = libssh2_session_banner_get(session->lib);

    return strncmp(version, "SSH-2.0-", 8) == 0 || strncmp(version, "SSH-1.99-", 9) == 0;
}

/* libssh2 before 1.11 has only ssh-rsa, which is SHA-1 and refused by servers of today. */
static bool
has_rsa_sha2(LIBSSH2_SESSION *lib)
{
    const char **list = NULL;
    int count = libssh2_session_supported_algs(lib, LIBSSH2_METHOD_HOSTKEY, &list);
    bool found = false;

    for (int i = 0; i < count; i++)
        found |= strncmp(list[i], "rsa-sha2-", 9) == 0;
    if (list)
        libssh2_free(lib, list);
    return found;
}

static enum outcome
no_common_algorithm(struct session *session, struct failure *failure)
{
    failure_set(failure, OUTCOME_KEX_FAILURE,
                "key exchange: this libssh2 (%s) and the server have no common algorithm for "
                "each purpose",
                libssh2_version(0));
    if (!has_rsa_sha2(session->lib))
        failure_hint(failure, "this libssh2 knows neither rsa-sha2-256 nor rsa-sha2-512: a "
                              "server whose only host key is an RSA key needs libssh2 1.11");
    return failure->outcome;
}

/* Why the handshake failed before the host key could be judged. */
static enum outcome
diagnose_exchange(struct session *session, int rc, struct failure *failure)
{
    char *message = NULL;
    size_t len = 0;

    if (session->eof || session->error || session->disconnect.seen ||
        session->allocation_capped || failure_is_set(&session->packet.failure) ||
        rc == LIBSSH2_ERROR_ALLOC)
        return session_diagnose(session, rc, failure);
    if (rc == LIBSSH2_ERROR_KEX_FAILURE)
        return no_common_algorithm(session, failure);
    /* libssh2 hides its reason; a host key, and no NEWKEYS of ours: its signature was wrong */
    if (libssh2_session_hostkey(session->lib, &len, &(int){0}) && !session->packet.newkeys_sent)
        return failure_set(failure, OUTCOME_HOST_KEY,
                           "host key: the server's signature with it could not be verified");
    libssh2_session_last_error(session->lib, &message, NULL, 0);
    return failure_set(failure, OUTCOME_PROTOCOL_ERROR, "%s: %s",
                       session_has_version(session) ? "key exchange" : "version exchange",
                       message ? message : "failed");
}

/*
 * Lines before the version may be empty (RFC 4253 section 4.2). libssh2 1.10.0 takes such a
 * line for an error, and reads on where it is called again; SESSION_MAX_INPUT is the limit.
 */
static bool
may_go_on(const struct session *session, int rc)
{
    return rc == LIBSSH2_ERROR_EAGAIN ||
           (rc == LIBSSH2_ERROR_BANNER_RECV && !session->eof && !session->error);
}

enum outcome
session_exchange_keys(struct session *session, const char *hostkey_algorithms,
                      struct failure *failure)
{
    int rc;

    if (hostkey_algorithms)
        libssh2_session_method_pref(session->lib, LIBSSH2_METHOD_HOSTKEY, hostkey_algorithms);
    while (may_go_on(session, rc = libssh2_session_handshake(session->lib, session->fd))) {
        if (session->packet.service_held)
            return OUTCOME_SUCCESS;
        if (!session->version_at && session_has_version(session)) {
            session->version_at = clock_now();
            if (!speaks_ssh2(session))
                break;
        }
        if (failure_is_set(&session->packet.failure))
            break;
        if (rc == LIBSSH2_ERROR_BANNER_RECV)
            continue; /* there may be more to read already */
        enum outcome outcome = session_wait(session);
        if (outcome != OUTCOME_SUCCESS)
            return outcome;
    }
    if (session_has_version(session) && !speaks_ssh2(session))
        return failure_set(failure, OUTCOME_PROTOCOL_ERROR,
                           "version exchange: the server does not speak SSH 2.0 (RFC 4253 "
                           "section 5.1)");
    if (rc == 0) /* cannot be: the gate holds the last message of the handshake */
        return failure_set(failure, OUTCOME_INTERNAL,
                           "the handshake passed the host key check");
    return diagnose_exchange(session, rc, failure);
}

enum outcome
session_request_userauth(struct session *session, struct failure *failure)
{
    int rc;

    session->packet.gate_open = true;
    while ((rc = libssh2_session_handshake(session->lib, session->fd)) ==
           LIBSSH2_ERROR_EAGAIN) {
        if (failure_is_set(&session->packet.failure))
            break;
        enum outcome outcome = session_wait(session);
        if (outcome != OUTCOME_SUCCESS)
            return outcome;
    }
    if (rc)
        return session_diagnose(session, rc, failure);
    if (!packet_learn_session_id(session))
        return failure_set(failure, OUTCOME_INTERNAL,
                           "libssh2 did not give the session identifier");
    return OUTCOME_SUCCESS;
}

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

/* What libssh2 itself says: of the transport, which its userauth calls hide, or of the call. */
static enum outcome
diagnose_transport(struct session *session, int rc, struct failure *failure)
{
    int error = session->packet.transport_error ? session->packet.transport_error : rc;
    const char *name = compat_error_name(error);
    char *message = NULL;
    char text[256];

    if (error == LIBSSH2_ERROR_SOCKET_DISCONNECT)
        return failure_set(failure, OUTCOME_DISCONNECTED,
                           "the server disconnected, and gave no reason");
    if (error == LIBSSH2_ERROR_INVALID_MAC)
        return failure_set(failure, OUTCOME_PROTOCOL_ERROR,
                           "a packet with a wrong MAC (RFC 4253 section 6.4)");
    libssh2_session_last_error(session->lib, &message, NULL, 0);
    escape_into(text, sizeof text, message ? message : "", message ? strlen(message) : 0,
                ESCAPE_LINE);
    return failure_set(
        failure, OUTCOME_PROTOCOL_ERROR, "a packet that libssh2 cannot read: %s%s%s (%d)",
        session->packet.transport_error ? "" : text, session->packet.transport_error ? "" : " ",
        name ? name : "no reason", error);
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
    if (error)
        return failure_set(failure, OUTCOME_DISCONNECTED, "the connection broke: %s",
                           strerror(error));
    if (session->eof && last_line(session, text, sizeof text))
        return failure_set(failure, OUTCOME_DISCONNECTED,
                           "the server closed the connection instead of sending its version; "
                           "its last line was \"%s\"",
                           text);
    if (session->eof)
        return failure_set(failure, OUTCOME_DISCONNECTED, "the server closed the connection");
    if (rc == LIBSSH2_ERROR_ALLOC && !session->allocation_capped)
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    if (session->allocation_capped)
        return failure_set(failure, OUTCOME_PROTOCOL_ERROR,
                           "a packet needs more than %zu bytes of memory at once",
                           SESSION_MAX_ALLOCATION);
    return diagnose_transport(session, rc, failure);
}
