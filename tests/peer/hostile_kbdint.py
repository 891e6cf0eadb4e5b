# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: keyboard-interactive (RFC 4256)."""

from scenario import scenario
from ssh_wire import FAILURE, INFO_REQUEST, INFO_RESPONSE, REQUEST, boolean, string, u32
from userauth import (BY_KBDINT, EVERYTHING, FLOODED, HOSTILE, KBDINT, QUESTION, SUCCEEDED, answered, asked_again, asked_kbdint,
                      banner, broken, changereq, cuts, debug, failure, ignore, info, lengths, mechanism, rows, together)

# for servers that ask the same again and again, which counts as refused
PATIENT = [*BY_KBDINT, "--max-refused=1000"]
BAD = broken("USERAUTH_INFO_REQUEST")
GOOD = {"success": "accepted after keyboard-interactive"}
PARTS = (string("name"), string("instruction"), string("en"), u32(2), string("One: "), boolean(True),
         string("Two: "), boolean(False))
EMPTY = string("") * 3


def ask(t, payload):
    asked_kbdint(t)
    t.send(payload)


def ask_later(t, payload):
    answered(t)
    t.send(payload)


def raw(body):
    return bytes([INFO_REQUEST]) + body


# INFO_REQUEST, field by field, in the first round and in a later one

MALFORMED = {
    **cuts(INFO_REQUEST, *PARTS),
    **lengths(INFO_REQUEST, *PARTS),
    "no-prompt": raw(EMPTY + u32(1)),
    "one-too-few": raw(EMPTY + u32(2) + string("Only one: ") + b"\0"),
    "one-too-many": raw(EMPTY + u32(1) + string("One: ") + b"\0" + string("Two: ") + b"\0"),
    "none-and-one": raw(EMPTY + u32(0) + string("Password: ") + b"\0"),
    "count-4g": raw(EMPTY + u32(0xFFFFFFFF) + string("Password: ") + b"\0"),
    "count-2g": raw(EMPTY + u32(0x80000000) + (string("") + b"\0") * 5),
    "count-wraps": raw(EMPTY + u32(0x33333334) + (string("") + b"\0") * 5),
    "count-fills": raw(EMPTY + u32(6000) + (string("") + b"\0") * 5999),
    "byte-behind": QUESTION + b"\0",
    "hostile-behind": QUESTION + EVERYTHING,
    "name-4g-alone": raw(u32(0xFFFFFFFF)),
    "name-short": raw(u32(0xFFFFFFF0) + EMPTY + u32(0)),
    "name-of-all": raw(u32(40) + bytes(40)),
    "changereq": changereq(),
    "mechanism": mechanism(),
}
rows("kbdint-info", "The first INFO_REQUEST is malformed: %s.", BY_KBDINT, BAD, MALFORMED, ask, sent=1,
     credential=False)
rows("kbdint-later", "The second INFO_REQUEST is malformed: %s.", BY_KBDINT, BAD, MALFORMED, ask_later, sent=2)

rows("kbdint-failure", "A FAILURE after the answer is malformed: %s.", BY_KBDINT, broken("USERAUTH_FAILURE"), {
    **cuts(FAILURE, string(KBDINT), b"\1"),
    "4g": bytes([FAILURE]) + u32(0xFFFFFFFF) + b"password\1",
    "byte-behind": failure(KBDINT, partial=True) + b"\1",
    "list": failure(KBDINT.encode() + HOSTILE["osc"], partial=True),
}, ask_later, sent=2)

# Messages of another method, or of this side

TYPES = {str(number): bytes([number]) + string("text") + string("en")
         for number in (REQUEST, 54, INFO_RESPONSE, 62, 63, 64, 65, 66, 67, 79)}
OF_NOBODY = {"protocol-error": r"(USERAUTH_|message [0-9]+).*\(RFC [0-9]+ section"}
rows("kbdint-type", "The request is answered by type %s.", BY_KBDINT, OF_NOBODY, TYPES, ask, sent=1, credential=False)
rows("kbdint-answer-type", "The answer is answered by type %s.", BY_KBDINT, OF_NOBODY, TYPES, ask_later, sent=2)

