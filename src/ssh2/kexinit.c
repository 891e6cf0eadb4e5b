/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lists of KEXINIT compared. libssh2 has read the server's by then, and what is not as it
 * should be may have been the reason why it gave up.
 */
#include <config.h>

#include "ssh2/kexinit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ssh2/userauth_msg.h"
#include "util/escape.h"
#include "util/wire.h"

#define LISTS 8

enum { HOST_KEY = 1, CIPHER = 2, MAC = 4 };

/* In the order of the message; one for each direction from the third on. */
static const char *const purposes[LISTS] = {
    "key exchange method", "type of host key", "cipher", "cipher", "MAC", "MAC",
    "compression",         "compression",
};

#define RSA_SHA2                                                                               \
    "rsa-sha2-256 and rsa-sha2-512, for servers with an RSA key alone, need libssh2 1.11"

/* What a server may have alone, and the libssh2 that came to know it. */
static const struct {
    size_t purpose;
    const char *name;
    const char *hint;
} newer[] = {
    {HOST_KEY, "rsa-sha2-512", RSA_SHA2},
    {HOST_KEY, "rsa-sha2-256", RSA_SHA2},
    {CIPHER, "aes256-gcm@openssh.com", "aes256-gcm@openssh.com needs libssh2 1.11"},
    {CIPHER, "aes128-gcm@openssh.com", "aes128-gcm@openssh.com needs libssh2 1.11"},
    {CIPHER, "chacha20-poly1305@openssh.com",
     "chacha20-poly1305@openssh.com needs libssh2 1.11.1"},
    {MAC, "hmac-sha2-256-etm@openssh.com", "hmac-sha2-256-etm@openssh.com needs libssh2 1.11"},
    {MAC, "hmac-sha2-512-etm@openssh.com", "hmac-sha2-512-etm@openssh.com needs libssh2 1.11"},
};

struct offer {
    struct wire lists[LISTS];
};

/* Noting ---------------------------------------------------------------------------------- */

void
kexinit_received(struct kexinit *kexinit, const void *data, size_t len)
{
    struct bytes *input = &kexinit->input;
    char *more;

    if (len > KEXINIT_MAX_INPUT - input->len)
        len = KEXINIT_MAX_INPUT - input->len;
    if (len == 0 || kexinit->short_memory)
        return;
    more = realloc(input->data, input->len + len + 1);
    if (!more) {
        kexinit->short_memory = true;
        return;
    }
    input->data = more;
    memcpy(input->data + input->len, data, len);
    input->len += len;
    input->data[input->len] = '\0';
}

void
kexinit_sent(struct kexinit *kexinit, const void *data, size_t len, const void *data2,
             size_t len2)
{
    bytes_free(&kexinit->ours);
    kexinit->ours.data = malloc(len + len2 + 1);
    if (!kexinit->ours.data)
        return;
    memcpy(kexinit->ours.data, data, len);
    if (len2)
        memcpy(kexinit->ours.data + len, data2, len2);
    kexinit->ours.len = len + len2;
    kexinit->ours.data[len + len2] = '\0';
}

void
kexinit_free(struct kexinit *kexinit)
{
    bytes_free(&kexinit->ours);
    bytes_free(&kexinit->input);
}

/* Reading --------------------------------------------------------------------------------- */

/* The rest behind the server's version line, which others may precede; false where there is
 * none.
 */
static bool
skip_version(struct wire *input)
{
    while (input->left > 0) {
        const unsigned char *end = memchr(input->at, '\n', input->left);
        bool version = input->left > 4 && memcmp(input->at, "SSH-", 4) == 0;

        if (!end || !wire_skip(input, (size_t)(end - input->at) + 1))
            return false;
        if (version)
            return true;
    }
    return false;
}

/* The payload of the packet that comes first (RFC 4253 section 6). */
static bool
take_packet(struct wire *input, struct wire *payload)
{
    struct wire packet;
    unsigned padding;

    if (!wire_string(input, &packet) || packet.left < 1)
        return false;
    padding = packet.at[0];
    if (!wire_skip(&packet, 1) || padding > packet.left)
        return false;
    packet.left -= padding;
    *payload = packet;
    return true;
}

