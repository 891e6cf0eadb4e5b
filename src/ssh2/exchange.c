/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the messages of a key exchange must look like: RFC 4253 sections 7, 8 and 10, RFC 4419
 * (group exchange), RFC 5656 (ECDH) and RFC 8731 (curve25519).
 */
#include <config.h>

#include "ssh2/exchange.h"

#include <string.h>

#include "ssh2/kexinit.h"
#include "ssh2/userauth_msg.h"
#include "util/wire.h"

#define MIDDLE   "it ends in the middle of a field (RFC 4251 section 5)"
#define TRAILING "it has bytes after its last field (RFC 4251 section 5)"

enum { CURVE25519_POINT = 32, ED25519_KEY = 32, ED25519_SIGNATURE = 64 };
enum { GROUP_BITS = 8192 }; /* of the largest group that has a name (RFC 8268 section 3) */

static bool
has(const char *method, const char *part)
{
    return method && strstr(method, part);
}

static bool
is_group_exchange(const struct exchange_methods *methods)
{
    return has(methods->kex, "group-exchange");
}

const char *
exchange_message_name(unsigned char type, const struct exchange_methods *methods)
{
    switch (type) {
    case MSG_SERVICE_ACCEPT:
        return "SERVICE_ACCEPT";
    case MSG_KEXINIT:
        return "KEXINIT";
    case MSG_NEWKEYS:
        return "NEWKEYS";
    case MSG_KEX_REPLY:
        if (is_group_exchange(methods))
            return "KEX_DH_GEX_GROUP";
        return has(methods->kex, "diffie-hellman") ? "KEXDH_REPLY" : "KEX_ECDH_REPLY";
    case MSG_KEX_GEX_REPLY:
        return is_group_exchange(methods) ? "KEX_DH_GEX_REPLY" : NULL;
    default:
        return NULL;
    }
}

static const char *
ended(const struct wire *rest)
{
    return rest->left ? TRAILING : NULL;
}

static const char *
check_kexinit(struct wire rest)
{
    struct wire list;

    if (!wire_skip(&rest, KEXINIT_COOKIE))
        return MIDDLE;
    for (int i = 0; i < KEXINIT_LISTS; i++) {
        if (!wire_string(&rest, &list))
            return MIDDLE;
    }
    return wire_skip(&rest, 1 + 4) ? ended(&rest) : MIDDLE; /* the flag, and what is reserved */
}

/* The number of bits of an mpint that is larger than 1 and in its only form; else 0. */
static size_t
bits(struct wire number)
{
    size_t count = number.left * 8;

    if (number.left > 1 && number.at[0] == 0 && !(number.at[1] & 0x80))
        return 0;
    if (number.left == 0 || number.at[0] & 0x80 || (number.left == 1 && number.at[0] < 2))
        return 0;
    while (number.left && *number.at == 0) {
        wire_skip(&number, 1);
        count -= 8;
    }
    for (unsigned mask = 0x80; !(*number.at & mask); mask >>= 1)
        count--;
    return count;
}

/* Of two mpints in their only form: is a less than b less 1, b being odd? */
static bool
is_below(struct wire a, struct wire b)
{
    if (a.left != b.left)
        return a.left < b.left;
    int order = memcmp(a.at, b.at, a.left - 1);
    return order < 0 || (order == 0 && a.at[a.left - 1] < b.at[b.left - 1] - 1);
}

/* RFC 4419 section 3, and RFC 4253 section 8 for what a generator can be. */
static const char *
check_group(struct wire rest, const struct exchange_group *asked)
{
    struct wire prime, generator;

    if (!wire_string(&rest, &prime) || !wire_string(&rest, &generator))
        return MIDDLE;
    size_t size = bits(prime);
    if (size < asked->least || size > asked->most)
        return "its prime is not of a size that was asked for (RFC 4419 section 3)";
    if (!(prime.at[prime.left - 1] & 1))
        return "its modulus is even, and no prime (RFC 4419 section 3)";
    if (!bits(generator) || !is_below(generator, prime))
        return "its generator is none of this group (RFC 4419 section 3)";
    return ended(&rest);
}

