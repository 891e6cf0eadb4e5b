/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Command lines, good and bad; --help and --version.
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

#include "cli/options.h"
#include "options_fixture.h"
#include "util/deadline.h"

#define HASH "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

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

static void
test_bad(void **state)
{
    static const struct {
        const char *args[4], *why;
    } rows[] = {
        {{NULL}, "no target: "},
        {{"-v"}, "no target: "},
        {{"--"}, "no target: "},
        {{""}, "target '': the host is empty"},
        {{"h", "-x"}, "-x: no such option"},
        {{"h", "-vx"}, "-x: no such option"},
        {{"h", "-\xff"}, "-\\xFF: no such option"},
        {{"h", "-:"}, "-:: no such option"},
        {{"h", "--nonsense"}, "--nonsense: no such option"},
        {{"h", "--non\nsense=x"}, "--non\\nsense: no such option"},
        {{"h", "--=x"}, "--: "},
        {{"h", "--verbose"}, "--verbose: no such option"},
        {{"h", "--co"}, "--co: more than one option begins so"},
        {{"h", "--h=x"}, "--h: more than one option begins so"},
        {{"h", "--batch=x"}, "--batch: it takes no argument"},
        {{"h", "-p"}, "-p: its argument is missing: PORT"},
        {{"h", "--port"}, "--port: its argument is missing: PORT"},
        {{"h", "--fing"}, "--fingerprint: its argument is missing: SHA256:..."},
        {{"h", "-p", ""}, "-p '': a port is a number from 1 to 65535"},
        {{"h", "-p0"}, "-p '0': a port"},
        {{"h", "-p65536"}, "-p '65536': a port"},
        {{"h", "--port=22x"}, "--port '22x': a port"},
        {{"h", "-p 22"}, "-p ' 22': a port"},
        {{"h", "-p+22"}, "-p '+22': a port"},
        {{"h", "-p-22"}, "-p '-22': a port"},
        {{"h", "-p0x16"}, "-p '0x16': a port"},
        {{"h", "-t0"}, "-t '0': a limit"},
        {{"h", "-t-1"}, "-t '-1': a limit"},
        {{"h", "--timeout=inf"}, "--timeout 'inf': a limit"},
        {{"h", "--connect-timeout=1,5"}, "--connect-timeout '1,5': a limit"},
        {{"h", "-l", ""}, "-l '': the user is empty"},
        {{"h", "-l-x"}, "-l '-x': a user cannot begin with '-'"},
        {{"h", "-l", "a\nb"}, "-l 'a\\nb': there is a control character"},
        {{"h", "-m", ""}, "-m: the list is empty"},
        {{"h", "--methods=none,"}, "--methods: there is no method"},
        {{"h", "-mnope"}, "-m 'nope': no such method"},
        {{"h", "-e", ""}, "-e '': an outcome is missing"},
        {{"h", "-eusage"}, "-e 'usage': this outcome cannot be expected"},
        {{"h", "-eno"}, "-e 'no': no such outcome"},
        {{"h", "--gssapi-host="}, "--gssapi-host '': the host is empty"},
        {{"h", "--gssapi-host=a@b"}, "--gssapi-host 'a@b': there is a character"},
        {{"h", "--gssapi-host=-a"}, "--gssapi-host '-a': a host cannot begin"},
        {{"h", "--known-hosts="}, "--known-hosts '': no file is named"},
        {{"h", "--host-key="}, "--host-key '': not one of strict|ask|accept-new|off"},
        {{"h", "--host-key=no"}, "--host-key 'no': not one of"},
        {{"h", "--host-key=strict|ask"}, "--host-key 'strict|ask': not one of"},
        {{"h", "--host-key=stric"}, "--host-key 'stric': not one of"},
        {{"h", "--host-key=Strict"}, "--host-key 'Strict': not one of"},
        {{"h", "--format=xml"}, "--format 'xml': not one of text|json"},
        {{"h", "--format="}, "--format '': not one of text|json"},
        {{"h", "--color=yes"}, "--color 'yes': not one of auto|always|never"},
        {{"h", "--fingerprint="}, "--fingerprint '': a fingerprint begins with 'SHA256:'"},
        {{"h", "--fingerprint=" HASH}, "a fingerprint begins with 'SHA256:'"},
        {{"h", "--fingerprint=MD5:00:11"}, "MD5 fingerprints"},
        {{"h", "-mnone", "--max-refused=0"}, "--max-refused '0': a number from 1 to 1000000"},
        {{"h", "-mnone", "--max-refused=1000001"}, "--max-refused '1000001': a number from 1"},
        {{"h", "-mnone", "--respond-file=/nonexistent/x"},
         "--respond-file /nonexistent/x: No such"},
        {{"h", "-mnone", "-rnothing"}, ""}, /* in the words of ask/respond.c */
        {{"h", "-rx=env:HOME"}, "--respond: of no use without --methods"},
        {{"h", "--respond-file=/dev/null"}, "--respond-file: of no use without --methods"},
        {{"h", "-K"}, "--delegate: of no use without --methods"},
        {{"h", "--gssapi-host=h"}, "--gssapi-host: of no use without --methods"},
        {{"h", "--gssapi-client=a"}, "--gssapi-client: of no use without --methods"},
        {{"h", "--ccache=c"}, "--ccache: of no use without --methods"},
        {{"h", "--keytab=k"}, "--keytab: of no use without --methods"},
        {{"h", "--require-delegation"}, "--require-delegation: of no use without --methods"},
        {{"h", "-mnone", "--gssapi-client=a"},
         "--gssapi-client: of no use without gssapi-with"},
        {{"h", "-mnone", "--ccache=c"}, "--ccache: of no use without gssapi-with-mic in"},
        {{"h", "-mnone", "--keytab=k"}, "--keytab: of no use without gssapi-with-mic in"},
        {{"h", "-mnone", "-K", "--require-delegation"},
         "--require-delegation: of no use without"},
        {{"h", "-mnone", "--gssapi-client="}, "--gssapi-client '': no principal is named"},
        {{"h", "-mnone", "--ccache="}, "--ccache '': no cache is named"},
        {{"h", "-mnone", "--keytab="}, "--keytab '': no file is named"},
        {{"u@good", "bad:0"}, "target 'bad:0': a port"},
        {{"u@good", "--", "-h"}, "target '-h': a host cannot begin with '-'"},
        {{"-x", "--help"}, "-x: no such option"},
        {{"h", "-f", ""}, "-f '': no file is named"},
        {{"-fa", "--file=a"}, "--file: given twice, but only one list is read"},
        {{"-f-", "-mnone", "-rx=fd:0"}, "fd:0: standard input is the list"},
        {{"-f-", "-rx=ask:", "-rx=fd:0"}, "fd:0: standard input is the list"},
        {{"-f-", "-ikey", "--passphrase=fd:0"}, "fd:0: standard input is the list"},
        {{"-fa", "-Jx", "-by"}, "--bind: not together with --jump"},
        {{"-fa", "h", "-K"}, "--delegate: of no use without --methods"},
        {{"h", "-j0"}, "-j '0': a number from 1 to 10000 is meant"},
        {{"h", "--jobs=10001"}, "--jobs '10001': a number from 1 to 10000 is meant"},
        {{"h", "-j", "x"}, "-j 'x': a number from 1 to 10000 is meant"},
        {{"h", "--max-per-address=0"}, "--max-per-address '0': a number from 1 to 10000"},
        {{"-p0", "-V"}, "-p '0'"},
    };
    struct command command;
    struct failure failure;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool good = parse(&command, &failure, rows[i].args);
        print_message("# row %zu: %s\n", i, good ? "good" : failure.message);
        options_free(&command);
        assert_false(good);
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
        assert_non_null(strstr(failure.message, rows[i].why));
        assert_null(strpbrk(failure.message, "\n\t"));
    }
}

