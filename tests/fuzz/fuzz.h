/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the fuzzers share. Each NAME_fuzz.c has one LLVMFuzzerTestOneInput(), which is linked
 * twice: with libFuzzer as NAME_fuzz, where configure was told --enable-fuzzing, and with
 * replay.c as NAME_replay, which `make check` runs over the corpus.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A property that does not hold is a crash: libFuzzer keeps the input then. */
#define REQUIRE(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

static inline _Noreturn void
fuzz_fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: it does not hold that %s\n", file, line, condition);
    abort();
}

/* What is left of the input. */
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

/* The next byte; 0 at the end. */
static inline uint8_t
fuzz_byte(struct fuzz_input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

/* Is this one printable line: no control byte, DEL or C1 in it? */
static inline bool
fuzz_is_line(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
            return false;
    return true;
}

/* Copies of exact size, so that the address sanitizer sees one byte too far; to be freed. */
static inline void *
fuzz_copy(const void *bytes, size_t len)
{
    unsigned char *copy = malloc(len ? len : 1);

    REQUIRE(copy);
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

/* The same with a NUL behind it. */
static inline char *
fuzz_string(const void *bytes, size_t len)
{
    char *copy = malloc(len + 1);

    REQUIRE(copy);
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

#endif
