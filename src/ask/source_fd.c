/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fd: a line a use of a descriptor that was open when we were started. Lines are read byte by
 * byte: threads take turns, or each would have a part of the others' lines.
 */
#include <config.h>

#include "ask/source_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ask/respond.h"
#include "util/signals.h"

/* ---- turns ---- */

#define STEP (DEADLINE_SECOND / 10) /* ns: threads are not woken by signals */

/* A descriptor that is being read, on the stack of the thread that does. */
struct reading {
    struct reading *next;
    int fd;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of all that follows */
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static struct reading *readings;

static bool
is_being_read(int fd)
{
    const struct reading *reading = readings;
    while (reading != NULL && reading->fd != fd) {
        reading = reading->next;
    }
    return reading != NULL;
}

/* Under the mutex, which is free meanwhile. */
static void
wait_a_step(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until); /* a step of another length does no harm */
    until.tv_nsec += STEP;
    until.tv_sec += until.tv_nsec / DEADLINE_SECOND;
    until.tv_nsec %= DEADLINE_SECOND;
    pthread_cond_timedwait(&ended, &mutex, &until);
}

static bool
begin_reading(struct reading *reading, const struct source *source, struct deadline deadline,
              struct failure *failure)
{
    bool good = true;
    pthread_mutex_lock(&mutex);
    while (good && is_being_read(source->fd)) {
        if (signals_check() != 0) {
            good = source_interrupted(failure);
        } else if (deadline_passed(deadline)) {
            good = source_timed_out(failure, source);
        } else {
            wait_a_step();
        }
    }
    if (good) {
        *reading = (struct reading){readings, source->fd};
        readings = reading;
    }
    pthread_mutex_unlock(&mutex);
    return good;
}

static void
end_reading(struct reading *reading)
{
    pthread_mutex_lock(&mutex);
    struct reading **link = &readings;
    while (*link != reading) {
        link = &(*link)->next;
    }
    *link = reading->next;
    pthread_cond_broadcast(&ended);
    pthread_mutex_unlock(&mutex);
}

/* ---- the source ---- */

static bool
fd_parse(struct source *source, const char **why)
{
    *why = "fd: takes the number of a descriptor";
    size_t digits = strspn(source->value, "0123456789");
    if (digits == 0 || source->value[digits] != '\0') {
        return false;
    }
    errno = 0;
    long number = strtol(source->value, NULL, 10);
    source->fd = (int)number;
    return errno == 0 && number <= INT_MAX;
}

static bool
fd_check(const struct source *source, struct failure *failure)
{
    int flags = fcntl(source->fd, F_GETFL);
    /* what is closed on exec is one of our own, which has that number by chance: a server's
     * socket, or the list that names this source */
    if (flags < 0 || (fcntl(source->fd, F_GETFD) & FD_CLOEXEC)) {
        return source_unusable(failure, source, "the descriptor is not open");
    }
    if ((flags & O_ACCMODE) == O_WRONLY) {
        return source_unusable(failure, source, "the descriptor is not open for reading");
    }
    return true;
}

static bool
fd_read(const struct source *source, const char *login, struct deadline deadline,
        struct secret *answer, struct failure *failure)
{
    (void)login;
    struct reading reading;
    /* poll(2) says nothing of a closed one that read(2) would not, but words are better. */
    if (!fd_check(source, failure) || !begin_reading(&reading, source, deadline, failure)) {
        return false;
    }
    bool good =
        source_read_line(source->fd, 1, RESPOND_FD_LIMIT, deadline, source, answer, failure);
    end_reading(&reading);
    return good;
}

const struct source_kind source_fd = {"fd:", "N", fd_parse, fd_check, fd_read};
