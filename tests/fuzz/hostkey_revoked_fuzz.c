/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of revoked keys, as lines and as a KRL. The first byte of the input chooses the key
 * that is looked for.
 */
#include <config.h>

#include <errno.h>

#include "fuzz_file.h"
#include "probe/hostkey_revoked.h"

#define ED25519                                                                                \
    "\0\0\0\013ssh-ed25519\0\0\0\040\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17"                  \
    "\20\21\22\23\24\25\26\27\30\31\32\33\34\35\36\37"
#define RSA "\0\0\0\7ssh-rsa\0\0\0\3\1\0\1\0\0\0\5\0\200abc"

static const struct {
    const char *blob;
    size_t len;
} keys[] = {{ED25519, sizeof(ED25519) - 1}, {RSA, sizeof(RSA) - 1}};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz_file file;
    static const char magic[] = "SSHKRL\n";
    struct fuzz_input input = {data, size};
    unsigned which = fuzz_byte(&input) % 2;
    const unsigned char *blob = (const unsigned char *)keys[which].blob;
    size_t len = keys[which].len;
    uint8_t *content = fuzz_copy(input.at, input.left);
    bool krl = input.left >= sizeof(magic) && memcmp(content, magic, sizeof(magic)) == 0;
    unsigned line = 1, again;

    int rc = hostkey_revoked_in(content, input.left, blob, len, &line);
    REQUIRE(rc == 1 || rc == 0 || rc == -EBADMSG);
    fuzz_file_fill(&file, content, input.left);
    REQUIRE(rc == hostkey_revoked_look(file.path, blob, len, &again) && line == again);
    REQUIRE(rc == 0 || krl ? line == 0
                           : line >= 1 && line <= fuzz_count_lines(content, input.left));

    /* one byte behind a KRL makes it a damaged one; a line behind others takes nothing back */
    uint8_t *more = malloc(input.left + 2);
    REQUIRE(more);
    memcpy(more, content, input.left);
    memcpy(more + input.left, krl ? "\2" : "\nx", 2);
    int longer = hostkey_revoked_in(more, input.left + 2 - krl, blob, len, &again);
    if (krl)
        REQUIRE(rc < 0 || longer == -EBADMSG);
    else
        REQUIRE(rc == 0 ? longer == -EBADMSG : longer == rc && line == again);
    free(more);
    free(content);
    return 0;
}