rows("kbdint-info-response", "The server sends an INFO_RESPONSE: %s.", BY_KBDINT, broken("USERAUTH_INFO_RESPONSE"), {
    "good": bytes([INFO_RESPONSE]) + u32(1) + string("answer"),
    "empty": bytes([INFO_RESPONSE]) + u32(0),
    "bare": bytes([INFO_RESPONSE]),
    "count": bytes([INFO_RESPONSE]) + u32(0xFFFFFFFF),
}, ask, sent=1, credential=False)


def unimplemented(t, payload):
    answered(t)
    t.send(payload)


rows("kbdint-unimplemented", "UNIMPLEMENTED instead of a verdict: %s.", BY_KBDINT, broken("UNIMPLEMENTED"), {
    "answer": b"\3" + u32(6),
    "bad": b"\3\0",
}, unimplemented, sent=2)


# Order

def before_answer(t, payload):
    asked_kbdint(t)
    together(t, QUESTION, payload)


rows("kbdint-before-answer", "An INFO_REQUEST, and before the answer: %s.", BY_KBDINT,
     broken("USERAUTH_(SUCCESS|FAILURE|INFO_REQUEST|INFO_RESPONSE)|message 66"), {
         "success": SUCCEEDED,
         "success-hostile": SUCCEEDED + EVERYTHING,
         "failure": failure(KBDINT),
         "partial": failure(KBDINT, partial=True),
         "info": QUESTION,
         "info-bad": QUESTION[:-1],
         "info-empty": info(),
         "response": bytes([INFO_RESPONSE]) + u32(0),
         "request": bytes([66]) + string("x"),
     }, before_answer, sent=1, credential=False)


def before_answers(t, payload):
    answered(t)
    together(t, info([("Code: ", True)]), payload)


rows("kbdint-before-second-answer", "Before the answer of the second round: %s.", BY_KBDINT,
     broken("USERAUTH_(SUCCESS|FAILURE|INFO_REQUEST)"), {
         "success": SUCCEEDED, "partial": failure(KBDINT, partial=True), "info": QUESTION,
     }, before_answers, sent=2)


def before_empty_answer(t, payload):
    asked_kbdint(t)
    together(t, info(), payload)


rows("kbdint-before-empty-answer", "A round without prompts, and before its answer: %s.", BY_KBDINT,
     broken("USERAUTH_(SUCCESS|FAILURE|INFO_REQUEST)"), {
         "success": SUCCEEDED, "failure": failure(KBDINT), "info": info(),
     }, before_empty_answer, sent=1, credential=False)


def after_failure(t, payload):
    answered(t)
    together(t, failure(KBDINT), payload)


rows("kbdint-after-failure", "FAILURE, and behind it: %s.", BY_KBDINT,
     {"failure": "refused by keyboard-interactive", "protocol-error": "USERAUTH"}, {
         "success": SUCCEEDED, "partial": failure(KBDINT, partial=True), "info": QUESTION, "bad": QUESTION[:7],
     }, after_failure, sent=2)

rows("kbdint-after-success", "SUCCESS, and behind it: %s.", BY_KBDINT, {**GOOD, "protocol-error": "USERAUTH"}, {
    "failure": failure(KBDINT), "info": QUESTION, "success": SUCCEEDED,
}, lambda t, body: (answered(t), together(t, SUCCEEDED, body)), sent=2)


@scenario("kbdint-success-queued", broken("USERAUTH_SUCCESS"), client=["-m", "none,kbdint", "-r", ".*=env:ANSWER"],
          sent=1, credential=False)
def _(t):
    """SUCCESS behind the partial success of `none`, before keyboard-interactive is asked for."""
    t.open()
    t.request()
    together(t, failure(KBDINT, partial=True), SUCCEEDED)


@scenario("kbdint-answer-success-body", broken("USERAUTH_SUCCESS"), client=BY_KBDINT, sent=2)
def _(t):
    """SUCCESS with bytes behind it after the answer."""
    answered(t)
    t.send(SUCCEEDED + EVERYTHING)


# Too much

PROMPTS = [("Prompt %d: " % number, number % 2) for number in range(1000)]


rows("kbdint-too-many", "More prompts than are borne: %s.", BY_KBDINT, {"protocol-error": "INFO_REQUEST.*limit of 100"}, {
    "101": info(PROMPTS[:101]), "1000": info(PROMPTS),
    "6000": info([("", False)] * 6000),
}, ask, sent=1, credential=False)
rows("kbdint-later-too-many", "More prompts than are borne in a second round: %s.", BY_KBDINT,
     {"protocol-error": "INFO_REQUEST.*limit of 100"}, {
         "101": info(PROMPTS[:101]), "6000": info([("", False)] * 6000),
     }, ask_later, sent=2)


