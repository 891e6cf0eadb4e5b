/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One pass over the data for all forms: the first two bytes of a part tell which it may be.
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
    struct form *next;
};

/* A place in a form where a part begins. */
struct begin {
    const struct form *form;
    size_t from;
    struct begin *next;
};

struct needles {
    struct form *forms;
    struct begin *begins[USHRT_MAX + 1]; /* by the first two bytes */
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
    for (size_t pair = 0; needles && pair <= USHRT_MAX; pair++) {
        while (needles->begins[pair]) {
            struct begin *begin = needles->begins[pair];
            needles->begins[pair] = begin->next;
            free(begin);
        }
    }
    while (needles && needles->forms) {
        struct form *form = needles->forms;
        needles->forms = form->next;
        explicit_bzero(form->bytes, form->len);
        free(form->bytes);
        free(form);
    }
    free(needles);
}

static int
add_begin(struct needles *needles, const struct form *form, size_t from)
{
    struct begin **list = &needles->begins[pair_at(form->bytes + from)];
    struct begin *begin = malloc(sizeof *begin);

    if (!begin)
        return -1;
    *begin = (struct begin){form, from, *list};
    *list = begin;
    return 0;
}

/* Takes `bytes`, which may be NULL: memory is short. Parts begin at each `step`th. */
static int
add(struct needles *needles, const char *name, unsigned char *bytes, size_t len, size_t part,
    size_t step)
{
    struct form *form = bytes ? malloc(sizeof *form) : NULL;
    int result = 0;

    if (!form) {
        free(bytes);
        return -1;
    }
    *form = (struct form){name, bytes, len, part, needles->forms};
    needles->forms = form;
    for (size_t from = 0; from + part <= len; from += step)
        result += add_begin(needles, form, from);
    return result;
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

/* The bytes of the form at `data` from there on; 0 where it is not even a part. */
static size_t
match(const struct begin *begin, const unsigned char *data, size_t len)
{
    const unsigned char *bytes = begin->form->bytes + begin->from;
    size_t most = begin->form->len - begin->from;
    size_t same = begin->form->part;

    if (len < same || memcmp(bytes, data, same) != 0)
        return 0;
    while (same < most && same < len && bytes[same] == data[same])
        same++;
    return same;
}

void
needles_search(const struct needles *needles, const unsigned char *data, size_t len,
               void (*found)(const struct needle_hit *hit, void *context), void *context)
{
    for (size_t i = 0; i + 1 < len; i++) {
        const struct begin *begin = needles->begins[pair_at(data + i)];
        size_t same = 0;
        while (begin && !(same = match(begin, data + i, len - i)))
            begin = begin->next;
        if (!same)
            continue;
        struct needle_hit hit = {begin->form->name, i, same, begin->from, begin->form->len};
        found(&hit, context);
        i += same - 1;
    }
}
