/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The life of one connection. libssh2's public API, its callbacks, and the poll loop; what a
 * packet means is packet.c's business, whom to trust is probe/'s.
 */
#include <config.h>

#include "ssh2/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include "ssh2/agent_io.h"
#include "ssh2/gssapi_with_mic.h"
#include "util/escape.h"
#include "util/signals.h"
#include "util/wipe.h"

/* *abstract is our session from the first allocation on, which is libssh2's session itself. */
static LIBSSH2_ALLOC_FUNC(allocate)
{
    return memory_allocate(&((struct session *)*abstract)->memory, count);
}

static LIBSSH2_FREE_FUNC(release)
{
    (void)abstract;
    memory_release(ptr);
}

static LIBSSH2_REALLOC_FUNC(reallocate)
{
    return memory_resize(&((struct session *)*abstract)->memory, ptr, count);
}

bool
session_over(const struct session *session)
{
    return signals_check() || deadline_passed(session->deadline);
}

/* One byte of the version exchange: libssh2 asks for no more than that at once. */
static ssize_t
check_version(struct session *session, const char *byte)
{
    switch (version_take(&session->version, *byte)) {
    case VERSION_NUL:
        packet_refuse(&session->packet, OUTCOME_PROTOCOL_ERROR,
                      "version exchange: a NUL byte from the server (RFC 4253 section 4.2)");
        return -ECONNABORTED;
    case VERSION_TOO_LONG:
        packet_refuse(&session->packet, OUTCOME_PROTOCOL_ERROR,
                      "version exchange: the server's version line has more than 255 bytes "
                      "(RFC 4253 section 4.2)");
        return -ECONNABORTED;
    case VERSION_DROP:
        return 0;
    case VERSION_KEEP:
    default:
        return 1;
    }
}

/*
 * libssh2 reads on as long as data comes, so that a flood outlives any limit around its calls:
 * the deadline and the budget are looked at here.
 */
static ssize_t
receive_now(struct session *session, void *buffer, size_t length, int flags)
{
    if (session_over(session))
        return -EAGAIN;
    if (session->input >= SESSION_MAX_INPUT) {
        packet_refuse(&session->packet, OUTCOME_PROTOCOL_ERROR,
                      "the server sent more than %u bytes", (unsigned)SESSION_MAX_INPUT);
        return -ECONNABORTED;
    }
    ssize_t got = recv(session->fd, buffer, length, flags | MSG_NOSIGNAL);
    if (got < 0) {
        if (errno == EINTR)
            return -EAGAIN;
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            session->error = errno;
        return -errno;
    }
    if (got == 0)
        session->eof = true;
    return got;
}

/* Of what was received already, at most so many bytes; 0: there is none. */
static ssize_t
take_ahead(struct session *session, void *buffer, size_t length)
{
    struct session_ahead *ahead = &session->ahead;
    size_t count = ahead->end - ahead->begin;

    if (count > length)
        count = length;
    memcpy(buffer, ahead->bytes + ahead->begin, count);
    ahead->begin += count;
    return (ssize_t)count;
}

/*
 * libssh2 reads version lines byte by byte: they are received as they come, and handed on so.
 * It says that it waits for more only where all of that was taken.
 */
static ssize_t
receive_byte(struct session *session, void *byte, int flags)
{
    struct session_ahead *ahead = &session->ahead;

    if (ahead->begin == ahead->end) {
        ssize_t got = receive_now(session, ahead->bytes, sizeof ahead->bytes, flags);
        if (got <= 0)
            return got;
        ahead->begin = 0;
        ahead->end = (size_t)got;
    }
    session->input++;
    return take_ahead(session, byte, 1);
}

/* After the version line, what came with it included. */
static ssize_t
receive_some(struct session *session, void *buffer, size_t length, int flags)
{
    ssize_t got = take_ahead(session, buffer, length);

    if (got == 0)
        got = receive_now(session, buffer, length, flags);
    if (got > 0)
        session->input += (uint64_t)got;
    return got;
}

static LIBSSH2_RECV_FUNC(receive_bytes)
{
    struct session *session = *abstract;
    ssize_t got;

    if (socket != session->fd)
        return agent_io_receive(session, socket, buffer, length);
    if (failure_is_set(&session->packet.failure))
        return -ECONNABORTED;
    if (session->version.complete)
        return receive_some(session, buffer, length, flags);
    do {
        /* looked at byte by byte, so that what all input may be would take long */
        if (session->input >= SESSION_MAX_PREFACE) {
            packet_refuse(&session->packet, OUTCOME_PROTOCOL_ERROR,
                          "version exchange: the server sent more than %u bytes before its "
                          "version",
                          (unsigned)SESSION_MAX_PREFACE);
            return -ECONNABORTED;
        }
        got = receive_byte(session, buffer, flags);
        if (got <= 0)
            return got;
        got = check_version(session, buffer);
    } while (got == 0);
    return got;
}

static LIBSSH2_SEND_FUNC(send_bytes)
{
    struct session *session = *abstract;
    ssize_t sent;

    if (socket != session->fd)
        return agent_io_send(session, socket, buffer, length);
    sent = send(socket, buffer, length, flags | MSG_NOSIGNAL);
    if (sent >= 0)
        return sent;
    if (errno == EINTR)
        return -EAGAIN;
    /* a proxy that ended at once, unlike TCP, fails the first send: what it said is still to be
     * read, and its end after it */
    if (errno == EPIPE && !session_has_version(session))
        return (ssize_t)length;
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
    struct session *session = wipe_keep_reserve() ? calloc(1, sizeof *session) : NULL;

    if (!session)
        return NULL;
    session->fd = fd;
    session->shortages = wipe_memory_shortages();
    session->wake_fd = -1;
    session->deadline = deadline;
    session->lib = libssh2_session_init_ex(allocate, release, reallocate, session);
    if (!session->lib) {
        free(session);
        return NULL;
    }
    memory_give_back_zeros(&session->memory);
    libssh2_session_set_blocking(session->lib, 0);
    compat_set_callback(session->lib, LIBSSH2_CALLBACK_RECV, (compat_callback *)receive_bytes);
    compat_set_callback(session->lib, LIBSSH2_CALLBACK_SEND, (compat_callback *)send_bytes);
    compat_set_callback(session->lib, LIBSSH2_CALLBACK_DISCONNECT,
                        (compat_callback *)note_disconnect);
    return session;
}

void
session_close(struct session *session)
{
    if (!session)
        return;
    gssapi_with_mic_free(session);
    packet_abandon(session);
    if (session->packet.gate_open && !session->eof && !session->error &&
        !session->disconnect.seen)
        libssh2_session_disconnect(session->lib, "done");
    libssh2_session_free(session->lib);
    memory_release_all(&session->memory);
    wipe_forgotten();
    /* libssh2 leaves libcrypto's notes on each key that is in no format which it tries first:
     * they would stay for as long as the thread */
    ERR_clear_error();
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

/*
 * Lines before the version may be empty (RFC 4253 section 4.2). libssh2 1.10.0 takes such a
 * line for an error, and reads on where it is called again; SESSION_MAX_PREFACE is the limit.
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
    return session_diagnose_exchange(session, rc, failure);
}

enum outcome
session_request_userauth(struct session *session, struct failure *failure)
{
    int rc;

    /* what came before the service was asked for is refused before that is */
    packet_collect_banners(session);
    if (failure_is_set(&session->packet.failure))
        return session_diagnose(session, 0, failure);
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
                           session_memory_was_short(session)
                               ? "out of memory"
                               : "libssh2 did not give the session identifier");
    return OUTCOME_SUCCESS;
}
