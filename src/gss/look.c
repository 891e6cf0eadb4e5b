/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keytabs and credential caches, seen without GSSAPI. MIT krb5's GSSAPI says "No credentials
 * cache found" of a keytab that is not there as of one without the principal, and 1.20.1 frees
 * what it never set when it comes upon a damaged cache: so we look first.
 */
#include <config.h>

#include "gss/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/escape.h"
#include "util/private_file.h"

/* `type` with its colon: what follows it in `name`, or NULL. */
static const char *
residual(const char *name, const char *type)
{
    size_t len = strlen(type);

    return strncmp(name, type, len) == 0 ? name + len : NULL;
}

/* The path of a name of type FILE, as krb5_kt_resolve(3) finds it; NULL for other types. */
static const char *
file_path(const char *name)
{
    const char *path = residual(name, "FILE:");

    if (!path)
        path = residual(name, "WRFILE:");
    if (!path && (*name == '/' || !strchr(name, ':')))
        path = name;
    return path;
}

/* Fails for what is named, with "--keytab NAME: why". */
static bool
refuse(struct failure *failure, const struct gss_choice *choice, const char *why)
{
    char label[GSS_LABEL_MAX];

    failure_set(failure, OUTCOME_CREDENTIAL, "%s: %s", gss_choice_label(choice, label), why);
    return false;
}

static bool
refuse_code(struct failure *failure, const struct gss_choice *choice, struct gss_look *look,
            krb5_error_code code)
{
    char text[GSS_TEXT_MAX];

    look->code = code;
    if (code == ENOMEM)
        return failure_no_memory(failure);
    return refuse(failure, choice, gss_krb5_text(look->krb5, code, text));
}

char *
gss_krb5_text(krb5_context krb5, krb5_error_code code, char text[GSS_TEXT_MAX])
{
    const char *raw = krb5_get_error_message(krb5, code);

    escape_into(text, GSS_TEXT_MAX, raw, strlen(raw), ESCAPE_LINE);
    krb5_free_error_message(krb5, raw);
    return text;
}

/* The library would wait for the other end of a FIFO, and read a keytab whoever else can. */
static bool
check_file(const struct gss_choice *choice, const char *path, bool is_private,
           struct failure *failure)
{
    struct stat status;
    char why[160];

