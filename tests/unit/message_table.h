/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One userauth message of each kind and side, well-formed, as bytes and as what
 * message_describe() makes of them. Read by the tests of the decoder, and the fuzzers' seed.
 */
#ifndef MESSAGE_TABLE_H
#define MESSAGE_TABLE_H

#include "ssh2/userauth_msg.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define BYTES(text)  (const unsigned char *)(text), sizeof(text) - 1

/* Lengths and counts on the wire. */
#define L0  "\0\0\0\0"
#define L1  "\0\0\0\1"
#define L2  "\0\0\0\2"
#define L3  "\0\0\0\3"
#define L4  "\0\0\0\4"
#define L5  "\0\0\0\5"
#define L6  "\0\0\0\6"
#define L7  "\0\0\0\7"
#define L8  "\0\0\0\10"
#define L9  "\0\0\0\11"
#define L10 "\0\0\0\12"
#define L11 "\0\0\0\13"
#define L12 "\0\0\0\14"
#define L13 "\0\0\0\15"
#define L14 "\0\0\0\16"
#define L15 "\0\0\0\17"

#define HEAD "\x32" L5 "alice" L14 "ssh-connection" /* of a request of alice's */

#define SENT      USERAUTH_SENT
#define RECEIVED  USERAUTH_RECEIVED
#define NONE      USERAUTH_NONE
#define PASSWORD  USERAUTH_PASSWORD
#define PUBLICKEY USERAUTH_PUBLICKEY
#define KBDINT    USERAUTH_KBDINT
#define GSSAPI    USERAUTH_GSSAPI
#define ANY       USERAUTH_OTHER /* means the same whatever the method */

struct message_row {
    enum userauth_direction direction;
    enum userauth_method method;
    const unsigned char *bytes;
    size_t len;
    const char *text;
};

static const struct message_row messages[] = {
    {SENT, NONE, BYTES(HEAD L4 "none"), "REQUEST [alice] [ssh-connection] [none]"},
    {SENT, PASSWORD, BYTES(HEAD L8 "password\0" L3 "abc"),
     "REQUEST [alice] [ssh-connection] [password] no 3"},
    {SENT, PASSWORD, BYTES(HEAD L8 "password\1" L3 "abc" L4 "defg"),
     "REQUEST [alice] [ssh-connection] [password] yes 7"},
    {SENT, PUBLICKEY, BYTES(HEAD L9 "publickey\0" L11 "ssh-ed25519" L2 "\x80\0"),
     "REQUEST [alice] [ssh-connection] [publickey] no 0 [ssh-ed25519]"},
    {SENT, PUBLICKEY, BYTES(HEAD L9 "publickey\1" L11 "ssh-ed25519" L2 "\x80\0" L6 "abcdef"),
     "REQUEST [alice] [ssh-connection] [publickey] yes 6 [ssh-ed25519]"},
    {SENT, KBDINT, BYTES(HEAD "\0\0\0\x14keyboard-interactive" L0 L3 "pam"),
     "REQUEST [alice] [ssh-connection] [keyboard-interactive]"},
    {SENT, GSSAPI, BYTES(HEAD L15 "gssapi-with-mic" L2 L2 "\x06\0" L1 "x"),
     "REQUEST [alice] [ssh-connection] [gssapi-with-mic] 2"},
    {SENT, GSSAPI, BYTES("\x32" L0 L0 L15 "gssapi-with-mic" L0),
     "REQUEST [] [] [gssapi-with-mic] 0"},
    {RECEIVED, ANY, BYTES("\x33" L8 "password\0"), "FAILURE [password] no"},
    {RECEIVED, ANY, BYTES("\x33" L3 "a,b\1"), "FAILURE [a,b] yes"},
    {RECEIVED, ANY, BYTES("\x33" L0 "\xff"), "FAILURE [] yes"},
    {RECEIVED, ANY, BYTES("\x34"), "SUCCESS"},
    {RECEIVED, ANY, BYTES("\x35" L3 "hi\n" L2 "en"), "BANNER [hi\\0a] [en]"},
    {RECEIVED, ANY, BYTES("\x35" L0 L0), "BANNER [] []"},
    {RECEIVED, PASSWORD, BYTES("\x3c" L4 "new?" L2 "en"), "PASSWD_CHANGEREQ [new?] [en]"},
    {RECEIVED, PUBLICKEY, BYTES("\x3c" L7 "ssh-rsa" L3 "\0\1\2"),
     "PK_OK [ssh-rsa] [\\00\\01\\02]"},
    {RECEIVED, KBDINT, BYTES("\x3c" L0 L0 L0 L0), "INFO_REQUEST [] [] [] 0"},
    {RECEIVED, KBDINT, BYTES("\x3c" L1 "n" L2 "in" L2 "en" L2 L10 "Password: \0" L0 "\1"),
     "INFO_REQUEST [n] [in] [en] 2 [Password: ] no [] yes"},
    {RECEIVED, KBDINT, BYTES("\x3c" L0 L0 L0 L1 L2 "\x1b\0\2"),
     "INFO_REQUEST [] [] [] 1 [\\1b\\00] yes"},
    {SENT, KBDINT, BYTES("\x3d" L0), "INFO_RESPONSE 0"},
    {SENT, KBDINT, BYTES("\x3d" L3 L2 "pw" L0 L6 "123456"), "INFO_RESPONSE 3 2 0 6"},
    {RECEIVED, GSSAPI, BYTES("\x3c" L3 "\6\1\x2a"), "GSSAPI_RESPONSE [\\06\\01*]"},
    {SENT, GSSAPI, BYTES("\x3d" L2 "`x"), "GSSAPI_TOKEN [`x]"},
    {RECEIVED, GSSAPI, BYTES("\x3d" L2 "`y"), "GSSAPI_TOKEN [`y]"},
    {SENT, GSSAPI, BYTES("\x3f"), "GSSAPI_EXCHANGE_COMPLETE"},
    {RECEIVED, GSSAPI, BYTES("\x40\0\x0d\0\0\x96\xc7\3\6" L4 "why?" L0),
     "GSSAPI_ERROR 851968 2529624838 [why?] []"},
    {SENT, GSSAPI, BYTES("\x41" L1 "e"), "GSSAPI_ERRTOK [e]"},
    {RECEIVED, GSSAPI, BYTES("\x41" L1 "f"), "GSSAPI_ERRTOK [f]"},
    {SENT, GSSAPI, BYTES("\x42" L4 "mic!"), "GSSAPI_MIC [mic!]"},
};

#endif
