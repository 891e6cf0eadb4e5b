/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Userauth messages of our own, as bytes: what gssapi-with-mic sends (RFC 4462 section 3).
 */
#ifndef OUTGOING_H
#define OUTGOING_H

#include <stdbool.h>
#include <stddef.h>

/* A payload. Zeroed: none. Each function below frees what was there before; false: no memory.
 */
struct outgoing {
    unsigned char *bytes;
    size_t len;
};

/* A message of its type alone. */
bool outgoing_message(struct outgoing *out, unsigned char type);

/* A message that holds one string. */
bool outgoing_string(struct outgoing *out, unsigned char type, const unsigned char *string,
                     size_t len);

/* USERAUTH_REQUEST for gssapi-with-mic with one mechanism, a DER-encoded OID (section 3.2). */
bool outgoing_gssapi_request(struct outgoing *out, const char *user, size_t user_len,
                             const unsigned char *oid, size_t oid_len);

/* What the MIC is computed over (section 3.5); never sent. */
bool outgoing_mic_data(struct outgoing *out, const unsigned char *session_id,
                       size_t session_id_len, const char *user, size_t user_len);

/* Wipes and frees. */
void outgoing_free(struct outgoing *out);

#endif
