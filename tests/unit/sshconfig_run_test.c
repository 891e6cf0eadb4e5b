/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Running ssh -G: programs of that name that note how they are called, and end in every way.
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
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child_fixture.h"
#include "sshconfig_fixture.h"
#include "util/deadline.h"
#include "util/signals.h"

static void
fake(const char *script)
{
    char text[1024], path[4096];
    snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
    write_file("ssh", text, 0755);
    snprintf(path, sizeof(path), ".:%s", getenv("PATH"));
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
    assert_usage("configuration: -J: there is a line break in it", "");
    assert_false(ASK(.proxy_command = "a\nhostname b"));
    assert_usage("configuration: --proxy-command: there is a line break in it", "");
    assert_false(ASK(.options = options, .option_count = 2));
    assert_usage("configuration: -o: there is a line break in it", "");
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
    assert_usage("configuration: c\\x1B: line 3: no", hint);
    assert_null(config.hostname);
    assert_false(ASK(.file = "c"));
    assert_usage("configuration: c\\x1B: line 3: no", "");
    assert_false(ASK(.options = options, .option_count = 1));
    assert_usage("configuration: c\\x1B: line 3: no", "");
    assert_false(ASK(.jump = "j"));
    assert_usage("configuration: c\\x1B: line 3: no", "");
    fake("exit 1");
    assert_false(ASK(.port = 1));
    assert_usage("configuration: ssh -G: exit status 1", hint);
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
    assert_usage("configuration: ssh -G: ended by signal 9 (Killed): why", hint);
    fake("echo port 22");
    assert_false(ASK(.port = 1));
    assert_usage("configuration: ssh -G printed no configuration", hint);
    fake("printf 'hostname h\\n\\0stricthostkeychecking true\\n'");
    assert_false(ASK(.port = 1));
    assert_usage("configuration: ssh -G printed a NUL byte", hint);
    fake("echo hostname -h");
    assert_false(ASK(.port = 1));
    assert_usage("configuration: HostName '-h': a host cannot begin with '-'", "");
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
    assert_usage(message, hint);
    fake("exec cat /dev/zero");
    assert_false(ASK(.port = 1));
    assert_usage(message, hint);
}

static void
test_hangs(void **state)
{
    (void)state;
    fake("echo $$ >pid; echo hostname h; exec sleep 1000");
    int64_t start = clock_now();
    assert_false(ASK(.limit = DEADLINE_SECOND / 2));
    assert_usage("configuration: ssh -G did not end within 0.5 s; a Match exec in it may hang",
                 hint);
    assert_true(clock_ms_since(start) < 30000);
    assert_true(gone(pid_in("pid")));
}

static void
test_not_started(void **state)
{
    (void)state;
    write_file("ssh", "#!/nonexistent/shell\n", 0755);
    assert_int_equal(setenv("PATH", ".", 1), 0);
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
    assert_int_equal(setenv("PATH", ".", 1), 0);
    assert_true(ASK(.user = "alice", .port = 1, .proxy_command = "nc"));
    assert_text(config.note, "ssh is not installed: its configuration was not read");
    assert_null(config.user);
    assert_null(config.proxy_command);
    assert_true(ASK(.file = "none", .jump = "none"));
    assert_false(ASK(.file = "conf"));
    assert_usage("configuration: -F needs ssh, and there is none in PATH", remedy);
    assert_false(ASK(.options = options, .option_count = 1, .file = "none"));
    assert_usage("configuration: -o needs ssh, and there is none in PATH", remedy);
    assert_false(ASK(.jump = "j", .file = "none"));
    assert_usage("configuration: -J needs ssh, and there is none in PATH", remedy);
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
        struct sshconfig_query query = {.host = "h", .limit = CHILD_PATIENCE * DEADLINE_SECOND};
        bool good = sshconfig_read(&query, &config, &failure);
        _exit(!good && failure.outcome == OUTCOME_INTERRUPTED ? 42 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_sshconfig, leave_sshconfig)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_arguments),    IN_FOLDER(test_many_options),
        IN_FOLDER(test_nobody_asked), IN_FOLDER(test_line_breaks),
        IN_FOLDER(test_note),         IN_FOLDER(test_rejected),
        IN_FOLDER(test_warning),      IN_FOLDER(test_strange_end),
        IN_FOLDER(test_too_much),     IN_FOLDER(test_hangs),
        IN_FOLDER(test_not_started),  IN_FOLDER(test_none_installed),
        IN_FOLDER(test_interrupted),
    };

    int failed = cmocka_run_group_tests_name("sshconfig_run", tests, NULL, NULL);
    forget_config();
    return failed;
}