@scenario("kbdint-endless", {"protocol-error": "more than 100 rounds"}, client=PATIENT, sent=101)
def _(t):
    """A round after the other, and no end."""
    asked_kbdint(t)
    while True:
        t.send(QUESTION)
        t.answers()


@scenario("kbdint-again", {"credential": "env:ANSWER: refused 3 times"}, client=BY_KBDINT, sent=4, well_behaved=True)
def _(t):
    """The same question again and again: the answer was wrong each time."""
    asked_kbdint(t)
    while True:
        t.send(QUESTION)
        t.answers()


@scenario("kbdint-endless-empty", {"protocol-error": "more than 100 rounds"}, client=BY_KBDINT, sent=101)
def _(t):
    """Rounds without prompts, and no end."""
    asked_kbdint(t)
    while True:
        t.send(info())
        t.answers()


@scenario("kbdint-endless-large", {"protocol-error": "more than"}, client=BY_KBDINT, sent=101)
def _(t):
    """Rounds of 30,000 bytes without prompts, and no end."""
    asked_kbdint(t)
    while True:
        t.send(info(name=EVERYTHING * 40, instruction=b"x" * 15000))
        t.answers()


@scenario("kbdint-flood-info", BAD, client=BY_KBDINT, sent=1, credential=False)
def _(t):
    """INFO_REQUESTs without end, whatever the answer."""
    asked_kbdint(t)
    while True:
        together(t, *[QUESTION] * 1000)


rows("kbdint-flood", "A flood after the answer: %s.", BY_KBDINT, FLOODED, {
    "banner": banner(EVERYTHING * 40),
    "banner-small": banner(b""),
    "ignore": ignore(bytes(30000)),
    "debug": debug(EVERYTHING * 40),
}, lambda t, body: flood(t, body), limit=2, sent=2)


