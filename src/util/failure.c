/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one failure of a run. Only formatting: who may set it, and when, is the caller's
 * business.
 */
#include <config.h>

#include "util/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What does not fit is cut at a character and ends with "...". */
static void __attribute__((format(printf, 3, 0)))
format_into(char *out, size_t size, const char *format, va_list arguments)
{
    int len = vsnprintf(out, size, format, arguments);
    if (len <= 0) { /* an impossible format, or memory is short: better a poor text than none */
        snprintf(out, size, "no text");
    } else if ((size_t)len >= size) {
        size_t end = size - sizeof "...";
        while (end > 0 && ((unsigned char)out[end] & 0xc0) == 0x80) {
            end--;
        }
        memcpy(out + end, "...", sizeof "...");
    }
}

enum outcome
failure_vset(struct failure *failure, enum outcome outcome, const char *format,
             va_list arguments)
{
    if (failure_is_set(failure)) {
        return failure->outcome;
    }
    failure->outcome = outcome;
    format_into(failure->message, sizeof failure->message, format, arguments);
    return outcome;
}

enum outcome
failure_set(struct failure *failure, enum outcome outcome, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    outcome = failure_vset(failure, outcome, format, arguments);
    va_end(arguments);
    return outcome;
}

bool
failure_no_memory(struct failure *failure)
{
    failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    return false;
}

void
failure_hint(struct failure *failure, const char *format, ...)
{
    if (failure->hint[0] != '\0') {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    format_into(failure->hint, sizeof failure->hint, format, arguments);
    va_end(arguments);
}

bool
failure_is_set(const struct failure *failure)
{
    return failure->message[0] != '\0';
}
