/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What becomes of a message that libssh2's key exchange waited for: handed on, refused, or
 * ignored. What it must look like is in exchange.c.
 */
#include <config.h>

#include "ssh2/exchange_guard.h"

#include <string.h>

#include "ssh2/exchange.h"
#include "ssh2/kexinit.h"
#include "ssh2/record.h"
#include "ssh2/session.h"

static struct wire
bytes_wire(const struct bytes *bytes)
{
    return (struct wire){(const unsigned char *)bytes->data, bytes->len};
}

/*
 * In a later exchange libssh2 goes on without one that cannot be agreed on, and puts ciphers
 * and MACs into force when they are agreed on, with the keys of those that were in use: it
 * would read beyond the end of a shorter key.
 */
static bool
refuse_algorithms(struct session *session, struct wire ours, struct wire theirs)
{
    static const int methods[KEXINIT_PURPOSES] = {
        [KEXINIT_CIPHER_SENT] = LIBSSH2_METHOD_CRYPT_CS,
        [KEXINIT_CIPHER_RECEIVED] = LIBSSH2_METHOD_CRYPT_SC,
        [KEXINIT_MAC_SENT] = LIBSSH2_METHOD_MAC_CS,
        [KEXINIT_MAC_RECEIVED] = LIBSSH2_METHOD_MAC_SC,
    };
    const char *why = NULL;

    if (!libssh2_session_methods(session->lib, LIBSSH2_METHOD_CRYPT_CS))
        return false; /* this is the first one */
    for (enum kexinit_list i = 0; i < KEXINIT_PURPOSES && !why; i++) {
        /* where the cipher is none that has a MAC of its own, as libssh2 calls it */
        const char *used =
            methods[i] ? libssh2_session_methods(session->lib, methods[i]) : NULL;
        struct wire name = kexinit_agreed(ours, theirs, i);
        if (kexinit_lacks(ours, theirs, i))
            why = "there is no common algorithm for each purpose";
        else if (used && !strstr(used, "INTEGRATED") && !wire_is(&name, used))
            why = "it would change the ciphers or MACs in use, which libssh2 cannot do";
    }
    if (why)
        packet_refuse(&session->packet, OUTCOME_KEX_FAILURE, "key exchange, a later one: %s",
                      why);
    return why;
}

/* The server's, of which nothing is wrong in itself. */
static bool
accept_kexinit(struct session *session, const unsigned char *payload, size_t len)
{
    struct packet *packet = &session->packet;
    const struct wire ours = bytes_wire(&packet->own_kexinit), theirs = {payload, len};

    packet->guess = kexinit_guessed_wrong(ours, theirs);
    if (packet->guess)
        guard_guessed_wrong(&packet->guard);
    bytes_free(&packet->server_kexinit);
    session->memory.exhausted |= !bytes_copy(&packet->server_kexinit, payload, len);
    return !refuse_algorithms(session, ours, theirs);
}

static struct exchange_methods
methods_of(struct session *session)
{
    return (struct exchange_methods){
        .kex = libssh2_session_methods(session->lib, LIBSSH2_METHOD_KEX),
        .host_key = libssh2_session_methods(session->lib, LIBSSH2_METHOD_HOSTKEY),
        .group = session->packet.group,
    };
}

void
exchange_refuse(struct session *session, unsigned char type, const char *why)
{
    const struct exchange_methods methods = methods_of(session);
    const char *name = exchange_message_name(type, &methods);

    if (name)
        packet_refuse(&session->packet, OUTCOME_PROTOCOL_ERROR, "%s from the server: %s", name,
                      why);
    else
        record_refuse(&session->packet, type, why);
}

