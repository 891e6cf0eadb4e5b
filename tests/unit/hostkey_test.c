/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decisions on host keys: from the key, the files and the settings to verdict, message and what
 * was written. What else the route says of host keys is in hostkey_route_test.c.
 */
#include "hostkey_fixture.h"

static void
test_known(void **state)
{
    (void)state;
    write_text(USER_FILE, "web1 " ECDSA "\nweb1 " ED25519 "\n");
    for
        EACH_MODE(i)
        {
            request.route.host_key = all_modes[i];
            assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
            assert_int_equal(verdict.status, HOSTKEY_KNOWN);
            assert_string_equal(verdict.type, "ssh-ed25519");
            assert_string_equal(verdict.fingerprint, ED25519_FINGERPRINT);
            assert_says(verdict.place, "/.ssh/known_hosts:2");
            assert_false(verdict.changed);
        }
}

static void
test_every_file(void **state)
{
    (void)state;
    static const char *const paths[] = {USER_FILE, USER_FILE "2", SSH_SYSTEM_KNOWN_HOSTS,
                                        SSH_SYSTEM_KNOWN_HOSTS "2"};
    for (size_t i = 0; i < 4; i++) {
        write_text(paths[i], "web1 " ED25519 "\n");
        use_file(NULL);
        assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
        assert_int_equal(verdict.status, HOSTKEY_KNOWN);
        assert_says(verdict.place, paths[i]);
        use_file("other"); /* then that one alone */
        assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
        assert_int_equal(verdict.status, HOSTKEY_UNKNOWN);
        assert_says(failure.message, "there is no file other");
        assert_int_equal(unlink(paths[i]), 0);
    }
}

static void
test_names(void **state)
{
    (void)state;
    static const struct {
        const char *line, *host;
        uint16_t port;
        enum hostkey_status status;
    } rows[] = {
        {"web1 " ED25519, "WEB1", 22, HOSTKEY_KNOWN},
        {"[web1]:2222 " ED25519, "web1", 2222, HOSTKEY_KNOWN},
        {"[web1]:2222 " ED25519, "web1", 22, HOSTKEY_UNKNOWN},
        {"::1 " ED25519, "0:0:0:0:0:0:0:1", 22, HOSTKEY_KNOWN},
        {"[2001:db8::1]:2222 " ED25519, "2001:DB8:0::0:1", 2222, HOSTKEY_KNOWN},
        {"127.0.0.1 " ED25519, "127.1", 22, HOSTKEY_KNOWN},
        {"* " ED25519, "web1", 2222, HOSTKEY_KNOWN},
        /* the plain name where nothing has the port: this very key, or nothing */
        {"web1 " ED25519, "web1", 2222, HOSTKEY_KNOWN},
        {"web1 " ED25519_2, "web1", 2222, HOSTKEY_UNKNOWN},
        {"web1 " ED25519 "\n[web1]:2222 " ED25519_2, "web1", 2222, HOSTKEY_MISMATCH},
        {"web1 " ED25519 "\n[web1]:2222 " ECDSA, "web1", 2222, HOSTKEY_MISMATCH},
        {"@revoked web1 " ED25519, "web1", 2222, HOSTKEY_REVOKED},
        {"@revoked web1 " ED25519_2, "web1", 2222, HOSTKEY_UNKNOWN},
        {"@cert-authority web1 " ED25519, "web1", 22, HOSTKEY_UNKNOWN},
    };
    request.route.host_key = HOSTKEY_STRICT;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_text(USER_FILE, rows[i].line);
        request.route.hostname = rows[i].host;
        request.port = rows[i].port;
        check(ED25519);
        if (verdict.status != rows[i].status)
            print_message("# %s\n", rows[i].line);
        assert_int_equal(verdict.status, rows[i].status);
    }
}

