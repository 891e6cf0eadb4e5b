/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tasks that know their place, and a server that counts.
 */
#include <config.h>

#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "pool_fixture.h"
#include "util/thread.h"

enum { SERVER_MAX = 2048 };

static const struct chain listing;

static void
release(struct task *task)
{
    struct pool_test_task *mine = pool_test_of(task);
    struct pool_test *test = task->result.notes;

    test->released++;
    free(mine);
}

static enum task_next
next(void *context, struct task **task)
{
    struct pool_test *test = context;
    char byte;

    if (test->given == test->count)
        return TASK_END;
    if (test->hold_at && test->given >= test->hold_at && read(test->input[0], &byte, 1) != 1)
        return TASK_WAIT;
    struct pool_test_task *mine = calloc(1, sizeof *mine);
    assert_non_null(mine);
    mine->index = test->given++;
    mine->task = (struct task){.request = {.settings = &test->settings,
                                           .user = "u",
                                           .host = "127.0.0.1",
                                           .port = test->port,
                                           .label = "u@127.0.0.1",
                                           .route = {.hostname = "127.0.0.1",
                                                     .family = AF_INET,
                                                     .connect_timeout = 30 * DEADLINE_SECOND,
                                                     .host_key = HOSTKEY_OFF,
                                                     .gssapi_host = "127.0.0.1"}},
                               .chains = &listing,
                               .chain_count = 1,
                               .release = release,
                               .result = {.notes = test, .place = {.named = ""}}};
    if (test->made)
        test->made(test, mine);
    if (test->given - test->reported > test->most_ahead)
        test->most_ahead = test->given - test->reported;
    *task = &mine->task;
    return TASK_READY;
}

static int
input(void *context)
{
    return ((struct pool_test *)context)->input[0];
}

static void
done(void *context, struct task *task)
{
    struct pool_test *test = context;
    struct pool_test_task *mine = pool_test_of(task);

    assert_int_equal(mine->index, test->reported);
    test->reported++;
    enum outcome outcome = result_outcome(&task->result);
    if (test->reported == 1)
        test->first_outcome = outcome;
    test->outcomes[outcome]++;
    test->interrupted += outcome == OUTCOME_INTERRUPTED;
    test->failed += task->result.exit_status != 0;
    if (test->seen)
        test->seen(test, mine);
}

static void
progress(void *context, const struct pool_state *state)
{
    struct pool_test *test = context;

    assert_in_range(state->done, test->last.done, state->read);
    assert_in_range(state->running, 0, test->plan.jobs);
    test->last = *state;
    test->progresses++;
}

void
pool_test_init(struct pool_test *test, size_t count, unsigned jobs,
               enum result_state (*run)(void *context, struct task *task, bool alone,
                                        struct slots_wait *wait,
                                        const struct result_watch *watch))
{
    *test = (struct pool_test){
        .plan = {.jobs = jobs,
                 .per_address = 8,
                 .source = {.next = next, .input = input, .context = test},
                 .sink = {.done = done, .progress = progress, .context = test},
                 .run = run,
                 .context = test},
        .count = count,
        .input = {-1, -1},
        .settings = {.timeout = 60 * DEADLINE_SECOND, .batch = true}};
}

void
pool_test_run(struct pool_test *test)
{
    struct failure failure = FAILURE_INIT;
    unsigned threads = pool_test_threads();
    bool good = pool_run(&test->plan, &failure);

    print_message("# %zu given, %zu reported, %zu failed, %zu interrupted, %zu ahead\n",
                  test->given, test->reported, test->failed, test->interrupted,
                  test->most_ahead);
    assert_string_equal(failure.message, "");
    assert_true(good);
    assert_int_equal(test->reported, test->given);
    assert_int_equal(test->released, test->given);
    if (test->plan.sink.progress) {
        assert_int_equal(test->last.done, test->given);
        assert_int_equal(test->last.read, test->given);
        assert_int_equal(test->last.failed, test->failed);
        assert_int_equal(test->last.running, 0);
    }
    for (int i = 0; i < 2000 && pool_test_threads() > threads; i++)
        poll(NULL, 0, 10); /* the kernel tells of a joined thread somewhat late */
    assert_in_range(pool_test_threads(), 1, threads);
}

enum result_state
pool_test_end(struct task *task, enum outcome outcome)
{
    struct failure failure = FAILURE_INIT;

    failure_set(&failure, outcome, "as the test wants it");
    result_fail(&task->result, &failure);
    return RESULT_DONE;
}

unsigned
pool_test_threads(void)
{
    DIR *list = opendir("/proc/self/task");
    unsigned count = 0;
    struct dirent *entry;

    assert_non_null(list);
    while ((entry = readdir(list)))
        count += entry->d_name[0] != '.';
    closedir(list);
    return count;
}

/* ---- the server ---- */

/* All waits are short: it ends soon after it is told to. */
static void *
serve(void *argument)
{
    struct pool_server *server = argument;
    struct pollfd listener = {.fd = server->listener, .events = POLLIN};
    struct {
        int fd;
        int64_t until;
    } held[SERVER_MAX];
    size_t first = 0, count = 0; /* a ring, in the order in which they end */

    while (!server->ending || count > 0) {
        int fd = -1;
        if (count < SERVER_MAX && poll(&listener, 1, count > 0 ? 1 : 10) > 0)
            fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            size_t place = (first + count++) % SERVER_MAX;
            held[place].fd = fd;
            held[place].until = clock_now() + server->hold_ms * (DEADLINE_SECOND / 1000);
            server->accepted++;
            if (count > server->most)
                server->most = (unsigned)count;
        }
        while (count > 0 && clock_now() >= held[first].until) {
            close(held[first].fd);
            first = (first + 1) % SERVER_MAX;
            count--;
        }
    }
    return NULL;
}

void
pool_server_start(struct pool_server *server, unsigned hold_ms)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;

    *server = (struct pool_server){
        .hold_ms = hold_ms,
        .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    assert_true(server->listener >= 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(listen(server->listener, 1024), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(thread_start(&server->thread, 256 * 1024, serve, server), 0);
}

void
pool_server_stop(struct pool_server *server)
{
    server->ending = true;
    thread_join(&server->thread);
    close(server->listener);
}
