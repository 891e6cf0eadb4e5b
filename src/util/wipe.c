/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why: libssh2 reads private keys and passphrases through libcrypto's decoders, and these free
 * whole decoded keys without a thought; both keep lines of the key's file and passphrases in
 * arrays on the stack.
 */
#include <config.h>

#include "util/wipe.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "util/pages.h"

/* Deeper than any library here goes (some 20 KiB), and far less than a thread has. */
#define STACK_DEPTH ((size_t)64 * 1024)

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

__attribute__((noinline)) void
wipe_stack(void)
{
    unsigned char below[STACK_DEPTH];

    explicit_bzero(below, sizeof below);
    /*
     * Registers keep what was copied last, 64 bytes each on some processors, and are saved on
     * the stack by signals and by the dynamic linker. Copies of each size leave zeros in them.
     */
    for (size_t size = 1; size <= sizeof below / 2; size *= 2) {
        publish(below);
        memmove(below + size, below, size);
    }
    publish(below);
    /* deeper than most threads ever get of themselves */
    pages_give_back(below, sizeof below);
}
