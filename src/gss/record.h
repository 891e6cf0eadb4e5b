/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a GSSAPI exchange tells of itself: plain data, without any of <gssapi/...>.
 */
#ifndef GSS_RECORD_H
#define GSS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/bytes.h"

#define GSS_RECORD_TEXTS 8

struct gss_record {
    char *client;          /* principal, "alice@EXAMPLE.TEST"; NULL: not known */
    char *target;          /* principal, "host/server.example.test@EXAMPLE.TEST" */
    const char *mechanism; /* OID in dots, a static string */
    bool delegation_requested;
    bool delegated; /* GSS_C_DELEG_FLAG of ret_flags, once the context is complete */
    bool complete;  /* the context was established on our side */
    bool has_lifetime;
    uint32_t lifetime;             /* seconds that the client's credential is still good for */
    uint32_t major, minor;         /* of the call that failed; 0: none did */
    char *texts[GSS_RECORD_TEXTS]; /* major's, then minor's texts, printable */
    size_t text_count;
    /* SSH_MSG_USERAUTH_GSSAPI_ERROR (RFC 4462 section 3.8) */
    bool server_error;
    uint32_t server_major, server_minor;
    struct bytes server_text; /* as the server sent it */
    bool server_errtok;       /* an error token came (section 3.9); its texts are in `texts` */
};

/* Frees what the record holds and zeroes it. */
void gss_record_free(struct gss_record *record);

#endif
