/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Single values: ports, seconds, choices, fingerprints.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/value.h"
#include "util/authority.h"

#define HASH "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static void
test_port(void **state)
{
    static const struct {
        const char *text;
        uint16_t port; /* 0: refused */
    } rows[] = {
        {"1", 1},         {"22", 22},  {"0022", 22},
        {"65535", 65535}, {"", 0},     {"0", 0},
        {"65536", 0},     {"+1", 0},   {"18446744073709551617", 0},
        {"-1", 0},        {" 22", 0},  {"22 ", 0},
        {"22x", 0},       {"0x16", 0}, {"2.2", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint16_t port = 0;
        print_message("# '%s'\n", rows[i].text);
        assert_int_equal(authority_port(rows[i].text, strlen(rows[i].text), &port),
                         rows[i].port != 0);
        assert_int_equal(port, rows[i].port);
    }
}

static void
test_count(void **state)
{
    static const struct {
        const char *text;
        unsigned count; /* 0: refused */
    } rows[] = {
        {"1", 1},    {"7", 7},   {"0010", 10},      {"1000", 1000},
        {"1001", 0}, {"0", 0},   {"", 0},           {"-1", 0},
        {"+1", 0},   {" 1", 0},  {"1 ", 0},         {"1x", 0},
        {"0x1", 0},  {"1.0", 0}, {"4294967297", 0}, {"18446744073709551617", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned count = 0;
        print_message("# '%s'\n", rows[i].text);
        assert_int_equal(value_count(rows[i].text, 1000, &count), rows[i].count != 0);
        assert_int_equal(count, rows[i].count);
    }
}

static void
test_choice(void **state)
{
    (void)state;
    assert_int_equal(value_choice("a|bc|d", "a"), 0);
    assert_int_equal(value_choice("a|bc|d", "bc"), 1);
    assert_int_equal(value_choice("a|bc|d", "d"), 2);
    assert_int_equal(value_choice("a|bc|d", "b"), -1);
    assert_int_equal(value_choice("a|bc|d", "bcd"), -1);
    assert_int_equal(value_choice("a|bc|d", "a|bc"), -1);
    assert_int_equal(value_choice("a|bc|d", "|"), -1);
    assert_int_equal(value_choice("a|bc|d", ""), -1);
    assert_true(value_is_none("none"));
    assert_true(value_is_none("NONE"));
    assert_false(value_is_none("none "));
    assert_false(value_is_none(""));
}

static void
test_seconds(void **state)
{
    static const struct {
        const char *text;
        int64_t nanoseconds; /* 0: refused */
    } rows[] = {
        {"1", 1000000000},
        {"120", 120000000000},
        {"0.5", 500000000},
        {"00.050", 50000000},
        {"1.0", 1000000000},
        {"0.000000001", 1},
        {"1.9999999999999", 1999999999},
        {"1000000", 1000000000000000},
        {"1000000.0", 1000000000000000},
        {"1000000.1", 0},
        {"1000001", 0},
        {"99999999999999999999999", 0},
        {"0", 0},
        {"0.0", 0},
        {"0.0000000001", 0},
        {"", 0},
        {".5", 0},
        {"5.", 0},
        {"1.5.5", 0},
        {"1,5", 0},
        {"1e9", 0},
        {"1s", 0},
        {" 1", 0},
        {"1 ", 0},
        {"+1", 0},
        {"-1", 0},
        {"0x10", 0},
        {"inf", 0},
        {"nan", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t nanoseconds = 0;
        print_message("# '%s'\n", rows[i].text);
        assert_int_equal(value_seconds(rows[i].text, &nanoseconds), rows[i].nanoseconds != 0);
        if (rows[i].nanoseconds != 0)
            assert_true(nanoseconds == rows[i].nanoseconds);
    }
}

static void
test_fingerprint(void **state)
{
    static const struct {
        const char *text, *why; /* NULL: good */
    } rows[] = {
        {"SHA256:" HASH, NULL},
        {"SHA256:" HASH "=", NULL},
        {"SHA256:++//AwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", NULL},
        {"SHA256:" HASH "==", "43 characters"},
        {"SHA256:" HASH "A", "43 characters"},
        {"SHA256:" HASH " ", "43 characters"},
        {"SHA256:", "43 characters"},
        {"SHA256:=", "43 characters"},
        {"SHA256:AAEC", "43 characters"},
        {"SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", "last character"},
        {"SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd-_8", "43 characters"},
        {"sha256:" HASH, "begins with"},
        {HASH, "begins with"},
        {"SHA512:" HASH, "begins with"},
        {"MD5:c1:b1:30:29:d7:b8:de:6c:97:77:10:d7:46:41:63:87", "MD5"},
        {"c1:b1:30:29:d7:b8:de:6c:97:77:10:d7:46:41:63:87", "MD5"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *why = value_fingerprint(rows[i].text);
        print_message("# '%s'\n", rows[i].text);
        assert_int_equal(why == NULL, rows[i].why == NULL);
        if (why != NULL)
            assert_non_null(strstr(why, rows[i].why));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_port),        cmocka_unit_test(test_count),
        cmocka_unit_test(test_choice),      cmocka_unit_test(test_seconds),
        cmocka_unit_test(test_fingerprint),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
