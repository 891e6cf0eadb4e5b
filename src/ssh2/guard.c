/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two machines: one for the transport, by type alone, as messages arrive; and one for the
 * userauth dialogue, as they are handed on. A state that no message is allowed in is our turn.
 */
#include <config.h>

#include "ssh2/guard.h"

#include <string.h>

/* Numbers: RFC 4250 section 4.1.2; EXT_INFO: RFC 8308. */
enum {
    IGNORE = 2,
    UNIMPLEMENTED = 3,
    DEBUG = 4,
    EXT_INFO = 7,
    METHOD_FIRST = 30, /* of the key exchange's method */
    METHOD_LAST = 49,
    USERAUTH_FIRST = 50,
    USERAUTH_LAST = 79,
    CONNECTION_LAST = 127
};

/* The transport ------------------------------------------------------------------------------
 */

static const char *
ignore(struct guard *guard)
{
    return ++guard->ignored <= GUARD_MAX_IGNORED
               ? NULL
               : "more messages that mean nothing than the limit of 4096";
}

/* RFC 4253 section 11.4 wants these ignored; libssh2 keeps them for ever. */
static const char *
ignore_unknown(struct guard *guard)
{
    if (++guard->unknown > GUARD_MAX_UNKNOWN)
        return "more messages of unknown types than the limit of 64";
    return ignore(guard);
}

static const char *
kexinit_arrived(struct guard *guard)
{
    if (guard->exchange != GUARD_KEYS && guard->exchange != GUARD_NO_KEYS)
        return "a key exchange is under way already (RFC 4253 section 7.1)";
    if (guard->exchanges > GUARD_MAX_REKEYS)
        return "more key exchanges than the limit of 16 behind the first";
    guard->exchanges++;
    guard->asked = guard->answered = 0;
    guard->keyed = false;
    guard->exchange = GUARD_KEXINIT;
    return NULL;
}

static const char *
newkeys_arrived(struct guard *guard)
{
    if (guard->exchange != GUARD_KEX_REPLY)
        return "no key exchange is to be ended by it (RFC 4253 section 7.3)";
    /* libssh2 reads nothing between the reply that it waits for and its own NEWKEYS */
    if (!guard->keyed)
        return "the key exchange has no reply yet (RFC 4253 section 7.3)";
    guard->exchange = GUARD_KEYS;
    return NULL;
}

static const char *
method_message_arrived(struct guard *guard)
{
    if (guard->exchange != GUARD_KEXINIT && guard->exchange != GUARD_KEX_REPLY)
        return "no key exchange is under way (RFC 4253 section 7)";
    if (guard->answered == guard->asked)
        return "nothing in this key exchange asked for it (RFC 4253 section 8)";
    guard->answered++;
    guard->exchange = GUARD_KEX_REPLY;
    return NULL;
}

static const char *
service_accept_arrived(struct guard *guard)
{
    if (guard->service == GUARD_NO_SERVICE)
        return "no service was asked for yet (RFC 4253 section 10)";
    if (guard->service == GUARD_SERVICE)
        return "the service was accepted before (RFC 4253 section 10)";
    guard->service = GUARD_SERVICE;
    return NULL;
}

/* Messages that only the transport has, whatever state the rest is in. */
static const char *
transport_arrived(struct guard *guard, unsigned char type)
{
    switch (type) {
    case 0:
        return "there is no such message (RFC 4250 section 4.1.2)";
    case MSG_DISCONNECT:
        return NULL;
    case IGNORE:
    case DEBUG:
        return ignore(guard);
    case UNIMPLEMENTED:
        return "the server does not implement what it was sent (RFC 4253 section 11.4)";
    case MSG_SERVICE_REQUEST:
        return "it is not a message for this side (RFC 4253 section 10)";
    case MSG_SERVICE_ACCEPT:
        return service_accept_arrived(guard);
    case EXT_INFO:
        return ignore(guard);
    case MSG_KEXINIT:
        return kexinit_arrived(guard);
    case MSG_NEWKEYS:
        return newkeys_arrived(guard);
    default:
        return type >= METHOD_FIRST ? method_message_arrived(guard) : ignore_unknown(guard);
    }
}

/* From KEXINIT to NEWKEYS a side may send 1 to 49 but for these, and the first KEXINIT is to
 * come first of all. */
static bool
waits_for_keys(unsigned char type)
{
    return type >= USERAUTH_FIRST || type == MSG_SERVICE_REQUEST || type == MSG_SERVICE_ACCEPT;
}

