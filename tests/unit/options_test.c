/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Good command lines: the defaults, each option, options that are repeated, several targets.
 */
#include <config.h>

#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/options.h"
#include "options_fixture.h"
#include "util/deadline.h"

static void
test_defaults(void **state)
{
    struct passwd *local = getpwuid(getuid());
    struct command command;
    struct failure failure;

    (void)state;
    if (local == NULL)
        skip();
    assert_true(PARSE(&command, &failure, "host"));
    assert_false(failure_is_set(&failure));
    assert_int_equal(command.action, COMMAND_PROBE);
    assert_true(command.settings.timeout == 120 * DEADLINE_SECOND);
    assert_true(command.targets[0].route.connect_timeout == 10 * DEADLINE_SECOND);
    assert_int_equal(command.targets[0].route.family, AF_UNSPEC);
    assert_false(command.settings.delegate);
    assert_false(command.settings.no_trivial_auth);
    assert_false(command.settings.batch);
    assert_string_equal(command.targets[0].route.gssapi_host, command.targets[0].host);
    assert_int_equal(command.settings.identity_count, 0);
    assert_false(command.settings.agent);
    assert_null(command.settings.expect_offered);
    assert_null(command.settings.forbid_offered);
    assert_int_equal(command.targets[0].route.known_hosts_count, 0);
    assert_int_equal(command.targets[0].route.host_key, HOSTKEY_DEFAULT);
    assert_int_equal(command.settings.fingerprint_count, 0);
    assert_non_null(command.settings.rules);
    assert_int_equal(command.settings.expected, 0);
    assert_int_equal(command.chain_count, 1);
    assert_int_equal(command.chains[0].count, 0);
    assert_int_equal(command.style.verbose, 0);
    assert_false(command.style.quiet);
    assert_int_equal(command.style.color, COLOR_AUTO);
    assert_string_equal(command.style.format, "text");
    assert_int_equal(command.target_count, 1);
    assert_ptr_equal(command.targets[0].settings, &command.settings);
    assert_string_equal(command.targets[0].user, local->pw_name);
    assert_int_equal(command.targets[0].port, 22);
    options_free(&command);
    options_free(&command);
}

static void
test_all_options(void **state)
{
    struct command command;
    struct failure failure;

    (void)state;
    assert_true(PARSE(&command, &failure, "-6Kvqv", "--no-trivial-auth", "-Be",
                      "failure,timeout", "alice@host", "--gssapi-host=h.example",
                      "--known-hosts", "file", "--host-key=accept-new", "-t1.5",
                      "--connect-timeout=0.25", "-mnone", "--max-refused=1000000"));
    assert_int_equal(command.targets[0].route.family, AF_INET6);
    assert_true(command.settings.delegate);
    assert_true(command.settings.no_trivial_auth);
    assert_true(command.settings.batch);
    assert_int_equal(command.style.verbose, 2);
    assert_true(command.style.quiet);
    assert_int_equal(command.settings.expected, 1U << OUTCOME_FAILURE | 1U << OUTCOME_TIMEOUT);
    assert_string_equal(command.targets[0].route.gssapi_host, "h.example");
    assert_string_equal(command.targets[0].route.known_hosts[0], "file");
    assert_int_equal(command.targets[0].route.host_key, HOSTKEY_ACCEPT_NEW);
    assert_true(command.settings.timeout == 3 * DEADLINE_SECOND / 2);
    assert_true(command.targets[0].route.connect_timeout == DEADLINE_SECOND / 4);
    assert_int_equal(command.chain_count, 1);
    assert_int_equal(command.chains[0].count, 1);
    assert_int_equal(command.target_count, 1);
    options_free(&command);
}

/* What the target says beats -l and -p, wherever these stand. */
static void
test_targets(void **state)
{
    static const struct {
        const char *user, *host, *label;
        uint16_t port;
    } rows[] = {
        {"bob", "one", "bob@one", 2222},   {"alice", "two", "alice@two", 2222},
        {"bob", "::1", "bob@[::1]", 24},   {"a@B", "four", "a@B@four", 25},
        {"bob", "five", "bob@five", 2222},
    };
    struct command command;
    struct failure failure;

    (void)state;
    assert_true(PARSE(&command, &failure, "one", "-p", "1", "alice@two", "--login=bob",
                      "[::1]:24", "ssh://a%40B@four:25", "--port=2222", "--", "five"));
    assert_int_equal(command.target_count, sizeof(rows) / sizeof(rows[0]));
    for (size_t i = 0; i < command.target_count; i++) {
        assert_ptr_equal(command.targets[i].settings, &command.settings);
        assert_string_equal(command.targets[i].user, rows[i].user);
        assert_string_equal(command.targets[i].host, rows[i].host);
        assert_string_equal(command.targets[i].label, rows[i].label);
        assert_int_equal(command.targets[i].port, rows[i].port);
    }
    options_free(&command);
}

