# SPDX-License-Identifier: GPL-3.0-or-later
"""What is counted: a listing and a login by each method, on the world's sshd, through a relay."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading

import lockstep

LIMIT = 60  # seconds for a run, however it is watched

PASSWORD = ["-r", "assword=env:ALICE_PASSWORD"]
# name: what is asked for; None: the process begins and ends, and no more
SCENES = {
    "start": None,
    "list": [],
    "kbdint": ["-m", "keyboard-interactive", *PASSWORD],
    "password": ["-m", "password", *PASSWORD],
    "publickey": ["-m", "publickey", "-i", "{USER_KEY}"],
    "gssapi": ["-m", "gssapi-with-mic", "--gssapi-host={GSSAPI_HOST}"],
}


class World:
    """tests/world, a relay before its main sshd, and a folder for the program."""

    def __init__(self, source, build, program):
        self.source, self.build, self.program = source, build, program
        self.script = os.path.join(source, "tests/world/world")
        parent = tempfile.gettempdir()  # the world's folder has no blanks in its name
        parent = "/tmp" if re.search(r"\s", parent) else parent
        # root gives the world away, and the folder above it has to let its new owner in
        self.folder, self.place = (tempfile.mkdtemp(prefix="ssh-authtest-cost.", dir=parent) for _ in "12")
        self.relay = None
        self.details = {}  # of a count, where it is one of many things: a text

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        libraries = os.path.join(self.build, "tests/world")
        subprocess.run([self.script, "start", self.place], check=True, stdin=subprocess.DEVNULL, env={
            **os.environ, "WORLD_LIBDIR": libraries, "WORLD_OWNER": str(os.getpid())})
        with open(os.path.join(self.place, "env")) as file:
            self.variables = dict(re.findall(r"^export (\w+)='(.*)'$", file.read(), re.M))
        with open(os.path.join(self.place, "pids")) as file:
            self.processes = [int(line.split()[0]) for line in file]
        self.relay = lockstep.Lockstep(int(self.variables["SSHD_PORT"]))
        with open(self.variables["KNOWN_HOSTS"]) as known, open(self.path("known_hosts"), "w") as file:
            here, there = "[127.0.0.1]:%d " % self.relay.port, "[127.0.0.1]:%s " % self.variables["SSHD_PORT"]
            file.writelines(line.replace(there, here) for line in known if line.startswith(there))
        subprocess.run(["kinit", "-k", "-t", os.path.join(self.place, "alice.keytab"), "-c",
                        "FILE:" + self.path("tgt"), "alice"], check=True,
                       env={**os.environ, "KRB5_CONFIG": self.variables["KRB5_CONFIG"]})
        shutil.copy(os.path.join(self.build, "tests/inject/inject.so"), self.folder)  # LD_PRELOAD takes no blanks
        # The key of the world's may belong to the user that root has become for it.
        shutil.copy(self.variables["USER_KEY"], self.path("key"))
        shutil.copy(self.variables["USER_KEY"] + ".pub", self.path("key.pub"))
        os.chmod(self.path("key"), 0o600)
        self.variables["USER_KEY"] = self.path("key")

    def stop(self):
        if self.relay:
            self.relay.close()
        subprocess.run([self.script, "stop", self.place], check=False)
        shutil.rmtree(self.folder)

    def environment(self):
        """All of it: neither the tester's own nor the machine's configuration changes a count. OPENSSL_ia32cap:
        libcrypto's code is the same on each x86 processor, and what valgrind makes of it."""
        return {"PATH": "/usr/bin:/bin", "HOME": self.folder, "LC_ALL": "C", "OPENSSL_CONF": "/dev/null",
                "OPENSSL_ia32cap": "0:0", "KRB5_CONFIG": self.variables["KRB5_CONFIG"],
                "KRB5CCNAME": "FILE:" + self.path("cc"),
                "ALICE_PASSWORD": self.variables["ALICE_PASSWORD"]}

    def run(self, scene, before=(), program=None, options=(), environment=()):
        """Runs it, or another program, behind the words of `before`; returns its standard error and how many steps
        the dialogue took (lockstep.py), None without one."""
        arguments = SCENES[scene]
        command = [*before, program or self.program]
        if arguments is None:
            command += ["--version"]
        else:
            command += ["-F", "none", "--known-hosts=" + self.path("known_hosts"), "-p", str(self.relay.port),
                        *options, *(word.format(**self.variables) for word in arguments), "alice@127.0.0.1"]
        shutil.copyfile(self.path("tgt"), self.path("cc"))  # without the server's ticket
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, cwd=self.folder, start_new_session=True,
                                 env={**self.environment(), **dict(environment)})
        def kill():  # with what it runs behind those words
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        timer = threading.Timer(LIMIT, kill)
        timer.start()
        output = []
        reader = threading.Thread(target=lambda: output.extend(child.communicate()))
        reader.start()
        try:
            steps = None
            if arguments is not None:
                steps = self.relay.serve(child.pid, self.processes, LIMIT)
        except lockstep.Broken:
            kill()
            raise
        finally:
            reader.join()
            timer.cancel()
        if child.returncode != 0:
            raise lockstep.Broken("%s: exit status %d\n%s" % (
                scene, child.returncode, b"".join(output).decode(errors="replace")))
        return output[1].decode(errors="replace"), steps
