/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Well-formed userauth messages, mutated a few 100,000 times, always in the same way: the
 * decoder neither crashes nor gives bytes that lie outside the payload.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message_table.h"
#include "message_text.h"

static uint32_t
next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static size_t
mutate(unsigned char *bytes, size_t len, size_t size, uint64_t *seed)
{
    static const unsigned char numbers[][4] = {
        {0, 0, 0, 0},          {0, 0, 0, 1},   {0, 0, 0, 5},         {0, 0, 1, 0},
        {0x7f, 255, 255, 255}, {128, 0, 0, 0}, {255, 255, 255, 251}, {255, 255, 255, 255},
    };
    size_t at = len ? next_random(seed) % len : 0;

    switch (next_random(seed) % 6) {
    case 0:
        bytes[at] = (unsigned char)next_random(seed);
        break;
    case 1:
        bytes[at] ^= (unsigned char)(1u << next_random(seed) % 8);
        break;
    case 2:
        if (at + 4 <= len)
            memcpy(bytes + at, numbers[next_random(seed) % COUNT(numbers)], 4);
        break;
    case 3: /* cut */
        return at;
    case 4: /* a byte more, anywhere */
        if (len == size)
            break;
        memmove(bytes + at + 1, bytes + at, len - at);
        bytes[at] = (unsigned char)next_random(seed);
        return len + 1;
    default: /* a byte less, and the length in front of it too: often well-formed again */
        if (at + 5 >= len || bytes[at + 3] == 0)
            break;
        bytes[at + 3]--;
        memmove(bytes + at + 4, bytes + at + 5, len - at - 5);
        return len - 1;
    }
    return len;
}

static void
test_mutations(void **state)
{
    enum { TURNS = 400000 };
    unsigned char bytes[512];
    struct userauth_msg msg;
    struct message_text out;
    uint64_t seed = 20261121;
    unsigned decoded = 0;

    (void)state;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        const struct message_row *row = &messages[next_random(&seed) % COUNT(messages)];
        size_t len = row->len;
        enum userauth_direction direction = row->direction;
        enum userauth_method method = row->method;
        memcpy(bytes, row->bytes, len);
        for (unsigned n = next_random(&seed) % 4; n > 0; n--)
            len = mutate(bytes, len, sizeof(bytes), &seed);
        if (next_random(&seed) % 8 == 0) {
            direction = next_random(&seed) % 2 ? SENT : RECEIVED;
            method = (enum userauth_method)(next_random(&seed) % (ANY + 1));
        }
        const unsigned char *payload = message_guarded(bytes, len);
        const char *why = userauth_msg_decode(&msg, direction, method, payload, len);
        if (why)
            assert_non_null(strstr(why, "(RFC 4"));
        else
            message_describe(&out, &msg, payload, len);
        decoded += !why;
    }
    assert_in_range(decoded, TURNS / 10, TURNS - TURNS / 10); /* else it tested one side only */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mutations)};

    return cmocka_run_group_tests_name("userauth_msg_fuzz", tests, message_pages_make,
                                       message_pages_drop);
}
