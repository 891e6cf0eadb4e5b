/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Encoding, and nothing else (RFC 4251 section 5).
 */
#include <config.h>

#include "ssh2/outgoing.h"

#include <stdlib.h>
#include <string.h>

#include "ssh2/userauth_msg.h"
#include "util/wire.h"

static const char service[] = "ssh-connection";
static const char method[] = "gssapi-with-mic";

static unsigned char *
put_string(unsigned char *at, const void *bytes, size_t len)
{
    at = wire_put_u32(at, (uint32_t)len);
    memcpy(at, bytes, len);
    return at + len;
}

static size_t
request_size(size_t user_len)
{
    return 1 + 4 + user_len + 4 + strlen(service) + 4 + strlen(method);
}

/* byte 50, user, service, method: the beginning of the request, and part of the MIC's data */
static unsigned char *
put_request(unsigned char *at, const char *user, size_t user_len)
{
    *at++ = MSG_USERAUTH_REQUEST;
    at = put_string(at, user, user_len);
    at = put_string(at, service, strlen(service));
    return put_string(at, method, strlen(method));
}

void
outgoing_free(struct outgoing *out)
{
    if (out->bytes)
        explicit_bzero(out->bytes, out->len);
    free(out->bytes);
    *out = (struct outgoing){NULL, 0};
}

static bool
allocate(struct outgoing *out, size_t len)
{
    outgoing_free(out);
    out->bytes = malloc(len);
    out->len = out->bytes ? len : 0;
    return out->bytes;
}

bool
outgoing_message(struct outgoing *out, unsigned char type)
{
    if (!allocate(out, 1))
        return false;
    out->bytes[0] = type;
    return true;
}

bool
outgoing_string(struct outgoing *out, unsigned char type, const unsigned char *string,
                size_t len)
{
    if (!allocate(out, 1 + 4 + len))
        return false;
    out->bytes[0] = type;
    put_string(out->bytes + 1, string, len);
    return true;
}

bool
outgoing_gssapi_request(struct outgoing *out, const char *user, size_t user_len,
                        const unsigned char *oid, size_t oid_len)
{
    if (!allocate(out, request_size(user_len) + 4 + 4 + oid_len))
        return false;
    put_string(wire_put_u32(put_request(out->bytes, user, user_len), 1), oid, oid_len);
    return true;
}

bool
outgoing_mic_data(struct outgoing *out, const unsigned char *session_id, size_t session_id_len,
                  const char *user, size_t user_len)
{
    if (!allocate(out, 4 + session_id_len + request_size(user_len)))
        return false;
    put_request(put_string(out->bytes, session_id, session_id_len), user, user_len);
    return true;
}
