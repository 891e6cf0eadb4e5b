# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios of password and publickey that OpenSSH never plays."""

import scripted
from scripted import string

PK_OK = PASSWD_CHANGEREQ = 60
SCENES = {}


def scene(function):
    SCENES[function.__name__.replace("_", "-")] = function
    return function


def parts(request):
    """The algorithm and the key of a publickey request (RFC 4252 section 7)."""
    reader = scripted.asyncssh.packet.SSHPacket(request.rest)
    reader.get_boolean()
    return reader.get_string(), reader.get_string()


@scene
async def changereq(d, argument):
    """PASSWD_CHANGEREQ in answer to `password`; ARGUMENT: escapes (in its text), empty, long (30,000
    bytes), bad (its text is longer than the message), language (no language tag)."""
    await d.wanted("password")
    texts = {"escapes": b"\x1b]0;owned\x07\x1b[2J\xc2\x9b31m\xff\xc0\xaf\r\nsuccess: owned\n",
             "empty": b"", "long": b"x" * 30000}
    text = string(texts.get(argument, b"Your password has expired.\n"))
    if argument == "bad":
        text = text[:-5]
    d.raw(PASSWD_CHANGEREQ, text if argument in ("bad", "language") else text + string(""))


@scene
async def password_partial(d, _):
    """Partial success in answer to a password; publickey can continue, and is refused."""
    await d.wanted("password")
    d.failure(["publickey"], partial=True)
    while True:
        await d.request()
        d.failure(["publickey"])


@scene
async def password_gone(d, _):
    """Lists password, and refuses it with a list without it."""
    await d.wanted("password")
    d.failure(["publickey"])


@scene
async def password_close(d, _):
    """Closes the connection in answer to a password."""
    await d.wanted("password")
    d.close()


@scene
async def password_hang(d, _):
    """Never answers a password."""
    await d.wanted("password")
    await d.silent()


async def query(d, request, argument):
    algorithm, blob = parts(request)
    if argument == "other":
        blob = blob[:-1] + bytes([blob[-1] ^ 1])
    body = string(algorithm) + string(blob)
    d.raw(PK_OK, body[:-3] if argument == "bad" else body)


@scene
async def key_refused(d, _):
    """PK_OK to each query, FAILURE to each signature."""
    while True:
        request = await d.wanted("publickey")
        if str(request) == "publickey signed":
            d.failure(["publickey"])
        else:
            await query(d, request, "")


@scene
async def key_ok(d, argument):
    """PK_OK to the query, then SUCCESS; ARGUMENT: bad (PK_OK is too short), other (it names
    another key), close (the connection ends instead of SUCCESS), partial (partial success, each time)."""
    while True:
        request = await d.wanted("publickey")
        if str(request) != "publickey signed":
            await query(d, request, argument)
        elif argument == "close":
            d.close()
        elif argument == "partial":
            d.failure(["publickey"], partial=True)
        else:
            d.success()


@scene
async def key_unsigned(d, _):
    """SUCCESS in answer to a query, without any signature."""
    await d.wanted("publickey")
    d.success()


@scene
async def key_unsigned_partial(d, _):
    """Partial success in answer to a query; then SUCCESS to whatever comes."""
    await d.wanted("publickey")
    d.failure(["publickey", "password"], partial=True)
    await d.request()
    d.success()


@scene
async def key_twice(d, _):
    """PK_OK twice for one query, then SUCCESS."""
    request = await d.wanted("publickey")
    await query(d, request, "")
    await query(d, request, "")
    await d.request()
    d.success()


@scene
async def key_lists(d, argument):
    """Refuses three keys with a list each, of which only the first has password; ARGUMENT: ok (the
    third is accepted)."""
    for count in range(3):
        request = await d.wanted("publickey")
        if count == 2 and argument == "ok":
            await query(d, request, "")
            await d.wanted("publickey")
            d.success()
        d.failure(["publickey"] if count else ["publickey", "password"])


@scene
async def key_hang(d, _):
    """Never answers a query."""
    await d.wanted("publickey")
    await d.silent()
