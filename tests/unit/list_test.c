/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of methods, of names and of outcomes, good and bad.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/method.h"
#include "cli/list.h"

/* The chains as text again: "a,b c". */
static void
write_chains(char *out, size_t size, const struct chain_list *list)
{
    size_t len = 0;

    *out = '\0';
    for (size_t i = 0; i < list->count; i++) {
        for (size_t k = 0; k < list->chains[i].count; k++) {
            const char *before = k > 0 ? "," : i > 0 ? " " : "";
            len += (size_t)snprintf(out + len, size - len, "%s%s", before,
                                    list->chains[i].steps[k]->name);
        }
        assert_true(len < size);
    }
}

static void
test_chains(void **state)
{
    static const struct {
        const char *text, *chains;
    } rows[] = {
        {"none", "none"},
        {"kbdint", "keyboard-interactive"},
        {"keyboard-interactive", "keyboard-interactive"},
        {"none,kbdint", "none,keyboard-interactive"},
        {"none kbdint", "none keyboard-interactive"},
        {"kbdint,kbdint", "keyboard-interactive,keyboard-interactive"},
        {"kbdint kbdint", "keyboard-interactive keyboard-interactive"},
        {" \t none,kbdint \n  none ", "none,keyboard-interactive none"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct failure failure = FAILURE_INIT;
        struct chain_list list = {.chains = NULL};
        char chains[256];
        assert_true(list_add_chains(&list, "-m", rows[i].text, &failure));
        assert_false(failure_is_set(&failure));
        write_chains(chains, sizeof(chains), &list);
        assert_string_equal(chains, rows[i].chains);
        list_free(&list);
        assert_null(list.chains);
        assert_int_equal(list.count, 0);
    }
}

static void
test_repeated(void **state)
{
    struct failure failure = FAILURE_INIT;
    struct chain_list list = {.chains = NULL};
    char chains[256];

    (void)state;
    assert_true(list_add_chains(&list, "-m", "none kbdint", &failure));
    assert_true(list_add_chains(&list, "-m", "none,none", &failure));
    write_chains(chains, sizeof(chains), &list);
    assert_string_equal(chains, "none keyboard-interactive none,none");
    assert_false(list_add_chains(&list, "-m", "none,", &failure));
    list_free(&list);

    assert_true(list_add_listing(&list));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.chains[0].count, 0);
    list_free(&list);
    list_free(&list);
}

static void
test_bad_chains(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "the list is empty"},
        {" \t\n", "the list is empty"},
        {",", "no method before or behind a comma"},
        {",none", "no method before or behind a comma"},
        {"none,", "no method before or behind a comma"},
        {"none,,none", "no method before or behind a comma"},
        {"none, none", "no method before or behind a comma"},
        {"hostbased", "--methods 'hostbased': no such method"},
        {"none,hostbased", "'hostbased': no such method"},
        {"None", "'None': no such method"},
        {"non", "'non': no such method"},
        {"nonee", "'nonee': no such method"},
        {"none\x1b[m", "'none\\x1B[m': no such method"},
        {"any", "name the methods"},
        {"keyboard-interactive:pam", "name the method without it"},
        {"none none,keyboard-interactive:", "name the method without it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct failure failure = FAILURE_INIT;
        struct chain_list list = {.chains = NULL};
        assert_false(list_add_chains(&list, "--methods", rows[i].text, &failure));
        print_message("# %s\n", failure.message);
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
        assert_int_equal(strncmp(failure.message, "--methods", 9), 0);
        assert_non_null(strstr(failure.message, rows[i].why));
        assert_non_null(strstr(failure.hint, "keyboard-interactive (kbdint)"));
        list_free(&list);
    }
}

static void
test_gssapi(void **state)
{
    struct failure failure = FAILURE_INIT;
    struct chain_list list = {.chains = NULL};

    (void)state;
#ifdef HAVE_GSSAPI
    assert_true(list_add_chains(&list, "-m", "gssapi gssapi-with-mic", &failure));
    assert_string_equal(list.chains[0].steps[0]->name, "gssapi-with-mic");
    assert_ptr_equal(list.chains[0].steps[0], list.chains[1].steps[0]);
#else
    assert_false(list_add_chains(&list, "-m", "gssapi", &failure));
    assert_non_null(strstr(failure.message, "built without GSSAPI"));
#endif
    list_free(&list);
}

