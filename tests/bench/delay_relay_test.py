#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The relay of the benchmark, delay_relay.c: TAP. Times are compared with the round trip that was asked for from below,
and with one another: nothing here says how fast a machine is.
"""
import errno
import os
import random
import select
import socket
import struct
import sys
import threading
import time

os.environ.setdefault("abs_top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
os.environ.setdefault("abs_top_builddir", os.getcwd())
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from servers import Relay  # noqa: E402

LIMIT = 30  # seconds, for whatever should come
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Pair:
    """A client's connection through a relay, and the server's end of it."""

    def __init__(self, rtt, addresses=0):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(LIMIT)
        self.relay = Relay(rtt, self.listener.getsockname()[1], addresses)
        self.rtt = rtt / 1000
        self.sockets = [self.listener]

    def connect(self, host="127.0.0.1"):
        self.began = time.monotonic()
        client = socket.create_connection((host, self.relay.port), LIMIT)
        self.sockets.append(client)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def accept(self):
        server = self.listener.accept()[0]
        self.sockets.append(server)
        server.settimeout(LIMIT)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return server

    def both(self):
        return self.connect(), self.accept()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in self.sockets:
            each.close()
        self.relay.stop()


def receive(end, size):
    data = b""
    while len(data) < size:
        piece = end.recv(size - len(data))
        assert piece, f"the end after {len(data)} of {size} bytes"
        data += piece
    return data


def segments(end):
    """How many segments with data came in."""
    info = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
    return struct.unpack_from("=I", info, 152)[0]


def until_read(relay, size):
    """Until the relay has read so many bytes; gives how many chunks it has written meanwhile."""
    deadline = time.monotonic() + LIMIT
    chunks = 0
    while size > 0:
        assert time.monotonic() < deadline, "it is not read"
        traffic = relay.traffic()
        size -= traffic.up + traffic.down
        chunks += traffic.chunks_up + traffic.chunks_down
    return chunks


def reset(end):
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()


def is_reset(end):
    try:
        return end.recv(1) and False
    except ConnectionResetError:
        return True


# ---- time ----

@test
def what_is_sent_arrives_no_sooner_than_it_should():
    with Pair(60) as pair:
        client = pair.connect()
        client.sendall(b"early")
        server = pair.accept()
        assert time.monotonic() - pair.began >= 1.5 * pair.rtt, "the server knew of it too early"
        server.sendall(b"hello")
        assert receive(server, 5) == b"early"
        assert receive(client, 5) == b"hello"
        assert time.monotonic() - pair.began >= 2 * pair.rtt, "the server's first bytes came too early"
        for sender, receiver in ((client, server), (server, client)) * 3:
            began = time.monotonic()
            sender.sendall(b"x")
            receive(receiver, 1)
            assert time.monotonic() - began >= 0.5 * pair.rtt, "faster than half a round trip"


@test
def time_is_in_proportion_to_the_round_trip():
    best = {}
    for rtt in (20, 100):
        with Pair(rtt) as pair:
            client, server = pair.both()
            times = []
            for _ in range(12 if rtt == 20 else 4):
                began = time.monotonic()
                client.sendall(b"x")
                server.sendall(receive(server, 1))
                receive(client, 1)
                times.append(time.monotonic() - began)
            best[rtt] = min(times)
    assert 3.5 < best[100] / best[20] <= 5.2, f"{best}"


@test
def what_follows_closely_does_not_wait_for_what_went_before():
    with Pair(200) as pair:
        client, server = pair.both()
        began = time.monotonic()
        for i in range(10):
            client.sendall(bytes([i]))
            time.sleep(0.005)
        receive(server, 10)
        took = time.monotonic() - began
        assert took < 10 * 0.5 * pair.rtt, f"{took:.3f} s: one after the other"


# ---- bytes ----

@test
def bytes_arrive_whole_and_in_order_in_both_directions():
    """More than sockets and relay hold, while nobody reads for a time."""
    with Pair(20) as pair:
        ends = pair.both()
        sent = [random.Random(i).randbytes(6_000_000) for i in (0, 1)]
        got = [None, None]

        def read(i):
            time.sleep(0.3)
            got[i] = receive(ends[1 - i], len(sent[i]))

        threads = [threading.Thread(target=read, args=(i,), daemon=True) for i in (0, 1)]
        threads += [threading.Thread(target=ends[i].sendall, args=(sent[i],), daemon=True) for i in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT)
        assert got == sent, "other bytes came out than went in"
        traffic = pair.relay.traffic()
        assert (traffic.up, traffic.down) == (len(sent[0]), len(sent[1])), f"{traffic}"


@test
def writes_are_neither_joined_nor_split():
    with Pair(200) as pair:
        for sender, receiver in (pair.both(), pair.both()[::-1]):
            pair.relay.traffic()
            chunks = 0
            pieces = [random.Random(n).randbytes(n) for n in (1, 700, 2, 16000, 1, 1, 33, 5000)]
            for piece in pieces:
                sender.sendall(piece)
                chunks += until_read(pair.relay, len(piece))
            assert receive(receiver, sum(map(len, pieces))) == b"".join(pieces)
            traffic = pair.relay.traffic()
            chunks += traffic.chunks_up + traffic.chunks_down
            assert chunks == len(pieces), f"{chunks} chunks"
            assert segments(receiver) == len(pieces), f"{segments(receiver)} segments"


@test
def each_address_leads_to_the_server():
    with Pair(2, addresses=600) as pair:
        assert len(set(pair.relay.hosts)) == 600
        for host in pair.relay.hosts[::130]:
            client, server = pair.connect(host), pair.accept()
            server.sendall(host.encode())
            assert receive(client, len(host)) == host.encode()
        assert pair.relay.traffic().connections == 5


@test
def many_at_once_keep_apart():
    with Pair(30) as pair:
        numbers = list(range(300))
        clients = [pair.connect() for _ in numbers]
        for number, client in zip(numbers, clients):
            client.sendall(struct.pack("!I", number))
        for server in [pair.accept() for _ in numbers]:
            server.sendall(receive(server, 4) * 2)
        for number, client in zip(numbers, clients):
            assert receive(client, 8) == struct.pack("!II", number, number)
        assert pair.relay.traffic().most == 300


# ---- ends ----

@test
def an_end_comes_behind_what_was_sent_and_leaves_the_other_direction():
    with Pair(40) as pair:
        client, server = pair.both()
        client.sendall(b"question")
        client.shutdown(socket.SHUT_WR)
        assert receive(server, 8) == b"question" and server.recv(1) == b""
        server.sendall(b"answer")
        server.close()
        assert receive(client, 6) == b"answer" and client.recv(1) == b""


@test
def an_end_before_the_server_was_reached_is_told_to_it():
    with Pair(40) as pair:
        client = pair.connect()
        client.sendall(b"gone")
        client.close()
        server = pair.accept()
        assert receive(server, 4) == b"gone" and server.recv(1) == b""


@test
def a_reset_is_a_reset_on_the_other_side():
    with Pair(40) as pair:
        for near, far in (pair.both(), pair.both()[::-1]):
            near.sendall(b"last")
            assert receive(far, 4) == b"last"
            began = time.monotonic()
            reset(near)
            assert is_reset(far), "no reset came"
            assert time.monotonic() - began >= 0.5 * pair.rtt, "too early"


@test
def who_writes_to_a_closed_side_is_told_by_a_reset():
    with Pair(40) as pair:
        client, server = pair.both()
        client.close()
        assert server.recv(1) == b""
        server.sendall(b"too late")
        poll = select.poll()
        poll.register(server, 0)
        assert poll.poll(LIMIT * 1000), "no reset came back"
        # behind an end of file a reset is this
        assert server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.EPIPE


@test
def without_a_server_there_is_a_reset():
    with Pair(40) as pair:
        pair.listener.close()
        client = pair.connect()
        assert is_reset(client), "no reset came"
        assert time.monotonic() - pair.began >= 2 * pair.rtt, "too early"


@test
def it_ends_with_its_standard_input_whatever_is_open():
    with Pair(40) as pair:
        client, server = pair.both()
        pair.relay.process.stdin.close()
        assert pair.relay.process.wait(LIMIT) == 0
        assert client.recv(1) == b"" and server.recv(1) == b""


def main():
    failed = 0
    chosen = [each for each in TESTS if not sys.argv[1:] or sys.argv[1] in each.__name__]
    print(f"1..{len(chosen)}", flush=True)
    for number, function in enumerate(chosen, 1):
        name = function.__name__.replace("_", " ")
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}\n# {type(error).__name__}: {str(error)[:300]}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
