/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which host key algorithms to ask for first: those whose keys the files have, so that a server
 * with several keys shows one that can be checked. Order only: nothing is trusted here.
 */
#include <config.h>

#include "probe/hostkey.h"

#include <stdlib.h>
#include <string.h>

#include "probe/hostkey_known.h"
#include "util/certificate.h"
#include "util/name_list.h"

/* RFC 8332: the key type of these is not their own name. */
static const struct {
    const char *algorithm, *type;
} aliases[] = {
    {"rsa-sha2-512", "ssh-rsa"},
    {"rsa-sha2-256", "ssh-rsa"},
};

static bool
is_word(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(text, word, len) == 0;
}

static bool
is_known(const struct hostkey_known *known, const char *algorithm, size_t len)
{
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (is_word(algorithm, len, aliases[i].algorithm)) {
            algorithm = aliases[i].type;
            len = strlen(algorithm);
            break;
        }
    }
    for (size_t i = 0; i < known->type_count; i++)
        if (is_word(algorithm, len, known->types[i]))
            return true;
    return false;
}

/* Appends the algorithms of the list that are known, or those that are not. */
static char *
add_those(char *at, const char *list, const struct hostkey_known *known, bool wanted)
{
    const char *name;
    size_t len;
    while ((name = name_list_next(&list, &len)) != NULL) {
        if (len > 0 && certificate_plain_length(name, len) == 0 &&
            is_known(known, name, len) == wanted) {
            memcpy(at, name, len);
            at[len] = ',';
            at += len + 1;
        }
    }
    return at;
}

char *
hostkey_preference(const struct request *request, const char *supported)
{
    struct hostkey_files files;
    struct hostkey_name name;
    struct hostkey_known known = {.type_count = 0};
    char *list = malloc(strlen(supported) + 2);
    if (list == NULL)
        return NULL;
    if (request->settings->fingerprint_count == 0 && hostkey_name_init(&name, request)) {
        if (!hostkey_files_init(&files, &request->route)) {
            free(list);
            return NULL;
        }
        /* What cannot be read is reported by hostkey_check(). */
        if (hostkey_known_read(&known, &files, &name, NULL, 0) != 0)
            known.type_count = 0;
        hostkey_files_free(&files);
    }
    char *at = add_those(list, supported, &known, true);
    at = add_those(at, supported, &known, false);
    if (at > list)
        at--;
    *at = '\0';
    return list;
}
