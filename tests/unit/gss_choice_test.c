/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is found out about a keytab, a cache and a principal's name before anybody is asked; and
 * that an exchange leaves no cache behind. No KDC runs: krb5.conf names a port that is closed.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <krb5.h>

#include "gss/internal.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static char folder[] = "/tmp/gss-choice-test.XXXXXX";
static krb5_context krb5;

static void
write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void
add_key(const char *name, const char *client)
{
    krb5_keytab keytab;
    krb5_keytab_entry entry = {.vno = 1};

    assert_int_equal(krb5_kt_resolve(krb5, name, &keytab), 0);
    assert_int_equal(krb5_parse_name(krb5, client, &entry.principal), 0);
    assert_int_equal(krb5_c_make_random_key(krb5, ENCTYPE_AES256_CTS_HMAC_SHA1_96, &entry.key),
                     0);
    assert_int_equal(krb5_kt_add_entry(krb5, keytab, &entry), 0);
    krb5_free_keytab_entry_contents(krb5, &entry);
    krb5_kt_close(krb5, keytab);
}

static void
make_cache(const char *name, const char *client)
{
    krb5_ccache cache;
    krb5_principal principal;

    assert_int_equal(krb5_cc_resolve(krb5, name, &cache), 0);
    assert_int_equal(krb5_parse_name(krb5, client, &principal), 0);
    assert_int_equal(krb5_cc_initialize(krb5, cache, principal), 0);
    krb5_free_principal(krb5, principal);
    krb5_cc_close(krb5, cache);
}

static int
set_up(void **state)
{
    struct failure failure = FAILURE_INIT;

    (void)state;
    umask(077);
    if (!mkdtemp(folder) || chdir(folder) != 0 || !gss_library_load(&failure))
        return 1;
    write_file("krb5.conf", "[libdefaults]\n default_realm = EXAMPLE.TEST\n"
                            " dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n"
                            "[realms]\n EXAMPLE.TEST = {\n kdc = 127.0.0.1:1\n }\n"
                            "[domain_realm]\n .example.test = EXAMPLE.TEST\n");
    setenv("KRB5_CONFIG", "krb5.conf", 1);
    setenv("KRB5CCNAME", "FILE:default", 1);
    setenv("KRB5_CLIENT_KTNAME", "FILE:no-client-keytab", 1);
    if (krb5_init_context(&krb5))
        return 1;
    add_key("keys", "alice");
    add_key("keys", "bob");
    add_key("open", "alice");
    chmod("open", 0644);
    add_key("group", "alice");
    chmod("group", 0640);
    write_file("garbage", "this is neither\n");
    write_file("nothing", "");
    mkfifo("fifo", 0600);
    make_cache("FILE:cache", "alice");
    mkdir("collection", 0700);
    make_cache("DIR::collection/tkt1", "alice");
    make_cache("DIR::collection/tkt2", "bob");
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    krb5_free_context(krb5);
    return chdir("/") != 0 || execlp("rm", "rm", "-rf", folder, (char *)NULL);
}

static void
test_good(void **state)
{
    static const struct gss_choice rows[] = {
        {.client = NULL},
        {.client = "alice"},
        {.client = "host/server.example.test@ELSEWHERE.TEST"},
        {.client = "nobody-has-a-ticket-for-her"}, /* a client keytab might */
        {.keytab = "keys"},
        {.keytab = "FILE:keys"},
        {.keytab = "keys", .client = "alice"},
        {.keytab = "keys", .client = "bob@EXAMPLE.TEST"},
        {.ccache = "cache"},
        {.ccache = "FILE:cache", .client = "alice"},
        {.ccache = "DIR::collection/tkt2", .client = "bob"},
        {.ccache = "DIR:collection", .client = "alice"},
        {.ccache = "DIR:collection", .client = "bob"},
    };

    (void)state;
    write_file("collection/primary", "tkt1\n");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct failure failure = FAILURE_INIT;
        bool good = gss_choice_check(&rows[i], &failure);
        print_message("# row %zu: %s\n", i, good ? "good" : failure.message);
        assert_true(good);
        assert_false(failure_is_set(&failure));
    }
    assert_int_not_equal(access("default", F_OK), 0);
}

