/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One pass over the data for all forms: a table of the first two bytes of each part tells where
 * to look closer.
 */
#include <config.h>

#include "needle.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct form {
    const char *name;
    unsigned char *bytes;
    size_t len;
    size_t part; /* bytes that stand for NEEDLE_PART of the secret */
    size_t step; /* where parts begin: at each byte, or at whole characters only */
    struct form *next;
};

struct needles {
    struct form *forms;
    unsigned char begins[(USHRT_MAX + 1) / CHAR_BIT]; /* a bit for each pair of bytes */
};

static unsigned
pair_at(const unsigned char *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

struct needles *
needles_new(void)
{
    return calloc(1, sizeof(struct needles));
}

void
needles_free(struct needles *needles)
{
    while (needles && needles->forms) {
        struct form *form = needles->forms;
        needles->forms = form->next;
        explicit_bzero(form->bytes, form->len);
        free(form->bytes);
        free(form);
    }
    free(needles);
}

/* Takes `bytes`, which may be NULL: memory is short. */
static int
add(struct needles *needles, const char *name, unsigned char *bytes, size_t len, size_t part,
    size_t step)
{
    struct form *form = bytes ? malloc(sizeof *form) : NULL;

    if (!form) {
        free(bytes);
        return -1;
    }
    *form = (struct form){name, bytes, len, part, step, needles->forms};
    needles->forms = form;
    for (size_t i = 0; i + part <= len; i += step) {
        unsigned pair = pair_at(bytes + i);
        needles->begins[pair / CHAR_BIT] |= (unsigned char)(1U << pair % CHAR_BIT);
    }
    return 0;
}

static int
add_plain(struct needles *needles, const unsigned char *secret, size_t len)
{
    unsigned char *bytes = malloc(len);
    unsigned char *reversed = malloc(len);

    for (size_t i = 0; bytes && reversed && i < len; i++)
        bytes[i] = reversed[len - 1 - i] = secret[i];
    int result = add(needles, "plain", bytes, len, NEEDLE_PART, 1);
    /* the words of a large number, the lowest first */
    return add(needles, "reversed", reversed, len, NEEDLE_PART, 1) + result;
}

static int
add_hex(struct needles *needles, const char *name, const char *digits,
        const unsigned char *secret, size_t len)
{
    unsigned char *bytes = malloc(2 * len);

    for (size_t i = 0; bytes && i < len; i++) {
        bytes[2 * i] = (unsigned char)digits[secret[i] >> 4];
        bytes[2 * i + 1] = (unsigned char)digits[secret[i] & 15];
    }
    return add(needles, name, bytes, 2 * len, (size_t)2 * NEEDLE_PART, 1);
}

/* As it looks where `before` bytes of something else precede it in the same group of three. */
static int
add_base64(struct needles *needles, size_t before, const unsigned char *secret, size_t len)
{
    unsigned char *text = malloc((before + len + 2) / 3 * 4 + 1);
    unsigned char *padded = calloc(1, before + len);
    int result = -1;

    if (text && padded) {
        memcpy(padded + before, secret, len);
        EVP_EncodeBlock(text, padded, (int)(before + len));
        /* digits that are made of the secret alone */
        size_t first = (before * 8 + 5) / 6, last = (before + len) * 8 / 6;
        memmove(text, text + first, last - first);
        result = add(needles, "base64", text, last - first, (size_t)NEEDLE_PART * 4 / 3, 1);
        text = NULL;
    }
    free(text);
    free(padded);
    return result;
}

static int
add_wide(struct needles *needles, const unsigned char *secret, size_t len)
{
    unsigned char *bytes = malloc(len * sizeof(wchar_t));

    for (size_t i = 0; bytes && i < len; i++) {
        const wchar_t wide = secret[i];
        memcpy(bytes + i * sizeof wide, &wide, sizeof wide);
    }
    return add(needles, "wide", bytes, len * sizeof(wchar_t), NEEDLE_PART * sizeof(wchar_t),
               sizeof(wchar_t));
}

int
needles_add(struct needles *needles, const unsigned char *secret, size_t len)
{
    int result = 0;

    if (len < NEEDLE_PART || len > INT_MAX / 4)
        return -1;
    result += add_plain(needles, secret, len);
    result += add_hex(needles, "hex", "0123456789abcdef", secret, len);
    result += add_hex(needles, "HEX", "0123456789ABCDEF", secret, len);
    for (size_t before = 0; before < 3; before++)
        result += add_base64(needles, before, secret, len);
    /* text has no NUL; with one, each page of zeros would have to be looked at closely */
    if (!memchr(secret, '\0', len))
        result += add_wide(needles, secret, len);
    return result ? -1 : 0;
}

/* The bytes of `form` at `data`, 0 where no part of it is there; `from` is where it begins. */
static size_t
match(const struct form *form, const unsigned char *data, size_t len, size_t *from)
{
    for (*from = 0; len >= form->part && *from + form->part <= form->len; *from += form->step) {
        const unsigned char *bytes = form->bytes + *from;
        size_t most = form->len - *from < len ? form->len - *from : len;
        size_t same = form->part;
        if (memcmp(bytes, data, same) != 0)
            continue;
        while (same < most && bytes[same] == data[same])
            same++;
        return same;
    }
    return 0;
}

void
needles_search(const struct needles *needles, const unsigned char *data, size_t len,
               void (*found)(const struct needle_hit *hit, void *context), void *context)
{
    for (size_t i = 0; i + 1 < len; i++) {
        unsigned pair = pair_at(data + i);
        size_t most = 0;
        if (!(needles->begins[pair / CHAR_BIT] >> pair % CHAR_BIT & 1))
            continue;
        for (const struct form *form = needles->forms; form && !most; form = form->next) {
            struct needle_hit hit = {.form = form->name, .at = i, .form_len = form->len};
            hit.len = most = match(form, data + i, len - i, &hit.from);
            if (most)
                found(&hit, context);
        }
        i += most ? most - 1 : 0;
    }
}
