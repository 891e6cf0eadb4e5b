/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the command line asks for, of one target. Built by cli/, read by probe/, changed by
 * neither: strings are owned by the struct command, or by the line of a list, that they came
 * from.
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

/* What all targets of a command line share, but for lines of a list that have options of their
 * own. */
struct settings {
    int64_t timeout; /* ns for one connection, connecting included */
    bool delegate;   /* -K */
    bool no_trivial_auth;
    bool batch;                  /* -B: never prompt */
    struct identity *identities; /* keys for publickey, in the order given */
    size_t identity_count;
    bool agent;            /* --agent: its keys, or those that an identity names */
    struct gss_choice gss; /* whose ticket */
    bool require_delegation;
    const char **fingerprints; /* "SHA256:..." without padding; where there are any, they */
    size_t fingerprint_count;  /* alone decide */
    struct respond_rules *rules;
    unsigned max_refused; /* how often a source's answer may be refused for a user */
    bool crowd; /* other targets run at the same time: no child may use the terminal */
    outcome_set expected; /* 0: nothing is expected */
    /* name-lists, "publickey,password", of wire names, none twice; NULL: nothing is expected */
    const char *expect_offered; /* the first list that the server gives is this set */
    const char *forbid_offered; /* none of these is in any list */
};

/*
 * How a target is reached, and which host key it may have: what the command line says, then
 * what ssh's configuration says of this target, then the default. Plain data, already merged.
 */
struct route {
    const char *hostname;    /* looked up, or told to the proxy; without brackets */
    int family;              /* AF_UNSPEC, AF_INET, AF_INET6 */
    const char *bind;        /* the local address to connect from, a name or numeric; or NULL */
    int64_t connect_timeout; /* ns until TCP or the proxy is connected */
    bool connect_timeout_named; /* by --connect-timeout */
    /* at most one of these two; a connection without either is made by this process */
    const char *jump;           /* "[user@]host[:port],...", the last one reaches the target */
    const char *proxy_command;  /* as in ssh_config(5), its tokens not yet expanded */
    const char *config;         /* -F, for the ssh of a jump as well; NULL: ssh's own default */
    const char *host_key_alias; /* the name in known hosts files, without a port; or NULL */
    enum hostkey_mode host_key;
    /* The user's files, then the system's, known_hosts_count of them; NULL: the usual ones,
     * and what is accepted goes to the user's first */
    const char *const *known_hosts;
    size_t known_hosts_count;
    const char *known_hosts_written; /* the one of them that accepted keys go to; NULL: none,
                                        where known_hosts is not NULL */
    bool known_hosts_named;          /* by --known-hosts: it is the only one */
    bool hash_known_hosts;           /* what is added has its name hashed */
    const char *revoked_host_keys;   /* a file of keys or a KRL; NULL: none */
    const char *gssapi_host;         /* the service is host@ this; never NULL */
};

struct request {
    const struct settings *settings;
    const char *user;
    const char *host; /* as it was typed, without brackets */
    uint16_t port;
    const char *label; /* "user@host" as reports and prompts name it, printable */
    struct route route;
    const char *note; /* on how the route was found, for -v, printable; NULL: nothing to say */
};

#endif
