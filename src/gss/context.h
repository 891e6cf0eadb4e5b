/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The initiator's side of one GSSAPI exchange with Kerberos V5: credentials,
 * tokens, MIC. The calls marked "blocks" may ask a KDC and wait for it: they
 * are for a worker's thread, and while one runs nothing else here may be called
 * for the same exchange. This room alone includes <gssapi/...> and <krb5.h>;
 * nothing of SSH may enter it.
 */
#ifndef GSS_CONTEXT_H
#define GSS_CONTEXT_H

#include "gss/choice.h"
#include "gss/record.h"
#include "util/failure.h"

#define GSS_MAX_TOKEN      ((size_t)64 * 1024) /* bytes of a token that is received */
#define GSS_MAX_TOKEN_SENT ((size_t)34738)     /* what libssh2 sends in one packet */

struct gss_exchange;

/*
 * An exchange with the host-based service host@`host` (RFC 4462 section 3.2),
 * with the credentials of `choice`, which is copied (NULL: the default ones). NULL where memory
 * is short. Freed by gss_exchange_free(), whose type is that of worker_start()'s `drop`.
 */
struct gss_exchange *gss_exchange_new(const char *host, size_t len, bool delegate,
                                      const struct gss_choice *choice);
void gss_exchange_free(void *exchange);

/* Gives the peer's token to the next step. False where it is too long or memory
 * is short. */
bool gss_exchange_input(struct gss_exchange *exchange, const unsigned char *token, size_t len);

/*
 * One step, which blocks: acquires the credentials at the first, then
 * gss_init_sec_context() with the input. Afterwards one of: failed(), output()
 * has a token to send, complete(); the last two may come together.
 */
void gss_exchange_step(void *exchange);

/* Feeds an error token (RFC 4462 section 3.9) for its texts; blocks as step()
 * does. Always fails. */
void gss_exchange_error_token(void *exchange);

/* The token to send, owned by the exchange until its next step; NULL: none. */
const unsigned char *gss_exchange_output(const struct gss_exchange *exchange, size_t *len);

bool gss_exchange_complete(const struct gss_exchange *exchange);
bool gss_exchange_failed(const struct gss_exchange *exchange);

/* GSS_C_INTEG_FLAG: a MIC can be made. */
bool gss_exchange_has_integrity(const struct gss_exchange *exchange);

/* Kerberos says that the client's password has expired. */
bool gss_exchange_password_expired(const struct gss_exchange *exchange);

/* The MIC over `data`, to be freed by free(3); false, with the exchange failed,
 * on an error. */
bool gss_exchange_mic(struct gss_exchange *exchange, const unsigned char *data, size_t len,
                      unsigned char **mic, size_t *mic_len);

/* What is known so far; valid as long as the exchange, and not while a step
 * runs. */
struct gss_record *gss_exchange_record(struct gss_exchange *exchange);

/* The failure, with a hint where one is known: GSSAPI_FAILURE,
 * PASSWORD_EXPIRED, INTERNAL, or CREDENTIAL where it is the named cache, keytab
 * or client that cannot be used: missing, without a principal or a valid
 * ticket, a key that the KDC does not take, a client it does not know. A KDC
 * that cannot be reached is GSSAPI_FAILURE whatever was named. */
const struct failure *gss_exchange_failure(const struct gss_exchange *exchange);

/* The mechanism's OID, DER-encoded with tag and length (RFC 4462 section 3.2).
 */
const unsigned char *gss_mechanism_der(size_t *len);

#endif
