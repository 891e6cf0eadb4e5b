/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is made of the lines of ssh -G, and of names of files with blanks in them. Nothing is
 * run.
 */
#include <config.h>

#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "child_fixture.h"
#include "sshconfig_fixture.h"
#include "util/deadline.h"
#include "util/home.h"

#define GLOBAL       "/etc/ssh/ssh_known_hosts"
#define GLOBAL_PAIR  GLOBAL " " GLOBAL "2"
#define GLOBAL_LINE  "globalknownhostsfile " GLOBAL_PAIR "\n"
#define OTHER_GLOBAL "globalknownhostsfile /g\n"

/* ---- values ---- */

static void
test_all(void **state)
{
    (void)state;
    assert_true(
        parse_config("host web1\nuser alice\nhostname web1.example.test\nport 2222\n"
                     "addressfamily inet6\nhashknownhosts yes\nproxyusefdpass no\n"
                     "stricthostkeychecking true\nbindaddress ::1\nhostkeyalias %h-Alias\n"
                     "gssapiserveridentity gs.example.test\nrevokedhostkeys /etc/a krl\n"
                     "connecttimeout 7\nproxycommand nc -X \"5 6\"  %h %p \n"
                     "identityfile ~/.ssh/id_rsa\npreferredauthentications none\n"
                     "batchmode yes\nuserknownhostsfile /u\nglobalknownhostsfile /g\n"));
    assert_text(config.user, "alice");
    assert_text(config.hostname, "web1.example.test");
    assert_int_equal(config.port, 2222);
    assert_int_equal(config.family, AF_INET6);
    assert_int_equal(config.connect_timeout, 7 * DEADLINE_SECOND);
    assert_text(config.bind, "::1");
    assert_text(config.jump, NULL);
    assert_text(config.proxy_command, "nc -X \"5 6\"  %h %p ");
    assert_text(config.host_key_alias, "%h-Alias");
    assert_int_equal(config.host_key, HOSTKEY_STRICT);
    assert_int_equal(config.known_hosts_count, 2);
    assert_text(config.known_hosts[0], "/u");
    assert_text(config.known_hosts[1], "/g");
    assert_text(config.known_hosts_written, "/u");
    assert_true(config.hash_known_hosts);
    assert_text(config.revoked_host_keys, "/etc/a krl");
    assert_text(config.gssapi_host, "gs.example.test");
    assert_text(config.note, NULL);
}

static void
test_nothing(void **state)
{
    static const char *const texts[] = {
        "",
        "\n\n",
        "unknown\n unknown\nhostnames x\nhost x\nport\nport \nuser \nhostname",
        "addressfamily any\nconnecttimeout none\nstricthostkeychecking ask\nproxyjump none\n"
        "proxycommand none\nrevokedhostkeys NONE\nhashknownhosts no\nproxyusefdpass "
        "yes\n" GLOBAL_LINE,
        "connecttimeout 0\nconnecttimeout 00\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_true(parse_config(texts[i]));
        assert_null(config.user);
        assert_null(config.hostname);
        assert_int_equal(config.port, 0);
        assert_int_equal(config.family, AF_UNSPEC);
        assert_int_equal(config.connect_timeout, 0);
        assert_null(config.bind);
        assert_null(config.jump);
        assert_null(config.proxy_command);
        assert_null(config.host_key_alias);
        assert_int_equal(config.host_key, HOSTKEY_DEFAULT);
        assert_null(config.known_hosts);
        assert_null(config.known_hosts_written);
        assert_int_equal(config.known_hosts_count, 0);
        assert_false(config.hash_known_hosts);
        assert_null(config.revoked_host_keys);
        assert_null(config.gssapi_host);
    }
}

/* Where ssh has a name and not the absence of one. */
static void
test_called_none(void **state)
{
    (void)state;
    assert_true(
        parse_config("hostname none\nuser none\nhostkeyalias none\nbindaddress none\n"));
    assert_text(config.hostname, "none");
    assert_text(config.user, "none");
    assert_text(config.host_key_alias, "none");
    assert_text(config.bind, "none");
}

/* A keyword that comes twice leaks nothing; they may be written in any case. */
static void
test_forms(void **state)
{
    (void)state;
    assert_true(
        parse_config("HostName a\nhostname b\nproxyJump x,u@[::1]:22\nproxyjump y\nPORT 1"));
    assert_text(config.hostname, "b");
    assert_text(config.jump, "y");
    assert_int_equal(config.port, 1);
    assert_true(parse_config("user a b\n"));
    assert_text(config.user, "a b");
    assert_true(parse_config("addressfamily inet\nconnecttimeout 99999999999999999999\n"));
    assert_int_equal(config.family, AF_INET);
    assert_int_equal(config.connect_timeout, 1000000 * DEADLINE_SECOND);
}