static void
test_repeated(void **state)
{
    struct command command;
    struct failure failure;

    (void)state;
    assert_true(PARSE(&command, &failure, "-64", "-e", "success", "-e", "failure", "-m",
                      "none kbdint", "-m", "kbdint,kbdint", "u@h"));
    assert_int_equal(command.targets[0].route.family, AF_INET);
    assert_int_equal(command.settings.expected, 1U << OUTCOME_FAILURE);
    assert_int_equal(command.chain_count, 3);
    assert_int_equal(command.chains[2].count, 2);
    options_free(&command);

    assert_true(PARSE(&command, &failure, "--fingerprint=SHA256:" HASH, "-h", "-p", "0"));
    assert_int_equal(command.action, COMMAND_HELP); /* at once: what comes later is not read */
    options_free(&command);

    assert_true(PARSE(&command, &failure, "--fingerprint=SHA256:" HASH, "--fingerprint",
                      "SHA256:" HASH "=", "u@h"));
    assert_int_equal(command.settings.fingerprint_count, 2);
    assert_string_equal(command.settings.fingerprints[0], "SHA256:" HASH);
    assert_string_equal(command.settings.fingerprints[1], "SHA256:" HASH);
    options_free(&command);
}

static void
test_choices(void **state)
{
    static const struct {
        const char *word;
        enum hostkey_mode host_key;
    } host_keys[] = {
        {"--host-key=strict", HOSTKEY_STRICT},
        {"--host-key=ask", HOSTKEY_ASK},
        {"--host-key=accept-new", HOSTKEY_ACCEPT_NEW},
        {"--host=off", HOSTKEY_OFF}, /* an abbreviation */
    };
    static const struct {
        const char *word;
        enum color_mode color;
    } colors[] = {
        {"--color=auto", COLOR_AUTO},
        {"--color=always", COLOR_ALWAYS},
        {"--color=never", COLOR_NEVER},
    };
    struct command command;
    struct failure failure;

    (void)state;
    for (size_t i = 0; i < sizeof(host_keys) / sizeof(host_keys[0]); i++) {
        assert_true(PARSE(&command, &failure, host_keys[i].word, "u@h"));
        assert_int_equal(command.targets[0].route.host_key, host_keys[i].host_key);
        options_free(&command);
    }
    for (size_t i = 0; i < sizeof(colors) / sizeof(colors[0]); i++) {
        assert_true(PARSE(&command, &failure, colors[i].word, "u@h"));
        assert_int_equal(command.style.color, colors[i].color);
        options_free(&command);
    }
    assert_true(PARSE(&command, &failure, "--form=text", "--format", "json", "u@h"));
    assert_string_equal(command.style.format, "json");
    options_free(&command);
}

/* No more at once than there are, unless a list may have any number. */
static void
test_many(void **state)
{
    struct command command;
    struct failure failure;

    (void)state;
    assert_true(PARSE(&command, &failure, "u@h"));
    assert_null(command.file);
    assert_int_equal(command.jobs, 1);
    assert_int_equal(command.per_address, 8);
    assert_false(command.settings.crowd);
    options_free(&command);

    assert_true(PARSE(&command, &failure, "u@h", "u@g", "--max-per-address=10000"));
    assert_int_equal(command.jobs, 2);
    assert_int_equal(command.per_address, 10000);
    assert_true(command.targets[1].settings->crowd);
    options_free(&command);

    assert_true(PARSE(&command, &failure, "u@h", "u@g", "u@i", "-j2"));
    assert_int_equal(command.jobs, 2);
    options_free(&command);

    assert_true(PARSE(&command, &failure, "u@h", "u@g", "-j1"));
    assert_false(command.settings.crowd);
    options_free(&command);

    /* what is missing may be in the lines, which are not read here */
    assert_true(PARSE(&command, &failure, "-f", "-", "-rx=ask:", "-K"));
    assert_string_equal(command.file, "-");
    assert_int_equal(command.jobs, 64);
    assert_int_equal(command.target_count, 0);
    assert_true(command.settings.crowd);
    options_free(&command);

    assert_true(PARSE(&command, &failure, "--file=hosts", "u@h", "-j", "1"));
    assert_string_equal(command.file, "hosts");
    assert_int_equal(command.jobs, 1);
    assert_false(command.settings.crowd);
    options_free(&command);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_all_options),
        cmocka_unit_test(test_targets),  cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_choices),  cmocka_unit_test(test_many),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
