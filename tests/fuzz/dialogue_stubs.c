/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is before the dialogue, and the person at the terminal. Versions are exchanged, but no
 * key is: until NEWKEYS libssh2 reads and writes packets in clear text, and its userauth calls
 * do not ask.
 */
#include <config.h>

#include "dialogue.h"

#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "ask/prompt.h"
#include "ask/turn.h"
#include "probe/connect.h"
#include "probe/hostkey.h"
#include "probe/resolve.h"

/* As in packet.c. */
#define PASTE_(a, b, c) a##b##c
#define PASTE(a, b, c)  PASTE_(a, b, c)
#define REAL(name)      PASTE(__real_, LIBSSH2_PRIVATE_PREFIX, name)
#define WRAP(name)      PASTE(__wrap_, LIBSSH2_PRIVATE_PREFIX, name)

/* clang-format off */
enum outcome __wrap_resolve_host(const struct request *, struct deadline, struct addrinfo **, struct addrinfo **, struct failure *);
enum outcome __wrap_connect_any(const struct addrinfo *, const struct addrinfo *, struct deadline, int *, char *, size_t, struct failure *);
enum outcome __wrap_session_exchange_keys(struct session *, const char *, struct failure *);
char *__wrap_hostkey_preference(const struct request *, const char *);
const char *__wrap_libssh2_session_hostkey(LIBSSH2_SESSION *, size_t *, int *);
int __real_libssh2_session_handshake(LIBSSH2_SESSION *, libssh2_socket_t);
int __wrap_libssh2_session_handshake(LIBSSH2_SESSION *, libssh2_socket_t);
int REAL(kex_exchange)(LIBSSH2_SESSION *, int, void *) __attribute__((weak));
int WRAP(kex_exchange)(LIBSSH2_SESSION *, int, void *);
bool __real_packet_learn_session_id(struct session *);
bool __wrap_packet_learn_session_id(struct session *);
enum outcome __wrap_hostkey_check(const struct request *, const unsigned char *, size_t, int, struct deadline *, struct hostkey_verdict *, struct failure *);
bool __wrap_prompt_possible(void);
const char *__wrap_prompt_place(void);
void __wrap_prompt_say(const char *);
enum outcome __wrap_prompt_read(const struct prompt *, struct secret *, struct failure *);
enum outcome __wrap_turn_take(void (*)(void *), void *, int, struct deadline *, struct failure *);
/* clang-format on */

/* Before the dialogue --------------------------------------------------------------------- */

enum outcome
__wrap_resolve_host(const struct request *request, struct deadline deadline,
                    struct addrinfo **addresses, struct addrinfo **local,
                    struct failure *failure)
{
    (void)request;
    (void)deadline;
    (void)failure;
    *addresses = *local = NULL;
    return OUTCOME_SUCCESS;
}

/* libssh2 makes it non-blocking, probe.c closes it: any will do. */
enum outcome
__wrap_connect_any(const struct addrinfo *addresses, const struct addrinfo *local,
                   struct deadline deadline, int *fd, char *address, size_t address_size,
                   struct failure *failure)
{
    static int pipes[2];

    (void)addresses;
    (void)local;
    (void)deadline;
    (void)failure;
    if (!pipes[1])
        REQUIRE(pipe(pipes) == 0);
    *fd = dup(pipes[0]);
    REQUIRE(*fd >= 0);
    snprintf(address, address_size, "192.0.2.1");
    return OUTCOME_SUCCESS;
}

enum outcome
__wrap_session_exchange_keys(struct session *session, const char *hostkey_algorithms,
                             struct failure *failure)
{
    (void)hostkey_algorithms;
    (void)failure;
    peer_follow(session);
    REQUIRE(__real_libssh2_session_handshake(session->lib, session->fd) ==
            LIBSSH2_ERROR_EAGAIN);
    session->packet.guard.exchange = GUARD_KEYS;
    peer_start();
    return OUTCOME_SUCCESS;
}

/* The rest of it, once the host key was accepted. */
int
__wrap_libssh2_session_handshake(LIBSSH2_SESSION *lib, libssh2_socket_t socket)
{
    struct packet *packet = &session_of(lib)->packet;

    (void)socket;
    REQUIRE(packet->gate_open);
    packet->guard.service = GUARD_SERVICE;
    return 0;
}

/* The first one is not begun. A server may exchange keys anew at any time, and break off in the
 * middle of it. */
int
WRAP(kex_exchange)(LIBSSH2_SESSION *lib, int again, void *state)
{
    return again ? REAL(kex_exchange)(lib, again, state) : LIBSSH2_ERROR_EAGAIN;
}

/* There is none without a key exchange. */
bool
__wrap_packet_learn_session_id(struct session *session)
{
    REQUIRE(!__real_packet_learn_session_id(session));
    memset(session->packet.session_id, 'S', 32);
    session->packet.session_id_len = 32;
    return true;
}

char *
__wrap_hostkey_preference(const struct request *request, const char *supported)
{
    (void)request;
    (void)supported;
    return NULL;
}

const char *
__wrap_libssh2_session_hostkey(LIBSSH2_SESSION *lib, size_t *len, int *type)
{
    (void)lib;
    *len = 4;
    *type = 0;
    return "key";
}

enum outcome
__wrap_hostkey_check(const struct request *request, const unsigned char *blob, size_t len,
                     int server_fd, struct deadline *deadline, struct hostkey_verdict *verdict,
                     struct failure *failure)
{
    (void)request;
    (void)blob;
    (void)len;
    (void)server_fd;
    (void)deadline;
    (void)failure;
    verdict->status = HOSTKEY_KNOWN;
    verdict->accepted = true;
    snprintf(verdict->type, sizeof verdict->type, "ssh-ed25519");
    return OUTCOME_SUCCESS;
}

/* The person ------------------------------------------------------------------------------ */

bool
__wrap_prompt_possible(void)
{
    return dialogue.person != 0;
}

const char *
__wrap_prompt_place(void)
{
    return "terminal";
}

void
__wrap_prompt_say(const char *text)
{
    check_text(text, strlen(text), true);
}

enum outcome
__wrap_prompt_read(const struct prompt *prompt, struct secret *answer, struct failure *failure)
{
    check_text(prompt->text, strlen(prompt->text), false);
    switch (dialogue.person) {
    case 1:
        return OUTCOME_SUCCESS;
    case 2:
        REQUIRE(secret_append(answer, "typed", 5));
        return OUTCOME_SUCCESS;
    case 3:
        return failure_set(failure, OUTCOME_NO_RESPONSE, "end of file at the prompt");
    default:
        return failure_set(failure, OUTCOME_DISCONNECTED, "the server hung up meanwhile");
    }
}

enum outcome
__wrap_turn_take(void (*run)(void *context), void *context, int server_fd,
                 struct deadline *deadline, struct failure *failure)
{
    (void)server_fd;
    (void)deadline;
    (void)failure;
    run(context);
    return OUTCOME_SUCCESS;
}
