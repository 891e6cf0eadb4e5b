/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a proxy says on standard error: the end of it is kept, since the reason comes last,
 * behind banners and warnings.
 */
#ifndef PROXY_WORDS_H
#define PROXY_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct proxy_words {
    char kept[4096]; /* as they came */
    size_t len;
    bool cut; /* there was more before */
};

/* Adds bytes; zero the struct before the first. */
void proxy_words_take(struct proxy_words *words, const char *bytes, size_t len);

/*
 * Writes the last lines that fit into `size` bytes (at least 8), printable, in their order,
 * joined by "; ", "..." before them where there were more; lines without words are left out.
 * Empty where there is none. Returns `out`.
 */
char *proxy_words_text(const struct proxy_words *words, char *out, size_t size);

#endif
