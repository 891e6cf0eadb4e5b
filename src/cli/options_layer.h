/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What options say: those of the command line, or those of a line of a list on top of them. For
 * the files that read options, and for nobody else.
 */
#ifndef OPTIONS_LAYER_H
#define OPTIONS_LAYER_H

#include "cli/list.h"
#include "cli/scan.h"
#include "probe/request.h"

/* What holds: plain data, to be copied. Strings and lists are borrowed, from the words that
 * were parsed, or from the layer that said it. */
struct options {
    struct settings settings;
    const char *login;              /* -l; NULL: not given */
    uint16_t port;                  /* -p; 0: not given */
    struct route route;             /* what was given of it; NULL, 0: not given */
    const char *const *ssh_options; /* -o */
    size_t ssh_option_count;
    const struct chain *chains; /* -m, or the listing */
    size_t chain_count;
    const char *local_user; /* who logs in where nobody is named; NULL: has no usable name */
    bool seen[OPTION_COUNT];
};

/* Not to be moved: what it says points into it. */
struct layer {
    struct options options;
    bool own[OPTION_COUNT]; /* given on this layer; the others of `seen` are inherited */
    /* the memory behind what is its own */
    struct chain_list chains;
    struct respond_rules *rules;
    struct identity *identities;
    size_t identity_count;
    const char **fingerprints;
    size_t fingerprint_count;
    const char **ssh_options;
    size_t ssh_option_count;
    const char *known_hosts; /* --known-hosts, as a list of one */
    char *expect_offered, *forbid_offered;
    char *local_user;
};

/* The first one: nothing is given, and what has a default has that. Rules may be added to an
 * empty list. False where memory is short; layer_free() is to be called in any case. */
bool layer_init(struct layer *layer);

/* Sets local_user, once, in the main thread: getpwuid(3) is for one, and may ask a server.
 * False where memory is short. */
bool layer_find_local_user(struct layer *layer);

/* One on top of `below`, which must stay as it is: whatever that says holds, until it is said
 * anew. */
void layer_begin(struct layer *layer, const struct layer *below);

void layer_free(struct layer *layer);

/* Does a rule or a passphrase of its own come from this descriptor? */
bool layer_reads(const struct layer *layer, int fd);

#endif
