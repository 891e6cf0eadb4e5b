/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where an answer comes from when no person is asked: env:NAME, file:PATH, fd:N, cmd:COMMAND,
 * totp:PATH; ask: is a person after all. What each of them gives is in ask/respond.h. Rules and
 * passphrases have sources; one never reads the other's.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>

#include "util/deadline.h"
#include "util/failure.h"
#include "util/secret.h"

struct source_kind;

struct source {
    const struct source_kind *kind;
    char *text;        /* as written */
    const char *value; /* behind the prefix, within `text` */
    int fd;            /* of fd: */
};

/* Does `text` begin with the prefix of a source? */
bool source_known(const char *text);

/* The sources for a message: "env:NAME, file:PATH, ... or ask:", a static string. */
const char *source_list(void);

/* Parses `text`, for which source_known() holds, and takes the variable of env: out of the
 * environment (ask/variable.h). False with a reason in `why` (static) where it is malformed,
 * with NULL where memory is short; nothing is to be freed then. */
bool source_init(struct source *source, const char *text, const char **why);
void source_free(struct source *source);

/* True for ask:, which cannot be read. */
bool source_asks(const struct source *source);

/* Is it fd: with this number? */
bool source_reads(const struct source *source, int fd);

/* As respond_check() does for all; nothing is read. */
bool source_check(const struct source *source, struct failure *failure);

/*
 * Appends the answer to the empty `answer`. `login` names the login that it is for
 * ("alice@host:22"): a one-time password is not given to the same login twice. False with the
 * failure set (TIMEOUT where `deadline` passed); `answer` may then hold a part.
 */
bool source_read(const struct source *source, const char *login, struct deadline deadline,
                 struct secret *answer, struct failure *failure);

#endif