/* What is no ordinary host key check never becomes less than accept-new. */
static void
test_host_key(void **state)
{
    static const struct {
        const char *line;
        enum hostkey_mode mode;
    } rows[] = {
        {"stricthostkeychecking yes", HOSTKEY_STRICT},
        {"stricthostkeychecking true", HOSTKEY_STRICT},
        {"stricthostkeychecking ask", HOSTKEY_DEFAULT},
        {"stricthostkeychecking accept-new", HOSTKEY_ACCEPT_NEW},
        {"stricthostkeychecking no", HOSTKEY_ACCEPT_NEW},
        {"stricthostkeychecking false", HOSTKEY_ACCEPT_NEW},
        {"stricthostkeychecking off", HOSTKEY_ACCEPT_NEW},
        {"stricthostkeychecking off\nknownhostscommand none", HOSTKEY_ACCEPT_NEW},
        {"stricthostkeychecking off\nknownhostscommand /bin/true", HOSTKEY_DEFAULT},
        {"knownhostscommand x\nstricthostkeychecking accept-new", HOSTKEY_DEFAULT},
        {"knownhostscommand x\nstricthostkeychecking yes", HOSTKEY_STRICT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(parse_config(rows[i].line));
        assert_int_equal(config.host_key, rows[i].mode);
    }
}

static void
test_wrong(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"port 0", "configuration: Port '0': a port is a number from 1 to 65535"},
        {"port 65536", "configuration: Port '65536': a port is a number from 1 to 65535"},
        {"port 22 ", "configuration: Port '22 ': a port is a number from 1 to 65535"},
        {"hostname -x", "configuration: HostName '-x': a host cannot begin with '-'"},
        {"hostname a\033b",
         "configuration: HostName 'a\\x1Bb': there is a control character in the host"},
        {"hostname a\x9b", NULL},
        {"user -oFoo=1", "configuration: User '-oFoo=1': a user cannot begin with '-'"},
        {"bindaddress a b", "configuration: BindAddress 'a b': there is a blank in the host"},
        {"gssapiserveridentity a@b", "configuration: GSSAPIServerIdentity 'a@b': there is a "
                                     "character in the host that no host name has"},
        {"addressfamily inet7",
         "configuration: AddressFamily 'inet7': it is neither any nor inet nor inet6"},
        {"connecttimeout 5m", "configuration: ConnectTimeout '5m': it is no number of seconds"},
        {"connecttimeout -5", "configuration: ConnectTimeout '-5': it is no number of seconds"},
        {"stricthostkeychecking maybe",
         "configuration: StrictHostKeyChecking 'maybe': it is not known here"},
        {"hashknownhosts 1", "configuration: HashKnownHosts '1': it is neither yes nor no"},
        {"proxycommand nc\nproxyusefdpass yes",
         "configuration: ProxyUseFdpass: a proxy command that passes a descriptor is not "
         "supported here"},
        {"proxyusefdpass yes\nproxycommand nc",
         "configuration: ProxyUseFdpass: a proxy command that passes a descriptor is not "
         "supported here"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool good = parse_config(rows[i].text);
        assert_int_equal(good, rows[i].message == NULL);
        if (good)
            continue;
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
        assert_string_equal(failure.message, rows[i].message);
        assert_null(config.hostname); /* nothing to free */
    }
    assert_false(
        parse_config("user alice\nhostname a\nproxycommand nc\nuserknownhostsfile /u\nport x"));
    assert_null(config.user);
    assert_null(config.proxy_command);
}

/* ---- known hosts files ---- */

static const char *const created[] = {"a b", "a b c  d", "c", "one"};

static int
enter(void **state)
{
    int rc = enter_folder(state);
    for (size_t i = 0; i < sizeof(created) / sizeof(created[0]); i++)
        write_file(created[i], "", 0600);
    return rc;
}

static int
leave(void **state)
{
    for (size_t i = 0; i < sizeof(created) / sizeof(created[0]); i++)
        unlink(created[i]);
    return leave_folder(state);
}

/* The names joined by '|'. */
static const char *
files(const char *text)
{
    static char joined[2048];
    size_t len = 0;
    assert_true(parse_config(text));
    joined[0] = '\0';
    for (size_t i = 0; i < config.known_hosts_count; i++)
        len += (size_t)snprintf(joined + len, sizeof(joined) - len, "%s%s", i > 0 ? "|" : "",
                                config.known_hosts[i]);
    return joined;
}

