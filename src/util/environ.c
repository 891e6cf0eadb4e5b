/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who reads `environ` takes its value once and walks what it points to: both glibc's getenv(3)
 * and we. Programs are started from what environ_now() says, by those who start them.
 */
#include <config.h>

#include "util/environ.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Never freed, and all reachable. */
struct array {
    struct array *before;
    char *entries[];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of all that follows */
static struct array *arrays;
static char **real;         /* while something is pretended, else NULL: `environ` is */
static char **pretended;    /* the last one that was */
static char **pretended_of; /* what it was made from */

static void
publish(char **entries)
{
    __atomic_store_n(&environ, entries, __ATOMIC_RELEASE);
}

/* NULL where memory is short. */
static char **
array_make(size_t room)
{
    struct array *array = calloc(1, sizeof *array + (room + 1) * sizeof array->entries[0]);
    if (array == NULL) {
        return NULL;
    }
    array->before = arrays;
    arrays = array;
    return array->entries;
}

/* Under the mutex; never NULL. */
static char **
current(void)
{
    static char *none[] = {NULL};
    char **entries = real != NULL ? real : environ;
    return entries != NULL ? entries : none;
}

static size_t
count_of(char *const *entries)
{
    size_t count = 0;
    while (entries[count] != NULL) {
        count++;
    }
    return count;
}

char **
environ_now(void)
{
    pthread_mutex_lock(&mutex);
    char **entries = current();
    pthread_mutex_unlock(&mutex);
    return entries;
}

static bool
is_named(const char *entry, const char *name, size_t len)
{
    return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

static bool
drop(const char *name)
{
    char **from = current();
    size_t len = strlen(name), kept = 0, count = count_of(from);
    for (size_t i = 0; i < count; i++) {
        kept += !is_named(from[i], name, len);
    }
    if (kept == count) {
        return true;
    }
    char **to = array_make(kept);
    if (to == NULL) {
        return false;
    }
    for (size_t i = 0, at = 0; i < count; i++) {
        if (!is_named(from[i], name, len)) {
            to[at++] = from[i];
        }
    }
    if (real != NULL) {
        real = to; /* `environ` follows at the end of the pretence */
    } else {
        publish(to);
    }
    return true;
}

bool
environ_drop(const char *name)
{
    pthread_mutex_lock(&mutex);
    bool good = drop(name);
    pthread_mutex_unlock(&mutex);
    return good;
}

static bool
pretend(char *const *first, size_t count)
{
    char **from = current();
    if (pretended == NULL || pretended_of != from) {
        size_t others = count_of(from);
        char **to = array_make(count + others);
        if (to == NULL) {
            return false;
        }
        memcpy(to, first, count * sizeof *to);
        memcpy(to + count, from, others * sizeof *to);
        pretended = to;
        pretended_of = from;
    }
    real = from;
    publish(pretended);
    return true;
}

bool
environ_pretend(char *const *first, size_t count)
{
    pthread_mutex_lock(&mutex);
    bool good = pretend(first, count);
    pthread_mutex_unlock(&mutex);
    return good;
}

void
environ_stop_pretending(void)
{
    pthread_mutex_lock(&mutex);
    if (real != NULL) {
        publish(real);
        real = NULL;
    }
    pthread_mutex_unlock(&mutex);
}
