# SPDX-License-Identifier: GPL-3.0-or-later
"""The logins that calls fail in: each method, with servers and tickets of their own.

A crew member has a server for itself, so that what that one says of a login is said of the
member's own run.
"""

import os
import re
import shutil
import signal
import subprocess

PASSWORD = "inject-password"
PRINCIPAL, HOST = "alice@EXAMPLE.TEST", "server.example.test"

# name: the arguments, the outcome that it has where nothing fails, and what is sent to others than
# the server: an agent, a KDC.
SCENES = {
    "none": (["pw"], "listed", None),
    "password": (["-m", "password", "-r", "assword=env:PW", "pw"], "success", None),
    "publickey": (["-m", "publickey", "-i", "id", "key"], "success", None),
    "agent": (["-m", "publickey", "--agent", "key"], "success", "agent"),
    "kbdint": (["-m", "keyboard-interactive", "-r", "Account=env:CODE", "-r", "Password=env:PW",
                "-r", "^Code=env:SECOND", "rounds"], "success", None),
    "gssapi": (["-m", "gssapi-with-mic", "--gssapi-host=" + HOST, "gss"], "success", "kdc"),
    "keytab": (["-m", "gssapi-with-mic", "--gssapi-host=" + HOST, "--keytab=alice.keytab",
                "--gssapi-client=alice", "gss"], "success", "kdc"),
    "chain": (["-m", "publickey,password,kbdint", "-i", "id", "-r", "Account=env:CODE",
               "-r", "Password|password=env:PW", "-r", "^Code=env:SECOND", "key-pw-rounds"],
              "success", None),
    "refused": (["-m", "password", "-r", "assword=env:WRONG", "pw"], "failure", None),
}
METHODS = {"none", "password", "publickey", "agent", "kbdint", "gssapi"}  # the others are combinations


def dies_with_us():
    """Of a child that is to end with this process."""
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class World:
    """Keys, an agent, and a KDC: one for all."""

    def __init__(self, folder, source, build):
        self.folder = folder
        self.build = build
        self.world = os.path.join(source, "tests/world/world")
        self.kdc = os.path.join(folder, "kdc")
        self.agent = None
        for name in ("id", "host"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f",
                            self.path(name)], check=True, stdin=subprocess.DEVNULL)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        self.agent = subprocess.Popen(
            ["ssh-agent", "-D", "-a", self.path("agent")], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, preexec_fn=dies_with_us)
        os.mkdir(self.kdc)
        libraries = os.path.join(self.build, "tests/world")
        subprocess.run([self.world, "start", self.kdc], check=True, stdin=subprocess.DEVNULL,
                       env={**os.environ, "WORLD_LIBDIR": libraries, "WORLD_OWNER": str(os.getpid())})
        with open(os.path.join(self.kdc, "env")) as file:
            self.variables = dict(re.findall(r"^export (\w+)='(.*)'$", file.read(), re.M))
        shutil.copy(os.path.join(self.kdc, "alice.keytab"), self.path("alice.keytab"))
        krb5 = {**os.environ, "KRB5_CONFIG": self.variables["KRB5_CONFIG"]}
        subprocess.run(["kinit", "-k", "-t", self.path("alice.keytab"), "-c",
                        "FILE:" + self.path("tgt"), "alice"], check=True, env=krb5)
        subprocess.run(["ssh-add", "-q", self.path("id")], check=True, stderr=subprocess.DEVNULL,
                       env={**os.environ, "SSH_AUTH_SOCK": self.path("agent")})

    def stop(self):
        if self.agent:
            self.agent.terminate()
            self.agent.wait()
        if os.path.isdir(self.kdc):
            subprocess.run([self.world, "stop", self.kdc], check=True)


class Server:
    """The libssh server of tests/peer, and what it says."""

    def __init__(self, world, name):
        self.log = world.path(name + ".log")
        variables = {**os.environ, "PEER_PASSWORD": PASSWORD,
                     "KRB5_KTNAME": "FILE:" + os.path.join(world.kdc, "host.keytab"),
                     "KRB5_CONFIG": world.variables["KRB5_CONFIG"], "KRB5RCACHENAME": "none:"}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [os.path.join(world.build, "tests/peer/libssh_server"), "-l", "20000",
                 "-a", world.path("id.pub"), "-g", PRINCIPAL, "-n", HOST, world.path("host")],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=variables,
                preexec_fn=dies_with_us)
        self.port = int(self.process.stdout.readline())
        self.reader = open(self.log, "rb")

    def accepted(self):
        """Whether it let anybody in since this was asked last: it says so before its answer leaves."""
        return re.search(rb"^accepted .* entirely$", self.reader.read(), re.M) is not None

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.reader.close()
