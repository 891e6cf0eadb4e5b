/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the command line asks for, of one target. Built by cli/, read by probe/, changed by
 * neither: strings are owned by the struct command that they came from.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ask/respond.h"
#include "ask/source.h"
#include "gss/choice.h"
#include "util/outcome.h"

struct method; /* auth/method.h */

/* One chain: the methods to try in turn on one connection. count 0: only list what is offered.
 */
struct chain {
    const struct method **steps;
    size_t count;
};

enum hostkey_mode {
    HOSTKEY_DEFAULT,
    HOSTKEY_STRICT,
    HOSTKEY_ASK,
    HOSTKEY_ACCEPT_NEW,
    HOSTKEY_OFF
};

/* One -i. */
struct identity {
    const char *file;
    struct source *passphrase; /* of its own --passphrase; NULL: a person is asked */
};

/* What all targets of a command line share. */
struct settings {
    int64_t timeout;         /* ns for one connection, connecting included */
    int64_t connect_timeout; /* ns until TCP is connected */
    int family;              /* AF_UNSPEC, AF_INET, AF_INET6 */
    bool delegate;           /* -K */
    bool no_trivial_auth;
    bool batch;                  /* -B: never prompt */
    struct identity *identities; /* keys for publickey, in the order given */
    size_t identity_count;
    bool agent;              /* --agent: its keys, or those that an identity names */
    const char *gssapi_host; /* NULL: the target's host as it was typed */
    struct gss_choice gss;   /* whose ticket */
    bool require_delegation;
    const char *known_hosts; /* NULL: ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts */
    enum hostkey_mode host_key;
    const char **fingerprints; /* "SHA256:..." without padding; where there are any, they */
    size_t fingerprint_count;  /* alone decide */
    struct respond_rules *rules;
    outcome_set expected; /* 0: nothing is expected */
    /* name-lists, "publickey,password", of wire names, none twice; NULL: nothing is expected */
    const char *expect_offered; /* the first list that the server gives is this set */
    const char *forbid_offered; /* none of these is in any list */
};

struct request {
    const struct settings *settings;
    const char *user;
    const char *host; /* without brackets */
    uint16_t port;
    const char *label; /* "user@host" as reports and prompts name it, printable */
};

#endif
