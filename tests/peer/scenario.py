# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the hostile server's scenarios: each is a function of a Transport, under @scenario."""

TABLE = {}


class Scenario:
    """One row; see scenario() for what is in it."""

    def __init__(self, name, play, **fields):
        self.name = name
        self.play = play
        self.about = " ".join((play.__doc__ or "").split())
        self.__dict__.update(fields)

    def row(self):
        """What the runner is told of it."""
        return {key: value for key, value in self.__dict__.items() if key != "play"}


def scenario(name, ends, client=(), limit=5, sent=None, early=False, well_behaved=False,
             credential=None, racing=False, env=None, needs=None, trace=True):
    """Adds a row.

    ends: outcome word -> regular expression that the conclusion matches; more than one where
          either is right. "success" only where the server really lets the user in.
    client: the client's options, methods included; without -m it lists. {KEY} is a key's file.
    limit: its -t. Where the client waits for it to pass, as short as it can be.
    sent: how many userauth messages the client may send at most; None: not looked at.
    early: what is wrong comes before the host key is judged, so that it ends the same where
          that key is not accepted. None: either is right, as with what races it.
    well_behaved: unusual, but legal.
    credential: False: no password, answer, signature or token may have been sent. None: not
          looked at.
    racing: an answer to what came before may follow the last thing that the server sends.
    env: variables of the client's. ANSWER and PASSWORD are always there.
    needs: "ticket": the client has a Kerberos ticket (kerberos.py).
    trace: whether the pass with -v is made as well.
    """

    def add(play):
        if name in TABLE:
            raise ValueError("two scenarios are named %s" % name)
        TABLE[name] = Scenario(name, play, ends=ends, client=list(client), limit=limit, sent=sent,
                               early=early, well_behaved=well_behaved, credential=credential,
                               racing=racing, env=env or {}, needs=needs, trace=trace)
        return play

    return add
