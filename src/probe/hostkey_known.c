/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Collects what the known hosts files say of one host into one struct of fixed size, however
 * many lines there are. Reads files; writes none, asks nobody, decides nothing.
 */
#include <config.h>

#include "probe/hostkey_known.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "util/home.h"

/* The system's files are where the installed ssh looks; both are read, as by ssh. */
#ifndef SSH_SYSTEM_KNOWN_HOSTS
#define SSH_SYSTEM_KNOWN_HOSTS "/etc/ssh/ssh_known_hosts"
#endif

#define USUAL_FILES 4

struct collection {
    struct hostkey_known *known;
    const unsigned char *blob; /* NULL: no key is asked about */
    size_t len;
    char type[KNOWN_HOSTS_TYPE_SIZE]; /* the blob's; "" where it is malformed */
    bool fallback;                    /* these are the lines of the plain host name */
};

static bool
add_path(struct hostkey_files *files, const char *directory, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s%s", directory, name) == -1)
        return false;
    files->paths[files->count++] = path;
    return true;
}

/* ssh's own default: the user's two files, then the system's two. */
static bool
add_usual(struct hostkey_files *files)
{
    char path[PATH_MAX];
    const char *home = home_directory(path);
    bool good = true;
    if (home != NULL)
        good = add_path(files, home, "/.ssh/known_hosts") &&
               add_path(files, home, "/.ssh/known_hosts2");
    files->written = home != NULL ? files->paths[0] : NULL;
    return good && add_path(files, SSH_SYSTEM_KNOWN_HOSTS, "") &&
           add_path(files, SSH_SYSTEM_KNOWN_HOSTS, "2");
}

bool
hostkey_files_init(struct hostkey_files *files, const struct route *route)
{
    *files = (struct hostkey_files){.named = route->known_hosts_named};
    files->paths = calloc(route->known_hosts_count + USUAL_FILES, sizeof(*files->paths));
    bool good = files->paths != NULL;
    for (size_t i = 0; good && i < route->known_hosts_count; i++)
        good = add_path(files, "", route->known_hosts[i]);
    if (route->known_hosts != NULL)
        files->written = route->known_hosts_written;
    else if (good)
        good = add_usual(files);
    if (!good)
        hostkey_files_free(files);
    return good;
}

void
hostkey_files_free(struct hostkey_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->paths[i]);
    free(files->paths);
    *files = (struct hostkey_files){.count = 0};
}

bool
hostkey_fingerprint(char out[HOSTKEY_FINGERPRINT_SIZE], const unsigned char *blob, size_t len)
{
    static const char prefix[] = "SHA256:";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;
    out[0] = '\0';
    if (EVP_Digest(blob, len, digest, &digest_len, EVP_sha256(), NULL) != 1)
        return false;
    memcpy(out, prefix, sizeof(prefix));
    EVP_EncodeBlock((unsigned char *)out + strlen(prefix), digest, (int)digest_len);
    out[strcspn(out, "=")] = '\0';
    return true;
}

static void
note_line(struct hostkey_line *line, const struct known_hosts_entry *entry)
{
    if (line->path != NULL)
        return;
    line->path = entry->path;
    line->line = entry->line;
    snprintf(line->type, sizeof(line->type), "%s", entry->type);
    hostkey_fingerprint(line->fingerprint, entry->key, entry->key_len);
}

static void
note_type(struct hostkey_known *known, const char *type)
{
    for (size_t i = 0; i < known->type_count; i++)
        if (strcmp(known->types[i], type) == 0)
            return;
    if (known->type_count < sizeof(known->types) / sizeof(known->types[0]))
        snprintf(known->types[known->type_count++], KNOWN_HOSTS_TYPE_SIZE, "%s", type);
}

static void
collect(const struct known_hosts_entry *entry, void *context)
{
    const struct collection *collection = context;
    struct hostkey_known *known = collection->known;
    bool same = collection->blob != NULL && entry->key_len == collection->len &&
                memcmp(entry->key, collection->blob, collection->len) == 0;
    if (entry->marker == KNOWN_HOSTS_REVOKED) {
        if (same)
            note_line(&known->revoked, entry);
    } else if (entry->marker == KNOWN_HOSTS_CA) {
        note_line(&known->authority, entry);
    } else {
        if (same)
            note_line(&known->match, entry);
        else if (!collection->fallback && strcmp(entry->type, collection->type) == 0)
            note_line(&known->same_type, entry);
        else if (!collection->fallback)
            note_line(&known->other_type, entry);
        note_type(known, entry->type);
    }
}

/* ---- names ---- */

/*
 * A numeric address in the form that getnameinfo gives it, as ssh does before it looks a host
 * up: 0:0::1 is in the files as ::1, 127.1 as 127.0.0.1. Nothing is resolved.
 */
static void
usual_form(char out[KNOWN_HOSTS_NAME_SIZE], const char *host)
{
    const struct addrinfo numeric = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    snprintf(out, KNOWN_HOSTS_NAME_SIZE, "%s", host);
    if (getaddrinfo(host, NULL, &numeric, &found) != 0)
        return;
    char text[NI_MAXHOST];
    if (getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text), NULL, 0,
                    NI_NUMERICHOST) == 0)
        snprintf(out, KNOWN_HOSTS_NAME_SIZE, "%s", text);
    freeaddrinfo(found);
}

bool
hostkey_name_init(struct hostkey_name *name, const struct request *request)
{
    const struct route *route = &request->route;
    const char *host = route->host_key_alias != NULL ? route->host_key_alias : route->hostname;
    *name = (struct hostkey_name){.port = route->host_key_alias != NULL ? 22 : request->port};
    if (!known_hosts_name(name->text, host, name->port)) /* tells its length */
        return false;
    if (route->host_key_alias != NULL)
        snprintf(name->host, sizeof(name->host), "%s", host);
    else
        usual_form(name->host, host);
    return known_hosts_name(name->text, name->host, name->port);
}

/* ---- reading ---- */

/* A file that is not there is an empty one; one that cannot be read is noted. */
static int
read_files(const struct hostkey_files *files, const char *host, uint16_t port,
           struct collection *collection)
{
    struct hostkey_known *known = collection->known;
    for (size_t i = 0; i < files->count; i++) {
        int rc = known_hosts_scan(files->paths[i], host, port, collect, collection);
        if (rc == -ENOMEM || rc == -EINTR)
            return rc;
        if (rc != -ENOENT)
            known->none_there = false;
        if (rc != 0 && rc != -ENOENT && known->unreadable == NULL) {
            known->unreadable = files->paths[i];
            known->error = -rc;
        }
    }
    return 0;
}

int
hostkey_known_read(struct hostkey_known *known, const struct hostkey_files *files,
                   const struct hostkey_name *name, const unsigned char *blob, size_t len)
{
    *known = (struct hostkey_known){.none_there = true};
    struct collection collection = {.known = known, .blob = blob, .len = len};
    if (blob == NULL || !known_hosts_blob_type(collection.type, blob, len))
        collection.type[0] = '\0';
    int rc = read_files(files, name->host, name->port, &collection);
    if (rc != 0 || name->port == 22)
        return rc;
    bool named = known->type_count > 0;
    size_t types = known->type_count;
    struct hostkey_line match = known->match;
    collection.fallback = true;
    rc = read_files(files, name->host, 22, &collection);
    if (named) { /* then only @revoked lines of the plain name count */
        known->match = match;
        known->type_count = types;
    }
    return rc;
}