/* Type and cookie, then the lists. */
static bool
read_offer(struct wire payload, struct offer *offer)
{
    if (payload.left < 1 || payload.at[0] != MSG_KEXINIT || !wire_skip(&payload, 1 + 16))
        return false;
    for (size_t i = 0; i < LISTS; i++)
        if (!wire_string(&payload, &offer->lists[i]))
            return false;
    return true;
}

/* Takes the next name off a list; false at its end. */
static bool
next_name(struct wire *list, struct wire *name)
{
    const unsigned char *comma;

    if (list->left == 0)
        return false;
    *name = *list;
    comma = memchr(list->at, ',', list->left);
    if (!comma)
        return wire_skip(list, list->left);
    name->left = (size_t)(comma - list->at);
    return wire_skip(list, name->left + 1);
}

/* The first of our names that the server has too. */
static bool
common_name(struct wire ours, struct wire theirs, struct wire *found)
{
    while (next_name(&ours, found)) {
        struct wire rest = theirs, name;

        while (next_name(&rest, &name))
            if (wire_equal(&name, found))
                return true;
    }
    return false;
}

static bool
list_has(struct wire list, const char *wanted)
{
    struct wire name;

    while (next_name(&list, &name))
        if (wire_is(&name, wanted))
            return true;
    return false;
}

/* Telling --------------------------------------------------------------------------------- */

/* A cipher that authenticates needs no MAC: the lists of MACs do not matter then. */
static bool
needs_no_mac(const struct wire *cipher)
{
    return wire_is(cipher, "chacha20-poly1305@openssh.com") ||
           wire_is(cipher, "aes256-gcm@openssh.com") ||
           wire_is(cipher, "aes128-gcm@openssh.com");
}

/* Is there nothing in common for that purpose? */
static bool
is_lacking(const struct offer *ours, const struct offer *theirs, size_t purpose)
{
    struct wire name;

    if ((purpose == MAC || purpose == MAC + 1) &&
        common_name(ours->lists[purpose - 2], theirs->lists[purpose - 2], &name) &&
        needs_no_mac(&name))
        return false;
    return !common_name(ours->lists[purpose], theirs->lists[purpose], &name);
}

static void
hint_for(struct failure *failure, struct wire theirs, size_t purpose)
{
    for (size_t i = 0; i < sizeof newer / sizeof newer[0]; i++)
        if (newer[i].purpose == purpose && list_has(theirs, newer[i].name)) {
            failure_hint(failure, "%s", newer[i].hint);
            return;
        }
}

static enum outcome
explain(const struct offer *ours, const struct offer *theirs, const char *version,
        struct failure *failure)
{
    char text[1200] = "", list[160]; /* five times what is told of one purpose */
    size_t at = 0;

    for (size_t i = 0; i < LISTS && at < sizeof text; i++) {
        bool second = i > CIPHER && i % 2 == 1;

        /* the other direction is told of where this one is not */
        if (!is_lacking(ours, theirs, i) || (second && is_lacking(ours, theirs, i - 1)))
            continue;
        escape_into(list, sizeof list, (const char *)theirs->lists[i].at, theirs->lists[i].left,
                    ESCAPE_LINE);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s no %s (the server has %s)",
                               at > 0 ? "," : "", purposes[i],
                               theirs->lists[i].left ? list : "none");
        hint_for(failure, theirs->lists[i], second ? i - 1 : i);
    }
    if (at == 0) /* none is lacking: its reason is not known */
        return failure_set(
            failure, OUTCOME_KEX_FAILURE,
            "key exchange: this libssh2 (%s) and the server came to no agreement", version);
    return failure_set(
        failure, OUTCOME_KEX_FAILURE,
        "key exchange: this libssh2 (%s) and the server have no common algorithm:%s", version,
        text);
}

enum outcome
kexinit_explain(const struct kexinit *kexinit, const char *version, struct failure *failure)
{
    struct wire input = {(const unsigned char *)kexinit->input.data, kexinit->input.len};
    struct wire payload, own = {(const unsigned char *)kexinit->ours.data, kexinit->ours.len};
    struct offer ours, theirs;

    if (kexinit->short_memory || !read_offer(own, &ours))
        return failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    if (!skip_version(&input) || !take_packet(&input, &payload) ||
        !read_offer(payload, &theirs))
        return failure_set(failure, OUTCOME_PROTOCOL_ERROR,
                           "key exchange: the server's KEXINIT is malformed (RFC 4253 section "
                           "7.1)");
    return explain(&ours, &theirs, version, failure);
}
