/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the search must find, and what it must not: a program that closes itself as ssh-authtest
 * does, reads the secret in a file, and leaves it about.
 *
 *   leaky KIND FILE [ARGUMENT...]
 */
#include <config.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "util/harden.h"
#include "util/wipe.h"
#include "util/worker.h"

static char global[4096];
static char *volatile kept; /* what is stored is not optimised away */
static size_t size;

/* Nothing of the work may stay in the buffers of the standard library. */
static void
read_secret(const char *path, char *secret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, secret, 256);

    if (n <= 0)
        exit(3);
    size = (size_t)n;
    close(fd);
}

static void
leak_nothing(const char *secret)
{
    (void)secret;
}

static void
leak_heap(const char *secret)
{
    kept = malloc(256);
    memcpy(kept, secret, size);
}

static void
leak_freed(const char *secret)
{
    leak_heap(secret);
    free(kept);
}

static void
leak_static(const char *secret)
{
    memcpy(global, secret, size);
}

static void
leak_hex(const char *secret)
{
    for (size_t i = 0; i < size; i++)
        snprintf(global + 2 * i, 3, "%02x", (unsigned char)secret[i]);
}

static void
leak_wide(const char *secret)
{
    for (size_t i = 0; i < size; i++)
        ((wchar_t *)(void *)global)[i] = (unsigned char)secret[i];
}

static void
leak_reversed(const char *secret)
{
    for (size_t i = 0; i < size; i++)
        global[size - 1 - i] = secret[i];
}

__attribute__((noinline)) static void
leak_stack(const char *secret)
{
    volatile char frame[4096];

    for (size_t i = 0; i < size; i++)
        frame[i] = secret[i];
    if (frame[0] == '\0')
        exit(3);
}

static void *
in_thread(void *secret)
{
    leak_stack(secret);
    return NULL;
}

static void
leak_thread(const char *secret)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, in_thread, (void *)(uintptr_t)secret) != 0)
        exit(3);
    pthread_join(thread, NULL);
}

/* What the program does against it: none of these is to be found. */

static void
forget_stack(const char *secret)
{
    leak_stack(secret);
    wipe_stack();
}

static void
work(void *secret)
{
    leak_stack(secret);
}

static void
forget_worker(const char *secret)
{
    struct worker *worker = worker_start(work, work, (void *)(uintptr_t)secret);

    if (!worker)
        exit(3);
    worker_finish(worker);
}

static void
forget_libcrypto(const char *secret)
{
    char *volatile block = OPENSSL_malloc(64);

    if (!block)
        exit(3);
    memcpy(block, secret, size);
    block = OPENSSL_realloc(block, 300);
    if (!block || memcmp(block, secret, size) != 0)
        exit(3);
    memcpy(block + 200, secret, size);
    OPENSSL_free(block);
}

static const struct {
    const char *name;
    void (*leak)(const char *secret);
    bool late; /* only after the report */
} kinds[] = {
    {"nothing", leak_nothing, false},
    {"heap", leak_heap, false},
    {"freed", leak_freed, false},
    {"static", leak_static, false},
    {"early", leak_static, false},
    {"late", leak_static, true},
    {"hex", leak_hex, false},
    {"wide", leak_wide, false},
    {"stack", leak_stack, false},
    {"thread", leak_thread, false},
    {"reversed", leak_reversed, false},
    {"forget-stack", forget_stack, false},
    {"forget-worker", forget_worker, false},
    {"forget-libcrypto", forget_libcrypto, false},
};

static void
use(size_t kind, const char *path, bool late)
{
    char secret[256];

    read_secret(path, secret);
    if (kinds[kind].late == late)
        kinds[kind].leak(secret);
    explicit_bzero(secret, sizeof secret);
}

int
main(int argc, char **argv)
{
    size_t kind = 0;

    if (argc < 3)
        return 2;
    harden_process();
    while (strcmp(kinds[kind].name, argv[1]) != 0) {
        if (++kind == sizeof kinds / sizeof kinds[0])
            return 2;
    }
    use(kind, argv[2], false);
    if (write(STDOUT_FILENO, "report\n", 7) != 7)
        return 3;
    if (strcmp(argv[1], "early") == 0)
        explicit_bzero(global, sizeof global);
    use(kind, argv[2], true);
    return 0;
}