/* RFC 4253 section 6.6: a name, and what belongs to keys of that type. */
static const char *
check_host_key(struct wire rest, const struct exchange_methods *methods)
{
    struct wire name, field = {0};

    if (!wire_string(&rest, &name))
        return "its host key is malformed (RFC 4253 section 6.6)";
    if (!wire_is(&name, has(methods->host_key, "rsa") ? "ssh-rsa" : methods->host_key))
        return "its host key is not of the type that was agreed on (RFC 4253 section 7.1)";
    do {
        if (!wire_string(&rest, &field))
            return "its host key is malformed (RFC 4253 section 6.6)";
    } while (rest.left);
    if (wire_is(&name, "ssh-ed25519") && field.left != ED25519_KEY)
        return "its host key is malformed (RFC 8709 section 4)";
    return NULL;
}

static const char *
check_signature(struct wire rest, const struct exchange_methods *methods)
{
    struct wire name, signature;

    if (!wire_string(&rest, &name) || !wire_string(&rest, &signature) || rest.left)
        return "its signature is malformed (RFC 4253 section 6.6)";
    if (!wire_is(&name, methods->host_key))
        return "its signature is not by the algorithm that was agreed on (RFC 4253 section "
               "7.1)";
    if (wire_is(&name, "ssh-ed25519") && signature.left != ED25519_SIGNATURE)
        return "its signature is malformed (RFC 8709 section 6)";
    return NULL;
}

static const char *
check_public(struct wire value, const struct exchange_methods *methods)
{
    if (has(methods->kex, "curve25519"))
        return value.left == CURVE25519_POINT
                   ? NULL
                   : "its public key does not have 32 bytes (RFC 8731 section 3.1)";
    if (has(methods->kex, "diffie-hellman")) {
        size_t size = bits(value);
        if (!size || size > (is_group_exchange(methods) ? methods->group.most : GROUP_BITS))
            return "its public value is none of the group (RFC 4253 section 8)";
    }
    return NULL;
}

static const char *
check_reply(struct wire rest, const struct exchange_methods *methods)
{
    struct wire key, value, signature;
    const char *why;

    if (!wire_string(&rest, &key) || !wire_string(&rest, &value) ||
        !wire_string(&rest, &signature))
        return MIDDLE;
    if (rest.left)
        return TRAILING;
    if (!(why = check_public(value, methods)) && !(why = check_host_key(key, methods)))
        why = check_signature(signature, methods);
    return why;
}

static const char *
check_service(struct wire rest)
{
    struct wire name;

    if (!wire_string(&rest, &name))
        return MIDDLE;
    return wire_is(&name, "ssh-userauth")
               ? ended(&rest)
               : "it is of another service than the one that was asked for (RFC 4253 section "
                 "10)";
}

const char *
exchange_check(const unsigned char *payload, size_t len, const struct exchange_methods *methods)
{
    struct wire rest = {payload, len};

    if (!wire_skip(&rest, 1))
        return "it is empty (RFC 4253 section 6)";
    switch (*payload) {
    case MSG_SERVICE_ACCEPT:
        return check_service(rest);
    case MSG_KEXINIT:
        return check_kexinit(rest);
    case MSG_NEWKEYS:
        return ended(&rest);
    case MSG_KEX_REPLY:
    case MSG_KEX_GEX_REPLY:
        if (!methods->kex || !methods->host_key)
            return NULL;
        if (*payload == MSG_KEX_REPLY && is_group_exchange(methods))
            return check_group(rest, &methods->group);
        return check_reply(rest, methods);
    default:
        return NULL;
    }
}

bool
exchange_group_asked(const unsigned char *payload, size_t len, struct exchange_group *group)
{
    struct wire rest = {payload, len};
    uint32_t wanted;

    return wire_skip(&rest, 1) && *payload == MSG_KEX_GEX_REQUEST &&
           wire_u32(&rest, &group->least) && wire_u32(&rest, &wanted) &&
           wire_u32(&rest, &group->most);
}
