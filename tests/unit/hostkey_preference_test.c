/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order of host key algorithms by what the known hosts file has.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "probe/hostkey.h"
#include "test_keys.h"

#define FILE_NAME "known_hosts"

static void
test_preference(void **state)
{
    (void)state;
    char directory[64];
    static const char supported[] = "ecdsa-sha2-nistp256,ecdsa-sha2-nistp256-cert-v01@openssh."
                                    "com,ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ssh-rsa,ssh-dss";
    static const char unchanged[] =
        "ecdsa-sha2-nistp256,ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ssh-rsa,ssh-dss";
    static const struct {
        const char *lines;
        uint16_t port;
        const char *expected;
    } rows[] = {
        {"", 22, unchanged},
        {"web1 " ED25519 "\n", 22,
         "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256,ssh-rsa,ssh-dss"},
        {"web1 " RSA "\n", 22,
         "rsa-sha2-512,rsa-sha2-256,ssh-rsa,ecdsa-sha2-nistp256,ssh-ed25519,ssh-dss"},
        {"web1 " RSA "\nweb1 " ED25519 "\n", 22,
         "ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ssh-rsa,ecdsa-sha2-nistp256,ssh-dss"},
        {"[web1]:2222 " ED25519 "\nweb1 " RSA "\n", 2222,
         "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256,ssh-rsa,ssh-dss"},
        {"web1 " ED25519 "\n", 2222,
         "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256,ssh-rsa,ssh-dss"},
        {"@revoked web1 " ED25519 "\n@cert-authority web1 " RSA "\n", 22, unchanged},
        {"web2 " ED25519 "\n", 22, unchanged},
    };
    const char *fingerprints[] = {ED25519_FINGERPRINT};
    const char *file = FILE_NAME;
    struct settings settings = {.fingerprints = fingerprints};
    struct request request = {
        .settings = &settings,
        .route = {.hostname = "web1", .known_hosts = &file, .known_hosts_count = 1}};
    enter_directory(directory);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_text(FILE_NAME, rows[i].lines);
        request.port = rows[i].port;
        settings.fingerprint_count = 0;
        char *list = hostkey_preference(&request, supported);
        assert_string_equal(list, rows[i].expected);
        free(list);
        settings.fingerprint_count = 1;
        list = hostkey_preference(&request, supported);
        assert_string_equal(list, unchanged);
        free(list);
    }
    char *list = hostkey_preference(&request, "");
    assert_string_equal(list, "");
    free(list);
    file = "."; /* cannot be read: hostkey_check() says so */
    settings.fingerprint_count = 0;
    list = hostkey_preference(&request, supported);
    assert_string_equal(list, unchanged);
    free(list);
    leave_directory(directory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preference),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
