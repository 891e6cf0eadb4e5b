/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The server's end of a socket that is none: the linker routes recv(), send() and the waits of
 * the program here, so that no time passes. Each message of the client's releases the next
 * record; who waits although he has said nothing gets it as well; behind the last comes the
 * end.
 */
#include <config.h>

#include "dialogue.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "util/signals.h"

#define RECORD_ROOM (65536 + 512)
#define MOST_SENT   ((uint64_t)4 * 1024 * 1024) /* more than the program reads */
#define MOST_CALLS  (20 * 1000 * 1000)
#define MOST_WAITS  100000
#define MOST_LAST   16 /* waits after the end */

static const unsigned repetitions[16] = {1, 1, 1,  1,  1,  1,   1,   2,
                                         3, 5, 17, 33, 65, 101, 129, 400};

static struct {
    struct session *session;
    bool started;
    size_t version_at;
    const uint8_t *next; /* record */
    size_t left;
    size_t released;
    size_t record_len, record_at;
    bool open; /* the record was begun, and `again` repetitions are to come */
    unsigned again;
    bool flood;
    size_t messages; /* of the client's, as far as they released something */
    bool ended, interrupted, silent, reset, gone;
    uint64_t sent;    /* by the server */
    size_t taken;     /* of what the client sent */
    bool would_block; /* the last send() did not */
    unsigned calls, waits, last;
} peer;

static uint8_t record[RECORD_ROOM]; /* as it is on the wire */

ssize_t __wrap_recv(int fd, void *buffer, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *buffer, size_t len, int flags);
int __wrap_signals_poll(struct pollfd *fds, nfds_t count, const struct timespec *timeout);
int __wrap_signals_caught(void);
int __wrap_signals_check(void);

void
peer_begin(void)
{
    memset(&peer, 0, sizeof peer);
    peer.next = dialogue.records;
    peer.left = dialogue.records_len;
}

void
peer_follow(struct session *session)
{
    peer.session = session;
}

void
peer_start(void)
{
    peer.started = true;
}

bool
peer_interrupted(void)
{
    return peer.interrupted;
}

bool
peer_is_gone(void)
{
    return peer.gone;
}

bool
peer_was_reset(void)
{
    return peer.reset;
}

bool
peer_went_silent(void)
{
    return peer.silent;
}

/* Records --------------------------------------------------------------------------------- */

static void
put(const void *bytes, size_t len)
{
    memcpy(record + peer.record_len, bytes, len);
    peer.record_len += len;
}

static void
put_number(size_t number)
{
    const uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                              (uint8_t)(number >> 8), (uint8_t)number};

    put(bytes, sizeof bytes);
}

/* PK_OK of the key that was asked about. */
static void
put_echo(void)
{
    static const char algorithm[] = "ssh-ed25519";

    put("<", 1);
    put_number(sizeof algorithm - 1);
    put(algorithm, sizeof algorithm - 1);
    put_number(model.blob_len);
    put(model.blob, model.blob_len);
}

/* A packet in clear text around what was put behind `start`: RFC 4253 section 6. */
static void
frame(size_t payload)
{
    size_t padding = 8 - (5 + payload) % 8;

    padding += padding < 4 ? 8 : 0;
    size_t end = peer.record_len;
    peer.record_len = 0;
    put_number(1 + payload + padding);
    record[4] = (uint8_t)padding;
    peer.record_len = end;
    memset(record + end, 0, padding);
    peer.record_len += padding;
}

/* The record at the front, on the wire. */
static void
make_record(void)
{
    uint8_t flags = peer.next[0];
    size_t len = peer.left >= 3 ? (size_t)peer.next[1] << 8 | peer.next[2] : 0;
    size_t head = peer.left < 3 ? peer.left : 3;

    if (len > peer.left - head)
        len = peer.left - head;
    bool raw = flags & RECORD_RAW;
    peer.record_len = raw ? 0 : 5;
    peer.record_at = 0;
    if (!raw && flags & RECORD_ECHO && model.blob_len && model.blob_len < 256)
        put_echo();
    put(peer.next + head, len);
    if (!raw)
        frame(peer.record_len - 5);
    peer.next += head + len;
    peer.left -= head + len;
    peer.again = repetitions[flags >> RECORD_REPEAT_SHIFT] - 1;
    peer.flood = flags & RECORD_FLOOD;
    peer.open = true;
}

static bool
take_release(bool free_of_charge)
{
    size_t messages = model_messages_sent();

    peer.released += messages - peer.messages;
    peer.messages = messages;
    if (free_of_charge || dialogue.at_once)
        return true;
    if (!peer.released)
        return false;
    peer.released--;
    return true;
}