def flood(t, payload):
    answered(t)
    while True:
        together(t, *[payload] * max(1, 60000 // (len(payload) + 48)))


@scenario("kbdint-drip-rounds", {"timeout": "no answer from the server"}, client=BY_KBDINT, limit=1)
def _(t):
    """A round every 200 ms."""
    asked_kbdint(t)
    while True:
        t.send(info(name="Patience"))
        t.answers()
        t.silent(0.2)


# Hostile texts, which are legal

rows("kbdint-text", "Name, instruction, language and prompts hold what a terminal would act upon: %s.", BY_KBDINT, GOOD, {
    name: info([(b"Password" + text + b": ", False), (text, True)], b"Name" + text, text + b"\n" + text, text)
    for name, text in {**HOSTILE, "everything": EVERYTHING}.items()
}, lambda t, body: (ask(t, body), t.answers(), t.success()), sent=2, well_behaved=True)

rows("kbdint-text-unanswered", "The prompt that has no answer holds what a terminal would act upon: %s.",
     ["-m", "kbdint", "-B"], {"no-response": "no answer to the prompt"}, {
         name: info([(b"Password" + text + b": ", False)], b"Name" + text, text)
         for name, text in {**HOSTILE, "everything": EVERYTHING}.items()
     }, ask, sent=1, credential=False, well_behaved=True)


# Unusual, and legal

def one_round(t, payload):
    ask(t, payload)
    t.answers()
    t.success()


rows("kbdint-good", "An INFO_REQUEST that is unusual: %s.", BY_KBDINT, GOOD, {
    "no-prompts": info(),
    "no-prompts-but-texts": info(name="Name", instruction="Instruction", language="en"),
    "100-prompts": info(PROMPTS[:100]),
    "empty-prompt": info([("", False)]),
    "empty-prompts": info([("", True)] * 100),
    "same-prompts": info([("Password: ", False)] * 5),
    "language": info([("Passwort: ", False)], language="de-CH-1996"),
    "echo-2": raw(EMPTY + u32(1) + string("Password: ") + b"\2"),
    "echo-255": raw(EMPTY + u32(1) + string("Password: ") + b"\xff"),
    "name-30000": info([("Password: ", False)], name="n" * 30000),
    "instruction-30000": info([("Password: ", False)], instruction="i" * 30000),
    "language-30000": info([("Password: ", False)], language="l" * 30000),
    "lines": info([("Your\nlast\nlogin\nwas\nnever.\nPassword: ", False)], name="a\nb", instruction="\n" * 2000),
    "prompt-4096": info([("p" * 4096, False)]),
    "unicode": info([("Пароль: ", False), ("密码：", False), ("🔑 ", True)], name="ναι", instruction="ß" * 1000),
}, one_round, sent=2, well_behaved=True)


@scenario("kbdint-prompt-30000", {"no-response": "too long to match a rule"}, client=[*BY_KBDINT, "-B"], sent=1,
          well_behaved=True)
def _(t):
    """A prompt of 30,000 bytes: no rule answers it."""
    ask(t, info([("p" * 30000, False)]))


@scenario("kbdint-100-rounds", GOOD, client=BY_KBDINT, sent=101, well_behaved=True)
def _(t):
    """A hundred rounds."""
    asked_kbdint(t)
    for number in range(100):
        t.info([("Round %d, prompt %d: " % (number, part), False) for part in range(number % 3)])
        t.answers()
    t.success()


@scenario("kbdint-first-fails", {"failure": "refused by keyboard-interactive"}, client=BY_KBDINT, sent=1,
          well_behaved=True)
def _(t):
    """FAILURE without a dialogue; the method stays in the list."""
    ask(t, failure(KBDINT))


@scenario("kbdint-first-fails-then-succeeds", {"success": "accepted after none, keyboard-interactive"}, client=["-m", "none,kbdint", "-r", ".*=env:ANSWER"],
          well_behaved=True)
def _(t):
    """`none` is refused with partial success, then keyboard-interactive succeeds."""
    t.open()
    t.request()
    t.failure(KBDINT, partial=True)
    t.request(KBDINT)
    t.send(QUESTION)
    t.answers()
    t.success()


rows("kbdint-partial", "Partial success: %s.", BY_KBDINT, {"partial-success": "asks for more"}, {
    "list": failure("publickey,odd@example.com", partial=True),
    "same": failure(KBDINT, partial=True),
    "nothing": failure("", partial=True),
    "true-is-9": bytes([FAILURE]) + string("publickey") + b"\x09",
}, ask_later, sent=2, well_behaved=True)
rows("kbdint-partial-first", "Partial success without any question: %s.", BY_KBDINT, {"partial-success": "asks for more"}, {
    "list": failure("publickey", partial=True),
}, ask, sent=1, well_behaved=True)
rows("kbdint-partial-later", "Partial success after two rounds: %s.", BY_KBDINT, {"partial-success": "asks for more"}, {
    "list": failure("publickey", partial=True),
}, lambda t, body: (asked_again(t), t.send(body)), sent=3, well_behaved=True)


@scenario("kbdint-chain-good", {"success": "accepted after keyboard-interactive, keyboard-interactive, keyboard-int"},
          client=["-m", "kbdint,kbdint,kbdint", "-r", ".*=env:ANSWER"], well_behaved=True)
def _(t):
    """Three times, twice with partial success; the second without prompts."""
    answered(t)
    t.failure(KBDINT, partial=True)
    t.request(KBDINT)
    t.info()
    t.answers()
    t.failure([KBDINT, "password"], partial=True)
    t.request(KBDINT)
    t.send(QUESTION)
    t.answers()
    t.success()


@scenario("kbdint-noise", GOOD, client=BY_KBDINT, sent=3, well_behaved=True)
def _(t):
    """Banners, IGNORE and DEBUG before and behind each message."""
    noise = (banner(b"Patience.\n", b"en"), ignore(), debug(EVERYTHING), ignore(b""), debug(b""), banner(b""))
    asked_kbdint(t)
    together(t, *noise, QUESTION, *noise)
    t.answers()
    together(t, *noise, info(), *noise)
    t.answers()
    together(t, *noise, SUCCEEDED, ignore(), debug(b"Bye."))


@scenario("kbdint-pieces", GOOD, client=BY_KBDINT, sent=2, well_behaved=True)
def _(t):
    """The INFO_REQUEST comes a few bytes at a time."""
    asked_kbdint(t)
    data = t.packet(QUESTION)
    for at in range(0, len(data) - 7, 7):
        t.raw(data[at:at + 7])
        t.silent(0.005)
    t.raw(data[at + 7:])
    t.answers()
    t.success()
