/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers to the server's prompts without a person: the rules of -r PATTERN=SOURCE.
 *
 * The argument is split at the first '=' that is followed by a source's prefix (env: file: fd:
 * ask:). PATTERN is a POSIX extended regular expression, unanchored, case matters, matched
 * against the decoded prompt: UTF-8 whatever the locale, each NUL and each byte that is not
 * UTF-8 read as U+FFFD, so that "." matches them and a NUL ends nothing. A newline is a
 * character like any other: ^ and $ are the prompt's ends. An empty PATTERN matches all. The
 * first rule that matches answers.
 */
#ifndef RESPOND_H
#define RESPOND_H

#include "util/secret.h"
#include "util/deadline.h"
#include "util/failure.h"

#define RESPOND_FILE_LIMIT 10 /* seconds for file: (a FIFO without a writer, say) */
#define RESPOND_FD_LIMIT   60 /* seconds for one line of fd: */

struct respond_rules; /* a list of rules, in the order given */

enum respond_result {
    RESPOND_ANSWERED, /* `answer` holds the answer */
    RESPOND_ASK,      /* the rule's source is ask: */
    RESPOND_NO_RULE,  /* none matches */
    RESPOND_FAILED    /* `failure` has CREDENTIAL: the source could not be used; INTERRUPTED: a
                         signal of    util/signals.h while waiting for it; INTERNAL: memory */
};

/* An empty list, or NULL where memory is short. Freed by respond_free(), which takes NULL. */
struct respond_rules *respond_new(void);
void respond_free(struct respond_rules *rules);

/* Adds the rule in `argument`. False, with OUTCOME_USAGE in `failure`, where it is malformed:
 * no source, an unknown source, an expression that regcomp(3) rejects, env: without a name,
 * file: without a path, fd:N that is no number, something behind ask:. OUTCOME_INTERNAL:
 * memory. */
bool respond_add(struct respond_rules *rules, const char *argument, struct failure *failure);

/* Before anything is sent: is each variable set and not too long, each file readable, each
 * descriptor open for reading? Nothing is read, and a FIFO is not opened. False, with
 * OUTCOME_CREDENTIAL in `failure`, for the first that is not. */
bool respond_check(const struct respond_rules *rules, struct failure *failure);

/*
 * Finds the answer to a prompt of `len` bytes (any bytes). `answer` is initialised by the
 * caller; `source` is set to the rule's source as written ("env:PW", not escaped), owned by the
 * rules, or NULL where no rule matches.
 *
 * env: is the variable's value. file: is the file's first line; an empty file is a failure, an
 * empty line is an empty answer. fd: is the next line of the descriptor, a line a use, read
 * byte by byte so that nothing beyond the newline is taken: rules with the same number share
 * it; at its end, the source has failed. Lines lose their newline and a carriage return before
 * it; the last line needs none. A line longer than SECRET_MAX is a failure. Waits end at the
 * limits above, at a signal, and at `deadline`: OUTCOME_TIMEOUT is then in `failure`.
 */
enum respond_result respond_answer(const struct respond_rules *rules, const char *prompt,
                                   size_t len, struct deadline deadline, struct secret *answer,
                                   const char **source, struct failure *failure);

#endif
