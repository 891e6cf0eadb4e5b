/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Running ssh -G: programs of that name that note how they are called and end in every way, and
 * the real one, for what only it can tell: who wins, and what it rejects.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/sshconfig.h"
#include "util/deadline.h"
#include "util/program.h"
#include "util/signals.h"
#include "child_fixture.h"

#define PATIENCE (60 * DEADLINE_SECOND)

static struct sshconfig config;
static struct failure failure;
static char *path_before;
static char folder[] = "/tmp/sshconfig_test.XXXXXX";

static bool
ask(const struct sshconfig_query *query)
{
    struct sshconfig_query limited = *query;
    if (limited.limit == 0)
        limited.limit = PATIENCE;
    if (limited.host == NULL)
        limited.host = "web1";
    sshconfig_free(&config);
    failure = FAILURE_INIT;
    bool good = sshconfig_read(&limited, &config, &failure);
    assert_int_equal(good, !failure_is_set(&failure));
    return good;
}

#define ASK(...) ask(&(const struct sshconfig_query){__VA_ARGS__})

static void
assert_text(const char *found, const char *expected)
{
    if (expected == NULL)
        assert_null(found);
    else
        assert_string_equal(found != NULL ? found : "(none)", expected);
}

static void
assert_failure(const char *message, const char *hint)
{
    assert_int_equal(failure.outcome, OUTCOME_USAGE);
    assert_string_equal(failure.message, message);
    assert_string_equal(failure.hint, hint);
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(name, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(name, mode), 0);
}

