/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers to the server's prompts without a person: the rules of -r PATTERN=SOURCE.
 *
 * The argument is split at the first '=' that is followed by a source's prefix (env: file: fd:
 * cmd: totp: ask:). PATTERN is a POSIX extended regular expression, unanchored, case matters,
 * matched against the decoded prompt: UTF-8 whatever the locale, each NUL and each byte that is
 * not UTF-8 read as U+FFFD, so that "." matches them and a NUL ends nothing. A newline is a
 * character like any other: ^ and $ are the prompt's ends. An empty PATTERN matches all, but
 * nothing matches a prompt longer than RESPOND_PROMPT_MAX. The first rule that matches answers.
 *
 *   env:   the variable's value, which is taken out of the environment (ask/variable.h)
 *   file:  the file's first line; an empty file is a failure, an empty line an empty answer
 *   fd:    the next line of the descriptor, a line a use, read byte by byte so that nothing
 *          beyond the newline is taken: rules with the same number share it, and attempts
 *          that run at the same time have whole lines, in no order; at its end, the source has
 *          failed
 *   cmd:   the first line that /bin/sh -c COMMAND prints. It has no terminal and no input; any
 *          exit status but 0, and no output at all, is a failure
 *   totp:  the one-time password of now (RFC 6238) for the secret in the file: base32, or an
 *          otpauth:// URI with its digits, period and algorithm. A login that was given the
 *          password of a period gets that of the next one, which is waited for
 *   ask:   the terminal
 *
 * Lines lose their newline and a carriage return before it; the last line needs none. A line
 * longer than SECRET_MAX is a failure. Waits end at the limits below, at a signal, and at the
 * deadline. A file that others can read or write is refused (util/private_file.h).
 */
#ifndef RESPOND_H
#define RESPOND_H

#include "util/deadline.h"
#include "util/failure.h"
#include "util/secret.h"

#define RESPOND_FILE_LIMIT  10 /* seconds for file: (a FIFO without a writer, say) */
#define RESPOND_FD_LIMIT    60 /* seconds for one line of fd: */
#define RESPOND_CMD_LIMIT   60 /* seconds for cmd: */
#define RESPOND_MAX_REFUSED 3  /* unless --max-refused says otherwise */
#define RESPOND_PROMPT_MAX                                                                     \
    4096 /* bytes: a longer prompt matches no rule, as regexec(3) takes time by their square   \
          */

struct respond_rules; /* a list of rules, in the order given */
struct respond_use;   /* what one attempt took from them */

enum respond_result {
    RESPOND_ANSWERED, /* `answer` holds the answer */
    RESPOND_ASK,      /* the rule's source is ask: */
    RESPOND_NO_RULE,  /* none matches */
    /* `failure` has CREDENTIAL: the source could not be used, or was refused too often;
     * INTERRUPTED: a signal of util/signals.h while waiting for it; TIMEOUT: the deadline
     * passed; DISCONNECTED: see respond_answer(); INTERNAL: memory */
    RESPOND_FAILED
};

/* An empty list, or NULL where memory is short. Freed by respond_free(), which takes NULL. */
struct respond_rules *respond_new(void);
void respond_free(struct respond_rules *rules);

/*
 * Adds the rule in `argument`. False, with OUTCOME_USAGE in `failure`, where it is malformed:
 * no source, an unknown source, an expression that regcomp(3) rejects, env: without a name,
 * file: without a path, fd:N that is no number, something behind ask:. OUTCOME_INTERNAL:
 * memory.
 */
bool respond_add(struct respond_rules *rules, const char *argument, struct failure *failure);

/*
 * Adds the rules in the file at `path`, one a line, PATTERN=SOURCE as above. Blanks at a
 * line's beginning do not count, nor do empty lines and those that begin with #. False, with
 * OUTCOME_USAGE and "--respond-file FILE:LINE: why" in `failure`, for the first that is wrong,
 * a file that cannot be read, a line with a NUL, or more than 1 MiB; INTERRUPTED by a signal,
 * INTERNAL (memory).
 */
bool respond_add_file(struct respond_rules *rules, const char *path, struct failure *failure);

/* Has any of them the source fd: with this number? */
bool respond_reads(const struct respond_rules *rules, int fd);

/*
 * Before anything is sent: is each variable set and not too long, each file readable by us and
 * by nobody else, each descriptor open for reading? No file's content is read, a FIFO is not
 * opened, no command is run; variables are taken out of the environment. False, with
 * OUTCOME_CREDENTIAL in `failure`, for the first that is not; INTERNAL: memory.
 */
bool respond_check(const struct respond_rules *rules, struct failure *failure);

/* Who attempts what. */
struct respond_attempt {
    const char *user;
    const char *login;    /* "alice@host:22", whose answers these are */
    unsigned max_refused; /* see below; at least 1 */
    bool dialogue;        /* the server may ask more than one question */
    int server_fd;        /* watched for a hang-up while waiting for other attempts; -1: none */
};

/* An attempt begins; its strings are copied, and the rules must stay as they are. NULL where
 * memory is short. */
struct respond_use *respond_begin(const struct respond_rules *rules,
                                  const struct respond_attempt *attempt);

/* The server asks anew: what it asks for together it has not refused in between. */
void respond_round(struct respond_use *use);

/*
 * Finds the answer to a prompt of `len` bytes (any bytes). `answer` is initialised by the
 * caller; `source` is set to the rule's source as written ("env:PW", not escaped), owned by
 * the rules, or NULL where no rule matches.
 *
 * A source is not read again, CREDENTIAL, once it was refused max_refused times for this user,
 * by whichever server, since the process began, and whichever rules named it: each attempt that
 * respond_end() says was refused counts once for each source that it took, and so does each
 * round in which a prompt of an earlier one comes again, since a server that asks again did
 * not like the answer. ask: is a person, who decides alone.
 *
 * Where attempts run at the same time, what they took counts as refused until they end: one
 * whose answer could be one too many waits here, TIMEOUT, or DISCONNECTED where the server
 * hangs up meanwhile. In a dialogue all sources of the rules are claimed together, before the
 * first answer (ask/ledger.h).
 */
enum respond_result respond_answer(struct respond_use *use, const char *prompt, size_t len,
                                   struct deadline deadline, struct secret *answer,
                                   const char **source, struct failure *failure);

/* How long the attempt has waited for others so far, in ns: no server's time, nor ours. */
int64_t respond_waited(const struct respond_use *use);

/* The attempt is over; `refused`: the server said no. Frees `use`, which may be NULL. */
void respond_end(struct respond_use *use, bool refused);

#endif
