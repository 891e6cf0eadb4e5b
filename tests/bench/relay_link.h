/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One connection through delay_relay: its two sockets, and what is on its way between them.
 */
#ifndef RELAY_LINK_H
#define RELAY_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLIENT, SERVER };

enum chunk_kind { DATA, END, RESET };

/* What was read at once is written at once, DUE nanoseconds of CLOCK_MONOTONIC. */
struct chunk {
    struct chunk *next;
    int64_t due;
    enum chunk_kind kind;
    size_t size, done;
    unsigned char bytes[];
};

/* One of the two sockets, and what is on its way to it. FD is -1 before the connection to the
 * server is made, and once closed. */
struct side {
    struct link *link;
    int fd;
    uint32_t watched;    /* events, 0: not in the epoll set */
    struct chunk *first; /* in order of DUE */
    struct chunk **last;
    size_t queued; /* bytes from FIRST on */
    bool read_all; /* nothing more is read from it */
    bool stalled;  /* it takes no more for now */
    bool ended;    /* no more may be written to it */
};

struct link {
    struct side sides[2];
    struct link *next_closed;
    unsigned pending; /* events that will name it */
    bool closed;
};

/* All links of this program. The owner sets DELAY (nanoseconds, one way), PORT and EPOLL, and
 * frees CLOSED where nothing can name its links any more. */
struct relay {
    int64_t delay;
    uint16_t port;
    int epoll;
    struct link *closed;
    /* since the counts were last told */
    unsigned connections, peak, open;
    /* to the client, to the server */
    uint64_t bytes[2];  /* as they are read */
    uint64_t chunks[2]; /* as they are written */
};
extern struct relay relay;

int64_t now(void);

/* For the client's connection FD, which becomes the link's. NULL without memory: then FD
 * is closed. */
struct link *link_new(int fd);

/* Makes the connection to the server: it has been reached. */
void link_connect(struct link *link);

/* Reads once from SIDE, or sees that it was reset. Returns whether a chunk is on its way now,
 * whose time is now() + relay.delay. */
bool link_read(struct side *side);

/* Writes what is due at SIDE. Returns as link_read() does: where SIDE turns out to be reset
 * that goes back. */
bool link_write(struct side *side);

/* Asks epoll for what both sides wait for. */
void link_watch(struct link *link);

#endif