static void
test_unknown(void **state)
{
    (void)state;
    request.route.host_key = HOSTKEY_STRICT;
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_int_equal(verdict.status, HOSTKEY_UNKNOWN);
    assert_says(failure.message, "web1 is not known: ssh-ed25519 " ED25519_FINGERPRINT);
    assert_says(failure.hint, "--fingerprint=" ED25519_FINGERPRINT);
    assert_says(failure.hint, "--host-key=accept-new");
    assert_says(failure.hint, "/.ssh/known_hosts");

    request.route.host_key =
        HOSTKEY_DEFAULT; /* nobody to ask: the same, without a word on it */
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_null(strstr(failure.message, "terminal"));
    request.route.host_key = HOSTKEY_ASK;
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_says(failure.message, "there is no terminal to ask at");
    person.possible = settings.batch = true;
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_says(failure.message, "--batch forbids to ask");
    request.route.host_key = HOSTKEY_DEFAULT;
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_int_equal(person.asked, 0);

    request.route.host_key = HOSTKEY_OFF;
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
    assert_int_equal(verdict.status, HOSTKEY_UNCHECKED);
    assert_file(USER_FILE, NULL); /* nothing was written by any of these */
}

static void
test_accept_new(void **state)
{
    (void)state;
    request.route.host_key = HOSTKEY_ACCEPT_NEW;
    request.route.hostname = "WEB1";
    request.port = 2222;
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
    assert_int_equal(verdict.status, HOSTKEY_NEW);
    assert_says(verdict.place, "/.ssh/known_hosts");
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
    assert_int_equal(verdict.status, HOSTKEY_KNOWN);
    assert_file(USER_FILE, "[web1]:2222 " ED25519 "\n");
    assert_int_equal(check(ED25519_2), OUTCOME_HOST_KEY);
    assert_int_equal(verdict.status, HOSTKEY_MISMATCH);
    assert_int_equal(check(ECDSA), OUTCOME_HOST_KEY);
    assert_int_equal(verdict.status, HOSTKEY_MISMATCH);

    use_file("new/file");
    request.route.hostname = "0::1";
    assert_int_equal(check(ECDSA), OUTCOME_SUCCESS);
    assert_file("new/file", "[::1]:2222 " ECDSA "\n");

    use_file("no/such/file"); /* not remembered, so not accepted */
    assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
    assert_int_equal(verdict.status, HOSTKEY_UNKNOWN);
    assert_says(failure.message, "it could not be written to no/such/file: No such file");
    assert_says(failure.hint, "--known-hosts=FILE");
    use_file("/dev/null");
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
}

static void
test_changed(void **state)
{
    (void)state;
    static const struct {
        const char *line, *message, *hint;
    } rows[] = {
        {"\nweb1 " ED25519_2 "\n", "web1 has changed: ", "ssh-keygen -f "},
        {"\nweb1 " RSA "\n",
         "web1 is of another type than the known one: ", "--fingerprint=" ED25519_FINGERPRINT},
    };
    person.possible = true; /* and is not asked */
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        write_text(USER_FILE, rows[row].line);
        for
            EACH_MODE(i)
            {
                bool off = all_modes[i] == HOSTKEY_OFF;
                request.route.host_key = all_modes[i];
                assert_int_equal(check(ED25519), off ? OUTCOME_SUCCESS : OUTCOME_HOST_KEY);
                assert_int_equal(verdict.status, HOSTKEY_MISMATCH);
                assert_true(verdict.changed);
                assert_says(verdict.place, "/.ssh/known_hosts:2");
                assert_int_equal(person.asked, 0);
                if (off)
                    continue;
                assert_says(failure.message, rows[row].message);
                assert_says(failure.message, "/.ssh/known_hosts:2 has ssh-");
                assert_says(failure.message, "showed ssh-ed25519 " ED25519_FINGERPRINT);
                assert_says(failure.hint, rows[row].hint);
            }
        assert_file(USER_FILE, rows[row].line);
    }
    request.route.hostname = "it's";
    request.port = 2222;
    write_text(USER_FILE, "[it's]:2222 " ED25519_2 "\n");
    request.route.host_key = HOSTKEY_STRICT;
    check(ED25519);
    assert_says(failure.hint, "-R '[it'\\''s]:2222'");
}

