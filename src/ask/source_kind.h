/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the sources share: not for anybody else. A new source is one file with
 * these functions, and one row in source.c.
 */
#ifndef SOURCE_KIND_H
#define SOURCE_KIND_H

#include <sys/types.h>

#include "ask/source.h"

struct source_kind {
    const char *prefix;   /* "env:" */
    const char *argument; /* "NAME", for messages; "" */
    /* Is the text behind the prefix well-formed? `why` (static) where it is not. */
    bool (*parse)(struct source *source, const char **why);
    bool (*check)(const struct source *source, struct failure *failure);
    bool (*read)(const struct source *source, const char *login, struct deadline deadline,
                 struct secret *answer, struct failure *failure); /* NULL: a person answers */
};

/* Records OUTCOME_CREDENTIAL, "SOURCE: why", with the source escaped. Always false. */
bool source_unusable(struct failure *failure, const struct source *source, const char *why);

/* The same for a wait that ended by a signal (INTERRUPTED), or by the connection's deadline
 * (TIMEOUT): false. */
bool source_interrupted(struct failure *failure);
bool source_timed_out(struct failure *failure, const struct source *source);

/*
 * source_line.c: at most `size` bytes once there are some; 0 at the end of file. -1 with errno:
 * ETIMEDOUT at `deadline`, EINTR at a signal (signals_caught() tells which), or read(2)'s.
 */
ssize_t source_read_some(int fd, void *bytes, size_t size, struct deadline deadline);

/*
 * source_line.c: the next line of a descriptor, in reads of `step` bytes: 1 where nothing
 * beyond the newline may be taken. Ends after `seconds`, and at `deadline`.
 */
bool source_read_line(int fd, size_t step, int seconds, struct deadline deadline,
                      const struct source *source, struct secret *answer,
                      struct failure *failure);

/*
 * source_file.c: opens the file of file: and totp: so that nothing is waited for, and refuses
 * what others can read; -1 with the failure set. check: the same without opening a FIFO.
 */
int source_file_open(const struct source *source, struct failure *failure);
bool source_file_check(const struct source *source, struct failure *failure);

extern const struct source_kind source_env, source_file, source_fd, source_cmd, source_totp,
    source_ask;

#endif
