/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Allocations: all of the C library's functions that return memory, and mmap(2) as the program
 * itself calls it. free(3) stays whose it is.
 */
#include "inject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <openssl/crypto.h>

#define NEXT(name)                                                                             \
    static __typeof__(name) *next;                                                             \
    if (!next)                                                                                 \
    next = (__typeof__(name) *)inject_next(#name)

#define FAILS inject_due(INJECT_ALLOC, __builtin_return_address(0))

static void *
no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

void *
malloc(size_t size)
{
    NEXT(malloc);
    return FAILS ? no_memory() : next(size);
}

void *
calloc(size_t count, size_t size)
{
    NEXT(calloc);
    return FAILS ? no_memory() : next(count, size);
}

void *
realloc(void *block, size_t size)
{
    NEXT(realloc);
    return FAILS ? no_memory() : next(block, size);
}

void *
reallocarray(void *block, size_t count, size_t size)
{
    size_t whole;

    if (__builtin_mul_overflow(count, size, &whole) || FAILS)
        return no_memory();
    NEXT(realloc);
    return next(block, whole);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
    NEXT(aligned_alloc);
    return FAILS ? no_memory() : next(alignment, size);
}

int
posix_memalign(void **block, size_t alignment, size_t size)
{
    NEXT(posix_memalign);
    return FAILS ? ENOMEM : next(block, alignment, size);
}

/* The address sanitizer's would take memory without asking malloc(3). */
char *
strndup(const char *text, size_t size)
{
    NEXT(malloc);
    size_t len = strnlen(text, size);
    char *copy = FAILS ? no_memory() : next(len + 1);

    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

char *
strdup(const char *text)
{
    NEXT(malloc);
    size_t size = strlen(text) + 1;
    char *copy = FAILS ? no_memory() : next(size);

    return copy ? memcpy(copy, text, size) : NULL;
}

void *
mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    NEXT(mmap);
    const void *caller = __builtin_return_address(0);

    if (inject_in_program(caller) && inject_due(INJECT_ALLOC, caller)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return next(address, size, protection, flags, fd, offset);
}

/* ---- libcrypto's, which come through the program ---- */

static CRYPTO_malloc_fn hook_malloc;
static CRYPTO_realloc_fn hook_realloc;

static void *
crypto_malloc(size_t size, const char *file, int line)
{
    inject_libcrypto(1);
    void *block = hook_malloc(size, file, line);
    inject_libcrypto(0);
    return block;
}

static void *
crypto_realloc(void *block, size_t size, const char *file, int line)
{
    inject_libcrypto(1);
    void *moved = hook_realloc(block, size, file, line);
    inject_libcrypto(0);
    return moved;
}

int
CRYPTO_set_mem_functions(CRYPTO_malloc_fn get, CRYPTO_realloc_fn resize, CRYPTO_free_fn drop)
{
    NEXT(CRYPTO_set_mem_functions);
    hook_malloc = get;
    hook_realloc = resize;
    return next(crypto_malloc, crypto_realloc, drop);
}
