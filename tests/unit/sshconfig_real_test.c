/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ssh that is installed, by ssh -G, for what only it can tell: who wins, what it rejects,
 * and what Match exec does.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "child_fixture.h"
#include "sshconfig_fixture.h"
#include "util/deadline.h"
#include "util/program.h"

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
    assert_usage("configuration: conf: line 3: Bad configuration option: foo", "");
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
    assert_usage("configuration: ssh -G did not end within 1 s; a Match exec in it may hang",
                 "");
    assert_true(gone(pid_in("pid")));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_sshconfig, leave_sshconfig)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_real_values), IN_FOLDER(test_real_precedence),
        IN_FOLDER(test_real_ways),   IN_FOLDER(test_real_rejections),
        IN_FOLDER(test_real_exec),
    };

    int failed = cmocka_run_group_tests_name("sshconfig_real", tests, NULL, NULL);
    forget_config();
    return failed;
}
