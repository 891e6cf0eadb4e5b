/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Taken apart as ssh does it. A port is read by hand, since strtol() takes blanks and signs.
 */
#include <config.h>

#include "util/authority.h"

#include <string.h>

char *
authority_split_user(char *text, char **user)
{
    char *at = strrchr(text, '@');

    *user = at == NULL ? NULL : text;
    if (at == NULL)
        return text;
    *at = '\0';
    return at + 1;
}

const char *
authority_split_host(char *text, char **host, char **port)
{
    char *colon = strchr(text, ':');

    *host = text;
    *port = NULL;
    if (*text == '[') {
        char *end = strchr(text, ']');
        if (end == NULL)
            return "there is no ']' for the '['";
        if (end[1] != '\0' && end[1] != ':')
            return "behind ']' only :PORT can follow";
        *host = text + 1;
        *port = end[1] == ':' ? end + 2 : NULL;
        *end = '\0';
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        *port = colon + 1;
        *colon = '\0';
    }
    return NULL;
}

bool
authority_port(const char *text, size_t len, uint16_t *port)
{
    uint32_t number = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (uint32_t)(text[i] - '0');
        if (number > UINT16_MAX)
            return false;
    }
    if (number == 0)
        return false;
    *port = (uint16_t)number;
    return true;
}

bool
authority_has_password(const char *text, size_t len)
{
    const char *authority = memmem(text, len, "://", 3);
    const char *at = memrchr(text, '@', len);

    return authority != NULL && at != NULL && at > authority + 3 &&
           memchr(authority + 3, ':', (size_t)(at - authority - 3)) != NULL;
}
