/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the kernel does not take them, memory that is locked for one, nothing is lost but room.
 */
#include <config.h>

#include "util/pages.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool scarce;

/* Private and anonymous, as these are, pages read as zeros after it; but see above. */
static void
discard(char *begin, char *end)
{
    int error = errno;

    if (begin < end)
        (void)madvise(begin, (size_t)(end - begin), MADV_DONTNEED);
    errno = error;
}

/* The whole pages; begin >= end where there is none. */
static void
inside(char **begin, char **end, void *block, size_t size, size_t page)
{
    *begin = (char *)block + (page - (uintptr_t)block % page) % page;
    *end = (char *)block + size - ((uintptr_t)block + size) % page;
}

void
pages_are_scarce(void)
{
    scarce = true;
}

enum { AT_ONCE = 64 }; /* pages; what libssh2 asks for has some twenty */

void
pages_wipe(void *begin, size_t size)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char in_memory[AT_ONCE];
    char *first, *end;

    inside(&first, &end, begin, size, page);
    size_t count = first < end ? (size_t)(end - first) / page : 0;
    if (!scarce || count == 0 || count > AT_ONCE ||
        mincore(first, count * page, in_memory) != 0) {
        explicit_bzero(begin, size);
        return;
    }
    explicit_bzero(begin, (size_t)(first - (char *)begin));
    for (size_t i = 0; i < count; i++) {
        if (in_memory[i])
            explicit_bzero(first + i * page, page);
    }
    explicit_bzero(end, (size_t)((char *)begin + size - end));
}

void
pages_give_back(void *begin, size_t size)
{
    if (!scarce)
        return;

    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *first, *end;

    inside(&first, &end, begin, size, page);
    discard(first, end);
}

static bool
is_zero(const char *page, size_t size)
{
    return page[0] == 0 && memcmp(page, page + 1, size - 1) == 0;
}

void
pages_give_back_zeros(void *begin, size_t size)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *zeros, *each, *end;

    if (!scarce)
        return;
    inside(&zeros, &end, begin, size, page);
    for (each = zeros; each < end; each += page) {
        if (!is_zero(each, page)) {
            discard(zeros, each);
            zeros = each + page;
        }
    }
    discard(zeros, each);
}

bool
pages_could_be_had(size_t size)
{
    void *room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return room != MAP_FAILED && munmap(room, size) == 0;
}
