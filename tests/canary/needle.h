/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A secret in all the forms in which it may lie about, and the search for them. What was freed
 * is often found in part only, since malloc(3) writes its own lists over the first 16 bytes:
 * any NEEDLE_PART bytes of the secret in a row count.
 */
#ifndef NEEDLE_H
#define NEEDLE_H

#include <stddef.h>

#define NEEDLE_PART 8 /* bytes of the secret; a secret has at least as many */

struct needles;

struct needle_hit {
    const char *form; /* "plain", "base64", ...; static */
    size_t at;        /* in the data */
    size_t len;       /* bytes of the data that are of the form */
    size_t from;      /* where in the form they begin */
    size_t form_len;  /* bytes of the whole form */
};

/* An empty set, or NULL where memory is short. Freed by needles_free(). */
struct needles *needles_new(void);
void needles_free(struct needles *needles);

/* Adds a secret of `len` bytes, which is copied. -1: it is too short, or memory is. */
int needles_add(struct needles *needles, const unsigned char *secret, size_t len);

/* Calls `found` for each place where a part of a form is, as long as it goes there. */
void needles_search(const struct needles *needles, const unsigned char *data, size_t len,
                    void (*found)(const struct needle_hit *hit, void *context), void *context);

#endif
