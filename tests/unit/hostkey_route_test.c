/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decisions on host keys by what ssh's configuration may say of a target: an alias, several
 * files and which of them is written, hashed names, a list of revoked keys.
 */
#include "hostkey_fixture.h"

/* Files as the configuration names them; the first is written where `written`. */
static void
use_files(const char *const *paths, size_t count, bool written)
{
    request.route.known_hosts = paths;
    request.route.known_hosts_count = count;
    request.route.known_hosts_named = false;
    request.route.known_hosts_written = written ? paths[0] : NULL;
}

static void
test_alias(void **state)
{
    (void)state;
    static const struct {
        const char *line, *alias;
        enum hostkey_status status;
    } rows[] = {
        {"web " ED25519, "web", HOSTKEY_KNOWN},
        {"web " ED25519, "WEB", HOSTKEY_KNOWN},
        {"WEB " ED25519, "web", HOSTKEY_KNOWN},
        {"w*,!web2 " ED25519, "web", HOSTKEY_KNOWN},
        {"w*,!web2 " ED25519, "web2", HOSTKEY_UNKNOWN},
        {"web " ED25519_2, "web", HOSTKEY_MISMATCH},
        {"@revoked w* " ED25519, "web", HOSTKEY_REVOKED},
        /* the port and the host are nothing to it */
        {"[web]:2222 " ED25519, "web", HOSTKEY_UNKNOWN},
        {"[web]:2222 " ED25519, "[web]:2222", HOSTKEY_KNOWN},
        {"[127.0.0.1]:2222 " ED25519, "web", HOSTKEY_UNKNOWN},
        {"127.0.0.1 " ED25519, "web", HOSTKEY_UNKNOWN},
        {"@revoked 127.0.0.1 " ED25519, "web", HOSTKEY_UNKNOWN},
        {"127.0.0.1 " ED25519, "127.0.0.1", HOSTKEY_KNOWN},
        /* as it is written, numeric or not */
        {"127.0.0.1 " ED25519, "127.1", HOSTKEY_UNKNOWN},
        {"127.1 " ED25519, "127.1", HOSTKEY_KNOWN},
        {"::1 " ED25519, "0::1", HOSTKEY_UNKNOWN},
        {"a,b " ED25519, "a,b", HOSTKEY_UNKNOWN},
    };
    request.route.host_key = HOSTKEY_STRICT;
    request.route.hostname = "127.0.0.1";
    request.port = 2222;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_text(USER_FILE, rows[i].line);
        request.route.host_key_alias = rows[i].alias;
        check(ED25519);
        if (verdict.status != rows[i].status)
            print_message("# %s %s\n", rows[i].alias, rows[i].line);
        assert_int_equal(verdict.status, rows[i].status);
    }
}

/* Messages, hints and what is written have the alias, and neither the host nor the port. */
static void
test_alias_named(void **state)
{
    (void)state;
    request.route.hostname = "127.1";
    request.route.host_key_alias = "Web";
    request.port = 2222;
    request.route.host_key = HOSTKEY_STRICT;
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_says(failure.message, "the host key of web is not known");
    person.possible = true;
    person.answer = "no";
    request.route.host_key = HOSTKEY_ASK;
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_says(person.said, "The host key of web is not known.\n");
    request.route.host_key = HOSTKEY_ACCEPT_NEW;
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
    assert_file(USER_FILE, "web " ED25519 "\n");
    assert_int_equal(check(ED25519_2), OUTCOME_HOST_KEY);
    assert_says(failure.message, "the host key of web has changed");
    assert_says(failure.hint, "-R web");
    char *list = hostkey_preference(&request, "ecdsa-sha2-nistp256,ssh-ed25519");
    assert_string_equal(list, "ssh-ed25519,ecdsa-sha2-nistp256");
    free(list);
    request.route.host_key_alias = "";
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    request.route.host_key_alias = "two words"; /* no line could be found again */
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_says(failure.message, "cannot stand in a known hosts file");
    assert_file(USER_FILE, "web " ED25519 "\n");
}

