/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "relay_link.h"

/* So much may be on its way to one side: TCP has a window too. */
#define WINDOW (1 << 20)

struct relay relay;

int64_t
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static size_t
index_of(const struct side *side)
{
    return side == &side->link->sides[CLIENT] ? CLIENT : SERVER;
}

static struct side *
other(struct side *side)
{
    return &side->link->sides[index_of(side) == CLIENT ? SERVER : CLIENT];
}

struct link *
link_new(int fd)
{
    struct link *link = calloc(1, sizeof *link);
    int on = 1;

    if (link == NULL) {
        close(fd);
        return NULL;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (int i = CLIENT; i <= SERVER; i++)
        link->sides[i] = (struct side){.link = link, .fd = -1};
    link->sides[CLIENT].last = &link->sides[CLIENT].first;
    link->sides[SERVER].last = &link->sides[SERVER].first;
    link->sides[CLIENT].fd = fd;
    relay.connections++;
    if (++relay.open > relay.peak)
        relay.peak = relay.open;
    return link;
}

static void
drop(struct side *side)
{
    struct chunk *chunk;

    while ((chunk = side->first) != NULL) {
        side->first = chunk->next;
        free(chunk);
    }
    side->last = &side->first;
    side->queued = 0;
}

static void
shut(struct side *side)
{
    if (side->fd >= 0)
        close(side->fd);
    side->fd = -1;
    side->watched = 0;
    side->read_all = side->ended = true;
    side->stalled = false;
    drop(side);
}

static void
link_close(struct link *link)
{
    if (link->closed)
        return;
    shut(&link->sides[CLIENT]);
    shut(&link->sides[SERVER]);
    link->closed = true;
    link->next_closed = relay.closed;
    relay.closed = link;
    relay.open--;
}

/* ---------------------------------------------------------------- on their way */

static void
send_off(struct side *to, enum chunk_kind kind, const unsigned char *bytes, size_t size)
{
    struct chunk *chunk = malloc(sizeof *chunk + size);

    if (chunk == NULL)
        abort();
    *chunk = (struct chunk){.due = now() + relay.delay, .kind = kind, .size = size};
    if (size > 0)
        memcpy(chunk->bytes, bytes, size);
    *to->last = chunk;
    to->last = &chunk->next;
    to->queued += size;
}

/* Has the kernel an error for it? */
static bool
failed(struct side *side)
{
    int error = 0;
    socklen_t size = sizeof error;

    return getsockopt(side->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0;
}

/* The peer hears of a reset, and this side is not written to any more. */
static bool
was_reset(struct side *side)
{
    drop(side);
    side->ended = side->read_all = true;
    send_off(other(side), RESET, NULL, 0);
    return true;
}

bool
link_read(struct side *side)
{
    static unsigned char bytes[65536];
    struct side *to = other(side);
    ssize_t n;

    if (to->queued >= WINDOW)
        return false;
    if (side->read_all)
        return failed(side) && was_reset(side);
    n = recv(side->fd, bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0)
        side->read_all = true;
    if (n > 0)
        relay.bytes[index_of(to)] += (size_t)n;
    send_off(to, n > 0 ? DATA : n == 0 ? END : RESET, bytes, n > 0 ? (size_t)n : 0);
    return true;
}

/* Closed with this, a socket sends RST, and not FIN. */
static void
reset(struct side *side)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    if (side->fd >= 0)
        setsockopt(side->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void
take_off(struct side *side)
{
    struct chunk *chunk = side->first;

    relay.chunks[index_of(side)] += chunk->kind == DATA;
    side->queued -= chunk->size;
    side->first = chunk->next;
    if (side->first == NULL)
        side->last = &side->first;
    free(chunk);
}

bool
link_write(struct side *side)
{
    int64_t time = now();
    struct chunk *chunk;
    ssize_t n;

    side->stalled = false;
    while ((chunk = side->first) != NULL && chunk->due <= time && side->fd >= 0) {
        if (chunk->kind == RESET) {
            reset(side);
            link_close(side->link);
            return false;
        }
        if (chunk->kind == END) {
            shutdown(side->fd, SHUT_WR);
            side->ended = true;
        } else if (!side->ended) {
            n = send(side->fd, chunk->bytes + chunk->done, chunk->size - chunk->done,
                     MSG_NOSIGNAL);
            if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
                side->stalled = true;
                return false;
            }
            if (n < 0)
                return was_reset(side);
            chunk->done += (size_t)n;
            if (chunk->done < chunk->size)
                continue;
        }
        take_off(side);
    }
    if (side->ended && other(side)->ended && side->first == NULL && other(side)->first == NULL)
        link_close(side->link);
    return false;
}

/* ---------------------------------------------------------------- sockets */

void
link_connect(struct link *link)
{
    struct side *side = &link->sides[SERVER];
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(relay.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;

    if (link->closed)
        return;
    side->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (side->fd < 0) {
        reset(&link->sides[CLIENT]);
        link_close(link);
        return;
    }
    setsockopt(side->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    /* Where it fails, reading tells. */
    (void)connect(side->fd, (struct sockaddr *)&address, sizeof address);
}

static void
watch(struct side *side)
{
    uint32_t wanted = 0;
    struct epoll_event event = {.data.ptr = side};
    int what;

    if (side->fd < 0)
        return;
    if (!side->read_all && other(side)->queued < WINDOW)
        wanted |= EPOLLIN;
    if (side->stalled)
        wanted |= EPOLLOUT;
    /* After the peer's end it may still be reset, which is told in any case. With our end too
     * it leaves the set, or that it hung up would be told again and again. */
    if (!side->read_all || !side->ended)
        wanted |= EPOLLERR;
    if (wanted == side->watched)
        return;
    what = wanted == 0 ? EPOLL_CTL_DEL : side->watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    event.events = wanted;
    if (epoll_ctl(relay.epoll, what, side->fd, &event) != 0)
        abort();
    side->watched = wanted;
}

void
link_watch(struct link *link)
{
    watch(&link->sides[CLIENT]);
    watch(&link->sides[SERVER]);
}
