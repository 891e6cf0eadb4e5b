# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios of gssapi-with-mic that OpenSSH never plays. The client needs a ticket; nothing here
reads it."""

from scripted import FAILURE, SUCCESS, string, u32

GSSAPI = "gssapi-with-mic"
RESPONSE, TOKEN, EXCHANGE_COMPLETE, ERROR, ERRTOK, MIC = 60, 61, 63, 64, 65, 66
KERBEROS = bytes.fromhex("06092a864886f712010202")
SPNEGO = bytes.fromhex("06062b0601050502")
SCENES = {}


def scene(function):
    SCENES[function.__name__.replace("_", "-")] = function
    return function


async def begin(d, mechanism=KERBEROS):
    """Chooses a mechanism and takes the client's first token."""
    await d.wanted(GSSAPI)
    d.raw(RESPONSE, string(mechanism))
    return await d.answer(TOKEN, ERRTOK, MIC, EXCHANGE_COMPLETE)


def error(text):
    return u32(0x000D0000) + u32(0x96C73A07) + string(text) + string("en")


@scene
async def gss_error(d, _):
    """ERROR (64) with escapes in its text after the client's token, then FAILURE."""
    await begin(d)
    d.raw(ERROR, error(b"No key \x1b]0;owned\x07\x1b[2Jfor this \xe2\x80\xae\xffservice\nsecond line"))
    d.failure([GSSAPI, "password"])


@scene
async def gss_error_first(d, _):
    """ERROR instead of a choice of mechanism, then FAILURE."""
    await d.wanted(GSSAPI)
    d.raw(ERROR, error("Not today"))
    d.failure([GSSAPI])


@scene
async def gss_error_bad(d, _):
    """An ERROR whose text is longer than the message."""
    await begin(d)
    d.raw(ERROR, u32(1) + u32(2) + u32(0xFFFFFFFF))
    d.failure([GSSAPI])


@scene
async def gss_error_alone(d, _):
    """ERROR, and no FAILURE after it."""
    await begin(d)
    d.raw(ERROR, error("And nothing more"))
    await d.silent()


@scene
async def gss_errtok(d, _):
    """ERRTOK (65) that is no token, then FAILURE."""
    await begin(d)
    d.raw(ERRTOK, string(b"no token"))
    d.failure([GSSAPI])


@scene
async def gss_refused(d, _):
    """FAILURE at once; gssapi-with-mic stays in the list."""
    while True:
        await d.wanted(GSSAPI)
        d.failure([GSSAPI])


@scene
async def gss_refused_token(d, _):
    """FAILURE after the client's token."""
    await begin(d)
    d.failure([GSSAPI])


@scene
async def gss_spnego(d, _):
    """Chooses SPNEGO, which was not offered."""
    await begin(d, SPNEGO)
    d.failure([GSSAPI])


@scene
async def gss_oid_empty(d, _):
    """Chooses a mechanism of no bytes."""
    await begin(d, b"")
    d.failure([GSSAPI])


@scene
async def gss_oid_bare(d, _):
    """Chooses Kerberos without the DER tag and length."""
    await begin(d, KERBEROS[2:])
    d.failure([GSSAPI])


@scene
async def gss_oid_bad(d, _):
    """A RESPONSE whose length is beyond the message."""
    await d.wanted(GSSAPI)
    d.raw(RESPONSE, u32(0xFFFFFFFF) + KERBEROS)
    await d.answer()


@scene
async def gss_token_bad(d, _):
    """A token that is none."""
    await begin(d)
    d.raw(TOKEN, string(b"no token at all"))
    await d.answer()
    d.failure([GSSAPI])


@scene
async def gss_token_empty(d, _):
    """A token of no bytes."""
    await begin(d)
    d.raw(TOKEN, string(b""))
    await d.answer()
    d.failure([GSSAPI])


@scene
async def gss_token_long(d, _):
    """A token whose length is beyond the message."""
    await begin(d)
    d.raw(TOKEN, u32(0xFFFFFFFF) + b"short")
    await d.answer()
    d.failure([GSSAPI])


@scene
async def gss_success_early(d, _):
    """SUCCESS right after the client's first token: the server has proved nothing."""
    await begin(d)
    d.raw(SUCCESS)


@scene
async def gss_partial_early(d, _):
    """Partial success right after the client's first token."""
    await begin(d)
    d.failure(["keyboard-interactive"], partial=True)


@scene
async def gss_at_once(d, _):
    """SUCCESS to the request itself, without any token."""
    await d.wanted(GSSAPI)
    d.success()


@scene
async def gss_hang(d, _):
    """Chooses Kerberos, takes the token, and says no more."""
    await begin(d)
    await d.silent()


@scene
async def gss_bad_failure(d, _):
    """A FAILURE without a body after the client's token."""
    await begin(d)
    d.raw(FAILURE)


@scene
async def gss_close(d, _):
    """Closes the connection after the client's token."""
    await begin(d)
    d.close()
