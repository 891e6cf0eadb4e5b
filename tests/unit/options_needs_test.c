/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys and expectations on the command line: what options need of each other, and what is
 * looked at before anything is sent.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/options.h"
#include "options_fixture.h"

#define PATH_SIZE sizeof(((struct sockaddr_un *)NULL)->sun_path)

static char key_file[] = "/tmp/options_needs_test.XXXXXX";

static int
make_key(void **state)
{
    static const char public_key[] =
        "ssh-ed25519 "
        "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f test\n";
    int fd = mkstemp(key_file);

    (void)state;
    if (fd < 0 || write(fd, public_key, sizeof(public_key) - 1) != sizeof(public_key) - 1)
        return -1;
    return close(fd);
}

static int
remove_key(void **state)
{
    (void)state;
    return unlink(key_file);
}

static int
no_agent(void **state)
{
    (void)state;
    return unsetenv("SSH_AUTH_SOCK") || unsetenv("UNSET") || setenv("PW", "secret", 1);
}

struct bad {
    const char *args[9];
    enum outcome outcome;
    const char *why;
};

static void
check_bad(const struct bad *rows, size_t count)
{
    struct command command;
    struct failure failure;

    for (size_t i = 0; i < count; i++) {
        bool good = parse(&command, &failure, rows[i].args);
        print_message("# row %zu: %s\n", i, good ? "good" : failure.message);
        options_free(&command);
        assert_false(good);
        assert_int_equal(failure.outcome, rows[i].outcome);
        assert_string_equal(failure.message, rows[i].why);
        assert_null(strstr(failure.message, "hunter2"));
        assert_null(strstr(failure.hint, "hunter2"));
    }
}

static void
test_bad(void **state)
{
    static const struct bad rows[] = {
        {{"h", "-i", ""}, OUTCOME_USAGE, "-i '': no file is named"},
        {{"h", "--identity=", "-mnone"}, OUTCOME_USAGE, "--identity '': no file is named"},
        {{"h", "-ikey"},
         OUTCOME_USAGE,
         "--identity: of no use without --methods, since only the methods are then listed"},
        {{"h", "--agent"},
         OUTCOME_USAGE,
         "--agent: of no use without --methods, since only the methods are then listed"},
        {{"h", "-mnone", "-ikey"},
         OUTCOME_USAGE,
         "--identity: of no use without publickey in --methods"},
        {{"h", "-mnone kbdint", "--agent"},
         OUTCOME_USAGE,
         "--agent: of no use without publickey in --methods"},
        {{"h", "--passphrase=env:PW"},
         OUTCOME_USAGE,
         "--passphrase: it belongs to the -i before it, and there is none"},
        {{"h", "--passphrase=env:PW", "-ikey"},
         OUTCOME_USAGE,
         "--passphrase: it belongs to the -i before it, and there is none"},
        {{"h", "-ikey", "--passphrase=env:PW", "--passphrase=env:PW"},
         OUTCOME_USAGE,
         "--passphrase: the -i before it has one already"},
        {{"h", "-ia", "--passphrase=env:PW", "-ib", "--passphrase=ask:", "--passphrase=ask:"},
         OUTCOME_USAGE,
         "--passphrase: the -i before it has one already"},
        {{"h", "-ikey", "--passphrase=hunter2"},
         OUTCOME_USAGE,
         "--passphrase: no source: one of env:NAME, file:PATH, fd:N, cmd:COMMAND, totp:PATH or "
         "ask: is meant"},
        {{"h", "-ikey", "--passphrase="},
         OUTCOME_USAGE,
         "--passphrase: no source: one of env:NAME, file:PATH, fd:N, cmd:COMMAND, totp:PATH or "
         "ask: is meant"},
        {{"h", "-ikey", "--passphrase=fd:hunter2"},
         OUTCOME_USAGE,
         "--passphrase: fd: takes the number of a descriptor"},
        {{"h", "-ikey", "--passphrase=ask:hunter2"},
         OUTCOME_USAGE,
         "--passphrase: ask: takes nothing behind it"},
        {{"h", "--expect-offered=password", "--expect-offered=password"},
         OUTCOME_USAGE,
         "--expect-offered: given twice, but the server's first list is only one"},
        {{"h", "--expect-offered=password,"},
         OUTCOME_USAGE,
         "--expect-offered '': there is no method before or behind a comma"},
        {{"h", "--forbid-offered="}, OUTCOME_USAGE, "--forbid-offered: the list is empty"},
        {{"h", "--forbid-offered=none"},
         OUTCOME_USAGE,
         "--forbid-offered 'none': no server lists this method"},
        {{"h", "--forbid-offered=publickey", "--forbid-offered=any"},
         OUTCOME_USAGE,
         "--forbid-offered 'any': 'any' is no method; name the methods"},
        {{"h", "--expect-offered=publickey,kbdint", "--forbid-offered=x,keyboard-interactive"},
         OUTCOME_USAGE,
         "--forbid-offered 'keyboard-interactive': --expect-offered expects it"},
    };

    (void)state;
    check_bad(rows, sizeof(rows) / sizeof(rows[0]));
}

