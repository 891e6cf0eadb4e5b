/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See proxy_fixture.h.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "descriptors.h"
#include "proxy_fixture.h"
#include "util/signals.h"

struct proxy_run run;

struct deadline
in_ms(int milliseconds)
{
    return deadline_after(milliseconds * (DEADLINE_SECOND / 1000));
}

void
prepare(const char *command, const char *jump)
{
    run.settings = (struct settings){.batch = true};
    run.request = (struct request){.settings = &run.settings,
                                   .user = "alice",
                                   .host = "typed",
                                   .port = 22,
                                   .route = {.hostname = "server",
                                             .connect_timeout = DEADLINE_SECOND,
                                             .jump = jump,
                                             .proxy_command = command}};
}

enum outcome
start_within(struct deadline deadline)
{
    run.failure = FAILURE_INIT;
    run.proxy = NULL;
    enum outcome outcome =
        proxy_start(&run.request, deadline, &run.proxy, &run.fd, &run.failure);
    if (outcome != OUTCOME_SUCCESS && run.proxy != NULL) {
        stop();
        run.proxy = NULL;
    }
    return outcome;
}

void
start(const char *command)
{
    prepare(command, NULL);
    if (start_within(FAR) != OUTCOME_SUCCESS)
        fail_msg("%s", run.failure.message);
    assert_non_null(run.proxy);
}

void
assert_fails(enum outcome outcome, const char *message)
{
    assert_int_equal(start_within(FAR), outcome);
    assert_null(run.proxy);
    assert_string_equal(run.failure.message, message);
}

const char *
received(size_t len)
{
    static char text[1024];
    assert_true(len < sizeof text);
    assert_int_equal(fcntl(run.fd, F_SETFL, 0), 0);
    ssize_t n = recv(run.fd, text, len, MSG_WAITALL);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

void
stop(void)
{
    close(run.fd);
    proxy_stop(run.proxy);
}

static unsigned descriptors;

int
proxy_begin(void **state)
{
    (void)state;
    setenv("SHELL", "/bin/sh", 1);
    signals_install(); /* has a descriptor of its own, for good */
    descriptors = open_descriptors();
    return 0;
}

void
test_nothing_left(void **state)
{
    (void)state;
    assert_int_equal(open_descriptors(), descriptors);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}
