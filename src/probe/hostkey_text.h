/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Paths, lines and errors of known hosts files as messages have them: printable, cut to fit.
 */
#ifndef HOSTKEY_TEXT_H
#define HOSTKEY_TEXT_H

#include <stddef.h>

#include "probe/hostkey_known.h"

enum { HOSTKEY_PATH = 256, HOSTKEY_PLACE = HOSTKEY_PATH + 16, HOSTKEY_WORD = HOSTKEY_PATH * 4 };

/* Each returns what it wrote. */
const char *hostkey_text_path(char out[HOSTKEY_PATH], const char *path);

/* FILE:LINE */
const char *hostkey_text_line(char out[HOSTKEY_PLACE], const struct hostkey_line *line);

/* A printable text as one word of a shell command, quoted where it must be. */
const char *hostkey_text_word(char out[HOSTKEY_WORD], const char *text);

/* What an errno means for a known hosts file. */
const char *hostkey_text_error(int error);

/* printf to the end of a text that is there already. */
void hostkey_text_add(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