/* publickey without a key, or with one that cannot be used. */
static void
test_no_key(void **state)
{
    static const struct bad rows[] = {
        {{"h", "-mpublickey"}, OUTCOME_USAGE, "publickey: no key is named: -i FILE or --agent"},
        {{"h", "-mnone none,publickey,kbdint"},
         OUTCOME_USAGE,
         "publickey: no key is named: -i FILE or --agent"},
        {{"u@h", "-mpublickey", "--agent"},
         OUTCOME_CREDENTIAL,
         "--agent: SSH_AUTH_SOCK does not name an agent's socket"},
        {{"u@h", "-mpublickey", "-i", key_file, "--agent"},
         OUTCOME_CREDENTIAL,
         "--agent: SSH_AUTH_SOCK does not name an agent's socket"},
        {{"u@h", "-mpublickey", "-i", key_file, "--passphrase=env:UNSET"},
         OUTCOME_CREDENTIAL,
         "env:UNSET: the variable is not set"},
        {{"u@h", "-mpublickey", "-i", key_file, "-i", key_file, "--passphrase=fd:77"},
         OUTCOME_CREDENTIAL,
         "fd:77: the descriptor is not open"},
        {{"h:0", "-mpublickey", "--agent"}, /* usage comes first */
         OUTCOME_USAGE,
         "target 'h:0': a port is a number from 1 to 65535"},
    };

    (void)state;
    check_bad(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
test_agent_path(void **state)
{
    static char path[PATH_SIZE + 1];
    struct command command;
    struct failure failure;

    (void)state;
    setenv("SSH_AUTH_SOCK", "", 1);
    assert_false(PARSE(&command, &failure, "u@h", "-mpublickey", "--agent"));
    assert_int_equal(failure.outcome, OUTCOME_CREDENTIAL);
    assert_non_null(strstr(failure.hint, "ssh-agent(1)"));
    options_free(&command);

    memset(path, 'x', PATH_SIZE);
    setenv("SSH_AUTH_SOCK", path, 1);
    assert_false(PARSE(&command, &failure, "u@h", "-mpublickey", "--agent"));
    assert_int_equal(failure.outcome, OUTCOME_CREDENTIAL);
    assert_string_equal(failure.message,
                        "--agent: SSH_AUTH_SOCK is longer than a socket's path can be");
    options_free(&command);

    path[PATH_SIZE - 1] = '\0';
    setenv("SSH_AUTH_SOCK", path, 1);
    assert_true(PARSE(&command, &failure, "u@h", "-mpublickey", "--agent"));
    assert_true(command.settings.agent);
    assert_int_equal(command.settings.identity_count, 0);
    options_free(&command);
}

static void
test_identities(void **state)
{
    struct command command;
    struct failure failure;

    (void)state;
    assert_true(PARSE(&command, &failure, "-i", key_file, "u@h", "--passphrase=env:PW",
                      "--identity", key_file, "-mnone publickey,publickey", "-i", key_file,
                      "--passphrase", "ask:"));
    assert_int_equal(command.settings.identity_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(command.settings.identities[i].file, key_file);
    assert_string_equal(command.settings.identities[0].passphrase->text, "env:PW");
    assert_null(command.settings.identities[1].passphrase);
    assert_true(source_asks(command.settings.identities[2].passphrase));
    assert_false(command.settings.agent);
    options_free(&command);
    assert_int_equal(command.settings.identity_count, 0);
    options_free(&command);
}

static void
test_offered(void **state)
{
    struct command command;
    struct failure failure;

    (void)state;
    assert_true(PARSE(&command, &failure, "u@h", "--expect-offered=kbdint,hostbased",
                      "--forbid-offered=password,x@y", "--forbid-offered", "gssapi,password"));
    assert_string_equal(command.settings.expect_offered, "keyboard-interactive,hostbased");
    assert_string_equal(command.settings.forbid_offered, "password,x@y,gssapi-with-mic");
    assert_int_equal(command.settings.expected, 0);
    options_free(&command);
    assert_null(command.settings.expect_offered);
    assert_null(command.settings.forbid_offered);

    assert_true(PARSE(&command, &failure, "u@h", "-mnone", "--expect-offered=password",
                      "--expect=failure"));
    assert_string_equal(command.settings.expect_offered, "password");
    assert_null(command.settings.forbid_offered);
    assert_int_equal(command.settings.expected, 1U << OUTCOME_FAILURE);
    options_free(&command);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_bad, no_agent),
        cmocka_unit_test_setup(test_no_key, no_agent),
        cmocka_unit_test_setup(test_agent_path, no_agent),
        cmocka_unit_test_setup(test_identities, no_agent),
        cmocka_unit_test(test_offered),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_key, remove_key);
}
