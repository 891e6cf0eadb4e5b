# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: key exchanges in the midst of a session (RFC 4253 section 9)."""

import ssh_kex
from scenario import scenario
from ssh_wire import (DISCONNECT, FAILURE, IGNORE, INFO_REQUEST, KEX_REPLY, NEWKEYS, SUCCESS,
                      boolean, names, string, u32)

KBDINT = ("-m", "kbdint", "-r", ".=env:ANSWER")
PASSWORD = ("-m", "password", "-r", ".=env:PASSWORD")
QUESTION = bytes([INFO_REQUEST]) + string("") * 3 + u32(1) + string("Code: ") + boolean(False)
REFUSAL = bytes([FAILURE]) + names("password") + boolean(False)


def good(name, about, client=KBDINT, ends=None):
    """A row for a well-behaved server."""

    def add(play):
        play.__doc__ = about
        scenario("rekey-" + name, ends or {"success": "alice"}, client=client, well_behaved=True)(play)
        return play

    return add


@good("none", "Before the list.", client=(), ends={"listed": "password"})
def _(t):
    t.open()
    t.request("none")
    t.kex()
    t.failure(["password"])


@good("password", "Between the password and SUCCESS.", client=PASSWORD)
def _(t):
    t.open()
    t.request("password")
    t.kex()
    t.success()


@good("question", "Between the request and a question.")
def _(t):
    t.open()
    t.request("keyboard-interactive")
    t.kex()
    t.info([("Code: ", False)])
    t.answers()
    t.success()


@good("answer", "Between the question and the answer.")
def _(t):
    t.open()
    t.request("keyboard-interactive")
    t.send(QUESTION)
    t.kex()
    t.answers()
    t.success()


@good("at-once", "The question and KEXINIT come in one piece.")
def _(t):
    t.open()
    t.request("keyboard-interactive")
    question = t.packet(QUESTION)
    t.own_kexinit = ssh_kex.kexinit()
    t.raw(question + t.packet(t.own_kexinit))
    t.receive_kexinit()
    fields = t.receive_init()
    t.send(fields.reply())
    t.end_kex(fields)
    t.answers()
    t.success()


@good("rounds", "In each of three rounds, the session's identifier being the first one's.")
def _(t):
    t.open()
    t.request("keyboard-interactive")
    for _round in range(3):
        t.kex()
        t.info([("Code: ", False)])
        t.answers()
    t.kex()
    t.success()


@good("before-service", "Before SERVICE_REQUEST is answered.")
def _(t):
    t.version()
    t.kex()
    request = t.expect(5)
    t.kex()
    t.accept(request[5:])
    t.request("keyboard-interactive")
    t.success()


@good("before-request", "Behind SERVICE_ACCEPT.", client=PASSWORD)
def _(t):
    t.open()
    t.kex()
    t.request("password")
    t.success()


@good("other-kex", "By another name of the key exchange.")
def _(t):
    t.open()
    t.request("keyboard-interactive")
    t.kex(kexinit={"kex": ("curve25519-sha256@libssh.org",)})
    t.success()


@good("ignore", "With IGNORE and DEBUG in it.")
def _(t):
    t.open()
    t.request("keyboard-interactive")
    noise = [bytes([IGNORE]) + string("x" * 50), bytes([4]) + boolean(True) + string("\x1b[2J") + string("")]
    t.kex(before_reply=noise, before_newkeys=noise, after=noise)
    t.success()


@good("follows-wrong", "With a wrong guess.")
def _(t):
    t.open()
    t.request("keyboard-interactive")
    t.send_kexinit(kex=("diffie-hellman-group18-sha512",) + ssh_kex.LISTS["kex"], follows=True)
    t.send(bytes([KEX_REPLY]) + b"a wrong guess")
    t.lists = dict(ssh_kex.LISTS)
    t.receive_kexinit()
    fields = t.receive_init()
    t.send(fields.reply())
    t.end_kex(fields)
    t.success()


