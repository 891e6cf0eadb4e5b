/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The seam. Only this file declares libssh2's private functions; --wrap makes the linker route
 * libssh2's own calls of them through here. Their prefix is configure's finding: _libssh2_ up
 * to 1.11.1, ssh2_ on the development branch.
 *
 * What the wrapped functions promise, in all three versions looked at:
 *  - transport_send may return EAGAIN and is then called again with the same arguments;
 *  - packet_requirev never blocks: EAGAIN until a whole packet is there. It picks by the order
 *    of the list asked for and not by arrival, keeps a limit of 60 s of its own in the first
 *    eight bytes of `state`, and reads the payload into memory of the session's allocator;
 *  - packet_require is the same for one type: all that the key exchange and the service
 *    request wait for comes from it;
 *  - transport_read gives the type of the message that it read, whatever became of that, or an
 *    error. In the middle of a session it answers a KEXINIT itself, and reads on for that.
 */
#include <config.h>

#include "ssh2/packet.h"

#include <stdlib.h>
#include <string.h>

#include "ssh2/exchange_guard.h"
#include "ssh2/mend.h"
#include "ssh2/record.h"
#include "ssh2/session.h"
#include "ssh2/signature.h"

#define PASTE_(a, b, c) a##b##c
#define PASTE(a, b, c)  PASTE_(a, b, c)
#define REAL(name)      PASTE(__real_, LIBSSH2_PRIVATE_PREFIX, name)
#define WRAP(name)      PASTE(__wrap_, LIBSSH2_PRIVATE_PREFIX, name)

int REAL(transport_send)(LIBSSH2_SESSION *lib, const unsigned char *data, size_t data_len,
                         const unsigned char *data2, size_t data2_len);
int WRAP(transport_send)(LIBSSH2_SESSION *lib, const unsigned char *data, size_t data_len,
                         const unsigned char *data2, size_t data2_len);
int REAL(packet_requirev)(LIBSSH2_SESSION *lib, const unsigned char *types,
                          unsigned char **data, size_t *data_len, int match_ofs,
                          const unsigned char *match_buf, size_t match_len, void *state);
int WRAP(packet_requirev)(LIBSSH2_SESSION *lib, const unsigned char *types,
                          unsigned char **data, size_t *data_len, int match_ofs,
                          const unsigned char *match_buf, size_t match_len, void *state);

int REAL(packet_require)(LIBSSH2_SESSION *lib, unsigned char type, unsigned char **data,
                         size_t *data_len, int match_ofs, const unsigned char *match_buf,
                         size_t match_len, void *state);
int WRAP(packet_require)(LIBSSH2_SESSION *lib, unsigned char type, unsigned char **data,
                         size_t *data_len, int match_ofs, const unsigned char *match_buf,
                         size_t match_len, void *state);

int REAL(transport_read)(LIBSSH2_SESSION *lib);
int WRAP(transport_read)(LIBSSH2_SESSION *lib);

int PASTE(, LIBSSH2_PRIVATE_PREFIX, kex_exchange)(LIBSSH2_SESSION *lib, int again, void *state);

#define STATE_SIZE          64    /* more than libssh2's struct in any version */
#define EXCHANGE_STATE_SIZE 16384 /* the same of a whole key exchange */

/* Banners first, so that one that was queued is told before what came after it. */
/* clang-format off */
static const unsigned char userauth_types[] = {
    MSG_USERAUTH_BANNER,
    50, 51, 52, 54, 55, 56, 57, 58, 59,
    60, 61, 62, 63, 64, 65, 66, 67, 68, 69,
    70, 71, 72, 73, 74, 75, 76, 77, 78, 79,
    0,
};
/* clang-format on */

/* Reading --------------------------------------------------------------------------------- */

/* A message of this type has arrived, its bytes are in libssh2's queue or were dropped. */
static int
arrived(struct session *session, unsigned char type)
{
    const char *why = guard_arrived(&session->packet.guard, type);

    if (!why)
        return 0;
    exchange_refuse(session, type, why);
    return LIBSSH2_ERROR_PROTO;
}

int
WRAP(transport_read)(LIBSSH2_SESSION *lib)
{
    struct session *session = session_of(lib);

    if (!session)
        return REAL(transport_read)(lib);
    struct packet *packet = &session->packet;
    if (failure_is_set(&packet->failure))
        return LIBSSH2_ERROR_PROTO;
    /* libssh2 itself would read on behind a bad packet */
    if (packet->transport_error)
        return packet->transport_error;
    const unsigned exchanges = packet->guard.exchanges;
    int rc = mend_call(REAL(transport_read), lib);
    if (failure_is_set(&packet->failure))
        return LIBSSH2_ERROR_PROTO;
    if (rc < 0) {
        if (rc != LIBSSH2_ERROR_EAGAIN && !packet->transport_error)
            packet->transport_error = rc;
        if (rc == LIBSSH2_ERROR_SOCKET_DISCONNECT)
            exchange_note_violation(session);
        return rc;
    }
    /* it was a KEXINIT that libssh2 answered: noted when it was sent, and what is returned is
     * the type of the exchange's last message, even where that has failed */
    if (packet->guard.exchanges != exchanges && packet->guard.exchange == GUARD_KEYS)
        return rc;
    if (packet->guard.exchanges != exchanges) {
        /* what it failed for was noted in the read of that packet */
        if (!packet->transport_error)
            packet->transport_error = LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE;
        return packet->transport_error;
    }
    int refused = arrived(session, (unsigned char)rc);
    return refused ? refused : rc;
}