    if (stat(path, &status) != 0)
        return refuse(failure, choice, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return refuse(failure, choice, "not a regular file");
    if (!is_private || private_file_is(&status, why, sizeof why))
        return true;
    refuse(failure, choice, why);
    failure_hint(failure, PRIVATE_FILE_HINT);
    return false;
}

/* The library makes the folder of a DIR collection where there is none. */
static bool
check_directory(const struct gss_choice *choice, struct failure *failure)
{
    const char *path = residual(choice->ccache, "DIR:");
    struct stat status;

    if (!path || (stat(*path == ':' ? path + 1 : path, &status) == 0))
        return true;
    return refuse(failure, choice, strerror(errno));
}

static bool
find_key(struct gss_look *look, const struct gss_choice *choice, krb5_keytab keytab,
         krb5_kt_cursor *cursor, struct failure *failure)
{
    krb5_keytab_entry entry;
    krb5_error_code code;
    char text[GSS_TEXT_MAX + 40];

    while ((code = krb5_kt_next_entry(look->krb5, keytab, &entry, cursor)) == 0) {
        bool found =
            !look->client || krb5_principal_compare(look->krb5, look->client, entry.principal);
        if (found)
            code = krb5_copy_principal(look->krb5, entry.principal, &look->principal);
        krb5_free_keytab_entry_contents(look->krb5, &entry);
        if (found)
            return code == 0 || refuse_code(failure, choice, look, code);
    }
    if (code != KRB5_KT_END)
        return refuse_code(failure, choice, look, code);
    look->code = KRB5_KT_NOTFOUND;
    if (!choice->client)
        return refuse(failure, choice, "there is no key in it");
    char *client = gss_principal_text(look->krb5, look->client);
    snprintf(text, sizeof text, "there is no key for %s in it", client ? client : "the client");
    free(client);
    refuse(failure, choice, text);
    failure_hint(failure, "klist -k shows whose keys a keytab has");
    return false;
}

static bool
look_at_keytab(struct gss_look *look, const struct gss_choice *choice, struct failure *failure)
{
    const char *path = file_path(choice->keytab);
    krb5_keytab keytab = NULL;
    krb5_kt_cursor cursor;

    if (path && !check_file(choice, path, true, failure))
        return false;
    krb5_error_code code = krb5_kt_resolve(look->krb5, choice->keytab, &keytab);
    if (code == 0)
        code = krb5_kt_start_seq_get(look->krb5, keytab, &cursor);
    bool good = code == 0 && find_key(look, choice, keytab, &cursor, failure);
    if (code == 0)
        krb5_kt_end_seq_get(look->krb5, keytab, &cursor);
    else
        refuse_code(failure, choice, look, code);
    if (keytab)
        krb5_kt_close(look->krb5, keytab);
    return good;
}

/* Another cache of the same collection, whose principal is the client. */
static krb5_error_code
match_ccache(struct gss_look *look)
{
    krb5_ccache match = NULL;
    krb5_principal principal = NULL;
    krb5_error_code code = krb5_cc_cache_match(look->krb5, look->client, &match);

    if (code)
        return code;
    code = krb5_cc_get_principal(look->krb5, match, &principal);
    if (code) {
        krb5_cc_close(look->krb5, match);
        return code;
    }
    krb5_free_principal(look->krb5, look->principal);
    krb5_cc_close(look->krb5, look->ccache);
    look->principal = principal;
    look->ccache = match;
    return 0;
}

/* There is no such cache, or none of that client's: nothing is broken. */
static bool
is_absent(krb5_error_code code)
{
    return code == KRB5_FCC_NOFILE || code == KRB5_CC_NOTFOUND;
}

krb5_error_code
gss_look_ccache(struct gss_look *look, const char *name)
{
    krb5_error_code code = name ? krb5_cc_set_default_name(look->krb5, name) : 0;

    if (code == 0)
        code = krb5_cc_default(look->krb5, &look->ccache);
    if (code == 0)
        code = krb5_cc_get_principal(look->krb5, look->ccache, &look->principal);
    if (!look->client || !look->ccache || (code && !is_absent(code)) ||
        (code == 0 && krb5_principal_compare(look->krb5, look->client, look->principal)))
        return code;
    return match_ccache(look);
}

static bool
look_at_ccache(struct gss_look *look, const struct gss_choice *choice, struct failure *failure)
{
    const char *path = choice->ccache ? file_path(choice->ccache) : NULL;

    if (choice->ccache && !check_directory(choice, failure))
        return false;
    if (path && !check_file(choice, path, false, failure))
        return false;
    krb5_error_code code = gss_look_ccache(look, choice->ccache);
    if (code == 0)
        return true;
    krb5_free_principal(look->krb5, look->principal);
    look->principal = NULL; /* another's than the client */
    if (choice->ccache) {
        refuse_code(failure, choice, look, code);
        failure_hint(failure, "klist -c NAME shows what is in a cache");
        return false;
    }
    if (is_absent(code))
        return true; /* GSSAPI says so best, or finds a key in KRB5_CLIENT_KTNAME */
    look->code = code;
    if (code == ENOMEM)
        return failure_no_memory(failure);
    char text[GSS_TEXT_MAX];
    failure_set(failure, OUTCOME_GSSAPI_FAILURE, "credential cache: %s",
                gss_krb5_text(look->krb5, code, text));
    failure_hint(failure, "the cache cannot be used: klist says more, kinit makes a new one");
    return false;
}

bool
gss_look_open(struct gss_look *look, const struct gss_choice *choice, struct failure *failure)
{
    char text[GSS_TEXT_MAX], shown[GSS_LABEL_MAX];

    *look = (struct gss_look){.code = 0};
    krb5_error_code code = krb5_init_context(&look->krb5);
    if (code) {
        look->krb5 = NULL;
        look->code = code;
        return true; /* what is wrong with it GSSAPI will say */
    }
    code = choice->client ? krb5_parse_name(look->krb5, choice->client, &look->client) : 0;
    if (code == ENOMEM)
        return refuse_code(failure, choice, look, code);
    if (code) {
        look->code = code;
        escape_into(shown, sizeof shown, choice->client, strlen(choice->client), ESCAPE_LINE);
        failure_set(failure, OUTCOME_USAGE, "--gssapi-client '%s': %s", shown,
                    gss_krb5_text(look->krb5, code, text));
        return false;
    }
    return choice->keytab ? look_at_keytab(look, choice, failure)
                          : look_at_ccache(look, choice, failure);
}

void
gss_look_close(struct gss_look *look)
{
    if (!look->krb5)
        return;
    krb5_free_principal(look->krb5, look->principal);
    krb5_free_principal(look->krb5, look->client);
    if (look->ccache)
        krb5_cc_close(look->krb5, look->ccache);
    krb5_free_context(look->krb5);
    look->krb5 = NULL;
}