static void
test_several_files(void **state)
{
    (void)state;
    static const char *const paths[] = {"first", "second", "third"};
    static const struct {
        const char *first, *second, *third;
        enum hostkey_status status;
        const char *place;
    } rows[] = {
        {"web1 " ED25519 "\n", "web1 " ED25519 "\n", "", HOSTKEY_KNOWN, "first:1"},
        {"", "#\nweb1 " ED25519 "\n", "", HOSTKEY_KNOWN, "second:2"},
        {"", NULL, "web1 " ED25519 "\n", HOSTKEY_KNOWN, "third:1"},
        /* the right key in any of them is enough, whatever stands before it */
        {"web1 " ED25519_2 "\nweb1 " ECDSA "\n", "", "* " ED25519 "\n", HOSTKEY_KNOWN,
         "third:1"},
        {"web1 " ECDSA "\n", "web1 " ED25519_2 "\n", NULL, HOSTKEY_MISMATCH, "second:1"},
        {"web1 " ED25519_2 "\n", "web1 " ED25519_2 "\n", "", HOSTKEY_MISMATCH, "first:1"},
        {"web1 " ED25519 "\n", "", "@revoked * " ED25519 "\n", HOSTKEY_REVOKED, "third:1"},
        {NULL, NULL, NULL, HOSTKEY_UNKNOWN, ""},
    };
    write_text(USER_FILE, "web1 " ED25519 "\n"); /* not one of them */
    use_files(paths, 3, true);
    request.route.host_key = HOSTKEY_STRICT;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const texts[] = {rows[i].first, rows[i].second, rows[i].third};
        for (size_t file = 0; file < 3; file++) {
            unlink(paths[file]);
            if (texts[file] != NULL)
                write_text(paths[file], texts[file]);
        }
        check(ED25519);
        assert_int_equal(verdict.status, rows[i].status);
        assert_string_equal(verdict.place, rows[i].place);
    }
}

/* One that cannot be read hides what it has, and nothing of the others. */
static void
test_one_unreadable(void **state)
{
    (void)state;
    static const char *const paths[] = {"first", "folder", "third"};
    assert_int_equal(mkdir("folder", 0700), 0);
    use_files(paths, 3, true);
    request.route.host_key = HOSTKEY_STRICT;
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_int_equal(verdict.status, HOSTKEY_UNKNOWN);
    assert_says(failure.message, "folder could not be read: Is a directory");
    write_text("third", "web1 " ED25519 "\n");
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
    write_text("third", "web1 " ED25519_2 "\n");
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_int_equal(verdict.status, HOSTKEY_MISMATCH);
    write_text("third", "@revoked web1 " ED25519 "\n");
    request.route.host_key = HOSTKEY_OFF;
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_int_equal(verdict.status, HOSTKEY_REVOKED);
}

static void
test_written(void **state)
{
    (void)state;
    static const char *const paths[] = {"first", "second"};
    use_files(paths, 2, true);
    write_text("second", "");
    request.route.host_key = HOSTKEY_ACCEPT_NEW;
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
    assert_int_equal(verdict.status, HOSTKEY_NEW);
    assert_string_equal(verdict.place, "first");
    assert_file("first", "web1 " ED25519 "\n");
    assert_file("second", "");
    assert_int_equal(unlink("first"), 0);

    use_files(paths, 2, false); /* none of them is the user's */
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_int_equal(verdict.status, HOSTKEY_UNKNOWN);
    assert_says(failure.message, "no file of the user's is named for it");
    assert_file("first", NULL);
    assert_file(USER_FILE, NULL);
    request.route.host_key = HOSTKEY_STRICT;
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_says(failure.hint, "--host-key=accept-new with --known-hosts=FILE");
    person.possible = true;
    person.answer = "save";
    request.route.host_key = HOSTKEY_ASK; /* a person has said yes */
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
    assert_int_equal(verdict.status, HOSTKEY_UNKNOWN);
    assert_says(person.said, "it could not be written: no file of the user's");

    use_files(paths, 0, false); /* no file at all: not the usual ones either */
    write_text(USER_FILE, "web1 " ED25519 "\n");
    request.route.host_key = HOSTKEY_STRICT;
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_int_equal(verdict.status, HOSTKEY_UNKNOWN);

    static const char *const null[] = {"/dev/null"};
    use_files(null, 1, true); /* nothing is remembered, as was asked for */
    request.route.host_key = HOSTKEY_ACCEPT_NEW;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
        assert_int_equal(verdict.status, HOSTKEY_NEW);
    }
}

