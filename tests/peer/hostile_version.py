# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: the version exchange (RFC 4253 section 4.2)."""

from scenario import scenario

LINE = b"SSH-2.0-Hostile_1.0\r\n"


def well_behaved(name, about, line):
    """A row for bytes before the packets that are legal, or that every client bears with."""

    def play(t):
        t.version(line)
        t.kex()
        t.service()
        t.request("none")
        t.failure(["password"])

    play.__doc__ = about
    scenario(name, {"listed": "password"}, well_behaved=True, sent=1)(play)


well_behaved("version-good", "A plain version line, and a list.", LINE)
well_behaved("version-1.99", "Speaks 1.x as well.", b"SSH-1.99-Hostile\r\n")
well_behaved("version-lf", "The version line ends with LF alone.", b"SSH-2.0-Hostile_1.0\n")
well_behaved("version-comment", "The version has a comment.", b"SSH-2.0-Hostile_1.0 a comment, and more\r\n")
well_behaved("version-no-software", "The software's name is empty.", b"SSH-2.0-\r\n")
well_behaved("version-longest", "The version line has the 255 bytes that are allowed.",
             b"SSH-2.0-" + b"x" * 245 + b"\r\n")
well_behaved("version-after-lines", "Lines come before the version.", b"Welcome\r\nto this\r\n" + LINE)
well_behaved("version-after-empty", "Empty lines come before the version.", b"\r\n\n\r\n" + LINE)
well_behaved("version-after-escapes", "Lines of terminal escapes come before the version.",
             b"\x1b]0;owned\x07\r\n\x1b[2J\x9b2J\r\n" + LINE)
well_behaved("version-after-500", "500 lines come before the version.", b"a line\r\n" * 500 + LINE)


def wrong(name, about, line, ends, **words):
    """A row for a line and silence after it."""

    def play(t):
        t.version(line)
        t.silent(30)

    play.__doc__ = about
    scenario(name, ends, early=True, sent=0, **words)(play)


PROTOCOL = {"protocol-error": "SSH 2.0.*stage kex"}
for _version in ("1.5", "1.3", "3.0", "2.1", "0.0", "2", "20.0", ""):
    wrong("version-ssh-%s" % (_version or "empty"), "Speaks SSH %s." % (_version or "of no version"),
          b"SSH-%s-Hostile\r\n" % _version.encode(), PROTOCOL)
wrong("version-no-second-hyphen", "SSH-2.0 and no more.", b"SSH-2.0\r\n", PROTOCOL)
wrong("version-escapes-1.5", "A version 1 with terminal escapes and bytes that are not UTF-8.",
      b"SSH-1.5-\x1b]0;owned\x07\x1b[2J\x9b\xff\xfe\r\n", PROTOCOL)
for _name, _about, _line in (
        ("none", "Never says a version.", b""),
        ("no-newline", "The version line does not end.", LINE[:-2]),
        ("cr", "The version line ends with CR alone.", LINE[:-1]),
        ("lower-case", "ssh-2.0 is no version.", b"ssh-2.0-Hostile\r\n"),
        ("lines", "Lines, and no version.", b"Welcome\r\n" * 20),
        ("blank-first", "A blank before the version makes it another line.", b" " + LINE),
        ("smtp", "A mail server.", b"220 mail.example.test ESMTP\r\n"),
        ("unfinished-escapes", "Terminal escapes, and no end of the line.", b"\x1b[2J\x1b]0;owned\x07")):
    wrong("version-" + _name, _about, _line, {"timeout": "version exchange.*stage banner"}, limit=1)
for _name, _about, _line in (
        ("escapes", "Terminal escapes in the version.", b"SSH-2.0-\x1b]0;owned\x07\x1b[2J\r\n"),
        ("invalid-utf8", "Bytes that are not UTF-8 in the version.", b"SSH-2.0-\xff\xc0\x80\xed\xa0\x80\r\n"),
        ("c1", "C1 control characters in the version, as UTF-8 and as bytes.", b"SSH-2.0-\xc2\x9b2J\x9b2J\r\n"),
        ("bidi", "Characters that turn the direction of writing in the version.",
         "SSH-2.0-\u202e\u2066drow\r\n".encode()),
        ("cr-inside", "CR inside the version line.", b"SSH-2.0-Hos\rtile\r\n"),
        ("silent", "A good version, and silence.", LINE)):
    wrong("version-" + _name, _about, _line, {"timeout": "key exchange.*stage kex"}, limit=1)
