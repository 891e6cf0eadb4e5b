/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * KRLs that ssh-keygen made, damaged in each place: cut at each byte, each bit flipped, lengths
 * that are too large, pieces put in, taken out and repeated (seeded, so that a failure comes
 * again). Where a revoked key is then not found, ssh-keygen must not find it either, and must
 * take the list for a whole one: where ssh refuses, so do we.
 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "keygen.h"
#include "probe/hostkey_revoked.h"

enum { KRL_MAX = 4096, ROUNDS = 30000, ASKED_MAX = 300 };

/* Magic to comment; type and length of a section, and the CA's ed25519 key. */
enum { HEAD_LEN = 44, CA_END = HEAD_LEN + 5 + 4 + 51 };

struct krl {
    unsigned char bytes[KRL_MAX];
    size_t len;
};

static struct blob bad;
static unsigned asked; /* ssh-keygen, on this list */

static int
look(const struct krl *krl)
{
    unsigned line;
    /* exactly as long, so that a byte too many is seen */
    unsigned char *copy = malloc(krl->len + 1);
    assert_non_null(copy);
    memcpy(copy + 1, krl->bytes, krl->len);
    int rc = hostkey_revoked_in(copy + 1, krl->len, bad.bytes, bad.len, &line);
    free(copy);
    return rc;
}

/* One that it cannot read is as good as one that has the key. */
static bool
passes_ssh_keygen(const struct krl *krl)
{
    asked++;
    write_file("damaged", krl->bytes, krl->len);
    int status = system("ssh-keygen -Q -f damaged bad.pub >/dev/null 2>&1");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
check(const struct krl *krl, const char *how, size_t at)
{
    int rc = look(krl);
    assert_true(rc == 1 || rc == 0 || rc == -EBADMSG);
    if (rc == 0 && asked < ASKED_MAX && !passes_ssh_keygen(krl)) {
        fail_msg("%s at %zu: ssh-keygen does not let the key pass", how, at);
    }
}

/* With sections of each kind; the key that is looked for is in the last one, and in no other.
 */
static void
make_krl(struct krl *krl, const char *form)
{
    run("{ echo 'serial: 3-700'; echo 'serial: 1000'; echo 'serial: 1003'; echo 'serial: "
        "90000'; for i in 1 3 4 7 8 9 11; do echo serial: $((70000 + i * 2)); done; echo 'id: "
        "one'; echo 'id: two'; printf 'key: '; cat third.pub; printf '%s'; cat bad.pub; } "
        ">spec",
        form);
    run("rm -f krl; ssh-keygen -q -k -f krl -s ca.pub -z 7 spec");
    FILE *file = fopen("krl", "r");
    assert_non_null(file);
    krl->len = fread(krl->bytes, 1, KRL_MAX, file);
    fclose(file);
    assert_in_range(krl->len, 100, KRL_MAX - 1);
    asked = 0;
    assert_int_equal(look(krl), 1);
    assert_false(passes_ssh_keygen(krl));
}

static const char *const forms[] = {"key: ", "sha1: ", "sha256: "};

static void
make_keys(void)
{
    generate("ca", "-t ed25519", "");
    generate("bad", "-t ed25519", "");
    generate("third", "-t ecdsa", "");
    char *text = read_text("bad.pub");
    assert_non_null(text);
    text[strlen("ssh-ed25519 ") + 68] = '\0';
    bad = blob_of(text);
    free(text);
}

static void
test_cut_and_flipped(void **state)
{
    (void)state;
    make_keys();
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct krl krl, whole;
        make_krl(&whole, forms[i]);
        krl = whole;
        for (krl.len = 1; krl.len < whole.len; krl.len++)
            check(&krl, "cut", krl.len);
        asked = 0;
        for (size_t bit = 0; bit < 8 * whole.len; bit++) {
            krl = whole;
            krl.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
            check(&krl, "flipped", bit);
        }
    }
}

/* xorshift64*, seeded below */
static uint64_t state_of_dice;

static size_t
dice(size_t sides)
{
    state_of_dice ^= state_of_dice >> 12;
    state_of_dice ^= state_of_dice << 25;
    state_of_dice ^= state_of_dice >> 27;
    return (size_t)((state_of_dice * 2685821657736338717ULL) >> 33) % sides;
}

