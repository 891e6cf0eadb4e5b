/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where an answer comes from when no person is asked: env:NAME, file:PATH, fd:N; ask: is a
 * person after all. What each of them means is in ask/respond.h.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "util/secret.h"
#include "util/deadline.h"
#include "util/failure.h"

struct source_kind;

struct source {
    const struct source_kind *kind;
    char *text;        /* as written */
    const char *value; /* behind the prefix, within `text` */
    int fd;            /* of fd: */
};

/* Does `text` begin with the prefix of a source? */
bool source_known(const char *text);

/* Parses `text`, for which source_known() holds. False with a reason in `why` (static) where it
 * is malformed, with NULL where memory is short; nothing is to be freed then. */
bool source_init(struct source *source, const char *text, const char **why);
void source_free(struct source *source);

/* True for ask:, which cannot be read. */
bool source_asks(const struct source *source);

/* As respond_check() does for all; nothing is read. */
bool source_check(const struct source *source, struct failure *failure);

/* Appends the answer to the empty `answer`. False with the failure set (TIMEOUT where
 * `deadline` passed); `answer` may then hold a part. */
bool source_read(const struct source *source, struct deadline deadline, struct secret *answer,
                 struct failure *failure);

#endif
