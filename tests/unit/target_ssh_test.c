/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Targets against the ssh that is installed: `ssh -G -F none -- TEXT` prints the user, host and
 * port that it makes of the text. A row that differs from ssh says why, and one that says so
 * and no longer differs is an error as well: an ssh to come that parses otherwise is noticed.
 * No names are resolved.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/target.h"
#include "ssh_fixture.h"
#include "util/escape.h"

/* `host` NULL: refused by us. */
struct row {
    const char *text, *user, *host;
    uint16_t port;   /* 0: not named */
    const char *why; /* one of the two refuses, or it means something else; NULL: as ssh */
};

/* OpenSSH 10.0 takes it, 9.2 does not. */
static const char varies[] = "what is no domain name to older versions is a host to ours";

static bool
is_same(const struct target *ours, const struct ssh_target *theirs, const char *local_user)
{
    return strcmp(ours->user == NULL ? local_user : ours->user, theirs->user) == 0 &&
           strcmp(ours->host, theirs->host) == 0 &&
           (ours->port == 0 ? 22 : ours->port) == theirs->port;
}

static void
check_row(const struct row *row, const char *local_user)
{
    struct failure failure = FAILURE_INIT;
    struct target ours;
    struct ssh_target theirs;
    bool ssh_takes = ssh_parses(row->text, &theirs);
    bool we_take = target_parse(&ours, row->text, &failure);
    bool same = ssh_takes == we_take;
    char shown[160];

    print_message("# '%s': ssh %s, we %s\n",
                  escape_into(shown, sizeof(shown), row->text, strlen(row->text), ESCAPE_LINE),
                  ssh_takes ? "takes it" : "refuses", we_take ? "take it" : failure.message);
    assert_int_equal(we_take, row->host != NULL);
    if (we_take) {
        assert_string_equal(ours.user == NULL ? "" : ours.user,
                            row->user == NULL ? "" : row->user);
        assert_string_equal(ours.host, row->host);
        assert_int_equal(ours.port, row->port);
        same = same && is_same(&ours, &theirs, local_user);
        target_free(&ours);
    }
    if (row->why != NULL)
        print_message("#    otherwise than ssh: %s\n", row->why);
    if (row->why != varies)
        assert_int_equal(same, row->why == NULL);
}