static void
test_revoked(void **state)
{
    (void)state;
    const char *fingerprints[] = {ED25519_FINGERPRINT};
    write_text(USER_FILE, "web1 " ED25519 "\n");
    write_text(SSH_SYSTEM_KNOWN_HOSTS, "@revoked * " ED25519 "\n");
    person.possible = true;
    for
        EACH_MODE(i)
        {
            request.route.host_key = all_modes[i];
            for (settings.fingerprint_count = 0; settings.fingerprint_count < 2;
                 settings.fingerprint_count++) {
                settings.fingerprints = fingerprints;
                assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
                assert_int_equal(verdict.status, HOSTKEY_REVOKED);
                assert_false(verdict.changed);
                assert_string_equal(verdict.place, SSH_SYSTEM_KNOWN_HOSTS ":1");
                assert_says(failure.message, "@revoked in " SSH_SYSTEM_KNOWN_HOSTS ":1");
            }
        }
}

static void
test_pinned(void **state)
{
    (void)state;
    const char *fingerprints[] = {"SHA256:other", ED25519_FINGERPRINT};
    settings.fingerprints = fingerprints;
    write_text(USER_FILE, "web1 " ED25519_2 "\nweb1 " ECDSA "\n");
    for
        EACH_MODE(i)
        {
            request.route.host_key = all_modes[i];
            settings.fingerprint_count = 2;
            assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
            assert_int_equal(verdict.status, HOSTKEY_PINNED);
            assert_false(verdict.changed);
            assert_int_equal(check(ED25519_2), OUTCOME_HOST_KEY); /* known, and yet not it */
            assert_int_equal(verdict.status, HOSTKEY_UNPINNED);
            assert_says(failure.message, "the server showed ssh-ed25519 SHA256:");
            settings.fingerprint_count = 1;
            assert_int_equal(check(ED25519), OUTCOME_HOST_KEY);
        }
}

/* What the person may answer is in hostkey_ask_test.c; here, what comes of it. */
static const struct {
    const char *answer;
    enum outcome outcome;
    enum hostkey_status status;
    bool saved;
} answers[] = {
    {"yes", OUTCOME_SUCCESS, HOSTKEY_UNKNOWN, false},
    {"save", OUTCOME_SUCCESS, HOSTKEY_NEW, true},
    {"no", OUTCOME_HOST_KEY, HOSTKEY_UNKNOWN, false},
    {ED25519_FINGERPRINT, OUTCOME_SUCCESS, HOSTKEY_UNKNOWN, false},
    {NULL, OUTCOME_NO_RESPONSE, HOSTKEY_UNKNOWN, false},
};

static void
test_ask(void **state)
{
    (void)state;
    person.possible = true;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        for (int explicitly = 0; explicitly < 2; explicitly++) {
            person.answer = answers[i].answer;
            request.route.host_key = explicitly ? HOSTKEY_ASK : HOSTKEY_DEFAULT;
            assert_int_equal(check(ED25519), answers[i].outcome);
            assert_int_equal(verdict.status, answers[i].status);
            assert_int_equal(person.asked, 1);
            assert_says(person.said, "The host key of web1 is not known.\n");
            assert_says(person.said, ED25519_FINGERPRINT);
            assert_says(person.said, "/.ssh/known_hosts");
            assert_file(USER_FILE, answers[i].saved ? "web1 " ED25519 "\n" : NULL);
            if (answers[i].saved)
                assert_int_equal(unlink(USER_FILE), 0);
        }
    }
}

static void
test_ask_notes(void **state)
{
    (void)state;
    person.possible = true;
    person.answer = "save";
    write_text(USER_FILE, "@cert-authority web1 " ECDSA "\n");
    assert_int_equal(mkdir(SSH_SYSTEM_KNOWN_HOSTS, 0700), 0);
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
    assert_says(person.said, "note: only @cert-authority names it (");
    assert_says(person.said, "note: " SSH_SYSTEM_KNOWN_HOSTS " could not be read: Is a dir");

    use_file("no/such/\033file"); /* not saved, but a person has said yes */
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
    assert_int_equal(verdict.status, HOSTKEY_UNKNOWN);
    assert_says(person.said, "there is no file no/such/\\x1Bfile");
    assert_says(person.said, "it could not be written to no/such/\\x1Bfile: No such file");
    use_file("/dev/null");
    assert_int_equal(check(ED25519), OUTCOME_SUCCESS);
    assert_says(person.said, "it is not in /dev/null");
}

