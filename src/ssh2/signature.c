/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * string signature = string name, string bytes (RFC 4253 section 6.6), at the request's end.
 */
#include <config.h>

#include "ssh2/signature.h"

#include <stdlib.h>
#include <string.h>

static const char suffix[] = "-cert-v01@openssh.com";

static size_t
get_u32(const unsigned char *at)
{
    return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

static unsigned char *
put_u32(unsigned char *at, size_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (unsigned char)(value >> shift);
    return at;
}

/* The certificate type that a signature of `size` bytes names, without its suffix; 0: none. */
static size_t
plain_length(const unsigned char *signature, size_t size)
{
    size_t len = size < 4 ? 0 : get_u32(signature);

    if (size < 4 || len > size - 4 || len <= strlen(suffix) ||
        memcmp(signature + 4 + len - strlen(suffix), suffix, strlen(suffix)) != 0)
        return 0;
    return len - strlen(suffix);
}

bool
signature_correct(const struct userauth_msg *msg, const unsigned char *payload, size_t len,
                  struct outgoing *corrected)
{
    if (msg->type != MSG_USERAUTH_REQUEST || msg->method != USERAUTH_PUBLICKEY ||
        !msg->u.request.flag)
        return true;
    size_t size = msg->u.request.secret;
    size_t before = len - size - 4; /* the decoder has seen both lengths */
    size_t plain = plain_length(payload + before + 4, size);
    if (plain == 0)
        return true;
    corrected->bytes = malloc(len - strlen(suffix));
    if (!corrected->bytes)
        return false;
    corrected->len = len - strlen(suffix);
    unsigned char *at = mempcpy(corrected->bytes, payload, before);
    const unsigned char *name = payload + before + 8;
    at = put_u32(at, size - strlen(suffix));
    at = put_u32(at, plain);
    at = mempcpy(at, name, plain);
    name += plain + strlen(suffix);
    memcpy(at, name, (size_t)(payload + len - name));
    return true;
}