const char *
guard_arrived(struct guard *guard, unsigned char type)
{
    if (guard->exchange != GUARD_KEYS && waits_for_keys(type))
        return "the key exchange is not complete (RFC 4253 section 7.1)";
    if (guard->exchange != GUARD_KEYS && type == EXT_INFO)
        return "the key exchange is not complete (RFC 8308 section 2.4)";
    if (type < USERAUTH_FIRST)
        return transport_arrived(guard, type);
    if (type > CONNECTION_LAST)
        return ignore_unknown(guard);
    if (type > USERAUTH_LAST)
        return guard->authenticated ? ignore(guard)
                                    : "authentication is not complete (RFC 4252 section 6)";
    /* a banner that runs ahead of SERVICE_ACCEPT does no harm */
    return guard->service == GUARD_SERVICE ||
                   (guard->service == GUARD_SERVICE_ASKED && type == MSG_USERAUTH_BANNER)
               ? NULL
               : "the userauth service was not accepted yet (RFC 4253 section 10)";
}

void
guard_transport_sent(struct guard *guard, unsigned char type)
{
    if (type == MSG_SERVICE_REQUEST)
        guard->service = GUARD_SERVICE_ASKED;
    guard->keyed |= type == MSG_NEWKEYS;
    if (type >= METHOD_FIRST && type <= METHOD_LAST)
        guard->asked++;
}

void
guard_guessed_wrong(struct guard *guard)
{
    guard->asked++;
}

/* The userauth dialogue ----------------------------------------------------------------------
 */

#define FAILURE "\x33"
#define SUCCESS "\x34"
#define M60     "\x3c" /* PK_OK, PASSWD_CHANGEREQ, INFO_REQUEST, GSSAPI_RESPONSE */
#define TOKEN   "\x3d"
#define ERRORS  "\x40\x41" /* GSSAPI_ERROR, ERRTOK */

#define NO_PROOF                                                                               \
    "it accepts a request of which the MIC, the proof, was not sent yet (RFC 4462 section "    \
    "3.5)"

/* In each state: what may come, and the rule that anything else breaks. Where the user may not
 * be let in yet (`unproved`), neither SUCCESS nor partial success may come. */
static const struct {
    const char *may, *rule, *unproved;
} states[GUARD_DIALOGUES] = {
    [GUARD_NO_REQUEST] = {"", "no request asked for it (RFC 4252 section 5.1)", NULL},
    [GUARD_REQUEST] = {FAILURE SUCCESS M60,
                       "the method in progress has no such message (RFC 4252 section 6)", NULL},
    [GUARD_CHANGE] = {"", "the request was answered already (RFC 4252 section 8)", NULL},
    [GUARD_QUERY] =
        {FAILURE M60, "a query is not answered so (RFC 4252 section 7)",
         "it accepts a request that nothing was signed for yet (RFC 4252 section 7)"},
    [GUARD_KEY] = {"", "the query was answered already (RFC 4252 section 7)", NULL},
    [GUARD_SIGNED] = {FAILURE SUCCESS, "only a query is answered so (RFC 4252 section 7)",
                      NULL},
    [GUARD_ANSWERS] = {FAILURE SUCCESS M60,
                       "keyboard-interactive has no such message (RFC 4256 section 5)", NULL},
    [GUARD_QUESTIONS] = {"",
                         "the last INFO_REQUEST was not answered yet (RFC 4256 section 3.4)",
                         NULL},
    [GUARD_MECHANISMS] = {FAILURE M60 ERRORS,
                          "no mechanism was chosen yet (RFC 4462 section 3.3)", NO_PROOF},
    [GUARD_MECHANISM] = {"", "our first token was not sent yet (RFC 4462 section 3.4)", NULL},
    [GUARD_OUR_TOKEN] = {FAILURE TOKEN ERRORS,
                         "a mechanism was chosen before (RFC 4462 section 3.3)", NO_PROOF},
    [GUARD_TOKEN] = {"", "the last token was not answered yet (RFC 4462 section 3.4)", NULL},
    [GUARD_PROOF] = {FAILURE SUCCESS ERRORS, "the exchange is complete (RFC 4462 section 3.4)",
                     NULL},
    [GUARD_ERROR] =
        {FAILURE ERRORS, "only FAILURE may follow an error (RFC 4462 section 3.8)",
         "it accepts a request of which it reported an error (RFC 4462 section 3.8)"},
};

bool
guard_is_our_turn(const struct guard *guard)
{
    return !*states[guard->dialogue].may;
}

bool
guard_is_new_request(const struct guard *guard, const struct userauth_msg *msg)
{
    return msg->type == MSG_USERAUTH_REQUEST &&
           !(msg->method == USERAUTH_PUBLICKEY && msg->u.request.flag &&
             guard->dialogue == GUARD_KEY);
}

static bool
lets_in(const struct userauth_msg *msg)
{
    return msg->type == MSG_USERAUTH_SUCCESS ||
           (msg->type == MSG_USERAUTH_FAILURE && msg->u.failure.partial);
}

static bool
is_gssapi(const struct userauth_msg *msg, unsigned char type)
{
    return msg->method == USERAUTH_GSSAPI && msg->type == type;
}

