/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of revoked keys: lines as ssh takes them, KRLs as ssh-keygen makes them, damaged ones
 * at each byte, and files that are no list. tests/known_hosts.bats asks ssh itself.
 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "keygen.h"
#include "probe/hostkey_revoked.h"

/* The table's rows are about this key. */
static int
look_in(const void *content, size_t size, unsigned *line)
{
    const struct blob key = blob_of(ED25519);
    /* exactly as long, so that a byte too many is seen */
    unsigned char *copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy + 1, content, size);
    int rc = hostkey_revoked_in(copy + 1, size, key.bytes, key.len, line);
    free(copy);
    return rc;
}

#define REST "AAAAC3NzaC1lZDI1NTE5AAAAIL5euuYrItCLGpgSZIJQAcUxtc6EF3MydgYRe6mkrNA0"

static const struct {
    const char *text;
    int expected;
    unsigned line;
} lists[] = {
    {"", 0, 0},
    {"\n\n# comment\n   \n\t# indented\n", 0, 0},
    {ED25519_2 "\n" ECDSA "\n" RSA "\n", 0, 0},
    {ED25519 "\n", 1, 1},
    {ED25519, 1, 1},
    {ED25519_2 "\n\n" ED25519 " a comment\n", 1, 3},
    {" \tssh-ed25519 \t" REST "\tcomment\n", 1, 1},
    {ED25519 "\r\n", 1, 1},
    {"# " ED25519 "\n", 0, 0},
    {ED25519 "\nnonsense\n", 1, 1}, /* found before the nonsense is seen */
    {"nonsense\n" ED25519 "\n", -EBADMSG, 1},
    {ED25519_2 "\nnonsense\n", -EBADMSG, 2},
    {"\r\n", -EBADMSG, 1},
    {"ssh-ed25519\n", -EBADMSG, 1},
    {"ssh-ed25519 AAAA\n", -EBADMSG, 1},
    {REST "\n", -EBADMSG, 1},
    {"ssh-rsa " REST "\n", -EBADMSG, 1}, /* not the type of the blob */
    {"ssh-ed25519 " REST "=\n", -EBADMSG, 1},
    {"* " ED25519 "\n", -EBADMSG, 1},
    {"@revoked * " ED25519 "\n", -EBADMSG, 1},
    {"no-pty " ED25519 "\n", -EBADMSG, 1},
    {"SSHKRL", -EBADMSG, 1},
};

static void
test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++) {
        unsigned line = 77;
        int rc = look_in(lists[i].text, strlen(lists[i].text), &line);
        if (rc != lists[i].expected || line != lists[i].line)
            print_message("# row %zu: %s\n", i, lists[i].text);
        assert_int_equal(rc, lists[i].expected);
        assert_int_equal(line, lists[i].line);
    }
}

static void
test_binary(void **state)
{
    (void)state;
    unsigned line;
    assert_int_equal(look_in("ssh-ed25519\0 " REST, 13 + strlen(REST), &line), -EBADMSG);
    assert_int_equal(look_in("\0", 1, &line), -EBADMSG);
    char *text = malloc(300000);
    assert_non_null(text);
    memset(text, 'A', 300000); /* a key of more than 64 KiB, and a comment of that length */
    memcpy(text, "ssh-ed25519 ", 12);
    assert_int_equal(look_in(text, 300000, &line), -EBADMSG);
    memcpy(text, "# ", 2);
    assert_int_equal(look_in(text, 300000, &line), 0);
    memcpy(text, ED25519 " ", strlen(ED25519 " "));
    assert_int_equal(look_in(text, 300000, &line), 1);
    free(text);
}

static int
look_at(const char *path, const char *public_file, unsigned *line)
{
    char *text = read_text(public_file);
    assert_non_null(text);
    text[strcspn(strchr(text, ' ') + 1, " \n") + (size_t)(strchr(text, ' ') + 1 - text)] = '\0';
    const struct blob key = blob_of(text);
    free(text);
    return hostkey_revoked_look(path, key.bytes, key.len, line);
}

/* A certificate in the list revokes the key in it; that of a CA revokes no key of a host. */
static void
test_certificates(void **state)
{
    (void)state;
    static const char *const types[] = {"ed25519", "ecdsa"};
    unsigned line;
    generate("ca", "-t ed25519", "");
    generate("other", "-t ed25519", "");
    run("ssh-keygen -q -h -s ca -I other other.pub");
    for (size_t i = 0; i < COUNT(types); i++) {
        char options[32], name[32], list[64];
        snprintf(options, sizeof(options), "-t %s", types[i]);
        snprintf(name, sizeof(name), "%s.pub", types[i]);
        snprintf(list, sizeof(list), "%s-cert.pub", types[i]);
        generate(types[i], options, "");
        run("ssh-keygen -q -h -s ca -I %s %s", types[i], name);
        assert_int_equal(look_at(list, name, &line), 1);
        assert_int_equal(line, 1);
        assert_int_equal(look_at("other-cert.pub", name, &line), 0);
        assert_int_equal(look_at("ca.pub", name, &line), 0);
    }
}

