/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes of somebody else's as text that XML may hold. Pure.
 */
#ifndef XML_TEXT_H
#define XML_TEXT_H

#include <stddef.h>
#include <stdio.h>

/*
 * Writes `len` bytes as UTF-8. U+FFFD stands for what is not valid UTF-8, for what XML 1.0
 * forbids (section 2.2), and for the controls that it allows and advises against: those act on
 * terminals. "\r\n" is a newline. Markup is the XML library's to escape.
 */
void xml_text_write(FILE *out, const char *text, size_t len);

/* A string likewise, in memory of its own; NULL where memory is short. */
char *xml_text_dup(const char *text);

#endif
