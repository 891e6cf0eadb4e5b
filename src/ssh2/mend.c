/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Public functions of other libraries that libssh2 does not call as it should, wrapped by the
 * linker as its private ones are in packet.c. --wrap changes the calls of what is linked
 * statically, which is ours and libssh2's; what shared libraries call is as it was.
 */
#include <config.h>

#include "ssh2/mend.h"

#include <setjmp.h>
#include <stdint.h>

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "ssh2/agent_io.h"
#include "ssh2/memory.h"
#include "util/wipe.h"

void __real_free(void *block);
void __wrap_free(void *block);

/* See memory_lend(): in all but these functions this is free(3). */
void
__wrap_free(void *block)
{
    if (!memory_take_back(block))
        __real_free(block);
}

agent_io_connector __real_connect, __wrap_connect;

/* libssh2 opens the agent's socket itself, and waits without limit. */
int
__wrap_connect(int fd, const struct sockaddr *address, socklen_t len)
{
    return agent_io_connect_socket(fd, address, len, __real_connect);
}

/* Assertions ------------------------------------------------------------------------------- */

/* Where to go on; NULL: they are not in our way. */
static _Thread_local jmp_buf *rescue;

extern void __real___assert_fail(const char *what, const char *file, unsigned line,
                                 const char *function) __attribute__((noreturn));
extern void __wrap___assert_fail(const char *what, const char *file, unsigned line,
                                 const char *function) __attribute__((noreturn));

/*
 * libssh2 asserts that what it decrypts is whole blocks. That is up to the server, which says
 * how long its packet is.
 */
void
__wrap___assert_fail(const char *what, const char *file, unsigned line, const char *function)
{
    if (rescue)
        longjmp(*rescue, 1);
    __real___assert_fail(what, file, line, function);
}

int
mend_call(int (*function)(LIBSSH2_SESSION *), LIBSSH2_SESSION *lib)
{
    jmp_buf here, *volatile outer = rescue;
    volatile int rc = LIBSSH2_ERROR_DECRYPT;

    if (setjmp(here) == 0) {
        rescue = &here;
        rc = function(lib);
    }
    rescue = outer;
    return rc;
}

#ifdef HAVE_EC_KEY_SET_PRIVATE_KEY
int __real_EC_KEY_set_private_key(EC_KEY *key, const BIGNUM *number);
int __wrap_EC_KEY_set_private_key(EC_KEY *key, const BIGNUM *number);

static void
drop_number(void *number)
{
    BN_clear_free(number);
}

/*
 * libssh2 never frees the number that it makes of an ECDSA key in OpenSSH's format, so nobody
 * wipes it. Its only call with it, and the last thing that it does with it, is this one, which
 * copies. (1.11 and later, built for OpenSSL 3, make no such number: nothing comes here.) A
 * libssh2 that frees it one day is noticed, and nothing is freed twice.
 */
int
__wrap_EC_KEY_set_private_key(EC_KEY *key, const BIGNUM *number)
{
    int result = __real_EC_KEY_set_private_key(key, number);
    BIGNUM *own = (BIGNUM *)(uintptr_t)number;

    BN_clear(own);
    wipe_if_forgotten(own, drop_number);
    return result;
}
#endif
