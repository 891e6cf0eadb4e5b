/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * string signature = string name, string bytes (RFC 4253 section 6.6), at the request's end.
 */
#include <config.h>

#include "ssh2/signature.h"

#include <stdlib.h>
#include <string.h>

#include "util/certificate.h"
#include "util/wire.h"

/* The length of the certificate's type that a signature names, without its suffix; 0: none. */
static size_t
plain_length(const unsigned char *signature, size_t size)
{
    struct wire rest = {signature, size}, name;

    return wire_string(&rest, &name) ? certificate_plain_length(name.at, name.left) : 0;
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
    size_t suffix = strlen(CERTIFICATE_SUFFIX);
    if (plain == 0)
        return true;
    corrected->bytes = malloc(len - suffix);
    if (!corrected->bytes)
        return false;
    corrected->len = len - suffix;
    unsigned char *at = mempcpy(corrected->bytes, payload, before);
    const unsigned char *name = payload + before + 8;
    at = wire_put_u32(at, (uint32_t)(size - suffix));
    at = wire_put_u32(at, (uint32_t)plain);
    at = mempcpy(at, name, plain);
    name += plain + suffix;
    memcpy(at, name, (size_t)(payload + len - name));
    return true;
}