static void
test_hashed(void **state)
{
    (void)state;
    request.route.hash_known_hosts = true;
    request.route.host_key = HOSTKEY_ACCEPT_NEW;
    for (int alias = 0; alias < 2; alias++) {
        request.route.host_key_alias = alias ? "Other" : NULL;
        request.port = 2222;
        assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
        assert_int_equal(verdict.status, HOSTKEY_NEW);
        assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
        assert_int_equal(verdict.status, HOSTKEY_KNOWN);
        assert_int_equal(check(ED25519_2), OUTCOME_HOST_KEY);
        assert_int_equal(verdict.status, HOSTKEY_MISMATCH);
    }
    char *text = read_text(USER_FILE);
    assert_memory_equal(text, "|1|", 3);
    assert_null(strstr(text, "web1"));
    assert_null(strstr(text, "ther"));
    free(text);
}

/* In every mode, with a matching line, and with a fingerprint. */
static void
assert_refused(enum hostkey_status status, const char *message)
{
    const char *fingerprints[] = {ED25519_FINGERPRINT};
    settings.fingerprints = fingerprints;
    person.possible = true;
    for
        EACH_MODE(i)
        {
            request.route.host_key = all_modes[i];
            for (settings.fingerprint_count = 0; settings.fingerprint_count < 2;
                 settings.fingerprint_count++) {
                assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
                assert_int_equal(verdict.status, status);
                assert_int_equal(person.asked, 0);
                assert_says(failure.message, message);
            }
        }
    settings.fingerprint_count = 0;
}

static void
test_revoked_list(void **state)
{
    (void)state;
    write_text(USER_FILE, "web1 " ED25519 "\n");
    request.route.revoked_host_keys = "revoked\n";
    assert_refused(HOSTKEY_UNKNOWN, "revoked\\n: No such file");
    assert_says(failure.hint, "RevokedHostKeys");
    request.route.revoked_host_keys = "revoked";
    write_text("revoked", ED25519_2 "\n" ED25519 "\n");
    assert_refused(HOSTKEY_REVOKED,
                   "the host key of web1 is revoked by revoked:2: ssh-ed25519");
    assert_string_equal(verdict.place, "revoked:2");
    write_text("revoked", ED25519_2 "\nnonsense\n");
    assert_refused(HOSTKEY_UNKNOWN, "revoked:2: that line is no public key");
    assert_string_equal(verdict.place, "");
    write_file("revoked", "SSHKRL\n", 8);
    assert_refused(HOSTKEY_UNKNOWN, "revoked: this KRL is damaged");
    request.route.revoked_host_keys = ".ssh";
    assert_refused(HOSTKEY_UNKNOWN, ".ssh: Is a directory");

    request.route.revoked_host_keys = "revoked";
    write_text("revoked", ED25519_2 "\n");
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
    assert_int_equal(verdict.status, HOSTKEY_KNOWN);
    request.route.host_key_alias = "web1";
    write_text("revoked", ED25519 "\n");
    assert_refused(HOSTKEY_REVOKED, "the host key of web1 is revoked by revoked:1");
}

/* ssh-keygen -H made this of `web1.example.test`. */
#define HASHED "|1|K9vmNR5ZVgkgkzj53HmYtFF1pP4=|CuOT4utyf6uc2Vn+RSUWxyuIAkU="

