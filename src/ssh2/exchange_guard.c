/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What becomes of a message that libssh2's key exchange waited for: handed on, refused, or
 * ignored. What it must look like is in exchange.c.
 */
#include <config.h>

#include "ssh2/exchange_guard.h"

#include <string.h>

#include "ssh2/exchange.h"
#include "ssh2/session.h"

/*
 * In a later exchange libssh2 goes on without one that cannot be agreed on, and puts ciphers
 * and MACs into force when they are agreed on, with the keys of those that were in use: it
 * would read beyond the end of a shorter key.
 */
static bool
refuse_algorithms(struct session *session, const unsigned char *kexinit, size_t len)
{
    static const int methods[EXCHANGE_PURPOSES] = {
        [EXCHANGE_CIPHER_SENT] = LIBSSH2_METHOD_CRYPT_CS,
        [EXCHANGE_CIPHER_RECEIVED] = LIBSSH2_METHOD_CRYPT_SC,
        [EXCHANGE_MAC_SENT] = LIBSSH2_METHOD_MAC_CS,
        [EXCHANGE_MAC_RECEIVED] = LIBSSH2_METHOD_MAC_SC,
    };
    struct packet *packet = &session->packet;
    const unsigned char *own = (const unsigned char *)packet->own_kexinit.data;
    const char *why = NULL;

    if (!libssh2_session_methods(session->lib, LIBSSH2_METHOD_CRYPT_CS))
        return false; /* this is the first one */
    for (int i = 0; i < EXCHANGE_PURPOSES && !why; i++) {
        struct wire name =
            exchange_agreed(own, packet->own_kexinit.len, kexinit, len, (enum exchange_list)i);
        /* where the cipher is none that has a MAC of its own, as libssh2 calls it */
        const char *used =
            methods[i] ? libssh2_session_methods(session->lib, methods[i]) : NULL;
        if (!name.left)
            why = "there is no common algorithm for each purpose";
        else if (used && !strstr(used, "INTEGRATED") && !wire_is(&name, used))
            why = "it would change the ciphers or MACs in use, which libssh2 cannot do";
    }
    if (why)
        packet_refuse(packet, OUTCOME_KEX_FAILURE, "key exchange, a later one: %s", why);
    return why;
}

/* One that comes once too often libssh2 would keep, and never look at. */
static const char *
check_count(const struct packet *packet, const struct exchange_methods *methods)
{
    bool has_group = methods->kex && strstr(methods->kex, "group-exchange");
    unsigned count = 1U + has_group + packet->guessed;

    return packet->guard.method_messages > count
               ? "the key exchange has fewer messages than came before it (RFC 4253 section 7)"
               : NULL;
}

bool
exchange_accept(struct session *session, const unsigned char *payload, size_t len)
{
    struct packet *packet = &session->packet;
    const struct exchange_methods methods = {
        .kex = libssh2_session_methods(session->lib, LIBSSH2_METHOD_KEX),
        .host_key = libssh2_session_methods(session->lib, LIBSSH2_METHOD_HOSTKEY),
    };
    const char *why = exchange_check(payload, len, &methods);
    const struct bytes *own = &packet->own_kexinit;
    const char *name = len ? exchange_message_name(*payload, &methods) : NULL;

    if (!why && *payload == MSG_NEWKEYS)
        why = check_count(packet, &methods);
    if (why) {
        packet_refuse(packet, OUTCOME_PROTOCOL_ERROR, "%s from the server: %s",
                      name ? name : "a message of the key exchange", why);
        if (packet->guard.exchange == GUARD_KEYS && len && *payload == MSG_NEWKEYS)
            packet->guard.exchange = GUARD_KEX_REPLY; /* this did not end it */
        return false;
    }
    if (*payload != MSG_KEXINIT)
        return true;
    packet->guess = packet->guessed =
        exchange_guessed_wrong((const unsigned char *)own->data, own->len, payload, len);
    return !refuse_algorithms(session, payload, len);
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

bool
exchange_note_sent(struct session *session, unsigned char type, const unsigned char *payload,
                   size_t len)
{
    struct packet *packet = &session->packet;

    if (type != MSG_KEXINIT)
        return true;
    bytes_free(&packet->own_kexinit);
    if (bytes_copy(&packet->own_kexinit, payload, len))
        return true;
    session->memory.exhausted = true;
    return false;
}
