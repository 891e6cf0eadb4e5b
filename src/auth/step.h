/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What came of one attempt by one method: plain data for the report. Text of the server's is
 * kept as it was sent; who shows it escapes it.
 */
#ifndef STEP_H
#define STEP_H

#include "gss/record.h"
#include "util/bytes.h"
#include "util/failure.h"

struct method;

struct kbdint_prompt {
    struct bytes text;
    bool echo;
    char *source; /* the rule's source that answered, "env:PW"; "terminal"; NULL: no answer */
};

/* One INFO_REQUEST (RFC 4256 section 3.2). */
struct kbdint_round {
    struct bytes name;
    struct bytes instruction;
    struct kbdint_prompt *prompts;
    size_t prompt_count;
};

/* One key of a publickey step. A public half that was never seen (PEM that cannot be decrypted)
 * leaves type and fingerprint empty. */
struct key_try {
    const char *file;     /* as -i names it, the request's own; NULL: one of the agent's */
    struct bytes comment; /* the agent's for this key */
    bool agent;           /* the agent signs, also with a file that names which key */
    char type[64];        /* "ssh-ed25519"; printable */
    char fingerprint[64]; /* "SHA256:..." */
    bool acceptable;      /* PK_OK: the server would accept it (RFC 4252 section 7) */
    bool is_signed;       /* a signature was sent */
    enum outcome outcome; /* of this key alone; the step's where the dialogue ended with it */
    char reason[256];     /* why CREDENTIAL, printable; empty: step.failure has it */
};

struct step {
    const struct method *method;
    enum outcome outcome;
    bool has_code;             /* false where the attempt was broken off on our side */
    int code;                  /* of the reference API: 0, or negative */
    const char *code_name;     /* its symbol, a static string; NULL for 0 */
    int library_code;          /* what libssh2 itself returned */
    char library_message[256]; /* printable; empty where library_code is 0 */
    double ms; /* without the time that people took to type, or other targets to be answered */
    char *remaining; /* the methods that can continue, from the FAILURE; NULL: none came */
    char *earlier;   /* of publickey: the methods of the lists that came before that one */
    struct failure failure; /* where the outcome is not the server's plain answer */
    struct kbdint_round *rounds;
    size_t round_count;
    struct key_try *keys; /* of publickey, in the order tried */
    size_t key_count;
    char *source;             /* of password: what answered, as in kbdint_prompt */
    struct bytes change_text; /* of PASSWD_CHANGEREQ, as the server sent it */
    bool has_gss;
    struct gss_record gss;
};

/* Frees what the step holds. */
void step_free(struct step *step);

#endif