static void
test_marked_revoked(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "@revoked " HASHED " " ED25519,
        "@revoked *.example.test " ED25519,
        "@revoked !other,* " ED25519,
        "web1.example.test " ED25519 "\n@revoked web1.example.test " ED25519,
        "@cert-authority * " ED25519 "\n@revoked * " ED25519, /* the CA's own key */
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        write_text(USER_FILE, lines[i]);
        request.route.hostname = "web1.example.test";
        request.route.host_key_alias = NULL;
        assert_refused(HOSTKEY_REVOKED, "is marked @revoked in");
        request.route.hostname = "192.0.2.1";
        request.route.host_key_alias = "WEB1.example.test";
        assert_refused(HOSTKEY_REVOKED, "is marked @revoked in");
    }
}

/* `off` goes on, but says that it has changed: nothing typed is then sent. */
static void
test_off_changed(void **state)
{
    (void)state;
    static const char *const paths[] = {"first", "second"};
    use_files(paths, 2, true);
    request.route.host_key = HOSTKEY_OFF;
    request.port = 2222;
    for (int alias = 0; alias < 2; alias++) {
        request.route.host_key_alias = alias ? "web" : NULL;
        write_text("second", alias ? "[web1]:2222 " ED25519 "\nweb " ED25519_2 "\n"
                                   : "web " ED25519 "\n[web1]:2222 " ED25519_2 "\n");
        assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
        assert_int_equal(verdict.status, HOSTKEY_MISMATCH);
        assert_true(verdict.changed);
        assert_string_equal(verdict.place, "second:2");
        write_text("second", "");
        assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
        assert_int_equal(verdict.status, HOSTKEY_UNCHECKED);
        assert_false(verdict.changed);
    }
    assert_file("first", NULL);
}

/* A CA vouches for no plain key, in no mode. */
static void
test_authority(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "@cert-authority web1 " ED25519 "\n", /* not even where the key is the CA's own */
        "@cert-authority web1 " ECDSA "\n",
        "@cert-authority * " ECDSA "\n@revoked * " ECDSA "\n",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        write_text(USER_FILE, lines[i]);
        request.route.host_key = HOSTKEY_STRICT;
        assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
        assert_int_equal(verdict.status, HOSTKEY_UNKNOWN);
        assert_says(failure.message, "only @cert-authority names it (");
        assert_says(failure.message, "libssh2 cannot verify a host certificate");
        request.route.host_key = HOSTKEY_ACCEPT_NEW;
        assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
        assert_int_equal(verdict.status, HOSTKEY_NEW);
        write_text(USER_FILE, lines[i]);
        request.route.host_key = HOSTKEY_OFF;
        assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
        assert_int_equal(verdict.status, HOSTKEY_UNCHECKED);
        assert_file(USER_FILE, lines[i]);
    }
}

/* Users of one host: who waited for the turn of another is not asked what that one saved. */
static void
test_ask_crowd(void **state)
{
    (void)state;
    person.possible = true;
    person.answer = "no";
    saved_meanwhile = "web1 " ED25519 "\n";
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY); /* of one at a time nobody waits */
    assert_int_equal(person.asked, 1);
    assert_int_equal(unlink(USER_FILE), 0);
    settings.crowd = true;
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
    assert_int_equal(verdict.status, HOSTKEY_KNOWN);
    assert_int_equal(person.asked, 0);
    assert_int_equal(unlink(USER_FILE), 0);
    saved_meanwhile = "web2 " ED25519 "\n@revoked * " ED25519 "\nweb1 " ED25519 "\n";
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_int_equal(person.asked, 1);
    saved_meanwhile = NULL;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_alias),          TEST(test_alias_named),    TEST(test_several_files),
        TEST(test_one_unreadable), TEST(test_written),        TEST(test_hashed),
        TEST(test_revoked_list),   TEST(test_marked_revoked), TEST(test_off_changed),
        TEST(test_authority),      TEST(test_ask_crowd),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
