# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios in which the server keeps to the protocol: dialogues, partial success, banners, silence."""

import asyncio

from scripted import string

KBDINT = "keyboard-interactive"
SCENES = {}


def scene(function):
    SCENES[function.__name__.replace("_", "-")] = function
    return function


@scene
async def at_once(d, _):
    """SUCCESS to whatever is asked first, `none` included."""
    await d.request()
    d.success()


@scene
async def no_dialogue(d, _):
    """SUCCESS to keyboard-interactive without an INFO_REQUEST; `none` is refused."""
    await d.wanted(KBDINT)
    d.success()


@scene
async def name(d, _):
    """Name, instruction of two lines, `Login code: ` (echo), `Password: `; accepted: 4711 and secret.
    Then a round without prompts that has a name and an instruction too."""
    await d.wanted(KBDINT)
    answers = await d.ask([("Login code: ", True), ("Password: ", False)],
                          name="Directory login", instruction="Use your badge.\nThen the password.")
    await d.ask(name="Welcome", instruction="Nothing more is asked.")
    if answers == [b"4711", b"secret"]:
        d.success()
    else:
        d.failure([KBDINT])


@scene
async def mixed(d, _):
    """Four prompts in one round: One (echo), Two, Three (echo), Four; any answers do."""
    await d.wanted(KBDINT)
    await d.ask([("One: ", True), ("Two: ", False), ("Three: ", True), ("Four: ", False)])
    d.success()


@scene
async def zero(d, argument):
    """ARGUMENT (3) rounds without prompts, `Round N`, then SUCCESS."""
    await d.wanted(KBDINT)
    for number in range(int(argument or 3)):
        await d.ask(name="Round %d" % (number + 1))
    d.success()


@scene
async def rounds(d, argument):
    """ARGUMENT (5) rounds of one prompt, `Answer N: `, then SUCCESS."""
    await d.wanted(KBDINT)
    for number in range(int(argument or 5)):
        await d.ask([("Answer %d: " % (number + 1), False)])
    d.success()


@scene
async def prompts(d, argument):
    """One round of ARGUMENT (10) prompts, `Answer N: `, then SUCCESS."""
    await d.wanted(KBDINT)
    await d.ask([("Answer %d: " % (n + 1), False) for n in range(int(argument or 10))])
    d.success()


@scene
async def prompt_long(d, argument):
    """One prompt of ARGUMENT (30000) times the letter a, then SUCCESS."""
    await d.wanted(KBDINT)
    await d.ask([("a" * int(argument or 30000), False)])
    d.success()


@scene
async def again(d, argument):
    """`Password: ` in ARGUMENT (3) rounds, then FAILURE."""
    await d.wanted(KBDINT)
    for _ in range(int(argument or 3)):
        await d.ask([("Password: ", False)])
    d.failure([KBDINT])


@scene
async def endless_rounds(d, _):
    """Rounds without prompts, and no end."""
    await d.wanted(KBDINT)
    while True:
        await d.ask()


@scene
async def late_prompts(d, argument):
    """A prompt, then a second round of ARGUMENT (101) prompts."""
    await d.wanted(KBDINT)
    await d.ask([("First: ", False)])
    await d.ask([("Answer %d: " % (n + 1), False) for n in range(int(argument or 101))])
    d.success()


@scene
async def empty_prompt(d, _):
    """A prompt without text."""
    await d.wanted(KBDINT)
    await d.ask([("", False)])
    d.success()


@scene
async def escapes(d, _):
    """Name, instruction, prompt and language tag full of terminal escapes and bad UTF-8."""
    await d.wanted(KBDINT)
    bad = b"\x1b]0;owned\x07\x1b[2J\xc2\x9b31m\x9b\xe2\x80\xae\xff\xc0\xaf\r\x08\x7f end"
    await d.ask([(b"Password" + bad + b": ", False)], name=b"Name" + bad,
                instruction=b"Line one" + bad + b"\nLine two", language=b"\x1b[2J")
    d.success()