/* `count` times the word, with the separator between. */
static void
repeat(char *out, const char *word, char separator, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out = stpcpy(out, word);
        *out++ = separator;
    }
    out[-1] = '\0';
}

static void
test_limits(void **state)
{
    static const struct {
        char separator;
        size_t count;
        bool good;
    } rows[] = {
        {',', LIST_STEPS_MAX, true},
        {',', LIST_STEPS_MAX + 1, false},
        {' ', LIST_CHAINS_MAX, true},
        {' ', LIST_CHAINS_MAX + 1, false},
    };
    char text[5 * (LIST_CHAINS_MAX + 2)];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct failure failure = FAILURE_INIT;
        struct chain_list list = {.chains = NULL};
        repeat(text, "none", rows[i].separator, rows[i].count);
        assert_int_equal(list_add_chains(&list, "-m", text, &failure), rows[i].good);
        assert_int_equal(failure_is_set(&failure), !rows[i].good);
        if (!rows[i].good)
            assert_non_null(strstr(failure.message, "too long"));
        list_free(&list);
    }
}

static void
test_known(void **state)
{
    char known[256], cut[8];

    (void)state;
    assert_non_null(strstr(list_known_methods(known, sizeof(known)), "none, "));
    assert_non_null(strstr(known, "keyboard-interactive (kbdint)"));
    assert_int_equal(strlen(list_known_methods(cut, sizeof(cut))), sizeof(cut) - 1);
}

#define X16      "xxxxxxxxxxxxxxxx"
#define LONGEST  X16 X16 X16 X16
#define TOO_LONG LONGEST "x"

/* Any name that a server may list; aliases become the names on the wire in every build. */
static void
test_names(void **state)
{
    static const struct {
        const char *text, *names;
    } rows[] = {
        {"password", "password"},
        {"publickey,password", "publickey,password"},
        {"kbdint", "keyboard-interactive"},
        {"password,kbdint,gssapi", "password,keyboard-interactive,gssapi-with-mic"},
        {"hostbased,gssapi-keyex", "hostbased,gssapi-keyex"},
        {"Password,password", "Password,password"},
        {"method@vendor.example,a:b@c", "method@vendor.example,a:b@c"},
        {"!~", "!~"},
        {LONGEST, LONGEST},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct failure failure = FAILURE_INIT;
        char *names = list_names("--expect-offered", rows[i].text, &failure);
        print_message("# %s: %s\n", rows[i].text, failure.message);
        assert_non_null(names);
        assert_false(failure_is_set(&failure));
        assert_string_equal(names, rows[i].names);
        free(names);
    }
}

static void
test_bad_names(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "--forbid-offered: the list is empty"},
        {",", "--forbid-offered '': there is no method before or behind a comma"},
        {"password,", "'': there is no method"},
        {",password", "'': there is no method"},
        {"password,,publickey", "'': there is no method"},
        {"password,password", "'password': named twice"},
        {"keyboard-interactive,kbdint", "'kbdint': named twice"},
        {"gssapi,gssapi-with-mic", "'gssapi-with-mic': named twice"},
        {"none", "'none': no server lists"},
        {"password,none", "'none': no server lists"},
        {"any", "'any' is no method"},
        {"keyboard-interactive:pam", "'keyboard-interactive:pam': the server alone"},
        {":", "':': the server alone"},
        {" ", "' ': a method's name is printable"},
        {"password, publickey", "' publickey': a method's name is printable"},
        {"password publickey", "without blanks"},
        {"pass\x1b[mword", "'pass\\x1B[mword': a method's name"},
        {"password\x7f", "a method's name is printable"},
        {"p\xc3\xa4ssword", "a method's name is printable"},
        {"password\n", "'password\\n': a method's name"},
        {"@vendor", "NAME@DOMAIN"},
        {"method@", "NAME@DOMAIN"},
        {"@", "NAME@DOMAIN"},
        {"a@b@c", "NAME@DOMAIN"},
        {TOO_LONG, "at most 64 characters"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct failure failure = FAILURE_INIT;
        assert_null(list_names("--forbid-offered", rows[i].text, &failure));
        print_message("# %s\n", failure.message);
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
        assert_int_equal(strncmp(failure.message, "--forbid-offered", 16), 0);
        assert_non_null(strstr(failure.message, rows[i].why));
    }
}

