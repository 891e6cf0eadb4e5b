/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The limits RLIMIT_NOFILE and RLIMIT_AS. Descriptors from 1024 up cannot be handed to
 * select(2). Nobody does that here: libssh2 is never left to wait, glibc's resolver and libkrb5
 * use poll(2), and readline reads by a function of ours (ask/prompt.c).
 */
#include <config.h>

#include "probe/pool_room.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

enum {
    /* A connection has one; meanwhile there are the resolver's thread with its socket, or that
     * of GSSAPI with the KDC's and a cache, or a key file and an agent, or a child: a jump has
     * its socket, what it says and its end, and the other ends of these until it was started.
     * What a target needs beyond that, for many addresses say, it waits for. */
    DESCRIPTORS = 8,
    /* the terminal, a list, known hosts files, a report, a program that asks */
    SPARE_DESCRIPTORS = 16,
    /* two stacks, a session, its keys */
    BYTES = 2 * 1024 * 1024,
    /* what libraries load when they are first used, results that wait */
    SPARE_BYTES = 8 * 1024 * 1024
};

static rlim_t
open_descriptors(void)
{
    DIR *list = opendir("/proc/self/fd");
    rlim_t open = 0;

    while (list && readdir(list))
        open++; /* with "." and "..", and the list itself: a few too many */
    if (list)
        closedir(list);
    return open;
}

static rlim_t
address_space(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;

    if (file && fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

struct pool_room
pool_room_now(void)
{
    return (struct pool_room){.descriptors = open_descriptors() + SPARE_DESCRIPTORS,
                              .bytes = address_space() + SPARE_BYTES};
}

static bool
find_descriptors(rlim_t needed)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= needed)
        return true;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < needed)
        return false;
    limit.rlim_cur = needed;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

bool
pool_room_for(const struct pool_room *without, unsigned targets)
{
    struct rlimit limit;
    bool bytes = getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
                 limit.rlim_cur >= without->bytes + (rlim_t)BYTES * targets;

    return bytes && find_descriptors(without->descriptors + (rlim_t)DESCRIPTORS * targets);
}