const char *
guard_check(const struct guard *guard, const struct userauth_msg *msg)
{
    const char *unproved = states[guard->dialogue].unproved;

    if (unproved && lets_in(msg))
        return unproved;
    if (!strchr(states[guard->dialogue].may, msg->type))
        return states[guard->dialogue].rule;
    if ((guard->error && is_gssapi(msg, MSG_USERAUTH_GSSAPI_ERROR)) ||
        (guard->error_token && is_gssapi(msg, MSG_USERAUTH_GSSAPI_ERRTOK)))
        return states[GUARD_ERROR].rule;
    return NULL;
}

/* After the server's message of 60 to 79. */
static enum guard_dialogue
after_reply(struct guard *guard, const struct userauth_msg *msg)
{
    switch (msg->method) {
    case USERAUTH_PASSWORD:
        return GUARD_CHANGE;
    case USERAUTH_PUBLICKEY:
        return GUARD_KEY;
    case USERAUTH_KBDINT:
        return GUARD_QUESTIONS;
    case USERAUTH_GSSAPI:
        guard->error |= msg->type == MSG_USERAUTH_GSSAPI_ERROR;
        guard->error_token |= msg->type == MSG_USERAUTH_GSSAPI_ERRTOK;
        if (guard->error || guard->error_token)
            return GUARD_ERROR;
        return msg->type == MSG_USERAUTH_GSSAPI_RESPONSE ? GUARD_MECHANISM : GUARD_TOKEN;
    case USERAUTH_NONE:
    case USERAUTH_OTHER:
        break;
    }
    return GUARD_NO_REQUEST;
}

void
guard_received(struct guard *guard, const struct userauth_msg *msg)
{
    guard->authenticated |= msg->type == MSG_USERAUTH_SUCCESS;
    guard->dialogue = msg->type == MSG_USERAUTH_SUCCESS || msg->type == MSG_USERAUTH_FAILURE
                          ? GUARD_NO_REQUEST
                          : after_reply(guard, msg);
}

static enum guard_dialogue
after_request(const struct userauth_msg *msg)
{
    switch (msg->method) {
    case USERAUTH_PUBLICKEY:
        return msg->u.request.flag ? GUARD_SIGNED : GUARD_QUERY;
    case USERAUTH_KBDINT:
        return GUARD_ANSWERS;
    case USERAUTH_GSSAPI:
        return GUARD_MECHANISMS;
    case USERAUTH_NONE:
    case USERAUTH_PASSWORD:
    case USERAUTH_OTHER:
        break;
    }
    return GUARD_REQUEST;
}

void
guard_begin(struct guard *guard)
{
    guard->dialogue = GUARD_NO_REQUEST;
    guard->error = guard->error_token = false;
}

void
guard_sent(struct guard *guard, const struct userauth_msg *msg)
{
    if (msg->type == MSG_USERAUTH_REQUEST)
        guard->dialogue = after_request(msg);
    else if (guard->dialogue == GUARD_NO_REQUEST)
        return; /* it has no request, so that nothing may answer it */
    else if (msg->method == USERAUTH_KBDINT)
        guard->dialogue = GUARD_ANSWERS;
    else if (msg->type == MSG_USERAUTH_GSSAPI_MIC ||
             msg->type == MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE)
        guard->dialogue = GUARD_PROOF;
    else
        guard->dialogue = GUARD_OUR_TOKEN;
}

/* Names --------------------------------------------------------------------------------------
 */

const char *
guard_message_name(unsigned char type)
{
    static const char *const names[] = {
        [MSG_DISCONNECT] = "DISCONNECT",
        [IGNORE] = "IGNORE",
        [UNIMPLEMENTED] = "UNIMPLEMENTED",
        [DEBUG] = "DEBUG",
        [MSG_SERVICE_REQUEST] = "SERVICE_REQUEST",
        [MSG_SERVICE_ACCEPT] = "SERVICE_ACCEPT",
        [EXT_INFO] = "EXT_INFO",
        [MSG_KEXINIT] = "KEXINIT",
        [MSG_NEWKEYS] = "NEWKEYS",
        [80] = "GLOBAL_REQUEST",
        [81] = "REQUEST_SUCCESS",
        [82] = "REQUEST_FAILURE",
        [90] = "CHANNEL_OPEN",
        [91] = "CHANNEL_OPEN_CONFIRMATION",
        [92] = "CHANNEL_OPEN_FAILURE",
        [93] = "CHANNEL_WINDOW_ADJUST",
        [94] = "CHANNEL_DATA",
        [95] = "CHANNEL_EXTENDED_DATA",
        [96] = "CHANNEL_EOF",
        [97] = "CHANNEL_CLOSE",
        [98] = "CHANNEL_REQUEST",
        [99] = "CHANNEL_SUCCESS",
        [100] = "CHANNEL_FAILURE",
    };

    return type < sizeof names / sizeof *names ? names[type] : NULL;
}
