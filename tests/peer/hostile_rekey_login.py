# SPDX-License-Identifier: GPL-3.0-or-later
"""Well-behaved servers that exchange keys anew at each message of a login by publickey and by
gssapi-with-mic, whose proofs are over the first exchange's session identifier."""

import kerberos
from scenario import scenario
from ssh_wire import GSSAPI_MIC, GSSAPI_TOKEN, REQUEST, string
from userauth import (BY_GSSAPI, BY_KEY, GSSAPI, gss_token, mechanism, pk_ok, take_token)


@scenario("rekey-publickey", {"success": "accepted"}, client=BY_KEY, well_behaved=True)
def _(t):
    """Behind the service, the query, its answer and the signature."""
    t.open()
    t.kex()
    query = t.request("publickey")
    t.kex()
    t.send(pk_ok(query))
    t.kex()
    t.request("publickey")
    t.kex()
    t.success()


@scenario("rekey-gssapi", {"success": "accepted"}, client=BY_GSSAPI, needs="ticket", well_behaved=True)
def _(t):
    """Behind the request, the mechanism, each token and the MIC, which is checked."""
    t.open()
    user = t.request(GSSAPI).user
    t.kex()
    t.send(mechanism())
    t.kex()
    context = kerberos.Acceptor(take_token(t, GSSAPI_TOKEN))
    t.kex()
    t.send(gss_token(context.reply()))
    t.kex()
    context.check(take_token(t, GSSAPI_MIC), string(t.session_id) + bytes([REQUEST]) + string(user) +
                  string("ssh-connection") + string(GSSAPI))
    t.kex()
    t.success()


@scenario("rekey-most", {"success": "accepted"}, client=["-m", "kbdint", "-r", ".*=env:ANSWER"], well_behaved=True)
def _(t):
    """As many key exchanges as are borne with."""
    t.open()
    t.request("keyboard-interactive")
    for _ in range(8):
        t.kex()
        t.info([])
        t.kex()
        t.answers()
    t.success()


@scenario("rekey-one-too-many", {"protocol-error": "KEXINIT from the server: more key exchanges than the limit"},
          client=["-m", "kbdint", "-r", ".*=env:ANSWER"])
def _(t):
    """One more than that."""
    t.open()
    t.request("keyboard-interactive")
    while True:
        t.kex()
