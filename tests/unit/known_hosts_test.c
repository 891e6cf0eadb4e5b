/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading known hosts files: each form of a line (the verdicts are those of ssh-keygen -F),
 * malformed and oversized input, and what is no file.
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

#include "probe/known_hosts.h"
#include "test_keys.h"

#define FILE_NAME "known_hosts"
/* Hashed by ssh-keygen -H: web1.example.test, [web1.example.test]:2222, ::1 */
#define HASHED_22   "|1|K9vmNR5ZVgkgkzj53HmYtFF1pP4=|CuOT4utyf6uc2Vn+RSUWxyuIAkU="
#define HASHED_2222 "|1|eoMk09S76gRZwfEg31fk1PKsfFQ=|aZw6K1jIm5tpclIXu/l9vRcM7Vo="
#define HASHED_V6   "|1|dnf71tYpiEIxxDPuSPJQj4NhwZQ=|SohncCM8Fz14bkMjD5nFwCP1p7k="

struct seen {
    unsigned count;
    unsigned lines[8];
    enum known_hosts_marker marker;
    char type[KNOWN_HOSTS_TYPE_SIZE];
    unsigned char key[256];
    size_t key_len;
};

static void
note(const struct known_hosts_entry *entry, void *context)
{
    struct seen *seen = context;
    assert_string_equal(entry->path, FILE_NAME);
    if (seen->count < 8)
        seen->lines[seen->count] = entry->line;
    seen->count++;
    seen->marker = entry->marker;
    snprintf(seen->type, sizeof(seen->type), "%s", entry->type);
    assert_true(entry->key_len <= sizeof(seen->key));
    memcpy(seen->key, entry->key, entry->key_len);
    seen->key_len = entry->key_len;
}

static struct seen
scan(const char *host, uint16_t port)
{
    struct seen seen = {.count = 0};
    assert_int_equal(known_hosts_scan(FILE_NAME, host, port, note, &seen), 0);
    return seen;
}

static const struct {
    const char *names, *host;
    uint16_t port;
    bool match;
} names[] = {
    {"web1", "web1", 22, true},
    {"web1", "WEB1", 22, true},
    {"WEB1", "web1", 22, true},
    {"web1", "web2", 22, false},
    {"web1", "web1x", 22, false},
    {"web", "web1", 22, false},
    {"a,web1,b", "web1", 22, true},
    {"web1,", "web1", 22, true},
    {",web1", "web1", 22, true},
    {"web1", "web1", 2222, false},
    {"[web1]:2222", "web1", 2222, true},
    {"[web1]:2222", "web1", 22, false},
    {"[web1]:2222", "web1", 2223, false},
    {"[web1]:22", "web1", 22, false},
    {"[WEB1]:2222", "Web1", 2222, true},
    {"*", "web1", 22, true},
    {"*", "web1", 2222, true},
    {"w*", "web1", 2222, false},
    {"[*]:2222", "web1", 2222, true},
    {"[*.test]:*", "a.test", 222, true},
    {"w*1", "web1", 22, true},
    {"w*e*b*1*", "web1", 22, true},
    {"w*x", "web1", 22, false},
    {"web?", "web1", 22, true},
    {"web??", "web1", 22, false},
    {"????", "web1", 22, true},
    {"*a*a*b", "aaaaaaaac", 22, false},
    {"*.example.test", "a.b.example.test", 22, true},
    {"*.example.test", "example.test", 22, false},
    {"*.example.test,!bad.example.test", "good.example.test", 22, true},
    {"*.example.test,!bad.example.test", "bad.example.test", 22, false},
    {"!bad.example.test,*.example.test", "bad.example.test", 22, false},
    {"!bad.example.test,*.example.test", "BAD.example.test", 22, false},
    {"!web1", "web2", 22, false},
    {"!*", "web1", 22, false},
    {"!", "web1", 22, false},
    {"", "web1", 22, false},
    {"::1", "::1", 22, true},
    {"[::1]:2222", "::1", 2222, true},
    {"[::1]", "::1", 22, false},
    {"FE80::1%eth0", "fe80::1%eth0", 22, true},
    {"192.0.2.7", "192.0.2.7", 22, true},
    {HASHED_22, "web1.example.test", 22, true},
    {HASHED_22, "WEB1.example.test", 22, true},
    {HASHED_22, "web1.example.test", 2222, false},
    {HASHED_22, "web2.example.test", 22, false},
    {HASHED_2222, "web1.example.test", 2222, true},
    {HASHED_2222, "web1.example.test", 22, false},
    {HASHED_V6, "::1", 22, true},
    {HASHED_22 "," HASHED_V6, "::1", 22, false},
    {HASHED_22 ",x", "web1.example.test", 22, false},
    {"x," HASHED_22, "web1.example.test", 22, false},
    {"|1|K9vmNR5ZVgkgkzj53HmYtFF1pP4=|CuOT4utyf6uc2Vn+RSUWxyuIAkV=", "web1.example.test", 22,
     false}, /* the same bits, not in their one form */
    {"|1|K9vmNR5ZVgkgkzj53HmYtFF1pP5=|CuOT4utyf6uc2Vn+RSUWxyuIAkU=", "web1.example.test", 22,
     false},
    {"|1|K9vmNR5ZVgkgkzj53HmYtFF1pP4=|", "web1.example.test", 22, false},
    {"|2|K9vmNR5ZVgkgkzj53HmYtFF1pP4=|CuOT4utyf6uc2Vn+RSUWxyuIAkU=", "web1.example.test", 22,
     false},
    {"|1|K9vmNR5ZVgkgkzj53HmYtFF1pP4-|CuOT4utyf6uc2Vn+RSUWxyuIAkU=", "web1.example.test", 22,
     false},
    {"|1|", "web1.example.test", 22, false},
    {"|", "|", 22, false},
};

