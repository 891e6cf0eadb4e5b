/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Targets as they are typed, good and bad. No names are resolved.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/target.h"

static void
test_good(void **state)
{
    static const struct {
        const char *text, *user, *host;
        uint16_t port;
    } rows[] = {
        {"host", NULL, "host", 0},
        {"host:22", NULL, "host", 22},
        {"host:022", NULL, "host", 22},
        {"host:65535", NULL, "host", 65535},
        {"192.0.2.7:2222", NULL, "192.0.2.7", 2222},
        {"alice@host", "alice", "host", 0},
        {"alice@host:1", "alice", "host", 1},
        {"alice@EXAMPLE.TEST@host", "alice@EXAMPLE.TEST", "host", 0},
        {"alice@EXAMPLE.TEST@host:22", "alice@EXAMPLE.TEST", "host", 22},
        {"EXAMPLE\\alice@host", "EXAMPLE\\alice", "host", 0},
        {"a b@host", "a b", "host", 0},
        {"a:b@host", "a:b", "host", 0},
        {"a%41@host", "a%41", "host", 0},
        {"\xC3\xA9@h\xC3\xA9", "\xC3\xA9", "h\xC3\xA9", 0},
        {"@@host", "@", "host", 0},
        {"host_1.", NULL, "host_1.", 0},
        {"::1", NULL, "::1", 0},
        {"2001:db8::7", NULL, "2001:db8::7", 0},
        {"2001:db8:0:0:0:0:0:7", NULL, "2001:db8:0:0:0:0:0:7", 0},
        {"fe80::1%eth0", NULL, "fe80::1%eth0", 0},
        {"::ffff:192.0.2.7", NULL, "::ffff:192.0.2.7", 0},
        {"alice@::1", "alice", "::1", 0},
        {"[::1]", NULL, "::1", 0},
        {"[::1]:22", NULL, "::1", 22},
        {"alice@[fe80::1%eth0]:22", "alice", "fe80::1%eth0", 22},
        {"[host]:22", NULL, "host", 22},
        {"ssh://host", NULL, "host", 0},
        {"SSH://host/", NULL, "host", 0},
        {"ssh://alice@host:22", "alice", "host", 22},
        {"ssh://alice@host:22/", "alice", "host", 22},
        {"ssh://alice%40EXAMPLE.TEST@host", "alice@EXAMPLE.TEST", "host", 0},
        {"ssh://al%3aice@ho%73t", "al:ice", "host", 0},
        {"ssh://alice@EXAMPLE.TEST@host", "alice@EXAMPLE.TEST", "host", 0},
        {"ssh://[::1]:22", NULL, "::1", 22},
        {"ssh://[fe80::1%25eth0]", NULL, "fe80::1%eth0", 0},
        {"ssh://host:", NULL, "host", 0},
        {"ssh://host.:22", NULL, "host", 22},
        {"ssh://a+b/c?d#e@host", "a b/c?d#e", "host", 0},
        {"ssh://a%2bb%3bc@host", "a+b;c", "host", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct failure failure = FAILURE_INIT;
        struct target target;
        print_message("# %s\n", rows[i].text);
        assert_true(target_parse(&target, rows[i].text, &failure));
        assert_false(failure_is_set(&failure));
        if (rows[i].user == NULL)
            assert_null(target.user);
        else
            assert_string_equal(target.user, rows[i].user);
        assert_string_equal(target.host, rows[i].host);
        assert_int_equal(target.port, rows[i].port);
        target_free(&target);
        target_free(&target);
    }
}

static void
test_bad(void **state)
{
    static const struct {
        const char *text, *why; /* a part of the message */
    } rows[] = {
        {"", "the host is empty"},
        {"alice@", "the host is empty"},
        {"@host", "the user is empty"},
        {"@", "the user is empty"},
        {":22", "the host is empty"},
        {"[]", "the host is empty"},
        {"[]:22", "the host is empty"},
        {"host:", "a port is a number"},
        {"host:0", "a port is a number"},
        {"host:65536", "a port is a number"},
        {"host:99999999999999999999", "a port is a number"},
        {"host:22x", "a port is a number"},
        {"host: 22", "a port is a number"},
        {"host:+22", "a port is a number"},
        {"host:-22", "a port is a number"},
        {"host:0x16", "a port is a number"},
        {"host:22 ", "a port is a number"},
        {"[::1]:", "a port is a number"},
        {"[::1]:0", "a port is a number"},
        {"-host", "a host cannot begin with '-'"},
        {"alice@-host", "a host cannot begin with '-'"},
        {"[-host]", "a host cannot begin with '-'"},
        {"-oProxyCommand=x", "a host cannot begin with '-'"},
        {"-alice@host", "a user cannot begin with '-'"},
        {"ssh://%2dalice@host", "a user cannot begin with '-'"},
        {"ssh://%2dhost", "a host cannot begin with '-'"},
        {"host name", "blank in the host"},
        {" host", "blank in the host"},
        {"host\t", "control character in the host"},
        {"host\n", "control character in the host"},
        {"ho\x7fst", "control character in the host"},
        {"al\rice@host", "control character in the user"},
        {"ssh://a%0ab@host", "control character in the user"},
        {"host/", "no host name has"},
        {"h[st", "no host name has"},
        {"a,b", "no host name has"},
        {"*", "no host name has"},
        {"$(id)", "no host name has"},
        {"ssh://a%40b", "no host name has"},
        {"host:22:33", "has to be an IPv6 address"},
        {"1:2", NULL}, /* a host `1` and port 2: good */
        {"::1%", "has to be an IPv6 address"},
        {"::1]:22", "no host name has"},
        {"[::1", "no ']'"},
        {"[::1]22", "only :PORT"},
        {"[[::1]]", "only :PORT"},
        {"[::g]:22", "has to be an IPv6 address"},
        {"http://host", "the only URI"},
        {"ssh://", "the host is empty"},
        {"ssh:///", "the host is empty"},
        {"ssh://@host", "the user is empty"},
        {"ssh://host/path", "nothing can follow"},
        {"ssh://host?x", "nothing can follow"},
        {"ssh://host#x", "nothing can follow"},
        {"ssh://alice;fingerprint=x@host", "connection parameters"},
        {"ssh://;x@host", "connection parameters"},
        {"ssh://::1", "in brackets"},
        {"ssh://::1:22", "in brackets"},
        {"ssh://.", "the host is empty"},
        {"ssh://host:22:33", "in brackets"},
        {"ssh://host:ssh", "a port is a number"},
        {"ssh://[fe80::1%lo]", "two hexadecimal"},
        {"ssh://a%4@host", "two hexadecimal digits"},
        {"ssh://a%zz@host", "two hexadecimal digits"},
        {"ssh://a%@host", "two hexadecimal digits"},
        {"ssh://a%00b@host", "two hexadecimal digits"},
        {"ssh://host%", "two hexadecimal digits"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct failure failure = FAILURE_INIT;
        struct target target;
        bool good = target_parse(&target, rows[i].text, &failure);
        print_message("# row %zu: %s\n", i, good ? "good" : failure.message);
        assert_int_equal(good, rows[i].why == NULL);
        if (good) {
            target_free(&target);
            continue;
        }
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
        assert_non_null(strstr(failure.message, rows[i].why));
        assert_int_equal(strncmp(failure.message, "target '", 8), 0);
        assert_null(strpbrk(failure.message, "\n\t\r\x7f"));
    }
}

static void
test_length(void **state)
{
    static const struct {
        size_t user, host;
        bool good;
    } rows[] = {
        {TARGET_USER_MAX, 1, true},
        {1, TARGET_HOST_MAX, true},
        {TARGET_USER_MAX + 1, 1, false},
        {1, TARGET_HOST_MAX + 1, false},
        {100000, 1, false},
        {1, 100000, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct failure failure = FAILURE_INIT;
        struct target target;
        char *text = malloc(rows[i].user + rows[i].host + 2);
        assert_non_null(text);
        memset(text, 'a', rows[i].user + rows[i].host + 1);
        text[rows[i].user] = '@';
        text[rows[i].user + rows[i].host + 1] = '\0';
        assert_int_equal(target_parse(&target, text, &failure), rows[i].good);
        if (rows[i].good)
            target_free(&target);
        else
            assert_non_null(strstr(failure.message, "is longer than 1024 bytes"));
        free(text);
    }
}

/* A password in a URI is not repeated where logs can keep it. */
static void
test_password(void **state)
{
    static const char *const rows[] = {"ssh://alice:canary@host", "SSH://alice:canary@host:22/",
                                       "http://a:canary@host", "ssh://a:canary@b@host",
                                       "ssh://:canary@host"};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct failure failure = FAILURE_INIT;
        struct target target;
        assert_false(target_parse(&target, rows[i], &failure));
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
        assert_non_null(strstr(failure.message, "must not hold a password"));
        assert_null(strstr(failure.message, "canary"));
    }
}

static void
test_label(void **state)
{
    static const struct {
        const char *user, *host, *label;
    } rows[] = {
        {"alice", "host", "alice@host"},
        {"alice", "::1", "alice@[::1]"},
        {"a@B", "host", "a@B@host"},
        {"a\x1b[m", "host", "a\\x1B[m@host"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *label = target_label(rows[i].user, rows[i].host);
        assert_non_null(label);
        assert_string_equal(label, rows[i].label);
        free(label);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),   cmocka_unit_test(test_bad),
        cmocka_unit_test(test_length), cmocka_unit_test(test_password),
        cmocka_unit_test(test_label),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
