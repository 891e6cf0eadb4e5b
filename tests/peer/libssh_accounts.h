/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The accounts of the libssh server of the tests: what each is asked, step by step.
 */
#ifndef LIBSSH_ACCOUNTS_H
#define LIBSSH_ACCOUNTS_H

#include <stdbool.h>

#include <libssh/libssh.h>

#define PROMPTS 3
#define ROUNDS  3
#define STEPS   3

/* One prompt of a round. No text: the round has no further ones. */
struct prompt {
    const char *text;
    bool echo;
    const char *answer; /* NULL: the password of the server's environment */
};

/* One INFO_REQUEST. No name: the dialogue has no further ones. */
struct round {
    const char *name;
    const char *instruction;
    struct prompt prompts[PROMPTS];
};

struct account {
    const char *name;
    unsigned int steps[STEPS]; /* methods offered at each, any of which is enough; 0: the end */
    const struct round
        *dialogues[STEPS]; /* of keyboard-interactive at that step; NULL: the password */
    const char *banner;    /* with the answer to the first request, or NULL */
    int refusals;          /* after so many it disconnects; 0: any number will do */
};

/* The account, or NULL. */
const struct account *account_find(const char *name);

/* The dialogue of keyboard-interactive at that step: ROUNDS at most. */
const struct round *account_dialogue(const struct account *account, int step);

#endif