bool
exchange_accept(struct session *session, const unsigned char *payload, size_t len)
{
    struct packet *packet = &session->packet;
    const struct exchange_methods methods = methods_of(session);
    const char *why = exchange_check(payload, len, &methods);
    const char *name = len ? exchange_message_name(*payload, &methods) : NULL;

    if (why) {
        packet_refuse(packet, OUTCOME_PROTOCOL_ERROR, "%s from the server: %s",
                      name ? name : "a message of the key exchange", why);
        if (packet->guard.exchange == GUARD_KEYS && len && *payload == MSG_NEWKEYS)
            packet->guard.exchange = GUARD_KEX_REPLY; /* this did not end it */
        return false;
    }
    if (*payload == MSG_NEWKEYS)
        bytes_free(&packet->server_kexinit);
    return *payload != MSG_KEXINIT || accept_kexinit(session, payload, len);
}

enum outcome
exchange_explain(const struct session *session, struct failure *failure)
{
    const struct packet *packet = &session->packet;

    return kexinit_explain(bytes_wire(&packet->own_kexinit),
                           bytes_wire(&packet->server_kexinit), libssh2_version(0), failure);
}

void
exchange_note_violation(struct session *session)
{
    static const char strict[] = "strict KEX";
    char *message = NULL;

    libssh2_session_last_error(session->lib, &message, NULL, 0);
    if (message && strncmp(message, strict, strlen(strict)) == 0)
        packet_refuse(&session->packet, OUTCOME_PROTOCOL_ERROR, "key exchange: %s", message);
}

/* libssh2 ignores a wrong guess in Diffie-Hellman alone, not with curves. */
bool
exchange_skips(struct session *session, unsigned char type)
{
    struct packet *packet = &session->packet;
    const char *kex = libssh2_session_methods(session->lib, LIBSSH2_METHOD_KEX);
    bool wrong = packet->guess && type == MSG_KEX_REPLY && kex && !strstr(kex, "diffie");

    packet->guess &= !wrong;
    return wrong;
}

/* The host key is looked at once, so each later exchange must show the same one (RFC 4253
 * section 9). libssh2 has verified the signature of this one. */
static void
check_host_key(struct session *session)
{
    struct packet *packet = &session->packet;
    size_t len = 0;
    const void *key = libssh2_session_hostkey(session->lib, &len, &(int){0});

    if (!key)
        return;
    /* where a later exchange fails, libssh2 1.10 releases it twice */
    memory_keep((void *)(uintptr_t)key);
    if (!packet->host_key) {
        packet->host_key = key;
        packet->host_key_len = len;
    }
    if (len != packet->host_key_len || memcmp(key, packet->host_key, len) != 0)
        packet_refuse(packet, OUTCOME_HOST_KEY,
                      "host key: the server showed another key in a later key exchange than "
                      "the one that was accepted (RFC 4253 section 9)");
}

/* Notes a message of ours before it is sent. False where memory is short. */
static bool
note_sent(struct session *session, unsigned char type, const unsigned char *payload, size_t len)
{
    struct packet *packet = &session->packet;

    if (type == MSG_KEX_GEX_REQUEST)
        exchange_group_asked(payload, len, &packet->group);
    if (type != MSG_KEXINIT)
        return true;
    bytes_free(&packet->own_kexinit);
    if (bytes_copy(&packet->own_kexinit, payload, len))
        return true;
    session->memory.exhausted = true;
    return false;
}

int
exchange_prepare(struct session *session, unsigned char type, const unsigned char *payload,
                 size_t len)
{
    struct packet *packet = &session->packet;
    const char *why = NULL;

    /* we never begin one, so that it is the answer to the server's */
    if (type == MSG_KEXINIT && packet->guard.exchange == GUARD_KEYS)
        why = guard_arrived(&packet->guard, type);
    if (why)
        exchange_refuse(session, type, why);
    else if (type == MSG_NEWKEYS)
        check_host_key(session);
    if (failure_is_set(&packet->failure))
        return LIBSSH2_ERROR_SOCKET_SEND;
    return note_sent(session, type, payload, len) ? 0 : LIBSSH2_ERROR_ALLOC;
}
