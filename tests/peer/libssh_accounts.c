/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is in each account of the libssh server. */
#include "libssh_accounts.h"

#include <stddef.h>
#include <string.h>

#define PASSWORD SSH_AUTH_METHOD_PASSWORD
#define KEY      SSH_AUTH_METHOD_PUBLICKEY
#define KBDINT   SSH_AUTH_METHOD_INTERACTIVE
#define GSSAPI   SSH_AUTH_METHOD_GSSAPI_MIC

static const struct round just_password[ROUNDS] = {
    {"", "", {{"Password: ", false, NULL}}},
};

/* Names, instructions, both kinds of echo, a round without prompts. */
static const struct round three_rounds[ROUNDS] = {
    {"Sign in",
     "Two things are needed.\nBoth are yours.",
     {{"Account code: ", true, "4711"}, {"Password: ", false, NULL}}},
    {"Second factor", "A code was sent to you.", {{"Code: ", false, "123456"}}},
    {"Welcome", "Nothing is asked here.", {{NULL, false, NULL}}},
};

/* A title, a cleared screen, C1, a right-to-left override, bytes that are no UTF-8. */
static const struct round evil[ROUNDS] = {
    {"\033]0;owned\007name",
     "\033[2J\302\2331mtext\n\377\300\257",
     {{"Pass\rword\177 \342\200\256egnp: ", false, NULL}}},
};

static const struct round empty[ROUNDS] = {
    {"Welcome", "Nobody is asked anything.", {{NULL, false, NULL}}},
};

static const struct account accounts[] = {
    {.name = "pw", .steps = {PASSWORD}},
    {.name = "key", .steps = {KEY}},
    {.name = "kbdint", .steps = {KBDINT}},
    {.name = "rounds", .steps = {KBDINT}, .dialogues = {three_rounds}},
    {.name = "evil", .steps = {KBDINT}, .dialogues = {evil}},
    {.name = "empty", .steps = {KBDINT}, .dialogues = {empty}},
    {.name = "gss", .steps = {GSSAPI}},
    {.name = "all", .steps = {PASSWORD | KEY | KBDINT | GSSAPI}},
    {.name = "key-pw", .steps = {KEY, PASSWORD}},
    {.name = "pw-key", .steps = {PASSWORD, KEY}},
    {.name = "key-pw-rounds",
     .steps = {KEY, PASSWORD, KBDINT},
     .dialogues = {NULL, NULL, three_rounds}},
    {.name = "rounds-twice", .steps = {KBDINT, KBDINT}, .dialogues = {three_rounds, NULL}},
    {.name = "gss-rounds", .steps = {GSSAPI, KBDINT}, .dialogues = {NULL, three_rounds}},
    {.name = "kbdint-gss", .steps = {KBDINT, GSSAPI}},
    {.name = "banner",
     .steps = {PASSWORD},
     .banner = "Authorized use only.\n\033]0;owned\007All is logged.\n"},
    {.name = "once", .steps = {PASSWORD | KBDINT}, .refusals = 1},
    {.name = "twice", .steps = {KEY | PASSWORD}, .refusals = 2},
    /* The first request, whatever it is, is enough. */
    {.name = "open"},
};

const struct account *
account_find(const char *name)
{
    for (size_t i = 0; i < sizeof accounts / sizeof accounts[0]; i++)
        if (strcmp(accounts[i].name, name) == 0)
            return &accounts[i];
    return NULL;
}

const struct round *
account_dialogue(const struct account *account, int step)
{
    return account->dialogues[step] != NULL ? account->dialogues[step] : just_password;
}
