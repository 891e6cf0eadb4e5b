# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios in which the server breaks the protocol, or ends the connection."""

import asyncio
import struct

from scripted import FAILURE, INFO_REQUEST, SUCCESS, UNIMPLEMENTED, boolean, string, u32

KBDINT = "keyboard-interactive"
SCENES = {}

BAD_FAILURES = {
    "empty": b"",
    "length": u32(0xFFFFFFFF) + b"password" + b"\0",
    "no-boolean": string("password"),
    "trailing": string("password") + b"\0\0",
    "boolean": string("password") + b"\2",
}

BAD_INFOS = {
    "empty": b"",
    "name": u32(0xFFFFFFFF),
    "name-4g": u32(0xFFFFFFF0) + string("") * 2 + u32(0),
    "instruction": string("name") + u32(1000) + b"short",
    "no-count": string("") * 3,
    "count": string("") * 3 + u32(0xFFFFFFFF),
    "count-more": string("") * 3 + u32(2) + string("Only one: ") + b"\0",
    "prompt": string("") * 3 + u32(1) + u32(0xFFFFFFFF) + b"Password: " + b"\0",
    "no-echo": string("") * 3 + u32(1) + string("Password: "),
    "trailing": string("") * 3 + u32(1) + string("Password: ") + b"\0" + b"more",
    "echo": string("") * 3 + u32(1) + string("Password: ") + b"\7",
}


def scene(function):
    SCENES[function.__name__.rstrip("_").replace("_", "-")] = function
    return function


@scene
async def bad_failure(d, argument):
    """A FAILURE with a bad body: empty, length, no-boolean, trailing, boolean (2, which is TRUE)."""
    while True:
        await d.request()
        d.raw(FAILURE, BAD_FAILURES[argument or "empty"])


@scene
async def bad_info(d, argument):
    """An INFO_REQUEST with a bad body: empty, name, name-4g, instruction, no-count, count,
    count-more, prompt, no-echo, trailing, echo (7, which is TRUE)."""
    await d.wanted(KBDINT)
    d.raw(INFO_REQUEST, BAD_INFOS[argument or "empty"])
    await d.answer()
    d.failure([KBDINT])


@scene
async def bad_info_later(d, argument):
    """The same in the second round."""
    await d.wanted(KBDINT)
    await d.ask([("First: ", False)])
    d.raw(INFO_REQUEST, BAD_INFOS[argument or "empty"])
    await d.answer()
    d.failure([KBDINT])


@scene
async def bad_banner(d, argument):
    """A banner whose text is longer than the message, then a FAILURE."""
    await d.request()
    d.raw(53, u32(0xFFFFFFFF) + b"text")
    d.failure([KBDINT])


@scene
async def type_(d, argument):
    """Answers the first request with an empty message of type ARGUMENT."""
    await d.request()
    d.raw(int(argument))


@scene
async def success_early(d, _):
    """An INFO_REQUEST and at once SUCCESS, before any answer."""
    await d.wanted(KBDINT)
    d.info([("Password: ", False)])
    d.raw(SUCCESS)
    await d.answer()


@scene
async def success_unasked(d, _):
    """FAILURE to the first request, and a SUCCESS that nobody asked for right behind it."""
    await d.request()
    d.failure([KBDINT])
    d.raw(SUCCESS)
    await d.silent()


@scene
async def failure_twice(d, _):
    """Two FAILUREs for the first request, the second with partial success."""
    await d.request()
    d.failure([KBDINT])
    d.failure([KBDINT], partial=True)
    await d.silent()


@scene
async def partial_unasked(d, _):
    """An INFO_REQUEST and at once a FAILURE with partial success."""
    await d.wanted(KBDINT)
    d.info([("Password: ", False)])
    d.failure([KBDINT], partial=True)
    await d.answer()


@scene
async def success_body(d, _):
    """A SUCCESS with bytes behind it."""
    await d.request()
    d.raw(SUCCESS, b"more")


@scene
async def unimplemented(d, _):
    """UNIMPLEMENTED in answer to each request."""
    while True:
        await d.request()
        d.raw(UNIMPLEMENTED, u32(5))


@scene
async def unimplemented_answer(d, _):
    """UNIMPLEMENTED in answer to the INFO_RESPONSE."""
    await d.wanted(KBDINT)
    await d.ask([("Password: ", False)])
    d.raw(UNIMPLEMENTED, u32(6))
    await d.silent()


@scene
async def noise(d, _):
    """IGNORE, DEBUG with escapes, and a normal dialogue in between; then SUCCESS."""
    await d.wanted(KBDINT)
    d.raw(2, string(b"x" * 1000))
    d.raw(4, boolean(True) + string(b"debug \x1b[2J text") + string(""))
    await d.ask([("Password: ", False)])
    d.raw(2, string(b""))
    d.success()


@scene
async def flood_banner(d, _):
    """Banners of 30,000 bytes, for ever."""
    await d.request()
    while True:
        d.banner("b" * 29990 + "\n")
        await asyncio.sleep(0)
        await d.room()


@scene
async def flood_ignore(d, _):
    """IGNORE messages of 30,000 bytes, for ever."""
    await d.request()
    while True:
        d.raw(2, string(b"i" * 29990))
        await asyncio.sleep(0)
        await d.room()


@scene
async def drip(d, _):
    """A small IGNORE every 50 ms, for ever."""
    await d.request()
    while True:
        d.raw(2, string(b"drip"))
        await d.room()
        await asyncio.sleep(0.05)


@scene
async def close(d, _):
    """Closes the connection in answer to the first request."""
    await d.request()
    d.close()


@scene
async def close_prompt(d, _):
    """Closes the connection right behind the INFO_REQUEST."""
    await d.wanted(KBDINT)
    d.info([("Password: ", False)])
    await asyncio.sleep(0.2)
    d.close()


@scene
async def close_answer(d, _):
    """Closes the connection in answer to the answer."""
    await d.wanted(KBDINT)
    await d.ask([("Password: ", False)])
    d.close()


@scene
async def reset(d, _):
    """Resets the connection in answer to the first request."""
    await d.request()
    linger = struct.pack("ii", 1, 0)
    d.connection.get_extra_info("socket").setsockopt(1, 13, linger)
    d.connection.abort()


@scene
async def disconnect(d, argument):
    """DISCONNECT with reason ARGUMENT (2) and a text with escapes, in answer to the first request."""
    await d.request()
    d.disconnect(int(argument or 2), b"Too many \x1b]0;owned\x07\x1b[2Jfailures \xe2\x80\xae\xff\nsecond line")


@scene
async def disconnect_answer(d, argument):
    """The same in answer to the answer."""
    await d.wanted(KBDINT)
    await d.ask([("Password: ", False)])
    d.disconnect(int(argument or 2), b"Too many \x1b]0;owned\x07\x1b[2Jfailures \xe2\x80\xae\xff")