@good("after-success", "Behind SUCCESS.")
def _(t):
    t.open()
    t.request("keyboard-interactive")
    t.success()
    t.send_kexinit()


def bad(name, about, ends, limit=5, client=KBDINT, sent=1, **words):
    """A row for what follows the request of keyboard-interactive."""

    def add(play):
        def whole(t):
            t.open()
            t.request("keyboard-interactive")
            play(t)
            t.silent(30)

        whole.__doc__ = about
        scenario("rekey-" + name, ends, client=client, limit=limit, sent=sent, credential=False, **words)(whole)
        return play

    return add


KEY = {"host-key": "signature.*stage auth"}


@bad("other-host-key", "Shows another host key.", {"host-key": "another.*key.*stage auth"})
def _(t):
    t.host_key = ssh_kex.HostKey()
    t.kex()
    t.info([("Code: ", False)])


@bad("signature", "A wrong signature, and a question with the old keys.", KEY)
def _(t):
    fields = t.begin_kex()
    t.send(fields.reply(signature=t.host_key.sign(bytes(32))))
    t.send(QUESTION)


@bad("signature-newkeys", "A wrong signature, and new keys all the same.", KEY)
def _(t):
    t.kex(signature="wrong", after=[QUESTION])


@bad("signature-success", "A wrong signature, and SUCCESS with the old keys.", KEY)
def _(t):
    fields = t.begin_kex()
    t.raw(t.packet(fields.reply(signature=t.host_key.sign(bytes(32)))) + t.packet(bytes([SUCCESS])))


@bad("reply-malformed", "A reply that ends in the signature.", {"protocol-error": "KEX_ECDH_REPLY.*stage auth"})
def _(t):
    t.send(t.begin_kex().reply()[:-5])


@bad("reply-trailing", "A reply with bytes behind its end.", {"protocol-error": "KEX_ECDH_REPLY.*stage auth"})
def _(t):
    t.send(t.begin_kex().reply(tail=b"tail"))


@bad("kexinit-malformed", "KEXINIT ends in a list.", {"protocol-error": "KEXINIT.*stage auth"})
def _(t):
    t.send(ssh_kex.kexinit()[:60])


@bad("kexinit-and-packets", "KEXINIT ends in a list, and other packets come with it.",
     {"protocol-error": "KEXINIT.*stage auth"})
def _(t):
    t.raw(t.packet(ssh_kex.kexinit()[:60]) + t.packet(bytes([IGNORE]) + string("x")) + t.packet(QUESTION))


for _field in ssh_kex.FIELDS[:8]:
    @bad("none-" + _field.replace("_", "-"), "No common algorithm any more for %s." % _field,
         {"kex-failure": "a later one: there is no common algorithm.*stage auth"})
    def _(t, field=_field):
        t.raw(t.packet(ssh_kex.kexinit(**{field: ("unknown@example.test",)})) +
              t.packet(bytes([IGNORE]) + string("x")) + t.packet(QUESTION))

for _field, _name in (("cipher_in", "aes256-ctr"), ("cipher_out", "aes256-ctr"), ("cipher_out", "3des-cbc"),
                      ("mac_in", "hmac-sha2-512"), ("mac_out", "hmac-sha2-512"), ("mac_out", "hmac-md5-96")):
    @bad("change-%s-%s" % (_field.replace("_", "-"), _name), "Changes %s to %s, with packets at once." % (_field, _name),
         {"kex-failure": "a later one: it would change.*stage auth"})
    def _(t, field=_field, name=_name):
        t.raw(t.packet(ssh_kex.kexinit(**{field: (name,)})) +
              b"".join(t.packet(bytes([IGNORE]) + string("x" * 100)) for _ in range(10)))


@bad("unanswered", "KEXINIT, and silence.", {"timeout": "stage auth"}, limit=1)
def _(t):
    t.send_kexinit()


@bad("no-reply", "KEXINIT, and no reply.", {"timeout": "stage auth"}, limit=1)
def _(t):
    t.begin_kex()


