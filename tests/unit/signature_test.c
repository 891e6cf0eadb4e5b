/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The name in the signature of a certificate: corrected where it is the certificate's, and
 * nothing else is touched.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message_table.h"
#include "ssh2/signature.h"

#define ASKED   "\x32" L5 "alice" L14 "ssh-connection" L9 "publickey"
#define CERT    "\0\0\0\x20ssh-ed25519-cert-v01@openssh.com"
#define PLAIN   L11 "ssh-ed25519"
#define RSACERT "\0\0\0\x1cssh-rsa-cert-v01@openssh.com"

static const struct {
    struct span sent, corrected; /* none: it is sent as it is */
} rows[] = {
    /* ed25519: 36 + 7 bytes become 15 + 7 */
    {{BYTES(ASKED "\1" CERT L4 "blob\0\0\0\x2b" CERT L3 "sig")},
     {BYTES(ASKED "\1" CERT L4 "blob\0\0\0\x16" PLAIN L3 "sig")}},
    {{BYTES(ASKED "\1" RSACERT L4 "blob\0\0\0\x27" RSACERT L3 "sig")},
     {BYTES(ASKED "\1" RSACERT L4 "blob\0\0\0\x12" L7 "ssh-rsa" L3 "sig")}},
    /* as later versions send it */
    {{BYTES(ASKED "\1" CERT L4 "blob\0\0\0\x16" PLAIN L3 "sig")}, {NULL, 0}},
    {{BYTES(ASKED "\1" PLAIN L4 "blob\0\0\0\x16" PLAIN L3 "sig")}, {NULL, 0}},
    /* a query, and requests of other methods */
    {{BYTES(ASKED "\0" CERT L4 "blob")}, {NULL, 0}},
    {{BYTES("\x32" L5 "alice" L14 "ssh-connection" L8 "password\0" CERT)}, {NULL, 0}},
    {{BYTES("\x32" L5 "alice" L14 "ssh-connection" L4 "none")}, {NULL, 0}},
    /* nothing but the suffix, an empty signature, a length that leads out of it */
    {{BYTES(ASKED "\1" CERT L4 "blob\0\0\0\x20\0\0\0\x15-cert-v01@openssh.com" L3 "sig")},
     {NULL, 0}},
    {{BYTES(ASKED "\1" CERT L4 "blob" L0)}, {NULL, 0}},
    {{BYTES(ASKED "\1" CERT L4 "blob" L3 "\0\0\0")}, {NULL, 0}},
    {{BYTES(ASKED "\1" CERT L4 "blob" L8 "\0\0\0\x40sig!")}, {NULL, 0}},
    {{BYTES(ASKED "\1" CERT L4 "blob" L8 "\xff\xff\xff\xffsig!")}, {NULL, 0}},
    /* nothing behind the name */
    {{BYTES(ASKED "\1" CERT L4 "blob\0\0\0\x24" CERT)},
     {BYTES(ASKED "\1" CERT L4 "blob" L15 PLAIN)}},
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outgoing corrected = {NULL, 0};
        struct userauth_msg msg;
        const struct span *sent = &rows[i].sent, *wanted = &rows[i].corrected;
        assert_null(userauth_msg_decode(&msg, SENT, NONE, sent->bytes, sent->len));
        assert_true(signature_correct(&msg, sent->bytes, sent->len, &corrected));
        assert_int_equal(corrected.len, wanted->len);
        if (wanted->bytes) {
            assert_memory_equal(corrected.bytes, wanted->bytes, wanted->len);
            assert_null(userauth_msg_decode(&msg, SENT, NONE, corrected.bytes, corrected.len));
        } else {
            assert_null(corrected.bytes);
        }
        outgoing_free(&corrected);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

    return cmocka_run_group_tests_name("signature", tests, NULL, NULL);
}
