/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * totp: the file, and the wait for the next period where a login had this one's password: a
 * server takes each password once, and a second try would count as a wrong one.
 */
#include <config.h>

#include "ask/source_kind.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ask/respond.h"
#include "ask/totp.h"
#include "util/hash.h"
#include "util/signals.h"

/* ---- who had the password of a period ---- */

#define GIVEN_MAX 65536 /* logins within one period */

/* A login, as a hash of it and the source, until its password's period is over. After that it
 * is of no use, so that what is kept is bounded by the logins of a period. */
struct given {
    uint64_t login;
    time_t until;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct given *given;
static size_t given_count, given_room;

enum claim { CLAIM_GOOD, CLAIM_WAIT, CLAIM_FULL };

static bool
given_grow(void)
{
    size_t room = given_room == 0 ? 16 : given_room * 2;
    struct given *more =
        given_count < GIVEN_MAX ? reallocarray(given, room, sizeof *more) : NULL;

    if (more == NULL) {
        return false;
    }
    given = more;
    given_room = room;
    return true;
}

/* Under the mutex. */
static enum claim
claim_at(uint64_t login, time_t now, time_t until)
{
    size_t kept = 0;

    for (size_t i = 0; i < given_count; i++) {
        if (given[i].until > now) {
            given[kept++] = given[i];
        }
    }
    given_count = kept;
    for (size_t i = 0; i < given_count; i++) {
        if (given[i].login == login) {
            return CLAIM_WAIT;
        }
    }
    if (given_count == given_room && !given_grow()) {
        return CLAIM_FULL;
    }
    given[given_count++] = (struct given){login, until};
    return CLAIM_GOOD;
}

/* May the login have the password of now, whose period ends at `until`? It then had it. */
static enum claim
claim(uint64_t login, time_t now, time_t until)
{
    pthread_mutex_lock(&mutex);
    enum claim result = claim_at(login, now, until);
    pthread_mutex_unlock(&mutex);
    return result;
}

/* ---- the source ---- */

/* Not time(2): it may be some milliseconds late, and show the period before. */
static struct timespec
clock_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now;
}

/* Waits until the clock shows `at`. */
static bool
wait_for(time_t at, const struct source *source, struct deadline deadline,
         struct failure *failure)
{
    struct timespec now = clock_time();
    struct deadline period =
        deadline_after((int64_t)(at - now.tv_sec) * DEADLINE_SECOND - now.tv_nsec);
    struct timespec left = deadline_left(deadline_earlier(period, deadline));

    if (signals_poll(NULL, 0, &left) < 0 && signals_caught() != 0) {
        return source_interrupted(failure);
    }
    return !deadline_passed(deadline) || source_timed_out(failure, source);
}

/* Finds the time whose password this login may have, waiting for it. */
static bool
claim_period(const struct totp *totp, const struct source *source, const char *login,
             struct deadline deadline, time_t *now, struct failure *failure)
{
    /* with the NULs; two logins of one hash would only wait for each other */
    uint64_t key = hash_bytes(HASH_BEGIN, source->text, strlen(source->text) + 1);
    key = hash_bytes(key, login, strlen(login) + 1);

    for (;;) {
        *now = clock_time().tv_sec;
        time_t end = totp_period_end(totp, *now);
        switch (claim(key, *now, end)) {
        case CLAIM_GOOD:
            return true;
        case CLAIM_FULL:
            return failure_no_memory(failure);
        case CLAIM_WAIT:
            break;
        }
        if (!wait_for(end, source, deadline, failure)) {
            failure_hint(failure,
                         "this login was given the one-time password of this period: the "
                         "next one comes after %u s, and --timeout must leave room for it",
                         totp->period);
            return false;
        }
    }
}

static bool
totp_answer(const struct totp *totp, const struct source *source, const char *login,
            struct deadline deadline, struct secret *answer, struct failure *failure)
{
    char code[TOTP_CODE_SIZE];
    time_t now;

    /* it was checked before; nobody has claimed a period if that has failed since */
    if (!totp_ready(failure) || !claim_period(totp, source, login, deadline, &now, failure)) {
        return false;
    }
    bool good = totp_code(totp, now, code) && secret_append(answer, code, totp->digits);
    explicit_bzero(code, sizeof code);
    return good ||
           source_unusable(failure, source, "liboath could not compute a password from it");
}

static bool
totp_read(const struct source *source, const char *login, struct deadline deadline,
          struct secret *answer, struct failure *failure)
{
    struct secret line = {NULL, 0, 0};
    struct totp totp = {.period = 0};
    const char *why = NULL;
    bool good = false;
    int fd = source_file_open(source, failure);

    if (fd < 0) {
        return false;
    }
    if (!secret_init(&line)) {
        failure_set(failure, OUTCOME_INTERNAL, "out of memory");
        goto out;
    }
    if (!source_read_line(fd, 512, RESPOND_FILE_LIMIT, deadline, source, &line, failure)) {
        goto out;
    }
    if (totp_parse(&totp, line.text, line.len, &why)) {
        secret_free(&line); /* not to be held while waiting */
        good = totp_answer(&totp, source, login, deadline, answer, failure);
    } else if (why != NULL) {
        source_unusable(failure, source, why);
    } else {
        failure_set(failure, OUTCOME_INTERNAL, "out of memory");
    }
out:
    totp_free(&totp);
    secret_free(&line);
    close(fd);
    return good;
}

static bool
totp_parse_path(struct source *source, const char **why)
{
    *why = "totp: takes a path";
    return source->value[0] != '\0';
}

static bool
totp_check(const struct source *source, struct failure *failure)
{
    return source_file_check(source, failure) && totp_ready(failure);
}

const struct source_kind source_totp = {"totp:", "PATH", totp_parse_path, totp_check,
                                        totp_read};