static void
test_bad(void **state)
{
    static const struct {
        struct gss_choice choice;
        enum outcome outcome;
        const char *what, *why;
    } rows[] = {
        {{.keytab = "missing"}, OUTCOME_CREDENTIAL, "--keytab missing: ", "No such file"},
        {{.keytab = "FILE:/x/y"}, OUTCOME_CREDENTIAL, "--keytab FILE:/x/y: ", "No such file"},
        {{.keytab = "open"}, OUTCOME_CREDENTIAL, "--keytab open: ", "(mode 0644)"},
        {{.keytab = "FILE:open"}, OUTCOME_CREDENTIAL, "--keytab FILE:open: ", "(mode 0644)"},
        {{.keytab = "group"}, OUTCOME_CREDENTIAL, "--keytab group: ", "(mode 0640)"},
        {{.keytab = "garbage"}, OUTCOME_CREDENTIAL, "--keytab garbage: ", "format version"},
        {{.keytab = "nothing"}, OUTCOME_CREDENTIAL, "--keytab nothing: ", ""},
        {{.keytab = "fifo"}, OUTCOME_CREDENTIAL, "--keytab fifo: ", "not a regular file"},
        {{.keytab = "."}, OUTCOME_CREDENTIAL, "--keytab .: ", "not a regular file"},
        {{.keytab = "NONE:x"}, OUTCOME_CREDENTIAL, "--keytab NONE:x: ", "Unknown"},
        {{.keytab = "MEMORY:x"}, OUTCOME_CREDENTIAL, "--keytab MEMORY:x: ", "no key in it"},
        {{.keytab = "keys", .client = "carol"},
         OUTCOME_CREDENTIAL,
         "--keytab keys: ",
         "no key for carol@EXAMPLE.TEST"},
        {{.keytab = "keys", .client = "alice@ELSEWHERE.TEST"},
         OUTCOME_CREDENTIAL,
         "--keytab keys: ",
         "no key for alice@ELSEWHERE.TEST"},
        {{.keytab = "k\033[2J"}, OUTCOME_CREDENTIAL, "--keytab k\\x1B[2J: ", "No such file"},
        {{.ccache = "missing"}, OUTCOME_CREDENTIAL, "--ccache missing: ", "No such file"},
        {{.ccache = "garbage"}, OUTCOME_CREDENTIAL, "--ccache garbage: ", "format version"},
        {{.ccache = "nothing"}, OUTCOME_CREDENTIAL, "--ccache nothing: ", "format"},
        {{.ccache = "fifo"}, OUTCOME_CREDENTIAL, "--ccache fifo: ", "not a regular file"},
        {{.ccache = "NONE:x"}, OUTCOME_CREDENTIAL, "--ccache NONE:x: ", "Unknown"},
        {{.ccache = "MEMORY:x"}, OUTCOME_CREDENTIAL, "--ccache MEMORY:x: ", "No credentials"},
        {{.ccache = "DIR:no-folder"},
         OUTCOME_CREDENTIAL,
         "--ccache DIR:no-folder: ",
         "No such"},
        {{.ccache = "cache", .client = "bob"},
         OUTCOME_CREDENTIAL,
         "--ccache cache: ",
         "bob@EXAMPLE.TEST"},
        {{.ccache = "DIR:collection", .client = "carol"},
         OUTCOME_CREDENTIAL,
         "--ccache DIR:collection: ",
         "carol@EXAMPLE.TEST"},
        {{.client = "a@b@c"}, OUTCOME_USAGE, "--gssapi-client 'a@b@c': ", "Malformed"},
        {{.keytab = "keys", .client = "a\n\\"},
         OUTCOME_USAGE,
         "--gssapi-client 'a\\n\\': ",
         ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct failure failure = FAILURE_INIT;
        bool good = gss_choice_check(&rows[i].choice, &failure);
        print_message("# row %zu: %s\n", i, good ? "good" : failure.message);
        assert_false(good);
        assert_int_equal(failure.outcome, rows[i].outcome);
        assert_ptr_equal(strstr(failure.message, rows[i].what), failure.message);
        assert_non_null(strstr(failure.message + strlen(rows[i].what), rows[i].why));
        assert_null(strpbrk(failure.message, "\n\t\033"));
    }
    assert_int_not_equal(access("no-folder", F_OK), 0);
}

/* Whether the cache in memory that belongs to an exchange has a principal. */
static bool
memory_cache_exists(const char *name)
{
    krb5_ccache cache;
    krb5_principal principal = NULL;

    assert_int_equal(krb5_cc_resolve(krb5, name, &cache), 0);
    krb5_error_code code = krb5_cc_get_principal(krb5, cache, &principal);
    assert_true(code == 0 || code == KRB5_FCC_NOFILE);
    krb5_free_principal(krb5, principal);
    krb5_cc_close(krb5, cache);
    return code == 0;
}

static struct gss_exchange *
exchange_for(const struct gss_choice *choice)
{
    static const char host[] = "server.example.test";
    struct gss_exchange *exchange = gss_exchange_new(host, sizeof host - 1, false, choice);

    assert_non_null(exchange);
    return exchange;
}

/* The KDC that does not answer leaves the cache empty: here it is filled in its place. */
static void
test_exchange_leaves_no_cache(void **state)
{
    char keytab[] = "keys", client[] = "bob";
    struct gss_choice choice = {.keytab = keytab, .client = client};
    struct gss_exchange *exchange = exchange_for(&choice);
    struct gss_exchange *other = exchange_for(&choice);

    (void)state;
    memset(keytab, 'x', sizeof keytab - 1); /* it was copied */
    memset(client, 'x', sizeof client - 1);
    gss_exchange_step(exchange);
    gss_exchange_step(other);
    assert_true(gss_exchange_failed(exchange));
    assert_int_equal(gss_exchange_failure(exchange)->outcome, OUTCOME_GSSAPI_FAILURE);
    assert_non_null(strstr(gss_exchange_failure(exchange)->message, "KDC"));
    assert_string_equal(gss_exchange_record(exchange)->client, "bob@EXAMPLE.TEST");
    char *name = strdup(exchange->cache), *other_name = strdup(other->cache);
    assert_true(name && other_name && strcmp(name, other_name) != 0);
    assert_int_equal(strncmp(name, "MEMORY:", strlen("MEMORY:")), 0);
    make_cache(name, "bob");
    make_cache(other_name, "bob");
    assert_true(memory_cache_exists(name));
    gss_exchange_free(exchange);
    assert_false(memory_cache_exists(name));
    assert_true(memory_cache_exists(other_name));
    gss_exchange_free(other);
    assert_false(memory_cache_exists(other_name));
    free(name);
    free(other_name);
    assert_int_not_equal(access("default", F_OK), 0);
}

/* What the check found good may be gone when it is used. */
static void
test_exchange_looks_again(void **state)
{
    struct gss_choice choice = {.keytab = "open"};
    struct gss_exchange *exchange = exchange_for(&choice);

    (void)state;
    gss_exchange_step(exchange);
    assert_true(gss_exchange_failed(exchange));
    assert_int_equal(gss_exchange_failure(exchange)->outcome, OUTCOME_CREDENTIAL);
    assert_non_null(strstr(gss_exchange_failure(exchange)->message, "--keytab open: "));
    gss_exchange_free(exchange);

    exchange = exchange_for(NULL);
    gss_exchange_step(exchange);
    assert_int_equal(gss_exchange_failure(exchange)->outcome, OUTCOME_GSSAPI_FAILURE);
    gss_exchange_free(exchange);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_exchange_leaves_no_cache),
        cmocka_unit_test(test_exchange_looks_again),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
