/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The question whether to accept an unknown host key.
 */
#ifndef HOSTKEY_ASK_H
#define HOSTKEY_ASK_H

#include "util/deadline.h"
#include "util/failure.h"

enum hostkey_answer { HOSTKEY_ANSWER_NO, HOSTKEY_ANSWER_ONCE, HOSTKEY_ANSWER_SAVE };

struct hostkey_question {
    const char *text; /* what there is to know of the key; printable, may hold newlines */
    const char *fingerprint;   /* an answer that equals it is a yes, for this time */
    int server_fd;             /* watched for a hang-up; -1: none */
    struct deadline *deadline; /* moved by the time it takes; may be NULL */
};

/*
 * Asks, in a turn of ask/turn.h, up to three times where the answer is none of those offered;
 * then it is NO. Returns OUTCOME_SUCCESS with the answer set, else what prompt_read() returned.
 */
enum outcome hostkey_ask(const struct hostkey_question *question, enum hostkey_answer *answer,
                         struct failure *failure);

#endif