static void
test_names(void **state)
{
    (void)state;
    const struct blob blob = blob_of(ED25519);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char line[512];
        snprintf(line, sizeof(line), "%s %s\n", names[i].names, ED25519);
        write_text(FILE_NAME, line);
        struct seen seen = scan(names[i].host, names[i].port);
        if (seen.count != names[i].match)
            print_message("# %s, %s port %u\n", names[i].names, names[i].host, names[i].port);
        assert_int_equal(seen.count, names[i].match);
        if (names[i].match) {
            assert_int_equal(seen.marker, KNOWN_HOSTS_PLAIN);
            assert_string_equal(seen.type, "ssh-ed25519");
            assert_int_equal(seen.key_len, blob.len);
            assert_memory_equal(seen.key, blob.bytes, blob.len);
        }
    }
}

static const struct {
    const char *line;
    int marker; /* -1: passed over */
} lines[] = {
    {"h " ED25519, KNOWN_HOSTS_PLAIN},
    {"h " ECDSA, KNOWN_HOSTS_PLAIN},
    {"h " RSA, KNOWN_HOSTS_PLAIN},
    {"  h\t \t" ED25519 "  a comment", KNOWN_HOSTS_PLAIN},
    {"h " ED25519 "\r", KNOWN_HOSTS_PLAIN},
    {"h " ED25519 "\t# comment", KNOWN_HOSTS_PLAIN},
    {"@revoked h " ED25519, KNOWN_HOSTS_REVOKED},
    {"@revoked\th " ED25519, KNOWN_HOSTS_REVOKED},
    {" @cert-authority  h " ED25519 " ca", KNOWN_HOSTS_CA},
    {"@revoked * " ED25519, KNOWN_HOSTS_REVOKED},
    {"@revoke h " ED25519, -1},
    {"@ h " ED25519, -1},
    {"@revoked @cert-authority h " ED25519, -1},
    {"@revoked", -1},
    {"@revoked h", -1},
    {"# h " ED25519, -1},
    {"#h " ED25519, -1},
    {"", -1},
    {" \t ", -1},
    {"h", -1},
    {"h ssh-ed25519", -1},
    {"h ssh-ed25519 ", -1},
    {"h ssh-ed25519 #AAAA", -1},
    {"h AAAAC3NzaC1lZDI1NTE5AAAAIL5euuYrItCLGpgSZIJQAcUxtc6EF3MydgYRe6mkrNA0", -1},
    {"h ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIL5euuYrItCLGpgSZIJQAcUxtc6EF3MydgYRe6mkrNA0", -1},
    {"h ssh-ed2551 AAAAC3NzaC1lZDI1NTE5AAAAIL5euuYrItCLGpgSZIJQAcUxtc6EF3MydgYRe6mkrNA0", -1},
    {"h " ED25519 "!", -1},
    {"h " ED25519 "AAAA", -1},
    {"h ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5euuYrItCLGpgSZIJQAcUxtc6EF3MydgYRe6mk", -1},
    {"h ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", -1},
    {"h ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJ+9nrpvXOkan4g"
     "WiyMrqiElYiF2YROfenzu0fg94Yrt3coh7YbnrnGTUZNtRTIE1Ku0SovkATwHmhye8nnSV0B=",
     -1}, /* the same bytes, not in their one form */
    {"h ssh-ed25519 ====", -1},
    {"h ssh-ed25519 A", -1},
    {"1024 35 1234567890", -1},
};

