/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include "keys/refusal.h"

#include <stdarg.h>
#include <stdio.h>

bool
refuse(struct refusal *refusal, const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(refusal->why, sizeof refusal->why, format, arguments);
    va_end(arguments);
    refusal->hint = hint;
    return false;
}

bool
refuse_damaged(struct refusal *refusal, const char *what)
{
    return refuse(refusal, NULL, "the key is damaged: %s", what);
}
