/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole pages from the heap, so that they can be kept out of core dumps and, where the limit
 * allows it, out of swap; leak checkers still see one that was forgotten.
 */
#include <config.h>

#include "util/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Bytes of the whole pages that hold `room` and a NUL. */
static size_t
buffer_size(size_t room)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (room + 1 + page - 1) / page * page;
}

bool
secret_init_room(struct secret *secret, size_t room)
{
    size_t size = buffer_size(room);
    void *text = NULL;
    *secret = (struct secret){NULL, 0, 0};
    if (posix_memalign(&text, (size_t)sysconf(_SC_PAGESIZE), size) != 0) {
        return false;
    }
    /* Best effort, both: a small RLIMIT_MEMLOCK is no reason to refuse an answer. */
    (void)mlock(text, size);
    (void)madvise(text, size, MADV_DONTDUMP);
    memset(text, 0, size);
    secret->text = text;
    secret->room = room;
    return true;
}

bool
secret_init(struct secret *secret)
{
    return secret_init_room(secret, SECRET_MAX);
}

bool
secret_append(struct secret *secret, const void *bytes, size_t len)
{
    if (secret->text == NULL || len > secret->room - secret->len) {
        return false;
    }
    if (len > 0) {
        memcpy(secret->text + secret->len, bytes, len);
    }
    secret->len += len;
    secret->text[secret->len] = '\0';
    return true;
}

void
secret_truncate(struct secret *secret, size_t len)
{
    if (secret->text != NULL && len < secret->len) {
        explicit_bzero(secret->text + len, secret->len - len);
        secret->len = len;
    }
}

void
secret_clear(struct secret *secret)
{
    if (secret->text != NULL) {
        explicit_bzero(secret->text, buffer_size(secret->room));
    }
    secret->len = 0;
}

void
secret_free(struct secret *secret)
{
    if (secret->text != NULL) {
        secret_clear(secret);
        (void)madvise(secret->text, buffer_size(secret->room), MADV_DODUMP);
        (void)munlock(secret->text, buffer_size(secret->room));
        free(secret->text);
    }
    *secret = (struct secret){NULL, 0, 0};
}