static void
test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char text[512];
        snprintf(text, sizeof(text), "\n%s\nh %s\n", lines[i].line, ECDSA);
        write_text(FILE_NAME, text);
        struct seen seen = scan("h", 22);
        if (seen.count != (lines[i].marker == -1 ? 1 : 2))
            print_message("# %s\n", lines[i].line);
        assert_int_equal(seen.count, lines[i].marker == -1 ? 1 : 2);
        assert_int_equal(seen.lines[seen.count - 1],
                         3);                  /* the next line is read all the same */
        write_text(FILE_NAME, lines[i].line); /* without a newline at the end */
        seen = scan("h", 22);
        assert_int_equal(seen.count, lines[i].marker == -1 ? 0 : 1);
        if (lines[i].marker != -1)
            assert_int_equal((int)seen.marker, lines[i].marker);
    }
}

/* A line cut at each byte is either that line without its comment, or none. */
static void
test_truncated_lines(void **state)
{
    (void)state;
    static const char line[] = "@revoked h,i " ED25519 " comment\n";
    size_t complete = strlen("@revoked h,i " ED25519);
    for (size_t len = 0; len < sizeof(line); len++) {
        write_file(FILE_NAME, line, len);
        assert_int_equal(scan("h", 22).count, len >= complete);
    }
}

/* The key must end within the first 64 KiB; a comment need not. */
static void
test_long_lines(void **state)
{
    (void)state;
    enum { LIMIT = 65536 };
    const size_t key_len = strlen(ED25519);
    for (size_t len = LIMIT - 1; len <= LIMIT + 1; len++) {
        for (size_t comment = 0; comment < 3; comment++) {
            char *text = malloc(LIMIT + 512);
            assert_non_null(text);
            memset(text, ' ', LIMIT + 64);
            text[0] = 'h';
            memcpy(text + len - key_len, ED25519, key_len);
            sprintf(text + len + comment, "\nh %s\n", ECDSA);
            write_text(FILE_NAME, text);
            struct seen seen = scan("h", 22);
            free(text);
            /* one blank behind it shows that it is whole */
            bool whole = len + comment <= LIMIT || len + 1 < LIMIT;
            assert_int_equal(seen.count, whole ? 2 : 1);
            assert_int_equal(seen.lines[seen.count - 1], 2);
        }
    }
    char *text = malloc(4 * LIMIT);
    assert_non_null(text);
    memset(text, 'x', 4 * LIMIT - 1);
    text[4 * LIMIT - 1] = '\0';
    memcpy(text, "h " ED25519 " ", strlen("h " ED25519 " "));
    write_text(FILE_NAME, text);
    free(text);
    assert_int_equal(scan("h", 22).count, 1);
}

/* ssh's limit for one pattern; a longer one spoils its line. */
static void
test_long_patterns(void **state)
{
    (void)state;
    for (size_t len = 1021; len <= 1024; len++) {
        for (int negated = 0; negated < 2; negated++) {
            char pattern[1025], text[2048];
            memset(pattern, 'x', len);
            pattern[len] = '\0';
            snprintf(text, sizeof(text), "h,%s%s " ED25519 "\n", negated ? "!" : "", pattern);
            write_text(FILE_NAME, text);
            assert_int_equal(scan("h", 22).count, len < 1023);
        }
    }
}

static void
test_binary(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    unsigned char *bytes = malloc(SIZE);
    unsigned value = 1;
    assert_non_null(bytes);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (unsigned char)((value = value * 1103515245 + 12345) >> 16);
    write_file(FILE_NAME, bytes, SIZE);
    assert_int_equal(scan("h", 22).count, 0);
    memset(bytes, 0, SIZE);
    write_file(FILE_NAME, bytes, SIZE);
    assert_int_equal(scan("h", 22).count, 0);
    memset(bytes, '\n', SIZE);
    memcpy(bytes + SIZE - 100, "h " ED25519, strlen("h " ED25519));
    write_file(FILE_NAME, bytes, SIZE);
    assert_int_equal(scan("h", 22).lines[0], SIZE - 100 + 1);
    free(bytes);
}