wrong("version-too-long", "A version line of 300 bytes.", b"SSH-2.0-" + b"x" * 300 + b"\r\n",
      {"protocol-error": "version line has more than 255 bytes"})
wrong("version-endless", "A version line of 10,000 bytes without an end.", b"SSH-2.0-" + b"x" * 10000,
      {"protocol-error": "version line has more than 255 bytes"})
wrong("version-nul", "NUL inside the version line.", b"SSH-2.0-Hos\0tile\r\n",
      {"protocol-error": "version.*NUL"})
wrong("version-nul-before", "NULs before the version.", b"\0\0\0\0\r\n" + LINE, {"protocol-error": "version.*NUL"})
wrong("version-http", "A web server.", b"HTTP/1.1 400 Bad Request\r\nConnection: keep-alive\r\n\r\n",
      {"timeout": "version exchange.*stage banner"}, limit=1)
wrong("version-tls", "A TLS server: an alert.", b"\x15\x03\x03\x00\x02\x02\x46", {"protocol-error": "version.*NUL"})
wrong("version-random", "Bytes of no meaning.", bytes(range(255, 127, -1)) * 20,
      {"timeout": "version exchange.*stage banner"}, limit=1)
wrong("version-no-kexinit", "Another line where KEXINIT is due.", LINE + b"Protocol mismatch.\r\n",
      {"protocol-error": "impossible length.*stage kex"})
wrong("version-ssh-client", "Sends its version twice.", LINE + LINE, {"protocol-error": "impossible length.*stage kex"})


@scenario("version-flood", {"protocol-error": "more than 262144 bytes before its version.*stage banner"}, early=True, sent=0)
def _(t):
    """Lines without end."""
    while True:
        t.raw(b"Welcome, stranger\r\n" * 1000)


@scenario("version-flood-empty", {"protocol-error": "more than 262144 bytes before its version.*stage banner"}, early=True, sent=0)
def _(t):
    """Empty lines without end."""
    while True:
        t.raw(b"\r\n" * 10000)


@scenario("version-drip", {"timeout": "version exchange.*stage banner"}, early=True, sent=0, limit=1)
def _(t):
    """A byte of the version line every 100 ms."""
    t.drip(LINE * 5, 0.1)


@scenario("version-drip-lines", {"timeout": "version exchange.*stage banner"}, early=True, sent=0, limit=1)
def _(t):
    """A line every 50 ms, and never the version."""
    while True:
        t.raw(b"Welcome\r\n")
        t.silent(0.05)


def ends(name, about, line, closed, reset):
    """A row for each way to hang up there."""

    def close(t):
        t.raw(line)
        t.close()

    def kill(t):
        t.raw(line)
        t.silent(0.1)
        t.reset()

    close.__doc__ = about + ", and closes."
    kill.__doc__ = about + ", and resets."
    scenario("version-%s-eof" % name, {"disconnected": closed}, early=True, sent=0)(close)
    scenario("version-%s-reset" % name, {"disconnected": reset}, early=True, sent=0)(kill)


ends("nothing", "Says nothing", b"", "closed the connection.*stage banner", "reset.*stage banner")
ends("part", "Says half of a version line", LINE[:9], "closed the connection.*stage banner", "reset.*stage banner")
ends("line", "Says a line that refuses", b"Exceeded MaxStartups\r\n",
     'its last line was "Exceeded MaxStartups".*stage banner', 'its last line was "Exceeded.*stage banner')
ends("escapes", "Says a line of terminal escapes", b"\x1b]0;owned\x07\xff\x9b2J\r\n",
     r"its last line was .*\\x1b.*stage banner|its last line was .*ESC|its last line was ",
     "its last line was .*stage banner")
ends("version", "Says its version", LINE, "closed the connection.*stage kex", "reset.*stage kex")
ends("part-packet", "Says its version and a part of a packet", LINE + b"\0\0\1",
     "closed the connection.*stage kex", "reset.*stage kex")
