/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thousand runs of the whole program in one process, all but main(): logins that succeed by
 * each method, that are refused, resets, refused connections and disconnects. Descriptors,
 * threads and heap are what they were at the tenth: nothing is lost in any of them.
 *
 * The peers are processes of their own: the server by libssh and tests/peer/crowd.py.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ask/variable.h"
#include "cli/feed.h"
#include "descriptors.h"
#include "keygen.h"
#include "pool_fixture.h"
#include "probe/pool.h"
#include "probe/probe.h"
#include "util/signals.h"
#include "util/worker.h"

#define RUNS  1000
#define CYCLE 10 /* the tenth and the last run are the same one of it */

/* The address and port of the target, filled in by set_up(). */
enum peer { LIBSSH, RESET, CLOSED, NOBODY, PEERS };
static char ports[PEERS][32];

/* What is run in turn, and what has to come of it. */
static const struct {
    enum peer peer;
    enum outcome outcome;
    const char *arguments[14];
} cycle[CYCLE] = {
    {LIBSSH, OUTCOME_LISTED, {"-l", "all"}},
    {LIBSSH, OUTCOME_SUCCESS, {"-l", "pw", "-m", "password", "-r", ".*=file:password"}},
    {LIBSSH, OUTCOME_FAILURE, {"-l", "pw", "-m", "password", "-r", ".*=file:wrong"}},
    {RESET, OUTCOME_DISCONNECTED, {"-l", "pw", "-m", "password", "-r", ".*=file:password"}},
    {NOBODY, OUTCOME_UNREACHABLE, {"-l", "pw"}},
    {LIBSSH, OUTCOME_SUCCESS, {"-l", "key", "-m", "publickey", "-i", "user"}},
    {LIBSSH,
     OUTCOME_SUCCESS,
     {"-l", "key-pw-rounds", "-m", "publickey,password,kbdint", "-i", "user", "-r",
      "^Account=file:code", "-r", "assword=file:password", "-r", "^Code=file:second"}},
    {CLOSED, OUTCOME_DISCONNECTED, {"-l", "pw"}},
    {LIBSSH, OUTCOME_NO_RESPONSE, {"-l", "rounds", "-m", "kbdint", "-r", "^Account=file:code"}},
    {LIBSSH, OUTCOME_DISCONNECTED, {"-l", "once", "-m", "kbdint", "-r", ".*=file:wrong"}},
};

struct usage {
    unsigned descriptors;
    int next;
    unsigned threads;
    size_t heap;
};

#ifdef SANITIZERS
/* Of their allocator; gcc has no header for it. */
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

static struct usage
measure(void)
{
    struct usage usage = {open_descriptors(), next_descriptor(), pool_test_threads(), 0};

#ifdef SANITIZERS
    usage.heap = __sanitizer_get_current_allocated_bytes();
#else
    struct mallinfo2 heap = mallinfo2();
    usage.heap = heap.uordblks + heap.hblkhd;
#endif
    return usage;
}

/* One run --------------------------------------------------------------------------------- */

static void
note(void *context, struct task *task)
{
    *(enum outcome *)context = result_outcome(&task->result);
}

/* As main() does it. */
static enum outcome
run_program(char **argv, int argc)
{
    struct failure failure = FAILURE_INIT;
    enum outcome outcome = OUTCOME_INTERNAL;
    struct command command;

    if (options_parse(&command, argc, argv, &failure) && probe_setup(&failure)) {
        struct feed *feed = feed_open(&command, &failure);
        assert_non_null(feed);
        pool_run(&(struct pool_plan){.jobs = command.jobs,
                                     .per_address = command.per_address,
                                     .source = feed_source(feed),
                                     .sink = {.done = note, .context = &outcome}},
                 &failure);
        feed_close(feed);
    }
    if (failure_is_set(&failure))
        print_message("# %s\n", failure.message);
    options_free(&command);
    variable_forget_all();
    probe_teardown();
    return outcome;
}