/* Each of ssh-keygen's ways to name a key, alone and among others. */
static void
test_krl(void **state)
{
    (void)state;
    static const char *const forms[] = {"key: ", "sha1: ", "sha256: "};
    unsigned line;
    generate("ca", "-t ed25519", "");
    generate("bad", "-t ed25519", "");
    generate("good", "-t ecdsa", "");
    generate("third", "-t ed25519", "");
    for (size_t i = 0; i < COUNT(forms); i++) {
        run("{ echo serial: 5-9; echo id: x; printf '%s'; cat third.pub; printf '%s'; cat "
            "bad.pub; } >spec",
            forms[(i + 1) % COUNT(forms)], forms[i]);
        run("rm -f krl; ssh-keygen -q -k -f krl -s ca.pub -z 7 spec");
        assert_int_equal(look_at("krl", "bad.pub", &line), 1);
        assert_int_equal(line, 0);
        assert_int_equal(look_at("krl", "third.pub", &line), 1);
        assert_int_equal(look_at("krl", "good.pub", &line), 0);
        assert_int_equal(look_at("krl", "ca.pub", &line), 0);
    }
    run("rm krl; printf 'hash: ' >spec; ssh-keygen -l -f bad.pub | cut -d ' ' -f 2 >>spec");
    run("ssh-keygen -q -k -f krl spec; : >none; ssh-keygen -q -k -f empty none");
    assert_int_equal(look_at("krl", "bad.pub", &line), 1);
    assert_int_equal(look_at("krl", "good.pub", &line), 0);
    assert_int_equal(look_at("empty", "bad.pub", &line), 0);
}

/* magic, format 1, number, date, flags, reserved, comment */
#define KRL "SSHKRL\n\0\0\0\0\1NUMBER..DATE....\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\4text"
/* the key of the table, as a section of its own */
#define WITH_KEY(type)                                                                         \
    type "\0\0\0\67\0\0\0\63\0\0\0\13ssh-ed25519\0\0\0\40"                                     \
         "\276\136\272\346\53\42\320\213\32\230\22\144\202\120\1\305\61\265\316\204\27\163"    \
         "\62\166\6\21\173\251\244\254\320\64"
/* of any CA, eight bytes of serial numbers */
#define CERTIFICATES(len, serials) "\1\0\0\0\25\0\0\0\0\0\0\0\0\40\0\0\0" len serials
#define ROW(text, expected)                                                                    \
    {                                                                                          \
        text, sizeof(text) - 1, expected                                                       \
    }

static const struct {
    const char *bytes;
    size_t len;
    int expected;
} krls[] = {
    ROW(KRL, 0),
    ROW(KRL WITH_KEY("\2"), 1),
    ROW(KRL CERTIFICATES("\10", "\0\0\0\0\0\0\0\1") WITH_KEY("\2"), 1), /* a serial number */
    ROW(KRL CERTIFICATES("\10", "\0\0\0\0\0\0\0\1"), 0),
    ROW(KRL CERTIFICATES("\10", "\0\0\0\0\0\0\0\0"), -EBADMSG),
    ROW(KRL "\1\0\0\0\1x" WITH_KEY("\2"), -EBADMSG),
    ROW(KRL WITH_KEY("\1"), -EBADMSG),                      /* keys are no certificates */
    ROW(KRL WITH_KEY("\3"), -EBADMSG),                      /* no SHA-1 has that length */
    ROW(KRL WITH_KEY("\4"), -EBADMSG),                      /* a signature */
    ROW(KRL WITH_KEY("\2") "\7\0\0\0\0", -EBADMSG),         /* a section of an unknown type */
    ROW(KRL WITH_KEY("\2") "\2\0\0\0\3xyz", -EBADMSG),      /* damaged behind the key */
    ROW(KRL "\377\0\0\0\12\0\0\0\1x\0\0\0\0\0", 0),         /* an extension */
    ROW(KRL "\377\0\0\0\12\0\0\0\1x\1\0\0\0\0", -EBADMSG),  /* a critical one */
    ROW(KRL "\377\0\0\0\13\0\0\0\1x\0\0\0\0\0y", -EBADMSG), /* with something behind it */
    ROW(KRL "\2\377\377\377\377", -EBADMSG),
    ROW("SSHKRL\n\0\0\0\0\2NUMBER..DATE....\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", -EBADMSG),
};

static void
test_sections(void **state)
{
    (void)state;
    unsigned line;
    for (size_t i = 0; i < COUNT(krls); i++) {
        int rc = look_in(krls[i].bytes, krls[i].len, &line);
        if (rc != krls[i].expected)
            print_message("# row %zu\n", i);
        assert_int_equal(rc, krls[i].expected);
        assert_int_equal(line, 0);
    }
}

/* Cut anywhere it is refused, but where it ends before a section. */
static void
test_cut(void **state)
{
    (void)state;
    static const char whole[] = KRL WITH_KEY("\2");
    unsigned line;
    for (size_t len = sizeof("SSHKRL\n"); len < sizeof(whole) - 1; len++)
        assert_int_equal(look_in(whole, len, &line), len == sizeof(KRL) - 1 ? 0 : -EBADMSG);
}

static void
test_files(void **state)
{
    (void)state;
    const struct blob key = blob_of(ED25519);
    static const struct {
        const char *path;
        int expected;
    } rows[] = {{"absent", -ENOENT},     {".", -EISDIR},   {"fifo", -ESPIPE},
                {"/dev/zero", -ESPIPE},  {"/dev/null", 0}, {"list", 1},
                {"list/more", -ENOTDIR}, {"long", 1}};
    write_text("list", ED25519 "\n");
    assert_int_equal(mkfifo("fifo", 0600), 0);
    run("{ yes '# comment' | head -n 30000; cat list; } >long");
    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned line;
        assert_int_equal(hostkey_revoked_look(rows[i].path, key.bytes, key.len, &line),
                         rows[i].expected);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines), cmocka_unit_test(test_binary),
        cmocka_unit_test(test_cut),   cmocka_unit_test(test_sections),
        IN_DIRECTORY(test_krl),       IN_DIRECTORY(test_certificates),
        IN_DIRECTORY(test_files),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