static void
test_unusable_file(void **state)
{
    (void)state;
    const char *fingerprints[] = {ED25519_FINGERPRINT};
    settings.fingerprints = fingerprints; /* even then: it may have @revoked */
    assert_int_equal(mkfifo("fifo", 0600), 0);
    for
        EACH_MODE(i)
        {
            request.route.host_key = all_modes[i];
            settings.fingerprint_count = i % 2;
            use_file(".ssh");
            assert_int_equal(check(ED25519), OUTCOME_CREDENTIAL);
            assert_string_equal(failure.message, "--known-hosts=.ssh: Is a directory");
            use_file("fifo");
            assert_int_equal(check(ED25519), OUTCOME_CREDENTIAL);
            assert_says(failure.message, "not a regular file");
            assert_says(failure.hint, "a pipe can be read only once");
        }
}

/* The same key in other words: it is known, and revoked, by the line that has it. */
static void
test_other_form(void **state)
{
    (void)state;
    static const char padded[] = "ssh-rsa AAAAB3NzaC1yc2EAAAACAAMAAAADAAAF";
    use_file("hosts");
    request.route.host_key = HOSTKEY_OFF;
    write_text("hosts", "web1 " RSA "\n");
    assert_int_equal(check(padded), OUTCOME_SUCCESS);
    assert_int_equal(verdict.status, HOSTKEY_KNOWN);
    write_text("hosts", "@revoked * " RSA "\n");
    assert_int_equal(check(padded), OUTCOME_HOST_KEY);
    assert_int_equal(verdict.status, HOSTKEY_REVOKED);
    write_text("list", RSA "\n");
    write_text("hosts", "");
    request.route.revoked_host_keys = "list";
    assert_int_equal(check(padded), OUTCOME_HOST_KEY);
    assert_int_equal(verdict.status, HOSTKEY_REVOKED);
    request.route.revoked_host_keys = NULL;
    request.route.host_key = HOSTKEY_ACCEPT_NEW;
    assert_int_equal(check(padded), OUTCOME_SUCCESS);
    assert_file("hosts", "web1 " RSA "\n");
}

static void
test_hostile_blob(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        enum outcome outcome;
    } rows[] = {
        {"", 0, OUTCOME_PROTOCOL_ERROR},
        {"\0\0\0\13ssh-ed25519", 15, OUTCOME_PROTOCOL_ERROR},
        {"\0\0\0\13ssh-ed25519\0\0\0\1", 19, OUTCOME_PROTOCOL_ERROR},
        {"\0\0\0\6\33]0;x\7\0\0\0\1k", 15, OUTCOME_PROTOCOL_ERROR},
        {"\377\377\377\377ssh", 7, OUTCOME_PROTOCOL_ERROR},
        {"\0\0\0\40ssh-ed25519-cert-v01@openssh.com\0\0\0\1x", 41, OUTCOME_KEX_FAILURE},
        {"\0\0\0\40ssh-ed25519-cert-v01@openssh.com\1", 37, OUTCOME_KEX_FAILURE},
    };
    struct deadline deadline = {.at = 0};
    request.settings = &settings;
    request.route.host_key = HOSTKEY_OFF;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        failure = FAILURE_INIT;
        assert_int_equal(hostkey_check(&request, (const unsigned char *)rows[i].bytes,
                                       rows[i].len, -1, &deadline, &verdict, &failure),
                         rows[i].outcome);
        assert_false(verdict.accepted);
        assert_int_equal(verdict.status, HOSTKEY_NOT_SEEN);
        for (const char *c = failure.message; *c != '\0'; c++)
            assert_true(*c >= ' ' && *c <= '~');
    }
}

static void
test_words(void **state)
{
    (void)state;
    assert_null(hostkey_status_word(HOSTKEY_NOT_SEEN));
    assert_string_equal(hostkey_status_word(HOSTKEY_KNOWN), "known");
    assert_string_equal(hostkey_status_word(HOSTKEY_UNPINNED), "mismatch");
    assert_string_equal(hostkey_status_word(HOSTKEY_UNCHECKED), "unchecked");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_known),        TEST(test_every_file),    TEST(test_names),
        TEST(test_unknown),      TEST(test_accept_new),    TEST(test_changed),
        TEST(test_revoked),      TEST(test_pinned),        TEST(test_ask),
        TEST(test_ask_notes),    TEST(test_unusable_file), TEST(test_other_form),
        TEST(test_hostile_blob), TEST(test_words),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
