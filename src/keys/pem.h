/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The armour of private keys (RFC 7468, and RFC 1421 for the headers of old encrypted ones).
 */
#ifndef PEM_H
#define PEM_H

#include <stdbool.h>
#include <stddef.h>

#include "keys/refusal.h"
#include "util/secret.h"

#define PEM_LABEL 64

struct pem {
    char label[PEM_LABEL]; /* "RSA PRIVATE KEY"; printable */
    const char *text; /* what is between the lines of BEGIN and END; points into the file */
    size_t len;
    bool closed; /* there is a line of END with the same label */
};

/*
 * Finds the first block whose label ends with `suffix`, whatever stands before it. False where
 * there is no line that begins one.
 */
bool pem_find(struct pem *pem, const char *suffix, const char *text, size_t len);

/* What a block holds. */
struct pem_body {
    struct secret bytes;
    char cipher[32]; /* of the DEK-Info header; empty: not encrypted by one */
    char iv[40];     /* its second part, in hexadecimal */
};

/*
 * Decodes the block. False, with the reason in *refusal and nothing in *body, where it is not
 * closed, not base64, or has other headers than the two of an encrypted key; memory is short
 * where there is no reason.
 */
bool pem_decode(struct pem_body *body, const struct pem *pem, struct refusal *refusal);

/*
 * Writes the block anew to *text, which is initialised here: lines of 64 characters that end
 * by a newline, nothing before or after. False where memory is short.
 */
bool pem_write(struct secret *text, const struct pem *pem, const struct pem_body *body);

void pem_body_free(struct pem_body *body);

#endif