static int
enter(void **state)
{
    (void)state;
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    path_before = strdup(getenv("PATH"));
    return path_before == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int
leave(void **state)
{
    (void)state;
    unlink("ssh");
    unlink("called");
    unlink("conf");
    unlink("pid");
    setenv("PATH", path_before, 1);
    free(path_before);
    return chdir("/") != 0 || rmdir(folder) != 0;
}

/* ---- one that is ours ---- */

static void
fake(const char *script)
{
    char text[1024], path[4096];
    snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
    write_file("ssh", text, 0755);
    snprintf(path, sizeof(path), "%s:%s", folder, path_before);
    assert_int_equal(setenv("PATH", path, 1), 0);
}

#define NOTE_CALL "printf '%s|' \"$@\" >called; echo hostname h"

static void
assert_called(const char *expected)
{
    char text[1024] = "";
    FILE *file = fopen("called", "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    unlink("called");
    assert_string_equal(text, expected);
}

static void
test_arguments(void **state)
{
    const char *const options[] = {"Port=1", "User bob"};

    (void)state;
    fake(NOTE_CALL);
    assert_true(ASK(.host = "::1"));
    assert_called("-G|-T|--|::1|");
    assert_true(ASK(.user = "a b", .port = 65535, .family = AF_INET, .bind = "::1",
                    .jump = "j1,j2", .file = "my file", .options = options, .option_count = 2));
    assert_called("-G|-T|-4|-F|my file|-b|::1|-p|65535|-l|a b|-J|j1,j2|-o|Port=1|-o|User bob|"
                  "--|web1|");
    assert_true(ASK(.family = AF_INET6, .proxy_command = "nc %h %p", .file = "none",
                    .option_count = 0));
    assert_called("-G|-T|-6|-F|none|-o|ProxyCommand=nc %h %p|--|web1|");
    assert_text(config.hostname, "h");
}

static void
test_many_options(void **state)
{
    const char *options[500];

    (void)state;
    for (size_t i = 0; i < 500; i++)
        options[i] = "Port=1";
    fake("echo hostname h; echo connecttimeout $#");
    assert_true(ASK(.options = options, .option_count = 500));
    assert_int_equal(config.connect_timeout, (1000 + 4) * DEADLINE_SECOND);
}

static void
test_nobody_asked(void **state)
{
    (void)state;
    fake("echo >called; exit 1");
    assert_true(ASK(.file = "none", .user = "alice", .port = 22, .family = AF_INET));
    assert_int_equal(access("called", F_OK), -1);
    assert_null(config.hostname);
    assert_null(config.note);
}

static void
test_line_breaks(void **state)
{
    static const char *const options[] = {"User=x", "Port=1\n"};

    (void)state;
    fake(NOTE_CALL);
    assert_false(ASK(.jump = "a\nb"));
    assert_failure("configuration: -J: there is a line break in it", "");
    assert_false(ASK(.proxy_command = "a\nhostname b"));
    assert_failure("configuration: --proxy-command: there is a line break in it", "");
    assert_false(ASK(.options = options, .option_count = 2));
    assert_failure("configuration: -o: there is a line break in it", "");
    assert_int_equal(access("called", F_OK), -1);
}

static void
test_note(void **state)
{
    static const char *const options[] = {"Port=1", "Compression yes", "User=x",
                                          " ForwardX11=no"};

    (void)state;
    fake(NOTE_CALL);
    assert_true(ASK(.options = options, .option_count = 4));
    assert_text(config.note, "-o Compression, ForwardX11: of no use here");
    assert_true(ASK(.options = options, .option_count = 1));
    assert_null(config.note);
}

static const char hint[] = "-F none reads no configuration";

static void
test_rejected(void **state)
{
    static const char *const options[] = {"Port=1"};

    (void)state;
    fake("echo hostname h; echo >&2; printf 'c\\033: line 3: no\\nmore\\n' >&2; exit 255");
    assert_false(ASK(.port = 1));
    assert_failure("configuration: c\\x1B: line 3: no", hint);
    assert_null(config.hostname);
    assert_false(ASK(.file = "c"));
    assert_failure("configuration: c\\x1B: line 3: no", "");
    assert_false(ASK(.options = options, .option_count = 1));
    assert_failure("configuration: c\\x1B: line 3: no", "");
    assert_false(ASK(.jump = "j"));
    assert_failure("configuration: c\\x1B: line 3: no", "");
    fake("exit 1");
    assert_false(ASK(.port = 1));
    assert_failure("configuration: ssh -G ended with status 1, and said nothing", hint);
}

static void
test_warning(void **state)
{
    (void)state;
    fake("echo deprecated >&2; echo hostname h");
    assert_true(ASK(.port = 1));
    assert_text(config.hostname, "h");
}

static void
test_strange_end(void **state)
{
    (void)state;
    fake("echo hostname h; echo why >&2; kill -KILL $$");
    assert_false(ASK(.port = 1));
    assert_failure("configuration: ssh -G was ended by signal 9 (Killed): why", hint);
    fake("echo port 22");
    assert_false(ASK(.port = 1));
    assert_failure("configuration: ssh -G printed no configuration", hint);
    fake("printf 'hostname h\\n\\0stricthostkeychecking true\\n'");
    assert_false(ASK(.port = 1));
    assert_failure("configuration: ssh -G printed a NUL byte", hint);
    fake("echo hostname -h");
    assert_false(ASK(.port = 1));
    assert_failure("configuration: HostName '-h': a host cannot begin with '-'", "");
}

static void
test_too_much(void **state)
{
    static const char message[] = "configuration: ssh -G printed more than 262144 bytes";

    (void)state;
    fake("echo hostname h; head -c 262133 /dev/zero | tr '\\0' '\\n'");
    assert_true(ASK(.port = 1));
    fake("echo hostname h; head -c 262134 /dev/zero | tr '\\0' '\\n'; echo w >&2");
    assert_false(ASK(.port = 1));
    assert_failure(message, hint);
    fake("exec cat /dev/zero");
    assert_false(ASK(.port = 1));
    assert_failure(message, hint);
}

static void
test_hangs(void **state)
{
    (void)state;
    fake("echo $$ >pid; echo hostname h; exec sleep 1000");
    int64_t start = clock_now();
    assert_false(ASK(.limit = DEADLINE_SECOND / 2));
    assert_failure(
        "configuration: ssh -G did not end within 0.5 s; a Match exec in it may hang", hint);
    assert_true(clock_ms_since(start) < 30000);
    assert_true(gone(pid_in("pid")));
}

static void
test_not_started(void **state)
{
    (void)state;
    write_file("ssh", "#!/nonexistent/shell\n", 0755);
    assert_int_equal(setenv("PATH", folder, 1), 0);
    assert_false(ASK(.port = 1));
    assert_int_equal(failure.outcome, OUTCOME_USAGE);
    assert_memory_equal(failure.message, "configuration: ssh ", strlen("configuration: ssh "));
}

static void
test_none_installed(void **state)
{
    static const char *const options[] = {"Port=1"};
    static const char remedy[] = "install openssh-client";

    (void)state;
    assert_int_equal(setenv("PATH", folder, 1), 0);
    assert_true(ASK(.user = "alice", .port = 1, .proxy_command = "nc"));
    assert_text(config.note, "ssh is not installed: its configuration was not read");
    assert_null(config.user);
    assert_null(config.proxy_command);
    assert_true(ASK(.file = "none", .jump = "none"));
    assert_false(ASK(.file = "conf"));
    assert_failure("configuration: -F needs ssh, and there is none in PATH", remedy);
    assert_false(ASK(.options = options, .option_count = 1, .file = "none"));
    assert_failure("configuration: -o needs ssh, and there is none in PATH", remedy);
    assert_false(ASK(.jump = "j", .file = "none"));
    assert_failure("configuration: -J needs ssh, and there is none in PATH", remedy);
}

/* In a process of its own: a caught signal stays caught. */
static void
test_interrupted(void **state)
{
    int status;

    (void)state;
    fake("kill -TERM $PPID; exec sleep 1000");
    pid_t pid = fork();
    if (pid == 0) {
        signals_install();
        failure = FAILURE_INIT;
        struct sshconfig_query query = {.host = "h", .limit = PATIENCE};
        bool good = sshconfig_read(&query, &config, &failure);
        _exit(!good && failure.outcome == OUTCOME_INTERRUPTED ? 42 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

/* ---- the real one ---- */

static void
need_ssh(void)
{
    char path[4096];
    if (!program_find("ssh", path, sizeof(path)))
        skip();
}

static void
conf(const char *text)
{
    write_file("conf", text, 0600);
}

static void
test_real_values(void **state)
{
    (void)state;
    need_ssh();
    conf("Match host web1 user alice\n HostName real.example.test\n Port 2222\n"
         "Host web1\n HostName other.example.test\n User bob\n BindAddress ::1\n"
         " AddressFamily inet6\n ConnectTimeout 2m\n HostKeyAlias %h\n HashKnownHosts yes\n"
         " StrictHostKeyChecking no\n UserKnownHostsFile \"/u v\" ~/w\n"
         " GlobalKnownHostsFile none\n RevokedHostKeys /krl\n");
    assert_true(ASK(.file = "conf", .user = "alice"));
    assert_text(config.hostname, "real.example.test");
    assert_int_equal(config.port, 2222);
    assert_text(config.user, "alice");
    assert_text(config.bind, "::1");
    assert_int_equal(config.family, AF_INET6);
    assert_int_equal(config.connect_timeout, 120 * DEADLINE_SECOND);
    assert_text(config.host_key_alias, "%h");
    assert_int_equal(config.host_key, HOSTKEY_ACCEPT_NEW);
    assert_int_equal(config.known_hosts_count, 3); /* "/u v" is no file: two words */
    assert_text(config.known_hosts_written, "/u");
    assert_text(config.revoked_host_keys, "/krl");
    assert_true(config.hash_known_hosts);
    assert_true(ASK(.file = "conf"));
    assert_text(config.hostname, "other.example.test");
    assert_text(config.user, "bob");
    assert_true(ASK(.file = "conf", .host = "web2", .family = AF_INET));
    assert_text(config.hostname, "web2");
    assert_int_equal(config.family, AF_INET);
    assert_int_equal(config.port, 22);
    assert_int_equal(config.host_key, HOSTKEY_DEFAULT);
    assert_null(config.known_hosts); /* ssh's defaults are known as such */
}

static void
test_real_precedence(void **state)
{
    static const char *const options[] = {"Port=4444", "User=carol", "HostName=from.o"};

    (void)state;
    need_ssh();
    conf("HostName conf\nPort 2222\nUser bob\nBindAddress ::1\n");
    assert_true(ASK(.file = "conf", .options = options, .option_count = 3));
    assert_text(config.hostname, "from.o");
    assert_int_equal(config.port, 4444);
    assert_text(config.user, "carol");
    assert_true(ASK(.file = "conf", .options = options, .option_count = 3, .port = 3333,
                    .user = "alice", .bind = "127.0.0.1"));
    assert_int_equal(config.port, 3333);
    assert_text(config.user, "alice");
    assert_text(config.bind, "127.0.0.1");
}

static void
test_real_ways(void **state)
{
    static const char jumps[] = "ProxyJump j.conf\n", runs[] = "ProxyCommand c.conf %h\n";
    static const struct {
        const char *conf, *jump, *proxy_command, *option;
        const char *found_jump, *found_command;
    } rows[] = {
        {jumps, NULL, NULL, NULL, "j.conf", NULL},
        {runs, NULL, NULL, NULL, NULL, "c.conf %h"},
        {jumps, "j1,u@[::1]:23,ssh://j3:24", NULL, NULL, "j1,u@[::1]:23,j3:24", NULL},
        {runs, "j1", NULL, NULL, "j1", NULL},
        {jumps, NULL, "mine %p", NULL, NULL, "mine %p"},
        {runs, NULL, "mine %p", NULL, NULL, "mine %p"},
        {jumps, "none", NULL, NULL, NULL, NULL},
        {jumps, NULL, "none", NULL, NULL, NULL},
        {runs, NULL, "none", NULL, NULL, NULL},
        {jumps, NULL, NULL, "ProxyCommand=o", NULL, "o"},
        {runs, NULL, NULL, "ProxyJump=o", "o", NULL},
        {jumps, NULL, "mine", "ProxyJump=o", NULL, "mine"},
        {"", "j1", NULL, "ProxyCommand=o", "j1", NULL},
    };

    (void)state;
    need_ssh();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        conf(rows[i].conf);
        assert_true(ASK(.file = "conf", .jump = rows[i].jump,
                        .proxy_command = rows[i].proxy_command, .options = &rows[i].option,
                        .option_count = rows[i].option != NULL));
        assert_text(config.jump, rows[i].found_jump);
        assert_text(config.proxy_command, rows[i].found_command);
    }
}

static void
test_real_rejections(void **state)
{
    static const char *const options[] = {"Foo=1"};

    (void)state;
    need_ssh();
    conf("\n\nFoo bar\n");
    assert_false(ASK(.file = "conf"));
    assert_failure("configuration: conf: line 3: Bad configuration option: foo", "");
    assert_false(ASK(.file = "absent"));
    assert_int_equal(failure.outcome, OUTCOME_USAGE);
    assert_non_null(strstr(failure.message, "absent: No such file or directory"));
    assert_false(ASK(.file = "none", .options = options, .option_count = 1));
    assert_int_equal(failure.outcome, OUTCOME_USAGE);
    assert_non_null(strstr(failure.message, "Bad configuration option: foo"));
    assert_false(ASK(.file = "none", .jump = "-oFoo"));
    assert_int_equal(failure.outcome, OUTCOME_USAGE);
    conf("ProxyUseFdpass yes\n");
    assert_true(ASK(.file = "conf"));
    assert_false(ASK(.file = "conf", .proxy_command = "nc"));
    assert_non_null(strstr(failure.message, "configuration: ProxyUseFdpass: "));
}

/* A Match exec that waits for the terminal ends; one that hangs is ended. */
static void
test_real_exec(void **state)
{
    (void)state;
    need_ssh();
    conf("Match exec \"cat /dev/tty\"\n Port 1\nMatch exec \"cat; echo noise >&2\"\n Port 2\n");
    assert_true(ASK(.file = "conf"));
    assert_int_equal(config.port, 2);
    conf("Match exec \"echo $$ >pid; exec sleep 1000\"\n Port 1\n");
    assert_false(ASK(.file = "conf", .limit = DEADLINE_SECOND));
    assert_failure("configuration: ssh -G did not end within 1 s; a Match exec in it may hang",
                   "");
    assert_true(gone(pid_in("pid")));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_arguments),
        IN_FOLDER(test_many_options),
        IN_FOLDER(test_nobody_asked),
        IN_FOLDER(test_line_breaks),
        IN_FOLDER(test_note),
        IN_FOLDER(test_rejected),
        IN_FOLDER(test_warning),
        IN_FOLDER(test_strange_end),
        IN_FOLDER(test_too_much),
        IN_FOLDER(test_hangs),
        IN_FOLDER(test_not_started),
        IN_FOLDER(test_none_installed),
        IN_FOLDER(test_interrupted),
        IN_FOLDER(test_real_values),
        IN_FOLDER(test_real_precedence),
        IN_FOLDER(test_real_ways),
        IN_FOLDER(test_real_rejections),
        IN_FOLDER(test_real_exec),
    };

    int failed = cmocka_run_group_tests_name("sshconfig_run", tests, NULL, NULL);
    sshconfig_free(&config);
    return failed;
}
