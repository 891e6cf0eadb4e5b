# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: the service request (RFC 4253 section 10)."""

from scenario import scenario
from ssh_wire import SERVICE_ACCEPT, SERVICE_REQUEST, string

PASSWORD = ("-m", "password", "-r", ".=env:PASSWORD")


@scenario("service-good", {"success": "alice"}, client=PASSWORD, well_behaved=True)
def _(t):
    """Does all as it should: lists, and lets the user in by password."""
    t.open()
    t.request("password")
    t.success()


@scenario("service-silent", {"timeout": "service request"}, limit=1, sent=0)
def _(t):
    """Never answers SERVICE_REQUEST."""
    t.version()
    t.kex()
    t.silent(5)


@scenario("service-truncated", {"protocol-error": "SERVICE_ACCEPT|-14"}, sent=0)
def _(t):
    """SERVICE_ACCEPT ends in the middle of the name."""
    t.version()
    t.kex()
    t.expect(SERVICE_REQUEST)
    t.send(bytes([SERVICE_ACCEPT]) + string("ssh-userauth")[:-3])
    t.silent(5)