/* Puts `len` bytes in place of `out` ones. */
static void
replace(struct krl *krl, size_t at, size_t out, const unsigned char *bytes, size_t len)
{
    if (at > krl->len || out > krl->len - at || krl->len - out + len > KRL_MAX)
        return;
    unsigned char copy[KRL_MAX];
    memcpy(copy, bytes, len);
    memmove(krl->bytes + at + len, krl->bytes + at + out, krl->len - at - out);
    memcpy(krl->bytes + at, copy, len);
    krl->len = krl->len - out + len;
}

/* Behind the CA's key mostly, so that more than the header is read; that key's type is one of
 * those that ssh knows, which here makes no difference. */
static void
mutate(struct krl *krl)
{
    static const unsigned char lengths[][4] = {
        {255, 255, 255, 255}, {127, 255, 255, 255}, {128, 0, 0, 0}, {0, 0, 0, 0},
        {0, 0, 0, 1},         {0, 0, 16, 0},        {0, 1, 0, 0}};
    static const unsigned char types[] = {0, 1, 2, 3, 4, 5, 0x20, 0x21, 0x22, 0x23, 0x39, 255};
    size_t at = dice(8) == 0 ? dice(HEAD_LEN) : CA_END + dice(krl->len - CA_END);
    size_t from = dice(krl->len), span = dice(64);
    unsigned char byte = (unsigned char)dice(256);
    if (span > krl->len - from)
        span = krl->len - from;
    switch (dice(6)) {
    case 0:
        replace(krl, at, 1, &byte, 1);
        break;
    case 1:
        replace(krl, at, 1, &types[dice(sizeof(types))], 1);
        break;
    case 2:
        replace(krl, at, 4, lengths[dice(COUNT(lengths))], 4);
        break;
    case 3:
        replace(krl, at, 0, krl->bytes + from, span);
        break;
    case 4:
        replace(krl, at, span, krl->bytes, 0);
        break;
    default:
        krl->len = at;
    }
    while (krl->len <= CA_END)
        krl->bytes[krl->len++] = 0;
}

static void
test_mutations(void **state)
{
    (void)state;
    make_keys();
    state_of_dice = 20260917;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct krl whole;
        make_krl(&whole, forms[i]);
        for (size_t round = 0; round < ROUNDS; round++) {
            struct krl krl = whole;
            for (size_t times = 1 + dice(4); times > 0; times--)
                mutate(&krl);
            check(&krl, "round", round);
        }
    }
}

/* The work is bounded by the length, whatever it is said to hold: a list of nothing but empty
 * strings, lines or sections. */
static void
test_many(void **state)
{
    (void)state;
    enum { LEN = 16 << 20 };
    const struct blob key = blob_of(ED25519);
    struct krl krl;
    unsigned line;
    make_keys();
    make_krl(&krl, forms[0]);
    unsigned char *many = calloc(1, LEN);
    assert_non_null(many);
    memcpy(many, krl.bytes, HEAD_LEN);
    memcpy(many + HEAD_LEN, "\2\0\377\377\314", 5); /* LEN - 52 bytes of empty strings */
    assert_int_equal(hostkey_revoked_in(many, LEN - 3, key.bytes, key.len, &line), 0);
    many[HEAD_LEN] = 3;
    assert_int_equal(hostkey_revoked_in(many, LEN - 3, key.bytes, key.len, &line), -EBADMSG);
    for (size_t at = HEAD_LEN; at + 5 <= LEN; at += 5)
        memcpy(many + at, "\2\0\0\0\0", 5);
    size_t len = HEAD_LEN + (LEN - HEAD_LEN) / 5 * 5;
    assert_int_equal(hostkey_revoked_in(many, len, key.bytes, key.len, &line), 0);
    memset(many, '\n', LEN);
    assert_int_equal(hostkey_revoked_in(many, LEN, key.bytes, key.len, &line), 0);
    memset(many, ' ', LEN);
    assert_int_equal(hostkey_revoked_in(many, LEN, key.bytes, key.len, &line), 0);
    free(many);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(test_cut_and_flipped),
        IN_DIRECTORY(test_mutations),
        IN_DIRECTORY(test_many),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
