/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The limit RLIMIT_NOFILE. Numbers from 1024 up cannot be handed to select(2). Nothing here
 * does: libssh2 is never left to wait, glibc's resolver and libkrb5 use poll(2), and readline
 * reads by our own function (ask/prompt.c).
 */
#include <config.h>

#include "probe/pool_room.h"

#include <dirent.h>
#include <sys/resource.h>

enum {
    /* A connection has one; meanwhile there are the resolver's thread with its socket, or that
     * of GSSAPI with the KDC's and a cache, or a key file and an agent, or a child: a jump has
     * its socket, what it says and its end, and the other ends of these until it was started.
     * What a target needs beyond that, for many addresses say, it waits for. */
    EACH = 8,
    /* the terminal, a list, known hosts files, a report, a program that asks */
    SPARE = 16
};

unsigned
pool_room_base(void)
{
    DIR *list = opendir("/proc/self/fd");
    unsigned open = 0;

    while (list && readdir(list))
        open++; /* with "." and "..", and the list itself: a few too many */
    if (list)
        closedir(list);
    return open + SPARE;
}

bool
pool_room_for(unsigned base, unsigned targets)
{
    struct rlimit limit;
    rlim_t needed = base + (rlim_t)EACH * targets;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= needed)
        return true;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < needed)
        return false;
    limit.rlim_cur = needed;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}
