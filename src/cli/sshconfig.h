/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What ssh's configuration says of one target. The ssh that is installed evaluates its own
 * Match, Include and tokens: `ssh -G` prints the result, a "keyword value" a line (ssh(1)), and
 * here it is read. What a user is authenticated with, keys, passwords, methods, is never taken
 * from it.
 */
#ifndef SSHCONFIG_H
#define SSHCONFIG_H

#include "probe/request.h"
#include "util/failure.h"

/* What the command line says of the target, handed on so that Match sees it and ssh can let it
 * win. */
struct sshconfig_query {
    const char *host; /* as typed, without brackets */
    const char *user; /* NULL: not named */
    uint16_t port;    /* 0: not named */
    int family;       /* AF_UNSPEC: not named */
    const char *bind; /* this and what follows: NULL: not named */
    const char *jump; /* -J */
    const char *proxy_command;
    const char *file;           /* -F; "none" too */
    const char *const *options; /* -o, in the order given */
    size_t option_count;
    int64_t limit; /* ns: Match exec may hang */
};

/*
 * The strings are owned; NULL and 0 where the configuration says nothing. ssh always says user,
 * hostname and port: what the command line names, else its defaults. An alias is to be taken
 * as it stands: ssh expands no token in it.
 */
struct sshconfig {
    char *user;
    char *hostname;
    uint16_t port;
    int family;
    int64_t connect_timeout; /* ns */
    char *bind;
    char *jump;          /* at most one of these two, as ssh has it */
    char *proxy_command; /* its tokens not yet expanded */
    char *host_key_alias;
    enum hostkey_mode host_key; /* DEFAULT where it says ask; never OFF */
    /* It names a command that may know more of the host's keys, and is not run here: a key that
     * no file has is then not accepted by the configuration alone. */
    bool known_hosts_command;
    char **known_hosts;       /* the user's files, then the system's; NULL: the usual; */
    size_t known_hosts_count; /* /dev/null alone where it says that there are none */
    /* The one that accepted keys go to, where known_hosts is not NULL; NULL: none, since the
     * user has no file: they must not be written to the system's. */
    char *known_hosts_written;
    bool hash_known_hosts;
    char *revoked_host_keys;
    char *gssapi_host;
    char *note; /* that there is no ssh, what is not run, or which -o are of no use here;
                   printable */
};

/*
 * Asks ssh. True with *config filled (any content before), to be freed by sshconfig_free().
 * With `file` "none", no option, no jump and no proxy command nobody needs to be asked, and ssh
 * is not run. Where no ssh is installed and nothing asked for needs one, *config is empty but
 * for the note. False, with nothing to free, and in `failure`: USAGE (ssh rejects it, with
 * ssh's words; ssh is missing and needed; no end within the limit; a value that cannot be used
 * here), INTERRUPTED, INTERNAL. Threads may call it at the same time.
 */
bool sshconfig_read(const struct sshconfig_query *query, struct sshconfig *config,
                    struct failure *failure);
void sshconfig_free(struct sshconfig *config);

/*
 * The reading alone: `text`, NUL-terminated, what ssh -G printed, is taken apart in place.
 * Keywords that are not known are passed over. Results as above.
 */
bool sshconfig_parse(char *text, struct sshconfig *config, struct failure *failure);

/*
 * Is "KEY=VALUE" or "KEY VALUE" one that -o takes? NULL, or what is wrong: no key, or one that
 * would name a credential or a method, which only this program's own options do.
 */
const char *sshconfig_option_error(const char *option);

/*
 * Does its key change anything here: is it read from ssh's answer, or does it have a part in
 * how ssh finds it? `len` gets the key's length, *key where it begins; any option that has no
 * error.
 */
bool sshconfig_option_used(const char *option, const char **key, size_t *len);

#endif