@scene
async def nul(d, _):
    """A NUL byte within name, instruction and prompt."""
    await d.wanted(KBDINT)
    await d.ask([("Pass\0word: ", False)], name="Na\0me", instruction="Instruc\0tion")
    d.success()


@scene
async def partial(d, _):
    """`Password: `, then partial success with the list password,hostbased,odd@example.com;
    the next request is refused, whatever it is."""
    await d.wanted(KBDINT)
    await d.ask([("Password: ", False)])
    d.failure("password,hostbased,odd@example.com", partial=True)
    await d.request()
    d.failure("password,hostbased,odd@example.com")


@scene
async def partial_twice(d, _):
    """keyboard-interactive three times: twice partial success, then SUCCESS."""
    for number in range(3):
        await d.wanted(KBDINT)
        await d.ask([("Step %d: " % (number + 1), False)])
        if number < 2:
            d.failure([KBDINT], partial=True)
    d.success()


@scene
async def partial_empty(d, _):
    """Partial success with an empty list of methods."""
    await d.wanted(KBDINT)
    await d.ask([("Password: ", False)])
    d.failure("", partial=True)


@scene
async def partial_none(d, _):
    """Partial success in answer to `none`."""
    await d.request()
    d.failure([KBDINT], partial=True)


@scene
async def list_empty(d, _):
    """Refuses with an empty list."""
    while True:
        await d.request()
        d.failure("")


@scene
async def list_odd(d, _):
    """Refuses with a list that has empty, repeated and unknown names."""
    while True:
        await d.request()
        d.failure(",password,,password,odd@example.com,")


@scene
async def list_escapes(d, _):
    """Refuses with method names that hold terminal escapes."""
    while True:
        await d.request()
        d.failure(b"password,\x1b]0;owned\x07,\xc2\x9b31m,\xe2\x80\xae,\xff")


@scene
async def list_long(d, argument):
    """Refuses with a list of ARGUMENT (200) long names."""
    while True:
        await d.request()
        d.failure(["method-%04d-of-a-long-list@example.com" % n for n in range(int(argument or 200))])


@scene
async def lists_differ(d, _):
    """Offers keyboard-interactive first; after it was tried, publickey alone."""
    await d.wanted(KBDINT)
    await d.ask([("Password: ", False)])
    d.failure(["publickey"])


@scene
async def banners(d, argument):
    """Banners before the first round, between two rounds and just before the end:
    SUCCESS, or FAILURE with the argument `refused`."""
    await d.wanted(KBDINT)
    d.banner("Banner one\n")
    await d.ask([("First: ", False)])
    d.banner("Banner two\n")
    await d.ask([("Second: ", False)])
    d.banner("Banner three\x1b[2J\x07\n", "en")
    d.banner("Banner four without newline")
    if argument == "refused":
        d.failure([KBDINT])
    else:
        d.success()


@scene
async def banner_none(d, _):
    """A banner before the FAILURE that answers each request."""
    while True:
        await d.request()
        d.banner("Banner before the list\n")
        d.failure([KBDINT, "password"])


@scene
async def silence(d, argument):
    """`Password: `, then ARGUMENT (5) seconds of silence after the answer, then SUCCESS."""
    await d.wanted(KBDINT)
    await d.ask([("Password: ", False)])
    await asyncio.sleep(float(argument or 5))
    d.success()


@scene
async def silence_first(d, argument):
    """ARGUMENT (5) seconds of silence before the prompt."""
    await d.wanted(KBDINT)
    await asyncio.sleep(float(argument or 5))
    await d.ask([("Password: ", False)])
    d.success()


@scene
async def hang(d, _):
    """Never answers a request."""
    await d.silent()


@scene
async def hang_answer(d, _):
    """Never says anything after the answer."""
    await d.wanted(KBDINT)
    await d.ask([("Password: ", False)])
    await d.silent()


@scene
async def rekey(d, _):
    """A key exchange between two rounds, then SUCCESS."""
    await d.wanted(KBDINT)
    await d.ask([("First: ", False)])
    d.connection.start_rekey()
    while not d.connection.rekeyed():
        await asyncio.sleep(0.01)
    await d.ask([("Second: ", False)])
    d.success()
