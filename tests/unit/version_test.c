/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bytes before and of the version line: which of them libssh2 sees, what is refused, and
 * when it is complete.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ssh2/version.h"

#define X50  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X250 X50 X50 X50 X50 X50

static void
test_lines(void **state)
{
    static const struct {
        const char *bytes, *kept;
        bool complete;
        enum version_byte last;
    } rows[] = {
        {"SSH-2.0-x\r\n", "SSH-2.0-x\r\n", true, VERSION_KEEP},
        {"SSH-\n", "SSH-\n", true, VERSION_KEEP},
        {"SSH-2.0-x", "SSH-2.0-x", false, VERSION_KEEP},
        {"SSH\nSSH-1\n", "SSH\nSSH-1\n", true, VERSION_KEEP},
        {"\n\r\n SSH-\n", "\n\r\n SSH-\n", false, VERSION_KEEP},
        {"ssh-2.0\nXSSH-\nSSSH-\n", "ssh-2.0\nXSSH-\nSSSH-\n", false, VERSION_KEEP},
        {"SSH-" X250 "\n", "SSH-" X250 "\n", true, VERSION_KEEP},
        {"SSH-" X250 "x\n", "SSH-" X250 "x", false, VERSION_TOO_LONG},
        /* of another line nothing is left to be taken for a version */
        {X250 "xxxxxSSH-2.0-x\nSSH-2.0-y\n", X250 "xxxxx\nSSH-2.0-y\n", true, VERSION_KEEP},
        {X250 X250 X250 "\n", X250 "xxxxx\n", false, VERSION_KEEP},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct version_reader reader = {0};
        char kept[1024];
        size_t len = 0;
        enum version_byte fate = VERSION_KEEP;
        for (const char *at = rows[i].bytes; *at && !reader.complete; at++) {
            fate = version_take(&reader, *at);
            if (fate == VERSION_KEEP)
                kept[len++] = *at;
            else if (fate != VERSION_DROP)
                break;
        }
        kept[len] = '\0';
        assert_string_equal(kept, rows[i].kept);
        assert_int_equal(reader.complete, rows[i].complete);
        assert_int_equal(fate, rows[i].last);
    }
}

static void
test_nul(void **state)
{
    struct version_reader reader = {0};

    (void)state;
    assert_int_equal(version_take(&reader, '\0'), VERSION_NUL);
    assert_int_equal(version_take(&reader, 'S'), VERSION_KEEP);
    assert_int_equal(version_take(&reader, '\0'), VERSION_NUL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_nul),
    };

    return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
