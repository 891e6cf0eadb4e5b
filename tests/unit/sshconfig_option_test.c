/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keys of -o: which are taken, which have an option of their own, and which are of use.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/sshconfig.h"

static void
test_option(void **state)
{
    static const char *const good[] = {"Port=22",
                                       "port 22",
                                       "Port = 22",
                                       "\tPORT\t22",
                                       "ProxyCommand=a=b c",
                                       "Compression=yes",
                                       "RemoteCommand x",
                                       "Foo=1",
                                       "User=IdentityFile",
                                       "IdentityFiles=x",
                                       "LocalForward=1 2:3",
                                       "ForwardAgent yes"};
    static const struct {
        const char *option, *why;
    } bad[] = {
        {"", "it does not begin with a KEY of ssh_config(5)"},
        {" ", "it does not begin with a KEY of ssh_config(5)"},
        {"=22", "it does not begin with a KEY of ssh_config(5)"},
        {"#Port=22", "it does not begin with a KEY of ssh_config(5)"},
        {"\"IdentityFile\" x", "it does not begin with a KEY of ssh_config(5)"},
        {"Port", "it has to be KEY=VALUE"},
        {"Port=", "it has to be KEY=VALUE"},
        {"Port = ", "it has to be KEY=VALUE"},
        {"Port+=1", "it has to be KEY=VALUE"},
        {"Port=1\nUser=x", "there is a line break in it"},
        {"IdentityFile=x", "keys are named by -i"},
        {" identityfile x", "keys are named by -i"},
        {"IDENTITYFILE\t=x", "keys are named by -i"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_null(sshconfig_option_error(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *why = sshconfig_option_error(bad[i].option);
        assert_string_equal(why != NULL ? why : "(none)", bad[i].why);
    }
}

/* Each is refused with a text that names what is to be used. */
static void
test_refused(void **state)
{
    static const struct {
        const char *key, *names;
    } rows[] = {
        {"CertificateFile", "-i"},
        {"IdentityAgent", "--agent"},
        {"IdentitiesOnly", "-i"},
        {"PKCS11Provider", "--agent"},
        {"SecurityKeyProvider", "--agent"},
        {"AddKeysToAgent", "-i"},
        {"PreferredAuthentications", "-m"},
        {"PasswordAuthentication", "-m"},
        {"PubkeyAuthentication", "-m"},
        {"KbdInteractiveAuthentication", "-m"},
        {"ChallengeResponseAuthentication", "-m"},
        {"KbdInteractiveDevices", "-m"},
        {"GSSAPIAuthentication", "-m"},
        {"GSSAPIDelegateCredentials", "-K"},
        {"GSSAPIKeyExchange", "-m"},
        {"GSSAPIClientIdentity", "--gssapi-client"},
        {"HostbasedAuthentication", "-m"},
        {"NumberOfPasswordPrompts", "-m"},
        {"BatchMode", "-B"},
    };
    char option[128];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(option, sizeof(option), "%s=yes", rows[i].key);
        const char *why = sshconfig_option_error(option);
        assert_non_null(why);
        assert_non_null(strstr(why, rows[i].names));
    }
}

static void
test_used(void **state)
{
    static const struct {
        const char *option, *key;
        bool used;
    } rows[] = {
        {"HostName=x", "HostName", true},
        {" proxyjump x", "proxyjump", true},
        {"TAG=x", "TAG", true},
        {"CanonicalDomains a b", "CanonicalDomains", true},
        {"Compression=yes", "Compression", false},
        {"\tHost=x", "Host", false},
        {"Ports=1", "Ports", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *key;
        size_t len;
        assert_int_equal(sshconfig_option_used(rows[i].option, &key, &len), rows[i].used);
        assert_int_equal(len, strlen(rows[i].key));
        assert_memory_equal(key, rows[i].key, len);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_used),
    };

    return cmocka_run_group_tests_name("sshconfig_option", tests, NULL, NULL);
}
