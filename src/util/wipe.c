/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why: libssh2 reads private keys and passphrases through libcrypto's decoders, and these free
 * whole decoded keys without a thought; both keep lines of the key's file and passphrases in
 * arrays on the stack.
 */
#include <config.h>

#include "util/wipe.h"

#include <alloca.h>
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/crypto.h>

/* Deeper than any library here goes (some 20 KiB), and far less than a thread has. */
#define STACK_DEPTH ((size_t)64 * 1024)
#define LEAST_PAGE  ((size_t)4096)

/* ---- libcrypto's memory ---- */

enum { RESERVE = 96 * 1024 }; /* below what malloc(3) maps, and unmaps */

/* libssh2 and libcrypto crash at some places where there is no memory: what they ask for is
 * then taken from this, and nothing goes on for long. */
static void *_Atomic reserve;

/* In this thread: what another one lacked is not the fault of its connection. */
static _Thread_local unsigned long shortages;

static void *
get(size_t size)
{
    void *block = malloc(size);

    if (!block) {
        shortages++;
        free(atomic_exchange(&reserve, NULL));
        block = malloc(size);
    }
    return block;
}

/* A block that its owner may forget to free; who frees it is seen below. */
static _Thread_local struct {
    void *block;
    void (*drop)(void *block);
} doubtful;

static bool hooked; /* set once, before there are threads */

static void *
allocate(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return get(size);
}

static void
release(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    if (block) {
        explicit_bzero(block, malloc_usable_size(block));
        if (block == doubtful.block)
            doubtful.block = NULL;
    }
    free(block);
}

/* realloc(3) would free the old block as it is. */
static void *
reallocate(void *block, size_t size, const char *file, int line)
{
    size_t old = block ? malloc_usable_size(block) : 0;
    void *moved = size ? get(size) : NULL;

    if (moved && block)
        memcpy(moved, block, old < size ? old : size);
    if (moved || !size)
        release(block, file, line);
    return moved;
}

bool
wipe_keep_reserve(void)
{
    void *none = NULL, *block = reserve == NULL ? malloc(RESERVE) : NULL;

    if (block && !atomic_compare_exchange_strong(&reserve, &none, block))
        free(block);
    return reserve != NULL;
}

void
wipe_what_libcrypto_frees(void)
{
    (void)wipe_keep_reserve();
    hooked = CRYPTO_set_mem_functions(allocate, reallocate, release) != 0;
    /* Nobody reads its texts of errors, what it would tidy up at the end goes with the
     * process, and names of ciphers are looked up for keys/pkcs.c alone, which adds them. */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_NO_ATEXIT |
                            OPENSSL_INIT_NO_ADD_ALL_CIPHERS,
                        NULL);
}

void
wipe_forgotten(void)
{
    void *block = doubtful.block;

    doubtful.block = NULL;
    if (block)
        doubtful.drop(block);
}

void
wipe_if_forgotten(void *block, void (*drop)(void *block))
{
    wipe_forgotten();
    if (hooked) {
        doubtful.block = block;
        doubtful.drop = drop;
    }
}

unsigned long
wipe_memory_shortages(void)
{
    return shortages;
}

/* ---- the stack ---- */

/* Not optimised away: somebody might look. */
static void
publish(void *bytes)
{
    __asm__ volatile("" : : "r"(bytes) : "memory");
}

/*
 * From `here`, in bytes, down to the deepest page that somebody has used: not all of
 * STACK_DEPTH, most of which would only be overwritten to become memory. What was used just now
 * is there.
 */
static size_t
used_below(const char *here)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const char *end = here - (uintptr_t)here % page;
    const char *begin = end - STACK_DEPTH / page * page;
    unsigned char in_memory[STACK_DEPTH / LEAST_PAGE];

    if (mincore((void *)(uintptr_t)begin, (size_t)(end - begin), in_memory) != 0)
        return STACK_DEPTH; /* the main thread's has not grown so far, or this is no Linux */
    for (const char *at = begin; at < end; at += page) {
        if (in_memory[(size_t)(at - begin) / page])
            return (size_t)(here - at);
    }
    return (size_t)(here - end) + 1;
}

__attribute__((noinline)) void
wipe_stack(void)
{
    int error = errno;
    char here;
    const size_t depth = used_below(&here);
    unsigned char *below = alloca(depth);

    explicit_bzero(below, depth);
    /*
     * Registers keep what was copied last, 64 bytes each on some processors, and are saved on
     * the stack by signals and by the dynamic linker. Copies of each size leave zeros in them.
     */
    for (size_t size = 1; size <= depth / 2; size *= 2) {
        publish(below);
        memmove(below + size, below, size);
    }
    publish(below);
    errno = error;
}