static void
check_rows(const struct row *rows, size_t count)
{
    struct ssh_target plain;

    if (!ssh_is_there())
        skip();
    assert_true(ssh_parses("host", &plain));
    assert_string_equal(plain.host, "host");
    assert_int_equal(plain.port, 22);
    for (size_t i = 0; i < count; i++)
        check_row(&rows[i], plain.user);
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

/* ---- the rows ---- */

static void
test_plain(void **state)
{
    static const struct row rows[] = {
        {"host", NULL, "host", 0, NULL},
        {"HOST", NULL, "HOST", 0, NULL},
        {"Host.Example.", NULL, "Host.Example.", 0, NULL},
        {"host_1", NULL, "host_1", 0, NULL},
        {"_host", NULL, "_host", 0, NULL},
        {"h+st", NULL, "h+st", 0, NULL},
        {"h=st~", NULL, "h=st~", 0, NULL},
        {"h%65", NULL, "h%65", 0, NULL},
        {"h\xC3\xA9.example", NULL, "h\xC3\xA9.example", 0, NULL},
        {"127.0.0.1", NULL, "127.0.0.1", 0, NULL},
        {"127.1", NULL, "127.1", 0, NULL}, /* what it means is the resolver's, as with ssh */
        {"0x7f.1", NULL, "0x7f.1", 0, NULL},
        {"::1", NULL, "::1", 0, NULL},
        {"0:0:0:0:0:0:0:1", NULL, "0:0:0:0:0:0:0:1", 0, NULL},
        {"2001:DB8::7", NULL, "2001:DB8::7", 0, NULL},
        {"::ffff:192.0.2.7", NULL, "::ffff:192.0.2.7", 0, NULL},
        {"fe80::1%lo", NULL, "fe80::1%lo", 0, NULL},
        {"fe80::1%25", NULL, "fe80::1%25", 0, NULL}, /* the 25th interface: nothing to decode */
        {"alice@::1", "alice", "::1", 0, NULL},
        {"alice@host", "alice", "host", 0, NULL},
        {"alice@EXAMPLE.TEST@host", "alice@EXAMPLE.TEST", "host", 0, NULL},
        {"@@host", "@", "host", 0, NULL},
        {"a b@host", "a b", "host", 0, NULL},
        {"a:b@host", "a:b", "host", 0, NULL},
        {"a/b@host", "a/b", "host", 0, NULL},
        {"a+b@host", "a+b", "host", 0, NULL},
        {"a%41@host", "a%41", "host", 0, NULL},
        {"DOM\\user@host", "DOM\\user", "host", 0, NULL},
        {"\xC3\xA9@host", "\xC3\xA9", "host", 0, NULL},
        {"a\x80@host", "a\x80", "host", 0, NULL},
        /* refused */
        {"@host", NULL, NULL, 0, NULL},
        {"@", NULL, NULL, 0, NULL},
        {"-alice@host", NULL, NULL, 0, NULL},
        {"alice@-host", NULL, NULL, 0, NULL},
        {"-oProxyCommand=x", NULL, NULL, 0, NULL},
        {"al\tice@host", NULL, NULL, 0, NULL},
        {"al\nice@host", NULL, NULL, 0, NULL},
        {"al\x7fice@host", NULL, NULL, 0, NULL},
        {"ho st", NULL, NULL, 0, NULL},
        {"host ", NULL, NULL, 0, NULL},
        {"host\n", NULL, NULL, 0, NULL},
        {"a,b", NULL, NULL, 0, NULL},
        {"$(id)", NULL, NULL, 0, NULL},
        {"h'st", NULL, NULL, 0, NULL},
        {"h;st", NULL, NULL, 0, NULL},
        {"h|st", NULL, NULL, 0, NULL},
        {"h\\st", NULL, NULL, 0, NULL},
        {" ssh://host", NULL, NULL, 0, NULL},
    };

    (void)state;
    CHECK(rows);
}

static void
test_uri(void **state)
{
    static const struct row rows[] = {
        {"ssh://host", NULL, "host", 0, NULL},
        {"ssh://HOST/", NULL, "HOST", 0, NULL},
        {"ssh://host.", NULL, "host", 0, NULL},
        {"ssh://127.1", NULL, "127.1", 0, NULL},
        {"ssh://host:22", NULL, "host", 22, NULL},
        {"ssh://host:2022/", NULL, "host", 2022, NULL},
        {"ssh://host:0022", NULL, "host", 22, NULL},
        {"ssh://host:65535", NULL, "host", 65535, NULL},
        {"ssh://host:", NULL, "host", 0, NULL},
        {"ssh://[host]:2022", NULL, "host", 2022, NULL},
        {"ssh://[127.0.0.1]", NULL, "127.0.0.1", 0, NULL},
        {"ssh://alice@host:2022/", "alice", "host", 2022, NULL},
        {"ssh://al%69ce@host", "alice", "host", 0, NULL},
        {"ssh://alice%40EXAMPLE.TEST@host", "alice@EXAMPLE.TEST", "host", 0, NULL},
        {"ssh://a%3ab@host", "a:b", "host", 0, NULL},
        {"ssh://a%2Fb@host", "a/b", "host", 0, NULL},
        {"ssh://a/b@host", "a/b", "host", 0, NULL},
        {"ssh://a?b#c@host", "a?b#c", "host", 0, NULL},
        {"ssh://a[b]@host", "a[b]", "host", 0, NULL},
        {"ssh://a b@host", "a b", "host", 0, NULL},
        {"ssh://a+b@host", "a b", "host", 0, NULL},
        {"ssh://a%2bb@host", "a+b", "host", 0, NULL},
        {"ssh://a%2541@host", "a%41", "host", 0, NULL},
        {"ssh://DOM\\user@host", "DOM\\user", "host", 0, NULL},
        {"ssh://h%C3%A9@host", "h\xC3\xA9", "host", 0, NULL},
        /* refused */
        {"ssh://", NULL, NULL, 0, NULL},
        {"ssh:///", NULL, NULL, 0, NULL},
        {"ssh://:22", NULL, NULL, 0, NULL},
        {"ssh://alice@", NULL, NULL, 0, NULL},
        {"ssh://alice@:22", NULL, NULL, 0, NULL},
        {"ssh://@host", NULL, NULL, 0, NULL},
        {"ssh://;x@host", NULL, NULL, 0, NULL},
        {"ssh://host//", NULL, NULL, 0, NULL},
        {"ssh://host/path", NULL, NULL, 0, NULL},
        {"ssh://alice@host:22/path", NULL, NULL, 0, NULL},
        {"ssh://host?x", NULL, NULL, 0, NULL},
        {"ssh://host#x", NULL, NULL, 0, NULL},
        {"ssh://host:0", NULL, NULL, 0, NULL},
        {"ssh://host:-1", NULL, NULL, 0, NULL},
        {"ssh://host:65536", NULL, NULL, 0, NULL},
        {"ssh://host:4294967318", NULL, NULL, 0, NULL},
        {"ssh://host:99999999999999999999", NULL, NULL, 0, NULL},
        {"ssh://host:0x16", NULL, NULL, 0, NULL},
        {"ssh://host:22x", NULL, NULL, 0, NULL},
        {"ssh://host:22 ", NULL, NULL, 0, NULL},
        {"ssh://host:22:23", NULL, NULL, 0, NULL},
        {"ssh://host/:22", NULL, NULL, 0, NULL},
        {"ssh://[]:22", NULL, NULL, 0, NULL},
        {"ssh://[::1", NULL, NULL, 0, NULL},
        {"ssh://[::1]22", NULL, NULL, 0, NULL},
        {"ssh://::1", NULL, NULL, 0, NULL},
        {"ssh://::1:22", NULL, NULL, 0, NULL},
        {"ssh://alice@::1", NULL, NULL, 0, NULL},
        {"ssh://[fe80::1%lo]", NULL, NULL, 0, NULL},
        {"ssh://-alice@host", NULL, NULL, 0, NULL},
        {"ssh://%2dalice@host", NULL, NULL, 0, NULL},
        {"ssh://-host", NULL, NULL, 0, NULL},
        {"ssh://%2dhost", NULL, NULL, 0, NULL},
        {"ssh://a%4@host", NULL, NULL, 0, NULL},
        {"ssh://a%zz@host", NULL, NULL, 0, NULL},
        {"ssh://a%@host", NULL, NULL, 0, NULL},
        {"ssh://a%00b@host", NULL, NULL, 0, NULL},
        {"ssh://a%0ab@host", NULL, NULL, 0, NULL},
        {"ssh://h%zzst", NULL, NULL, 0, NULL},
        {"ssh://h%20st", NULL, NULL, 0, NULL},
        {"ssh://ssh://host", NULL, NULL, 0, NULL},
    };

    (void)state;
    CHECK(rows);
}

static void
test_ours_is_more(void **state)
{
    static const char port[] =
        "HOST:PORT and brackets are ours; ssh takes all of it for a name";
    static const char brackets[] = "ssh knows no IPv6 address in a URI";
    static const char scheme[] = "RFC 3986: the case of a scheme does not matter";
    static const char decoded[] = "RFC 3986: a host in a URI may be encoded";
    static const char name[] = "what is no domain name to ssh is a host without ssh:// as well";
    static const char user[] =
        "what ssh keeps from a proxy command's shell may be a user's name "
        "to the server, which is what is tested";
    static const char several[] = "the last @ separates, as without ssh://";
    static const char slash[] = "an empty port is one with a '/' behind it too";
    static const struct row rows[] = {
        {"host:2022", NULL, "host", 2022, port},
        {"host:022", NULL, "host", 22, port},
        {"alice@127.0.0.1:2022", "alice", "127.0.0.1", 2022, port},
        {"[host]", NULL, "host", 0, port},
        {"[::1]", NULL, "::1", 0, port},
        {"[::1]:2022", NULL, "::1", 2022, port},
        {"alice@[fe80::1%lo]:22", "alice", "fe80::1%lo", 22, port},
        {"1:2", NULL, "1", 2, port},
        {"ssh://[::1]", NULL, "::1", 0, brackets},
        {"ssh://alice@[::1]:2022/", "alice", "::1", 2022, brackets},
        {"ssh://[fe80::1%25lo]/", NULL, "fe80::1%lo", 0, brackets},
        {"SSH://host", NULL, "host", 0, scheme},
        {"ssh://ho%73t", NULL, "host", 0, decoded},
        {"ssh://h%2540", NULL, "h%40", 0, decoded},
        {"ssh://h\xC3\xA9", NULL, "h\xC3\xA9", 0, name},
        {"ssh://h+st", NULL, "h+st", 0, name},
        {"ssh://_host", NULL, "_host", 0, varies},
        {"a'b@host", "a'b", "host", 0, user},
        {"a;b@host", "a;b", "host", 0, user},
        {"$(id)@host", "$(id)", "host", 0, user},
        {"a -b@host", "a -b", "host", 0, user},
        {"a\\@host", "a\\", "host", 0, user},
        {"ssh://a%3Bb@host", "a;b", "host", 0, user},
        {"ssh://alice@EXAMPLE.TEST@host", "alice@EXAMPLE.TEST", "host", 0, several},
        {"ssh://host:/", NULL, "host", 0, slash},
    };

    (void)state;
    CHECK(rows);
}

static void
test_ssh_is_more(void **state)
{
    static const char password[] = "argv is public: a password must not be there";
    static const char parameter[] = "ssh ignores ;fingerprint=, and does not check the key";
    static const char empty[] = "an empty name is none";
    static const char digits[] =
        "a port is digits: signs and blanks are typing errors, and names "
        "of services depend on the machine";
    static const char port[] = "a colon separates a port: see HOST:PORT";
    static const char other[] = "a URI of another program is a mistake, not a name";
    static const char pattern[] =
        "a pattern or a mark in known_hosts, or a part of a principal";
    static const char scope[] = "a scope is not empty";
    static const struct row rows[] = {
        {"ssh://alice:canary@host", NULL, NULL, 0, password},
        {"ssh://alice:@host", NULL, NULL, 0, password},
        {"ssh://:canary@host", NULL, NULL, 0, password},
        {"ssh://alice;fingerprint=ssh-ed25519-x@host", NULL, NULL, 0, parameter},
        {"ssh://alice;x=y@host:22/", NULL, NULL, 0, parameter},
        {"", NULL, NULL, 0, empty},
        {"alice@", NULL, NULL, 0, empty},
        {"[]", NULL, NULL, 0, empty},
        {"ssh://host:+22", NULL, NULL, 0, digits},
        {"ssh://host: 22", NULL, NULL, 0, digits},
        {"ssh://host:ssh", NULL, NULL, 0, digits},
        {"host:", NULL, NULL, 0, port},
        {"host:0", NULL, NULL, 0, port},
        {"host:+22", NULL, NULL, 0, port},
        {"host:0x16", NULL, NULL, 0, port},
        {"host:65536", NULL, NULL, 0, port},
        {"host:ssh", NULL, NULL, 0, port},
        {"[::1]:", NULL, NULL, 0, port},
        {"[::1]22", NULL, NULL, 0, port},
        {"[::1", NULL, NULL, 0, port},
        {"host:22:33", NULL, NULL, 0, port},
        {"ssh:/host", NULL, NULL, 0, port},
        {"http://host", NULL, NULL, 0, other},
        {"alice@ssh://host", NULL, NULL, 0, other},
        {"*", NULL, NULL, 0, pattern},
        {"h?st", NULL, NULL, 0, pattern},
        {"!host", NULL, NULL, 0, pattern},
        {"#host", NULL, NULL, 0, pattern},
        {"host/", NULL, NULL, 0, pattern},
        {"work/web1", NULL, NULL, 0, pattern},
        {"fe80::1%", NULL, NULL, 0, scope},
    };

    (void)state;
    CHECK(rows);
}

/* A limit of ours that no name reaches. */
static void
test_long(void **state)
{
    static char longest[TARGET_HOST_MAX + 1], longer[TARGET_HOST_MAX + 2];
    struct row rows[] = {
        {longest, NULL, longest, 0, NULL},
        {longer, NULL, NULL, 0, "a limit, against nonsense"},
    };

    (void)state;
    memset(longest, 'a', sizeof(longest) - 1);
    memset(longer, 'a', sizeof(longer) - 1);
    CHECK(rows);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),        cmocka_unit_test(test_uri),
        cmocka_unit_test(test_ours_is_more), cmocka_unit_test(test_ssh_is_more),
        cmocka_unit_test(test_long),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