static void
run_row(size_t row)
{
    char *argv[32] = {(char *)"ssh-authtest",
                      (char *)"-F",
                      (char *)"none",
                      (char *)"-B",
                      (char *)"--known-hosts=known",
                      (char *)"--max-refused=1000000"};
    int argc = 6;

    for (const char *const *argument = cycle[row].arguments; *argument; argument++)
        argv[argc++] = (char *)*argument;
    argv[argc++] = ports[cycle[row].peer];
    enum outcome outcome = run_program(argv, argc);
    if (outcome != cycle[row].outcome)
        fail_msg("run %zu of the cycle ended as %d", row, (int)outcome);
}

static void
nothing_grows(void **state)
{
    struct usage tenth = {0}, last;

    (void)state;
    for (unsigned i = 0; i < RUNS; i++) {
        run_row(i % CYCLE);
        if (i == CYCLE - 1)
            tenth = measure();
    }
    last = measure();
    print_message("# %u descriptors, %u threads, %zu bytes, then %u, %u, %zu\n",
                  tenth.descriptors, tenth.threads, tenth.heap, last.descriptors, last.threads,
                  last.heap);
    assert_false(worker_any_abandoned());
    assert_int_equal(last.descriptors, tenth.descriptors);
    assert_int_equal(last.next, tenth.next);
    assert_int_equal(last.threads, tenth.threads);
    assert_int_equal(last.heap, tenth.heap);
}

/* Peers ----------------------------------------------------------------------------------- */

static pid_t peers[2];
static char folder[] = "/tmp/sshauth.XXXXXX";

/* Starts the command, which prints its port and ends with this process. */
static unsigned
start(size_t number, const char *const *argv)
{
    int out[2];
    unsigned port = 0;

    assert_int_equal(pipe(out), 0);
    peers[number] = fork();
    assert_true(peers[number] >= 0);
    if (peers[number] == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    close(out[1]);
    FILE *file = fdopen(out[0], "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%u", &port), 1);
    fclose(file);
    return port;
}

static void
write_secret(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    fprintf(file, "%s\n", text);
    fclose(file);
    assert_int_equal(chmod(name, 0600), 0);
}

static int
set_up(void **state)
{
    char server[4096], crowd[4096];
    const char *source = getenv("abs_top_srcdir"), *build = getenv("abs_top_builddir");
    unsigned port;

    (void)state;
    signals_install();
    assert_non_null(source);
    assert_non_null(build);
    snprintf(server, sizeof server, "%s/tests/peer/libssh_server", build);
    snprintf(crowd, sizeof crowd, "%s/tests/peer/crowd.py", source);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    generate("host", "-t ed25519", "");
    generate("user", "-t ed25519", "");
    write_secret("password", "right");
    write_secret("wrong", "not so");
    write_secret("code", "4711");
    write_secret("second", "123456");
    setenv("PEER_PASSWORD", "right", 1);
    port = start(0, (const char *const[]){server, "-l", "900", "-a", "user.pub", "host", NULL});
    run("sed 's/^/[127.0.0.1]:%u /' host.pub >known", port);
    snprintf(ports[LIBSSH], sizeof ports[0], "127.0.0.1:%u", port);
    port = start(1, (const char *const[]){"/usr/bin/python3", "-B", crowd, "--limit=900",
                                          "127.0.0.1=reset", "127.0.0.2=banner", NULL});
    snprintf(ports[RESET], sizeof ports[0], "127.0.0.1:%u", port);
    snprintf(ports[CLOSED], sizeof ports[0], "127.0.0.2:%u", port);
    /* nobody listens there, and the kernel gives it to nobody */
    snprintf(ports[NOBODY], sizeof ports[0], "127.0.0.1:1");
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        if (peers[i] > 0) {
            kill(peers[i], SIGKILL);
            waitpid(peers[i], NULL, 0);
        }
    run("rm -rf '%s'", folder);
    return 0;
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_grows),
    };

    /* What glibc keeps for a thread counts as in use, and how much that is depends on what was
     * freed last; so does in which arena a thread finds itself. */
    (void)argc;
    if (!getenv("GLIBC_TUNABLES")) {
        setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1", 1);
        execv("/proc/self/exe", argv);
        return 1;
    }
    return cmocka_run_group_tests_name("thousand", tests, set_up, tear_down);
}
