/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of names, in the text that SSH sends.
 */
#include <config.h>

#include "util/name_list.h"

#include <stdlib.h>
#include <string.h>

const char *
name_list_next(const char **rest, size_t *len)
{
    const char *name = *rest;

    if (name == NULL || *name == '\0')
        return NULL;
    *len = strcspn(name, ",");
    *rest = name + *len + (name[*len] == ',');
    return name;
}

bool
name_list_has(const char *list, const char *name, size_t len)
{
    const char *other;
    size_t other_len;

    while ((other = name_list_next(&list, &other_len)) != NULL) {
        if (other_len == len && memcmp(other, name, len) == 0)
            return true;
    }
    return false;
}

bool
name_list_add(char **list, const char *name, size_t len)
{
    size_t used = *list == NULL ? 0 : strlen(*list) + 1;
    char *longer = realloc(*list, used + len + 1);

    if (longer == NULL)
        return false;
    if (used > 0)
        longer[used - 1] = ',';
    memcpy(longer + used, name, len);
    longer[used + len] = '\0';
    *list = longer;
    return true;
}