static int
scan_path(const char *path)
{
    struct seen seen = {.count = 0};
    return known_hosts_scan(path, "h", 22, note, &seen);
}

static void
test_no_file(void **state)
{
    (void)state;
    char host[1100];
    assert_int_equal(scan_path("missing"), -ENOENT);
    assert_int_equal(scan_path("missing/known_hosts"), -ENOENT);
    assert_int_equal(scan_path("."), -EISDIR);
    assert_int_equal(scan_path("/dev/null"), 0);
    assert_int_equal(scan_path("/dev/zero"), -ESPIPE);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(scan_path("fifo"), -ESPIPE); /* at once: nobody writes to it */
    write_text(FILE_NAME, "");
    assert_int_equal(scan_path(FILE_NAME), 0);
    assert_int_equal(truncate(FILE_NAME, 300 << 20), 0);
    assert_int_equal(scan_path(FILE_NAME), -EFBIG);
    assert_int_equal(truncate(FILE_NAME, 0), 0);
    assert_int_equal(known_hosts_scan(FILE_NAME, "", 22, note, NULL), -EINVAL);
    memset(host, 'h', sizeof(host));
    host[1024] = '\0';
    assert_int_equal(known_hosts_scan(FILE_NAME, host, 65535, note, NULL), 0);
    host[1024] = 'h';
    host[1025] = '\0';
    assert_int_equal(known_hosts_scan(FILE_NAME, host, 65535, note, NULL), -EINVAL);
    if (geteuid() != 0) {
        assert_int_equal(chmod(FILE_NAME, 0), 0);
        assert_int_equal(scan_path(FILE_NAME), -EACCES);
    }
}

static void
test_blob_type(void **state)
{
    (void)state;
    char type[KNOWN_HOSTS_TYPE_SIZE];
    const struct blob blob = blob_of(ECDSA);
    for (size_t len = 0; len <= blob.len; len++) {
        unsigned char *copy = malloc(len > 0 ? len : 1);
        assert_non_null(copy);
        memcpy(copy, blob.bytes, len);
        /* After the curve's name it is a complete sequence of two. */
        bool whole = len == blob.len || len == 4 + 19 + 4 + 8;
        assert_int_equal(known_hosts_blob_type(type, copy, len), whole);
        assert_string_equal(type, len >= 4 + 19 ? "ecdsa-sha2-nistp256" : "");
        free(copy);
    }
    static const struct {
        const char *bytes;
        size_t len;
        const char *type;
        bool good;
    } rows[] = {
        {"\0\0\0\1a\0\0\0\0", 9, "a", true},
        {"\0\0\0\0\0\0\0\0", 8, "", false},
        {"\0\0\0\1,\0\0\0\0", 9, "", false},
        {"\0\0\0\1 \0\0\0\0", 9, "", false},
        {"\0\0\0\1\33\0\0\0\0", 9, "", false},
        {"\0\0\0\1\200\0\0\0\0", 9, "", false},
        {"\0\0\0\1\0\0\0\0\0", 9, "", false},
        {"\0\0\0\1a\0\0\0\0\0", 10, "a", false},
        {"\377\377\377\377a\0\0\0\0", 9, "", false},
        {"\0\0\0\1a\377\377\377\373", 9, "a", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const unsigned char *bytes = (const unsigned char *)rows[i].bytes;
        assert_int_equal(known_hosts_blob_type(type, bytes, rows[i].len), rows[i].good);
        assert_string_equal(type, rows[i].type);
    }
    unsigned char longest[4 + 65 + 4] = {0, 0, 0, 64};
    memset(longest + 4, 'a', 64);
    assert_true(known_hosts_blob_type(type, longest, 4 + 64 + 4));
    longest[3] = 65;
    longest[4 + 64] = 'a';
    assert_false(known_hosts_blob_type(type, longest, 4 + 65 + 4));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(test_names),           IN_DIRECTORY(test_lines),
        IN_DIRECTORY(test_truncated_lines), IN_DIRECTORY(test_long_lines),
        IN_DIRECTORY(test_long_patterns),   IN_DIRECTORY(test_binary),
        IN_DIRECTORY(test_no_file),         IN_DIRECTORY(test_blob_type),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
