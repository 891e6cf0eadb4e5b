/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a proxy says on standard error, in pieces as they come: one printable line that fits,
 * whatever the pieces are. The first byte of the input chooses the room, the second the pieces.
 */
#include <config.h>

#include "fuzz.h"
#include "probe/proxy_words.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct proxy_words pieces = {.len = 0}, whole = {.len = 0};
    size_t room = 8 + 4u * fuzz_byte(&input), piece = 1 + 16u * fuzz_byte(&input);
    char *exact = fuzz_copy(input.at, input.left);
    char *out = malloc(room), *same = malloc(room);

    REQUIRE(out && same);
    for (size_t at = 0; at < input.left; at += piece)
        proxy_words_take(&pieces, exact + at,
                         input.left - at < piece ? input.left - at : piece);
    proxy_words_take(&whole, exact, input.left);
    REQUIRE(pieces.len == whole.len && pieces.cut == whole.cut);
    REQUIRE(pieces.cut == (input.left > sizeof(pieces.kept)));
    REQUIRE(memcmp(pieces.kept, exact + input.left - pieces.len, pieces.len) == 0);

    REQUIRE(proxy_words_text(&pieces, out, room) == out);
    REQUIRE(strlen(out) < room && fuzz_is_line(out));
    REQUIRE(strcmp(proxy_words_text(&whole, same, room), out) == 0);
    free(out);
    free(same);
    free(exact);
    return 0;
}