@bad("no-newkeys", "NEWKEYS never comes.", {"timeout": "stage auth"}, limit=1)
def _(t):
    t.send(t.begin_kex().reply())


for _type in (30, 32, 33, 37, 49):
    @bad("reply-of-type-%d" % _type, "NEWKEYS and SUCCESS behind a message that is no reply: of type %d." % _type,
         {"protocol-error": "NEWKEYS.*RFC 4253 section 7.3.*stage auth"})
    def _(t, kind=_type):
        reply = t.begin_kex().reply()
        t.raw(t.packet(bytes([kind]) + reply[1:]) + t.packet(bytes([NEWKEYS])) + t.packet(bytes([SUCCESS])))


@bad("newkeys-body", "NEWKEYS has a body.", {"protocol-error": "NEWKEYS.*stage auth"})
def _(t):
    t.kex(newkeys=bytes([NEWKEYS]) + b"body")


for _name, _payload in (("question", QUESTION), ("refusal", REFUSAL), ("success", bytes([SUCCESS]))):
    @bad("inside-" + _name, "A userauth message between KEXINIT and the reply: %s." % _name,
         {"protocol-error": "RFC 4253 section 7.1.*stage auth"})
    def _(t, payload=_payload):
        t.kex(before_reply=[payload])

    @bad("inside-late-" + _name, "A userauth message between the reply and NEWKEYS: %s." % _name,
         {"protocol-error": "RFC 4253 section 7.1.*stage auth"})
    def _(t, payload=_payload):
        t.kex(before_newkeys=[payload])

    @bad("old-keys-" + _name, "A userauth message with the old keys behind NEWKEYS: %s." % _name,
         {"protocol-error": "(wrong MAC|length|padding).*stage auth"})
    def _(t, payload=_payload):
        fields = t.begin_kex()
        _, receive = t.directions(fields)
        t.raw(t.packet(fields.reply()) + t.packet(bytes([NEWKEYS])) + t.packet(payload) * 40)
        t.expect(NEWKEYS)
        receive()


@bad("kexinit-twice", "KEXINIT twice.", {"protocol-error": "KEXINIT.*stage auth"})
def _(t):
    t.send_kexinit()
    t.send(ssh_kex.kexinit())


@bad("newkeys-alone", "NEWKEYS without a key exchange.", {"protocol-error": "NEWKEYS.*stage auth"})
def _(t):
    t.send(bytes([NEWKEYS]))
    t.send(QUESTION)


@bad("reply-alone", "A reply without a key exchange.", {"protocol-error": "RFC 4253 section 7.*stage auth"})
def _(t):
    t.send(bytes([KEX_REPLY]) + b"reply")
    t.send(QUESTION)


@bad("endless", "One key exchange after the other.", {"protocol-error": "(more|limit).*stage auth"})
def _(t):
    while True:
        t.kex()


for _name, _ends, _act in (
        ("eof", {"disconnected": "closed the connection.*stage auth"}, lambda t: t.close()),
        ("reset", {"disconnected": "(reset|broke).*stage auth"}, lambda t: (t.silent(0.1), t.reset())),
        ("disconnect", {"disconnected": r'"Go away" \(reason 3\).*stage auth'}, lambda t: t.disconnect(3, "Go away")),
        ("disconnect-bare", {"disconnected": "gave no reason.*stage auth"}, lambda t: t.send(bytes([DISCONNECT]))),
        ("mac", {"protocol-error": "wrong MAC.*stage auth"},
         lambda t: t.send(bytes([IGNORE]) + string("x"), mac="wrong")),
        ("length", {"protocol-error": "length.*stage auth"},
         lambda t: t.send(bytes([IGNORE]) + string("x"), length=0xFFFFFF))):
    @bad("then-" + _name, "After KEXINIT: %s." % _name, _ends)
    def _(t, act=_act):
        t.begin_kex()
        act(t)

    @bad("replied-" + _name, "After the reply: %s." % _name, _ends)
    def _(t, act=_act):
        t.send(t.begin_kex().reply())
        t.expect(NEWKEYS)
        act(t)
