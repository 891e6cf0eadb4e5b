/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What becomes of a message that libssh2's key exchange waited for: handed on, refused, or
 * ignored. What it must look like is in exchange.c.
 */
#include <config.h>

#include "ssh2/exchange_guard.h"

#include <string.h>

#include "ssh2/exchange.h"
#include "ssh2/record.h"
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

static struct exchange_methods
methods_of(struct session *session)
{
    return (struct exchange_methods){
        .kex = libssh2_session_methods(session->lib, LIBSSH2_METHOD_KEX),
        .host_key = libssh2_session_methods(session->lib, LIBSSH2_METHOD_HOSTKEY),
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
    const struct bytes *own = &packet->own_kexinit;
    const char *name = len ? exchange_message_name(*payload, &methods) : NULL;

    if (why) {
        packet_refuse(packet, OUTCOME_PROTOCOL_ERROR, "%s from the server: %s",
                      name ? name : "a message of the key exchange", why);
        return false;
    }
    packet->verifying =
        *payload == MSG_KEX_GEX_REPLY ||
        (*payload == MSG_KEX_REPLY && !(methods.kex && strstr(methods.kex, "group-exchange")));
    packet->half_keyed &= *payload != MSG_NEWKEYS;
    if (*payload != MSG_KEXINIT)
        return true;
    packet->guess =
        exchange_guessed_wrong((const unsigned char *)own->data, own->len, payload, len);
    if (packet->guess)
        guard_guessed_wrong(&packet->guard);
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

    if (type == MSG_NEWKEYS)
        packet->verifying = false;
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