/* Receiving ------------------------------------------------------------------------------- */

/* The next payload that is no banner, from libssh2's queue or the socket. */
static int
receive(struct session *session, const unsigned char *types, unsigned char **data, size_t *len,
        void *state)
{
    struct packet *packet = &session->packet;
    bool taken;

    do {
        /* one read can bring thousands of messages, each looked for in a long queue */
        if (session_over(session))
            return LIBSSH2_ERROR_EAGAIN;
        /* libssh2's limit of 60 s starts anew with each call: the deadline is ours */
        memset(state, 0, 8);
        int rc =
            REAL(packet_requirev)(session->lib, userauth_types, data, len, 0, NULL, 0, state);
        if (rc && rc != LIBSSH2_ERROR_EAGAIN && !packet->transport_error)
            packet->transport_error = rc;
        if (rc)
            return rc;
        if (record_received(packet, types, *data, len, &taken))
            return 0;
        libssh2_free(session->lib, *data);
        *data = NULL;
    } while (taken);
    return LIBSSH2_ERROR_PROTO;
}

int
WRAP(packet_requirev)(LIBSSH2_SESSION *lib, const unsigned char *types, unsigned char **data,
                      size_t *data_len, int match_ofs, const unsigned char *match_buf,
                      size_t match_len, void *state)
{
    struct session *session = session_of(lib);

    if (!session)
        return REAL(packet_requirev)(lib, types, data, data_len, match_ofs, match_buf,
                                     match_len, state);
    if (session->packet.phantom)
        return packet_phantom_reply(session, data, data_len);
    if (failure_is_set(&session->packet.failure))
        return LIBSSH2_ERROR_PROTO;
    return receive(session, types, data, data_len, state);
}

/* Exchanging keys ------------------------------------------------------------------------- */

int
WRAP(packet_require)(LIBSSH2_SESSION *lib, unsigned char type, unsigned char **data,
                     size_t *data_len, int match_ofs, const unsigned char *match_buf,
                     size_t match_len, void *state)
{
    struct session *session = session_of(lib);

    if (session && failure_is_set(&session->packet.failure))
        return LIBSSH2_ERROR_PROTO;
    int rc =
        REAL(packet_require)(lib, type, data, data_len, match_ofs, match_buf, match_len, state);
    if (session && rc == 0 && exchange_skips(session, type)) {
        libssh2_free(lib, *data);
        *data = NULL;
        rc = REAL(packet_require)(lib, type, data, data_len, match_ofs, match_buf, match_len,
                                  state);
    }
    if (!session || rc)
        return rc;
    if (exchange_accept(session, *data, *data_len))
        return 0;
    libssh2_free(lib, *data);
    *data = NULL;
    return LIBSSH2_ERROR_PROTO;
}

/* Sending --------------------------------------------------------------------------------- */

/*
 * Nothing may wait for us when a request is about to leave: a SUCCESS slipped into the
 * clear-text key exchange is queued by libssh2 and would answer any later request.
 */
static int
nothing_waits(struct session *session)
{
    static const unsigned char no_types[] = {0};
    unsigned char state[STATE_SIZE] = {0};
    unsigned char *data = NULL;
    size_t len = 0;
    int rc = receive(session, no_types, &data, &len, state);

    if (rc == LIBSSH2_ERROR_EAGAIN)
        return 0;
    if (rc == 0) /* cannot be: no type was asked for */
        libssh2_free(session->lib, data);
    return failure_is_set(&session->packet.failure) ? LIBSSH2_ERROR_PROTO : rc;
}

/*
 * Before the first byte of a message leaves. Each reply follows what we send (RFC 4252 section
 * 5.1, RFC 4256 section 3.4, RFC 4462 section 3): a verdict that waits already is none, and no
 * secret is sent after it.
 */
static int
prepare(struct session *session, const struct userauth_msg *msg)
{
    struct packet *packet = &session->packet;
    bool new_request = guard_is_new_request(&packet->guard, msg);
    /* the proof may follow the last token at once: what the server says to that one is read
     * later */
    int rc = new_request || guard_is_our_turn(&packet->guard) ? nothing_waits(session) : 0;

    if (rc || !new_request)
        return rc;
    return record_new_request(packet, msg) ? 0 : LIBSSH2_ERROR_SOCKET_SEND;
}

