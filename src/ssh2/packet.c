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
 *    eight bytes of `state`, and reads the payload into memory of the session's allocator.
 *
 * At the end is the one other function that is wrapped: here, because whatever links libssh2
 * links this file.
 */
#include <config.h>

#include "ssh2/packet.h"

#include <stdlib.h>
#include <string.h>

#include "ssh2/record.h"
#include "ssh2/session.h"
#include "ssh2/signature.h"
#include "util/wire.h"

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

#define STATE_SIZE 64 /* more than libssh2's struct in any version */

/* A call of libssh2's that is to touch its own state only: nothing is sent, the answer is ours.
 */
enum { PHANTOM_NONE, PHANTOM_SESSION_ID, PHANTOM_SUCCESS };

/* Banners first, so that one that was queued is told before what came after it. */
/* clang-format off */
static const unsigned char userauth_types[] = {
    MSG_USERAUTH_BANNER, MSG_UNIMPLEMENTED,
    50, 51, 52, 54, 55, 56, 57, 58, 59,
    60, 61, 62, 63, 64, 65, 66, 67, 68, 69,
    70, 71, 72, 73, 74, 75, 76, 77, 78, 79,
    0,
};
/* clang-format on */

/* Receiving ------------------------------------------------------------------------------- */

/* The next payload that is no banner, from libssh2's queue or the socket. */
static int
receive(struct session *session, const unsigned char *types, unsigned char **data, size_t *len,
        void *state)
{
    struct packet *packet = &session->packet;
    bool taken;

    if (packet->transport_error)
        return packet->transport_error;
    do {
        /* one read can bring thousands of messages, each looked for in a long queue */
        if (session_over(session))
            return LIBSSH2_ERROR_EAGAIN;
        /* libssh2's limit of 60 s starts anew with each call: the deadline is ours */
        memset(state, 0, 8);
        int rc =
            REAL(packet_requirev)(session->lib, userauth_types, data, len, 0, NULL, 0, state);
        if (rc && rc != LIBSSH2_ERROR_EAGAIN)
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

static int
phantom_receive(struct session *session, unsigned char **data, size_t *len)
{
    *data = memory_allocate(&session->memory, 1);
    if (!*data)
        return LIBSSH2_ERROR_ALLOC;
    **data =
        session->packet.phantom == PHANTOM_SUCCESS ? MSG_USERAUTH_SUCCESS : MSG_USERAUTH_PK_OK;
    *len = 1;
    return 0;
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
        return phantom_receive(session, data, data_len);
    if (failure_is_set(&session->packet.failure))
        return LIBSSH2_ERROR_PROTO;
    return receive(session, types, data, data_len, state);
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

static bool
is_new_request(const struct packet *packet, const struct userauth_msg *msg)
{
    return msg->type == MSG_USERAUTH_REQUEST &&
           !(msg->method == USERAUTH_PUBLICKEY && msg->u.request.flag &&
             packet->reply.dialogue);
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
    int rc = nothing_waits(session);

    if (rc || !is_new_request(packet, msg))
        return rc;
    record_clear_reply(packet);
    packet->method = msg->method;
    packet->requests++;
    if (msg->method != USERAUTH_PUBLICKEY || ++packet->queries <= PACKET_MAX_QUERIES)
        return 0;
    /* 1.11.1 begins anew, without end, where an agent signs otherwise than it was asked to */
    packet_refuse(packet, OUTCOME_CREDENTIAL,
                  "publickey: no signature was made by any algorithm that was asked for");
    return LIBSSH2_ERROR_SOCKET_SEND;
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
    /* libssh2 itself would read on behind what it could not read, and speak */
    if ((failure_is_set(&packet->failure) || packet->transport_error) && type != MSG_DISCONNECT)
        return LIBSSH2_ERROR_SOCKET_SEND;
    if (!packet->gate_open && type == MSG_SERVICE_REQUEST) {
        packet->service_held = true;
        return LIBSSH2_ERROR_EAGAIN;
    }
    /* an answer to some global request can wait for ever; the key exchange (20 to 49) cannot */
    if (!packet->gate_open && (type < 20 || type > 49))
        return 0;
    /* libssh2 answers whoever speaks of channels, even where nobody has logged in */
    if (type >= MSG_GLOBAL_REQUEST)
        return 0;
    if (type >= 50 && type <= 79)
        return send_userauth(session, data, data_len, data2, data2_len);
    int rc = REAL(transport_send)(lib, data, data_len, data2, data2_len);
    if (rc == 0 && type == MSG_NEWKEYS)
        packet->newkeys_sent = true;
    return rc;
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

static int
take_session_id(LIBSSH2_SESSION *lib, unsigned char **sig, size_t *sig_len,
                const unsigned char *data, size_t data_len, void **abstract)
{
    struct session *session = session_of(lib);
    struct packet *packet = &session->packet;
    struct wire rest = {data, data_len}, id;

    (void)sig;
    (void)sig_len;
    (void)abstract;
    if (wire_string(&rest, &id) && id.left <= sizeof packet->session_id) {
        memcpy(packet->session_id, id.at, id.left);
        packet->session_id_len = id.left;
    }
    return -1; /* no signature: libssh2 gives up, and nothing was sent */
}

bool
packet_learn_session_id(struct session *session)
{
    /* the one key type that every version accepts here, whatever the server's EXT_INFO says */
    static const unsigned char blob[] = "\0\0\0\013ssh-ed25519\0\0\0\0";
    void *unused = NULL;

    session->packet.phantom = PHANTOM_SESSION_ID;
    libssh2_userauth_publickey(session->lib, "", blob, sizeof blob - 1, take_session_id,
                               &unused);
    session->packet.phantom = PHANTOM_NONE;
    return session->packet.session_id_len > 0;
}

void
packet_mark_authenticated(struct session *session)
{
    session->packet.phantom = PHANTOM_SUCCESS;
    libssh2_userauth_list(session->lib, "", 0);
    session->packet.phantom = PHANTOM_NONE;
}
