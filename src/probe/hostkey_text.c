/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The wording that messages about host keys share. Whole sentences are where the decisions are.
 */
#include <config.h>

#include "probe/hostkey_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/escape.h"

void
hostkey_text_add(char *text, size_t size, const char *format, ...)
{
    size_t at = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + at, size - at, format, arguments);
    va_end(arguments);
}

const char *
hostkey_text_path(char out[HOSTKEY_PATH], const char *path)
{
    return escape_into(out, HOSTKEY_PATH, path, strlen(path), ESCAPE_LINE);
}

const char *
hostkey_text_line(char out[HOSTKEY_PLACE], const struct hostkey_line *line)
{
    hostkey_text_path(out, line->path);
    hostkey_text_add(out, HOSTKEY_PLACE, ":%u", line->line);
    return out;
}

const char *
hostkey_text_word(char out[HOSTKEY_WORD], const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "@%+=:,./-_";
    char *at = out;
    char *end = out + HOSTKEY_WORD - 8; /* room for the longest quoting, and the last quote */
    if (text[0] != '\0' && text[strspn(text, plain)] == '\0') {
        snprintf(out, HOSTKEY_WORD, "%s", text);
        return out;
    }
    *at++ = '\'';
    for (; *text != '\0' && at < end; text++) {
        if (*text == '\'')
            at = stpcpy(at, "'\\'");
        *at++ = *text;
    }
    memcpy(at, "'", sizeof("'"));
    return out;
}

const char *
hostkey_text_error(int error)
{
    switch (error) {
    case ESPIPE:
        return "it is not a regular file";
    case ETIMEDOUT:
        return "another program keeps it locked";
    case EINVAL:
        return "the host's name cannot stand in a known hosts file";
    default:
        return strerror(error);
    }
}