/* Each row of options.def is one of the parser's, too. */
static void
test_rows(void **state)
{
    static const struct {
        char letter;
        const char *name, *argument;
    } rows[] = {
#define OPTION(symbol, letter, name, argument, section, text) {letter, name, argument},
#include "cli/options.def"
#undef OPTION
    };
    struct command command;
    struct failure failure;
    char word[64];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(word, sizeof(word), "-%c", rows[i].letter);
        if (rows[i].name != NULL)
            snprintf(word, sizeof(word), "--%s%s", rows[i].name,
                     rows[i].argument != NULL ? "=" : "");
        if (!PARSE(&command, &failure, word, "u@h"))
            assert_int_equal(failure.outcome, OUTCOME_USAGE);
        options_free(&command);
    }
}

/* A value of any length gives one bounded line. */
static void
test_long_value(void **state)
{
    static char value[100000];
    struct command command;
    struct failure failure;

    (void)state;
    memset(value, 'x', sizeof(value) - 1);
    static const char *const options[] = {"-p",
                                          "-t",
                                          "-l",
                                          "-m",
                                          "-e",
                                          "--host-key",
                                          "--color",
                                          "--format",
                                          "--fingerprint",
                                          "--gssapi-host",
                                          "--expect-offered",
                                          "--forbid-offered"};
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        assert_false(PARSE(&command, &failure, options[i], value, "u@h"));
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
        assert_non_null(strstr(failure.message, "...'"));
        options_free(&command);
    }
    assert_false(PARSE(&command, &failure, value));
    assert_non_null(strstr(failure.message, "...': the host is longer"));
    options_free(&command);
}

/* No option of its own, and none of the lines, is too wide; each row and each outcome is there.
 */
static void
test_help(void **state)
{
    static const struct {
        char letter;
        const char *name;
    } rows[] = {
#define OPTION(symbol, letter, name, argument, section, text) {letter, name},
#include "cli/options.def"
#undef OPTION
    };
    char *help = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&help, &size);
    char word[64];

    (void)state;
    assert_non_null(out);
    options_print(COMMAND_HELP, out);
    assert_int_equal(fclose(out), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(word, sizeof(word), rows[i].name == NULL ? "\n  -%c " : "\n  -%c, --%s",
                 rows[i].letter, rows[i].name);
        if (rows[i].letter == 0)
            snprintf(word, sizeof(word), "\n      --%s", rows[i].name);
        print_message("# %s\n", word + 1);
        assert_non_null(strstr(help, word));
    }
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        snprintf(word, sizeof(word), "\n  %3d  %s ", outcome_status((enum outcome)i),
                 outcome_word((enum outcome)i));
        assert_non_null(strstr(help, word));
    }
    for (char *line = strtok(help, "\n"); line != NULL; line = strtok(NULL, "\n"))
        assert_true(strlen(line) < 80 && line[strlen(line) - 1] != ' ');
    free(help);
}

static void
test_version(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_non_null(out);
    options_print(COMMAND_VERSION, out);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(strncmp(text, PACKAGE_STRING "\n", sizeof(PACKAGE_STRING)), 0);
    assert_non_null(strstr(text, "GPLv3+"));
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_all_options),
        cmocka_unit_test(test_targets),  cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_choices),  cmocka_unit_test(test_bad),
        cmocka_unit_test(test_many),     cmocka_unit_test(test_rows),

        cmocka_unit_test(test_help),     cmocka_unit_test(test_long_value),
        cmocka_unit_test(test_version),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