static void
test_blanks(void **state)
{
    static const struct {
        const char *names, *split;
    } rows[] = {
        {"one", "one"},
        {"absent", "absent"},
        {"one absent", "one|absent"},
        {"a b", "a b"},
        {"a b c  d", "a b c  d"},
        {"a b c d", "a b|c|d"},
        {"a b c", "a b|c"},
        {"absent a b one", "absent|a b|one"},
        {"a  b", "a|b"},
        {"x y z", "x|y|z"},
        {"one ", "one"},
        {" one", "one"},
        {"none one", "none|one"},
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text), "userknownhostsfile %s\nglobalknownhostsfile none\n",
                 rows[i].names);
        assert_string_equal(files(text), rows[i].split);
        assert_string_equal(config.known_hosts_written, config.known_hosts[0]);
    }
}

static void
test_usual(void **state)
{
    char path[PATH_MAX];
    const char *account = home_of_account(path);
    char usual[512], text[1024], expected[1024];

    (void)state;
    assert_non_null(account);
    snprintf(usual, sizeof(usual),
             "userknownhostsfile %s/.ssh/known_hosts %s/.ssh/known_hosts2\n", account, account);
    snprintf(text, sizeof(text), "%s" GLOBAL_LINE, usual);
    assert_string_equal(files(text), "");
    assert_null(config.known_hosts);
    snprintf(text, sizeof(text), "%s" OTHER_GLOBAL, usual);

    assert_int_equal(setenv("HOME", "/home of", 1), 0);
    assert_string_equal(files(text), "/home of/.ssh/known_hosts|/home of/.ssh/known_hosts2|/g");
    assert_string_equal(config.known_hosts_written, "/home of/.ssh/known_hosts");

    snprintf(expected, sizeof(expected), "%s/.ssh/known_hosts|%s/.ssh/known_hosts2|/g", account,
             account);
    assert_int_equal(setenv("HOME", "relative", 1), 0);
    assert_string_equal(files(text), expected);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_string_equal(files(text), expected);

    /* a part of the default is none */
    assert_int_equal(setenv("HOME", "/elsewhere", 1), 0);
    snprintf(text, sizeof(text), "userknownhostsfile %s/.ssh/known_hosts\n" GLOBAL_LINE,
             account);
    snprintf(expected, sizeof(expected), "%s/.ssh/known_hosts|" GLOBAL "|" GLOBAL "2", account);
    assert_string_equal(files(text), expected);
}

static void
test_none(void **state)
{
    (void)state;
    assert_string_equal(files("userknownhostsfile none\nglobalknownhostsfile none\n"),
                        "/dev/null");
    assert_null(config.known_hosts_written);
    assert_string_equal(files("userknownhostsfile none\n" OTHER_GLOBAL), "/g");
    assert_null(config.known_hosts_written);
    assert_string_equal(files("userknownhostsfile none\n" GLOBAL_LINE), GLOBAL "|" GLOBAL "2");
    assert_null(config.known_hosts_written);
    assert_string_equal(files("userknownhostsfile /dev/null\n" OTHER_GLOBAL), "/dev/null|/g");
    assert_string_equal(config.known_hosts_written, "/dev/null");
}

/* ssh -G expands the user's files, and not the system's, where ssh looks in the account's home
 * as well: a key that is @revoked there is not to be missed. */
static void
test_tilde(void **state)
{
    const struct passwd *account = getpwuid(getuid());
    char text[256], expected[1024];

    (void)state;
    assert_non_null(account);
    assert_int_equal(setenv("HOME", "/elsewhere", 1), 0);
    snprintf(text, sizeof(text),
             "userknownhostsfile /u\nglobalknownhostsfile ~/a ~%s/b ~ x~ ~%s\n",
             account->pw_name, account->pw_name);
    snprintf(expected, sizeof(expected), "/u|%s/a|%s/b|%s|x~|%s", account->pw_dir,
             account->pw_dir, account->pw_dir, account->pw_dir);
    assert_string_equal(files(text), expected);
    snprintf(text, sizeof(text), "userknownhostsfile /u\nglobalknownhostsfile ~no:user/a\n");
    assert_false(parse_config(text));
    assert_int_equal(failure.outcome, OUTCOME_USAGE);
    assert_string_equal(failure.message,
                        "configuration: known hosts file '~no:user/a': no such user");
}

static void
test_many(void **state)
{
    char text[2048] = "userknownhostsfile";

    (void)state;
    for (int i = 0; i < 256; i++)
        strcat(text, " x");
    strcat(text, "\nglobalknownhostsfile none\n");
    assert_false(parse_config(text)); /* "none" is a word as well */
    assert_int_equal(failure.outcome, OUTCOME_USAGE);
    assert_string_equal(failure.message,
                        "configuration: more than 256 known hosts files are named");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_called_none),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_host_key),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test_setup_teardown(test_blanks, enter, leave),
        cmocka_unit_test(test_usual),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_tilde),
        cmocka_unit_test(test_many),
    };

    int failed = cmocka_run_group_tests_name("sshconfig", tests, NULL, NULL);
    forget_config();
    return failed;
}
