/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Command lines that are refused, and how that is said: in one line, whatever the value.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"
#include "options_fixture.h"

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_long_value),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
