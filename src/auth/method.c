/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of method.def.
 */
#include <config.h>

#include "auth/method.h"

#include <string.h>

#include "auth/attempt.h"

static const struct method methods[] = {
#define METHOD(name, alias, kind, attempt, answers_prompts, needs_list)                        \
    {name, alias, kind, attempt, answers_prompts, needs_list},
#include "auth/method.def"
#undef METHOD
};

static bool
is(const char *name, const char *text, size_t len)
{
    return name && strlen(name) == len && memcmp(name, text, len) == 0;
}

const struct method *
method_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (is(methods[i].name, name, len) || is(methods[i].alias, name, len))
            return &methods[i];
    }
    return NULL;
}

const struct method *
method_at(size_t index)
{
    return index < sizeof methods / sizeof *methods ? &methods[index] : NULL;
}
