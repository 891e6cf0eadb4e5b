/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lists of two KEXINITs compared: libssh2 says that it has no algorithm in common with the
 * server, and neither for what nor what the server has.
 */
#include <config.h>

#include "ssh2/kexinit.h"

#include <stdio.h>
#include <string.h>

#include "ssh2/userauth_msg.h"
#include "util/escape.h"

/* In the order of the message; one for each direction from the third on. */
static const char *const purposes[KEXINIT_PURPOSES] = {
    "key exchange method", "type of host key", "cipher", "cipher", "MAC", "MAC",
    "compression",         "compression",
};

#define RSA_SHA2                                                                               \
    "rsa-sha2-256 and rsa-sha2-512, for servers with an RSA key alone, need libssh2 1.11"

/* What a server may have alone, and the libssh2 that came to know it. */
static const struct {
    enum kexinit_list purpose;
    const char *name;
    const char *hint;
} newer[] = {
    {KEXINIT_HOST_KEY, "rsa-sha2-512", RSA_SHA2},
    {KEXINIT_HOST_KEY, "rsa-sha2-256", RSA_SHA2},
    {KEXINIT_CIPHER_SENT, "aes256-gcm@openssh.com",
     "aes256-gcm@openssh.com needs libssh2 1.11"},
    {KEXINIT_CIPHER_SENT, "aes128-gcm@openssh.com",
     "aes128-gcm@openssh.com needs libssh2 1.11"},
    {KEXINIT_CIPHER_SENT, "chacha20-poly1305@openssh.com",
     "chacha20-poly1305@openssh.com needs libssh2 1.11.1"},
    {KEXINIT_MAC_SENT, "hmac-sha2-256-etm@openssh.com",
     "hmac-sha2-256-etm@openssh.com needs libssh2 1.11"},
    {KEXINIT_MAC_SENT, "hmac-sha2-512-etm@openssh.com",
     "hmac-sha2-512-etm@openssh.com needs libssh2 1.11"},
};

/* Reading --------------------------------------------------------------------------------- */

/* That list of a KEXINIT; empty where there is none. */
static struct wire
list_of(struct wire kexinit, enum kexinit_list which)
{
    struct wire list = {0};

    if (!wire_skip(&kexinit, 1 + KEXINIT_COOKIE))
        return list;
    for (unsigned i = 0; i <= (unsigned)which; i++) {
        if (!wire_string(&kexinit, &list))
            return (struct wire){0};
    }
    return list;
}

/* Takes the next name off a list; false at its end. */
static bool
next_name(struct wire *list, struct wire *name)
{
    if (!list->left)
        return false;
    const unsigned char *comma = memchr(list->at, ',', list->left);
    *name = (struct wire){list->at, comma ? (size_t)(comma - list->at) : list->left};
    return wire_skip(list, name->left + (comma != NULL));
}

static bool
has_name(struct wire list, const struct wire *wanted)
{
    struct wire name;

    while (next_name(&list, &name)) {
        if (wire_equal(&name, wanted))
            return true;
    }
    return false;
}

struct wire
kexinit_agreed(struct wire ours, struct wire theirs, enum kexinit_list list)
{
    struct wire own = list_of(ours, list), name;

    theirs = list_of(theirs, list);
    while (next_name(&own, &name)) {
        if (has_name(theirs, &name))
            return name;
    }
    return (struct wire){0};
}

/* A cipher that authenticates needs no MAC: the lists of MACs do not matter then. */
static bool
needs_no_mac(const struct wire *cipher)
{
    return wire_is(cipher, "chacha20-poly1305@openssh.com") ||
           wire_is(cipher, "aes256-gcm@openssh.com") ||
           wire_is(cipher, "aes128-gcm@openssh.com");
}

bool
kexinit_lacks(struct wire ours, struct wire theirs, enum kexinit_list purpose)
{
    struct wire name;

    if (purpose == KEXINIT_MAC_SENT || purpose == KEXINIT_MAC_RECEIVED) {
        name = kexinit_agreed(ours, theirs, purpose - 2);
        if (needs_no_mac(&name))
            return false;
    }
    return !kexinit_agreed(ours, theirs, purpose).left;
}

static bool
same_preference(struct wire ours, struct wire theirs, enum kexinit_list list)
{
    struct wire own = list_of(ours, list), other = list_of(theirs, list), first, second;

    return next_name(&own, &first) && next_name(&other, &second) && wire_equal(&first, &second);
}

bool
kexinit_guessed_wrong(struct wire ours, struct wire theirs)
{
    enum { BEHIND_FLAG = 4 };

    return theirs.left > BEHIND_FLAG && theirs.at[theirs.left - BEHIND_FLAG - 1] &&
           !(same_preference(ours, theirs, KEXINIT_KEX) &&
             same_preference(ours, theirs, KEXINIT_HOST_KEY));
}

/* Telling --------------------------------------------------------------------------------- */

static void
hint_for(struct failure *failure, struct wire list, enum kexinit_list purpose)
{
    for (size_t i = 0; i < sizeof newer / sizeof newer[0]; i++) {
        const struct wire name = {(const unsigned char *)newer[i].name, strlen(newer[i].name)};
        if (newer[i].purpose == purpose && has_name(list, &name)) {
            failure_hint(failure, "%s", newer[i].hint);
            return;
        }
    }
}

enum outcome
kexinit_explain(struct wire ours, struct wire theirs, const char *version,
                struct failure *failure)
{
    char text[1200] = "", shown[160]; /* five times what is told of one purpose */
    size_t at = 0;

    for (enum kexinit_list i = 0; theirs.left && i < KEXINIT_PURPOSES; i++) {
        bool second = i > KEXINIT_CIPHER_SENT && i % 2 == 1;

        /* the other direction is told of where this one is not */
        if (!kexinit_lacks(ours, theirs, i) || (second && kexinit_lacks(ours, theirs, i - 1)))
            continue;
        struct wire list = list_of(theirs, i);
        escape_into(shown, sizeof shown, (const char *)list.at, list.left, ESCAPE_LINE);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s no %s (the server has %s)",
                               at > 0 ? "," : "", purposes[i], list.left ? shown : "none");
        hint_for(failure, list, second ? i - 1 : i);
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
