/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See record_fixture.h.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record_fixture.h"

static void
count(void *context, const struct userauth_msg *msg)
{
    struct session_record *record = context;

    if (msg->refused) {
        record->refused++;
        return;
    }
    record->observed++;
    record->last_observed = msg->type;
}

void
record_begin(struct session_record *record, enum userauth_method method, bool request)
{
    const struct userauth_msg msg = {.type = MSG_USERAUTH_REQUEST, .method = method};

    memset(record, 0, sizeof(*record));
    record->packet.method = method;
    if (request)
        guard_sent(&record->packet.guard, &msg);
    record->packet.observer = count;
    record->packet.observer_context = record;
}

void
record_send(struct session_record *record, const unsigned char *bytes, size_t len)
{
    struct packet *packet = &record->packet;
    struct userauth_msg msg;

    assert_null(userauth_msg_decode(&msg, SENT, packet->method, bytes, len));
    if (guard_is_new_request(&packet->guard, &msg))
        assert_true(record_new_request(packet, &msg));
    record_sent(packet, &msg);
}

enum fate
record_receive_span(struct session_record *record, const char *types, struct span message)
{
    unsigned char *exact = malloc(message.len + 1);
    unsigned char *payload = exact + 1; /* may be of no bytes at all */
    bool taken;

    assert_non_null(exact);
    memcpy(payload, message.bytes, message.len);
    record->len = message.len;
    bool handed = record_received(&record->packet, (const unsigned char *)types, payload,
                                  &record->len, &taken);
    assert_true(record->len <= message.len && record->len <= sizeof(record->payload));
    memcpy(record->payload, payload, record->len);
    free(exact);
    assert_false(handed && taken);
    assert_int_equal(failure_is_set(&record->packet.failure), !handed && !taken);
    return handed ? HANDED_ON : taken ? TAKEN : REFUSED;
}

enum fate
record_receive(struct session_record *record, const char *types, const unsigned char *bytes,
               size_t len)
{
    return record_receive_span(record, types, (struct span){bytes, len});
}