static int
send_userauth(struct session *session, const unsigned char *data, size_t data_len,
              const unsigned char *data2, size_t data2_len)
{
    struct packet *packet = &session->packet;
    struct userauth_msg msg;
    size_t len = data_len + data2_len;
    unsigned char *whole = malloc(len);
    int rc = LIBSSH2_ERROR_ALLOC;

    session->memory.exhausted |= !whole;
    if (!whole)
        return rc;
    memcpy(whole, data, data_len);
    if (data2_len)
        memcpy(whole + data_len, data2, data2_len);
    const char *why = userauth_msg_decode(&msg, USERAUTH_SENT, packet->method, whole, len);
    if (why) {
        packet_refuse(packet, OUTCOME_INTERNAL, "message %u to be sent: %s", whole[0], why);
        goto out;
    }
    rc = packet->resend ? 0 : prepare(session, &msg);
    if (rc)
        goto out;
    /* after EAGAIN the same bytes at the same address are sent again */
    if (!packet->resend && !signature_correct(&msg, whole, len, &packet->corrected)) {
        session->memory.exhausted = true;
        rc = LIBSSH2_ERROR_ALLOC;
        goto out;
    }
    rc = packet->corrected.bytes
             ? REAL(transport_send)(session->lib, packet->corrected.bytes,
                                    packet->corrected.len, NULL, 0)
             : REAL(transport_send)(session->lib, data, data_len, data2, data2_len);
    packet->resend = rc == LIBSSH2_ERROR_EAGAIN;
    if (!packet->resend)
        outgoing_free(&packet->corrected);
    if (rc == 0)
        record_sent(packet, &msg);
    /* before it sends, libssh2 goes on with a key exchange that is under way */
    else if (rc != LIBSSH2_ERROR_EAGAIN && packet->guard.exchange != GUARD_KEYS &&
             !session->error && !packet->transport_error)
        packet->transport_error = rc;
out:
    explicit_bzero(whole, len);
    free(whole);
    return rc;
}

int
WRAP(transport_send)(LIBSSH2_SESSION *lib, const unsigned char *data, size_t data_len,
                     const unsigned char *data2, size_t data2_len)
{
    struct session *session = session_of(lib);
    unsigned char type = data_len ? data[0] : 0;

    if (!session)
        return REAL(transport_send)(lib, data, data_len, data2, data2_len);
    struct packet *packet = &session->packet;
    if (packet->phantom)
        return 0;
    if (failure_is_set(&packet->failure) && type != MSG_DISCONNECT)
        return LIBSSH2_ERROR_SOCKET_SEND;
    if (!packet->gate_open && type == MSG_SERVICE_REQUEST) {
        packet->service_held = true;
        return LIBSSH2_ERROR_EAGAIN;
    }
    bool exchange = type >= 20 && type <= 49;
    /* an answer to some global request can wait for ever; the key exchange cannot */
    if ((!packet->gate_open && !exchange) || type > 79)
        return 0;
    if (type >= 50)
        return send_userauth(session, data, data_len, data2, data2_len);
    /* it would be sent with the keys before, which the server does not expect any more */
    if (type == MSG_DISCONNECT && packet->guard.keyed && packet->guard.exchange != GUARD_KEYS)
        return 0;
    int rc = exchange ? exchange_prepare(session, type, data, data_len) : 0;
    if (rc)
        return rc;
    rc = REAL(transport_send)(lib, data, data_len, data2, data2_len);
    if (rc == 0)
        guard_transport_sent(&packet->guard, type);
    return rc;
}

/* Leaving --------------------------------------------------------------------------------- */

/*
 * Where it is left in a key exchange libssh2 forgets what libcrypto made for that, and before
 * the first one is complete the host key as well. A call that fails frees the former; the
 * latter another exchange, which fails at its first message.
 */
void
packet_abandon(struct session *session)
{
    struct packet *packet = &session->packet;

    if (packet->guard.exchange == GUARD_NO_KEYS)
        return;
    packet_refuse(packet, OUTCOME_INTERNAL, "the session is closed");
    /* behind an error in it there is none under way any more, and nothing may be read */
    if (packet->guard.exchange != GUARD_KEYS && !packet->transport_error)
        mend_call(REAL(transport_read), session->lib);
#ifdef HAVE_LIBSSH2_PRIVATE_KEX_EXCHANGE
    void *state = packet->service_held ? NULL : calloc(1, EXCHANGE_STATE_SIZE);
    if (state)
        PASTE(, LIBSSH2_PRIVATE_PREFIX, kex_exchange)(session->lib, 1, state);
    free(state);
#endif
}

/* What the rest of the program calls ------------------------------------------------------- */

int
packet_send(struct session *session, const unsigned char *payload, size_t len)
{
    return WRAP(transport_send)(session->lib, payload, len, NULL, 0);
}

int
packet_receive(struct session *session, const unsigned char *types, unsigned char **payload,
               size_t *len)
{
    unsigned char state[STATE_SIZE] = {0};

    return WRAP(packet_requirev)(session->lib, types, payload, len, 0, NULL, 0, state);
}

void
packet_payload_free(struct session *session, unsigned char *payload)
{
    libssh2_free(session->lib, payload);
}

void
packet_collect_banners(struct session *session)
{
    if (!failure_is_set(&session->packet.failure))
        nothing_waits(session);
}