static void
test_name_count(void **state)
{
    char text[8 * (LIST_NAMES_MAX + 1)];

    (void)state;
    for (size_t count = LIST_NAMES_MAX; count <= LIST_NAMES_MAX + 1; count++) {
        struct failure failure = FAILURE_INIT;
        size_t len = 0;
        for (size_t i = 0; i < count; i++)
            len +=
                (size_t)snprintf(text + len, sizeof(text) - len, "%sm%zu", i > 0 ? "," : "", i);
        char *names = list_names("--expect-offered", text, &failure);
        if (count == LIST_NAMES_MAX)
            assert_string_equal(names, text);
        else
            assert_null(names);
        assert_int_equal(failure_is_set(&failure), count > LIST_NAMES_MAX);
        free(names);
    }
}

static outcome_set
bit(enum outcome outcome)
{
    return (outcome_set)1 << outcome;
}

static void
test_outcomes(void **state)
{
    outcome_set set;

    (void)state;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        struct failure failure = FAILURE_INIT;
        enum outcome outcome = (enum outcome)i;
        bool good = list_outcomes(&set, "-e", outcome_word(outcome), &failure);
        assert_int_equal(good, outcome_expectable(outcome));
        if (good)
            assert_int_equal(set, bit(outcome));
        else
            assert_non_null(strstr(failure.message, "cannot be expected"));
    }

    struct failure failure = FAILURE_INIT;
    assert_true(list_outcomes(&set, "-e", "success,partial-success,success", &failure));
    assert_int_equal(set, bit(OUTCOME_SUCCESS) | bit(OUTCOME_PARTIAL_SUCCESS));
}

/* Each two of them, in a list, in both orders. */
static void
test_pairs(void **state)
{
    char text[64];
    outcome_set set;

    (void)state;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        for (int j = 0; j < OUTCOME_COUNT; j++) {
            struct failure failure = FAILURE_INIT;
            snprintf(text, sizeof(text), "%s,%s", outcome_word((enum outcome)i),
                     outcome_word((enum outcome)j));
            bool good =
                outcome_expectable((enum outcome)i) && outcome_expectable((enum outcome)j);
            assert_int_equal(list_outcomes(&set, "-e", text, &failure), good);
            if (good)
                assert_int_equal(set, bit((enum outcome)i) | bit((enum outcome)j));
        }
    }
}

static void
test_bad_outcomes(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "an outcome is missing"},
        {",", "an outcome is missing"},
        {"success,", "an outcome is missing"},
        {",success", "an outcome is missing"},
        {"success,,failure", "an outcome is missing"},
        {"Success", "'Success': no such outcome"},
        {"success failure", "'success failure': no such outcome"},
        {"success, failure", "' failure': no such outcome"},
        {"succes", "'succes': no such outcome"},
        {"0", "'0': no such outcome"},
        {"usage", "'usage': this outcome cannot be expected"},
        {"success,internal", "'internal': this outcome cannot be expected"},
        {"unexpected", "cannot be expected"},
        {"interrupted", "cannot be expected"},
    };
    outcome_set set;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct failure failure = FAILURE_INIT;
        assert_false(list_outcomes(&set, "--expect", rows[i].text, &failure));
        assert_int_equal(failure.outcome, OUTCOME_USAGE);
        assert_non_null(strstr(failure.message, rows[i].why));
        assert_non_null(strstr(failure.hint, "success, listed, "));
        assert_non_null(strstr(failure.hint, "key-acceptable")); /* none was cut off */
        assert_null(strstr(failure.hint, "usage"));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chains),     cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_bad_chains), cmocka_unit_test(test_gssapi),
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_known),
        cmocka_unit_test(test_names),      cmocka_unit_test(test_bad_names),
        cmocka_unit_test(test_name_count), cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_pairs),      cmocka_unit_test(test_bad_outcomes),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