/* Is there anything to read? Goes on to the next record, or its repetition, where it may. */
static bool
readable(void)
{
    if (!peer.started || peer.sent >= MOST_SENT)
        return false;
    while (peer.record_at == peer.record_len) {
        if (peer.open && peer.again) {
            if (!take_release(peer.flood))
                return false;
            peer.again--;
            peer.record_at = 0;
            if (!peer.record_len)
                peer.again = 0;
        } else if (peer.left) {
            if (!take_release(*peer.next & RECORD_TOGETHER))
                return false;
            make_record();
        } else {
            return false;
        }
    }
    return true;
}

static bool
all_said(void)
{
    return peer.sent >= MOST_SENT ||
           (peer.record_at == peer.record_len && !peer.again && !peer.left);
}

/* The socket ------------------------------------------------------------------------------ */

/* The server's version, before it may speak. */
static ssize_t
receive_version(void *buffer, size_t len)
{
    static const char line[] = "SSH-2.0-fuzzed\r\n";
    size_t left = sizeof line - 1 - peer.version_at;

    if (len > left)
        len = left;
    memcpy(buffer, line + peer.version_at, len);
    peer.version_at += len;
    return (ssize_t)len;
}

ssize_t
__wrap_recv(int fd, void *buffer, size_t len, int flags)
{
    (void)fd;
    (void)flags;
    REQUIRE(++peer.calls < MOST_CALLS);
    if (!peer.started)
        return receive_version(buffer, len);
    if (!readable()) {
        if (peer.started && dialogue.ends_early && all_said())
            peer.ended = true;
        bool eof = peer.ended && dialogue.end == END_EOF;
        bool reset = peer.ended && dialogue.end == END_RESET;
        peer.reset |= reset && !peer.gone; /* where a send failed before, that is the reason */
        peer.gone |= eof || reset;
        if (eof)
            return 0;
        errno = reset ? ECONNRESET : EAGAIN;
        return -1;
    }
    size_t got = 0;
    if (len > dialogue.chunk)
        len = dialogue.chunk;
    while (got < len && readable()) {
        size_t part = peer.record_len - peer.record_at;
        if (part > len - got)
            part = len - got;
        memcpy((char *)buffer + got, record + peer.record_at, part);
        peer.record_at += part;
        got += part;
    }
    peer.sent += got;
    model_received(buffer, got);
    return (ssize_t)got;
}

ssize_t
__wrap_send(int fd, const void *buffer, size_t len, int flags)
{
    (void)fd;
    (void)flags;
    REQUIRE(++peer.calls < MOST_CALLS);
    if (dialogue.sending == SEND_BREAKS && peer.started) {
        if (peer.taken >= dialogue.breaks_at) {
            peer.gone = true;
            errno = EPIPE;
            return -1;
        }
        if (len > dialogue.breaks_at - peer.taken)
            len = dialogue.breaks_at - peer.taken;
    }
    if (peer.started && (dialogue.sending == SEND_LATER || dialogue.sending == SEND_SLOWLY)) {
        peer.would_block = !peer.would_block;
        if (peer.would_block) {
            errno = EAGAIN;
            return -1;
        }
        if (dialogue.sending == SEND_SLOWLY && len > 1000)
            len = 1000;
        else if (dialogue.sending == SEND_SLOWLY && len > 9)
            len = 9;
    }
    peer.taken += peer.started ? len : 0;
    model_sent(buffer, len);
    return (ssize_t)len;
}

/* Waits, and signals ---------------------------------------------------------------------- */

static int
pass_the_limit(void)
{
    peer.silent = true;
    peer.session->deadline.at = 0;
    return 0;
}

static int
end(void)
{
    REQUIRE(++peer.last < MOST_LAST);
    peer.ended = true;
    switch (dialogue.end) {
    case END_SILENCE:
        return pass_the_limit();
    case END_SIGNAL:
        peer.interrupted = true;
        errno = EINTR;
        return -1;
    default:
        return 1;
    }
}

int
__wrap_signals_poll(struct pollfd *fds, nfds_t count, const struct timespec *timeout)
{
    REQUIRE(count == 2 && (timeout->tv_sec || timeout->tv_nsec));
    REQUIRE(++peer.waits < MOST_WAITS);
    if (fds[0].fd < 0)
        return gss_stalls() ? pass_the_limit() : 1;
    if (fds[0].events & POLLOUT || readable())
        return 1;
    if (all_said() || !peer.started)
        return end();
    peer.released++;
    return 1;
}

int
__wrap_signals_caught(void)
{
    return peer.interrupted ? SIGTERM : 0;
}

int
__wrap_signals_check(void)
{
    return __wrap_signals_caught();
}
