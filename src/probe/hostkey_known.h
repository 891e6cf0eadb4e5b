/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which known hosts files count, and what they say together of one host. Facts only: what
 * follows from them is hostkey.c's to decide.
 */
#ifndef HOSTKEY_KNOWN_H
#define HOSTKEY_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/known_hosts.h"
#include "probe/request.h"

#define HOSTKEY_FINGERPRINT_SIZE 64 /* "SHA256:" and 43 characters of unpadded base64 */

/* The files that the route names; else the user's two and the system's two, as ssh has them. */
struct hostkey_files {
    char **paths;
    size_t count;
    bool named;          /* by --known-hosts */
    const char *written; /* the one of them that accepted keys go to; NULL: the user has no
                            home, or the route names none */
};

/* False where memory is short. The route is used until they are freed. */
bool hostkey_files_init(struct hostkey_files *files, const struct route *route);
void hostkey_files_free(struct hostkey_files *files);

/*
 * Whom the files are asked about: the host, a numeric address in its usual form, and its port;
 * or the alias, as it is written, without one.
 */
struct hostkey_name {
    char host[KNOWN_HOSTS_NAME_SIZE];
    uint16_t port;                    /* 22 with an alias: no other name is tried then */
    char text[KNOWN_HOSTS_NAME_SIZE]; /* as it stands in a file: "[host]:port" */
};

/* False where no file can have the name. */
bool hostkey_name_init(struct hostkey_name *name, const struct request *request);

/* A line that names the host; path is NULL where there is none. */
struct hostkey_line {
    const char *path; /* one of the files' */
    unsigned line;
    char type[KNOWN_HOSTS_TYPE_SIZE];
    char fingerprint[HOSTKEY_FINGERPRINT_SIZE];
};

/* The first line of each kind, and the types of all keys that are not marked. */
struct hostkey_known {
    struct hostkey_line revoked;    /* @revoked, with the key asked about */
    struct hostkey_line match;      /* has the key asked about */
    struct hostkey_line same_type;  /* has another one of its type */
    struct hostkey_line other_type; /* has one of another type */
    struct hostkey_line authority;  /* @cert-authority: never a match */
    char types[16][KNOWN_HOSTS_TYPE_SIZE];
    size_t type_count;
    const char *unreadable; /* the first file that is there and cannot be read; NULL: none */
    int error;              /* its errno */
    bool none_there;        /* no file exists */
};

/*
 * Reads the files. With a port other than 22 the files have the host as [host]:port; where they
 * do not, a line for the plain host counts, as with ssh, if it has this very key (or any, where
 * no key is asked about: then it is only about types). @revoked counts under either name. A
 * NULL `blob` asks about no key. Returns 0, -ENOMEM or -EINTR (a fatal signal).
 */
int hostkey_known_read(struct hostkey_known *known, const struct hostkey_files *files,
                       const struct hostkey_name *name, const unsigned char *blob, size_t len);

/* "SHA256:..." of a key blob. False where libcrypto fails. */
bool hostkey_fingerprint(char out[HOSTKEY_FINGERPRINT_SIZE], const unsigned char *blob,
                         size_t len);

#endif
