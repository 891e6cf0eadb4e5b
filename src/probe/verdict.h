/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What came of one request for one chain: all that a report may look at. Text of the server's
 * is kept as it was sent; who shows it escapes it.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "auth/method.h"
#include "auth/step.h"
#include "probe/hostkey.h"
#include "probe/request.h"

/* Where a connection is; the stage of a failure is the one that was reached. */
enum stage {
    STAGE_RESOLVE,
    STAGE_CONNECT, /* to an address; through a proxy it is STAGE_PROXY instead of these two */
    STAGE_PROXY,
    STAGE_BANNER,
    STAGE_KEX,
    STAGE_HOST_KEY,
    STAGE_AUTH,
    STAGE_COUNT
};

/* The server's DISCONNECT (RFC 4253 section 11.1). */
struct verdict_disconnect {
    bool seen;
    uint32_t code;
    struct bytes text; /* as sent, cut to fit; none where memory was short */
};

#define VERDICT_UNMET_MAX  4 /* one for each kind of expectation */
#define VERDICT_UNMET_SIZE 512

struct verdict {
    const struct request *request;
    const struct chain *chain;
    enum outcome outcome; /* the real one, whatever was expected */
    int exit_status;      /* with the expectation applied */
    bool met;             /* false only where an expectation was not */
    /* what was expected and what came, printable */
    char unmet[VERDICT_UNMET_MAX][VERDICT_UNMET_SIZE];
    size_t unmet_count;
    enum stage stage;
    struct failure failure;
    char address[64];            /* numeric; empty where none was connected */
    struct bytes server_version; /* "SSH-2.0-..." */
    struct hostkey_verdict hostkey;
    struct bytes *banners;
    size_t banner_count;
    unsigned banners_dropped; /* more came than are kept */
    struct verdict_disconnect disconnect;
    bool trivial;  /* accepted, and no password, answer, signature or token was ever sent */
    char *offered; /* the first list of methods that came; NULL: none */
    bool listed;   /* a `none` request came before the chain's own steps */
    struct step listing; /* that request */
    struct step *steps;
    size_t step_count; /* those attempted; a listing without a chain has one, by `none` */
    bool reached[STAGE_COUNT];
    double ms[STAGE_COUNT]; /* spent in each stage that was reached, typing excepted */
    double total_ms;        /* likewise, from the beginning */
};

/* "resolve", "connect", "proxy", "banner", "kex", "host-key", "auth" */
const char *stage_word(enum stage stage);

void verdict_free(struct verdict *verdict);

#endif
