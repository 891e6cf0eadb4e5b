# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines that are compared: no configuration is read, no agent asked, no host key saved."""
import json
import os
import shutil
import subprocess

from measure import OWN, Row
from servers import BUILD, built

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("SSH_AUTHTEST", os.path.join(BUILD, "ssh-authtest"))
PYTHON = "/usr/bin/python3"
ASYNCSSH = os.path.join(HERE, "asyncssh_client.py")
CURVE = "ssh, curve25519"  # what ssh can do where it is told

SSH = ["ssh", "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
       "-o", "GlobalKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "IdentityFile=none",
       "-o", "IdentityAgent=none", "-o", "UpdateHostKeys=no"]
ONLY_CURVE = ["-o", "KexAlgorithms=curve25519-sha256"]


def has_asyncssh():
    return subprocess.run([PYTHON, "-W", "ignore", "-c", "import asyncssh"], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0


def takes_identity():
    """Can ssh be told which name the server has in Kerberos? Debian's can."""
    return subprocess.run([*SSH, "-G", "-o", "GSSAPIServerIdentity=a", "b"], check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def lacking(argv):
    """What a command line needs and is not there; None where it can be run."""
    if not shutil.which(argv[0]):
        return f"{argv[0]} is not installed"
    if ASYNCSSH in argv and not has_asyncssh():
        return "asyncssh is not installed"
    if any("GSSAPIServerIdentity" in word for word in argv) and not takes_identity():
        return "this ssh has no GSSAPIServerIdentity"
    return None


def missing():
    """What of the tools is not there, by name, and the package that has it."""
    found = {package: shutil.which(program) for package, program in (
        ("openssh-client", "ssh"), ("nmap", "nmap"), ("putty-tools", "plink"), ("sshpass", "sshpass"),
        ("strace", "strace"))}
    found["python3-asyncssh"] = has_asyncssh()
    return [package for package, there in found.items() if not there]


def own(*arguments):
    return [PROGRAM, "-F", "none", "--host-key=off", *arguments]


def asyncssh(*arguments):
    return [PYTHON, "-B", ASYNCSSH, *arguments]


def nmap(user, port, *where):
    return ["nmap", "-n", "-Pn", "-sT", "-p", str(port), "--script", "+ssh-auth-methods",
            "--script-args", f"ssh.user={user}", *where]


class World:
    """What the command lines need of the tests' world: `variables` are those of its file env."""

    def __init__(self, variables, folder):
        self.variables = variables
        self.port = int(variables["SSHD_PORT"])
        self.folder = folder
        self.password = self.write("password", variables["ALICE_PASSWORD"] + "\n")
        self.ticket = os.path.join(folder, "ticket")
        self.ccache = os.path.join(folder, "ccache")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        return path

    def environment(self):
        return {"PATH": os.environ["PATH"], "HOME": self.write_home(), "LC_ALL": "C.UTF-8",
                "KRB5_CONFIG": self.variables["KRB5_CONFIG"], "KRB5CCNAME": "FILE:" + self.ccache,
                "PW": self.variables["ALICE_PASSWORD"],
                **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}

    def write_home(self):
        path = os.path.join(self.folder, "home")
        os.makedirs(path, 0o700, exist_ok=True)
        return path

    def get_ticket(self):
        subprocess.run(["kinit", "-k", "-t", self.variables["ALICE_KEYTAB"], "-c", "FILE:" + self.ticket, "alice"],
                       env=dict(os.environ, KRB5_CONFIG=self.variables["KRB5_CONFIG"]), check=True)

    def only_ticket(self):
        """A login leaves the service's ticket in the ccache: each is to get its own."""
        shutil.copyfile(self.ticket, self.ccache)

    # The user `keyonly` has no method that plink would begin to ask for: all just see the list.

    def lists(self, port):
        denied = "Permission denied (publickey"
        path = self.write(f"target-{port}", f"127.0.0.1:{port}\n")
        ssh = ["-o", "BatchMode=yes", "-o", "PreferredAuthentications=none", "-p", str(port), "keyonly@127.0.0.1", "true"]
        return [
            Row(OWN, own(f"keyonly@127.0.0.1:{port}"),
                lambda run: run.status == 0 and "\nlisted: " in run.out),
            Row("ssh", SSH + ssh, lambda run: run.status == 255 and denied in run.err),
            Row(CURVE, SSH + ONLY_CURVE + ssh, lambda run: run.status == 255 and denied in run.err),
            Row("nmap", nmap("keyonly", port, "127.0.0.1"),
                lambda run: run.status == 0 and "Supported authentication methods" in run.out),
            Row("plink", ["plink", "-ssh", "-batch", "-P", str(port), "-l", "keyonly", "-hostkey",
                          self.variables["FINGERPRINT_ED25519"], "127.0.0.1", "true"],
                lambda run: run.status == 1 and "server sent: publickey" in run.err),
            Row("asyncssh", asyncssh("list", "1", "keyonly", path),
                lambda run: run.status == 0 and "publickey" in run.out),
        ]

    # ssh and plink cannot end before they ran something: it is `true`.

    def logins(self, port):
        def accepted(run):
            return run.status == 0
        return [
            Row(OWN, own("-B", "-m", "keyboard-interactive", "-r", "^Password=file:" + self.password,
                         f"alice@127.0.0.1:{port}"),
                lambda run: run.status == 0 and "\nsuccess: " in run.out),
            Row("sshpass+ssh", ["sshpass", "-f", self.password, *SSH, "-o",
                                "PreferredAuthentications=keyboard-interactive", "-p", str(port),
                                "alice@127.0.0.1", "true"], accepted),
            Row("sshpass+" + CURVE, ["sshpass", "-f", self.password, *SSH, *ONLY_CURVE, "-o",
                                     "PreferredAuthentications=keyboard-interactive", "-p", str(port),
                                     "alice@127.0.0.1", "true"], accepted),
            Row("plink", ["plink", "-ssh", "-batch", "-P", str(port), "-l", "alice", "-hostkey",
                          self.variables["FINGERPRINT_ED25519"], "-pwfile", self.password,
                          "127.0.0.1", "true"], accepted),
            Row("asyncssh", asyncssh("login", "alice", f"127.0.0.1:{port}"),
                lambda run: run.status == 0 and "accepted" in run.out),
        ]

    def kerberos_logins(self, port):
        host = self.variables["GSSAPI_HOST"]
        ssh = ["-o", "BatchMode=yes", "-o", "PreferredAuthentications=gssapi-with-mic", "-o",
               "GSSAPIAuthentication=yes", "-o", "GSSAPIServerIdentity=" + host, "-p", str(port),
               "alice@127.0.0.1", "true"]

        def accepted(run):
            return run.status == 0
        return [
            Row(OWN, own("-B", "-m", "gssapi-with-mic", "--gssapi-host=" + host, f"alice@127.0.0.1:{port}"),
                lambda run: run.status == 0 and "\nsuccess: " in run.out, self.only_ticket),
            Row("ssh", SSH + ssh, accepted, self.only_ticket),
            Row(CURVE, SSH + ONLY_CURVE + ssh, accepted, self.only_ticket),
        ]


def xargs(folder, path, *argv):
    """Runs this with each line of the file in the place of {}. It does not stop at 255, which is ssh's status where it
    is not let in."""
    library = shutil.copy(built("go_on.so"), folder)  # a blank in the name would end it
    return ["env", "LD_PRELOAD=" + library, "xargs", "-a", path, "-P", "64", "-I", "{}", *argv]


def fleet(folder, hosts, port, jobs=(64, 200)):
    """All of them, by the programs that can."""
    def write(name, lines):
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.writelines(line + "\n" for line in lines)
        return path

    n = len(hosts)
    targets = write(f"targets-{n}", (f"user@{host}:{port}" for host in hosts))
    addresses = write(f"addresses-{n}", hosts)
    names = write(f"names-{n}", (f"{host}:{port}" for host in hosts))
    ssh = xargs(folder, addresses, *SSH, "-o", "BatchMode=yes", "-o", "PreferredAuthentications=none",
                "-p", str(port), "user@{}", "true")

    def all_by(text, where):
        return lambda run: run.status == 0 and getattr(run, where).count(text) == n

    def all_listed(run):
        return run.status == 0 and [json.loads(line)["outcome"] for line in run.out.splitlines()] == ["listed"] * n

    return [
        *(Row(f"{OWN} -j {some}", own("--format=json", "-j", str(some), "-f", targets), all_listed, None, 600)
          for some in jobs),
        Row("xargs -P64 ssh", ssh, all_by("Permission denied (publickey", "err"), None, 600),
        Row("nmap", nmap("user", port, "-iL", addresses),
            all_by("Supported authentication methods", "out"), None, 600),
        *(Row(f"asyncssh, {some} tasks", asyncssh("list", str(some), "user", names),
              all_by("publickey", "out"), None, 600) for some in jobs),
    ]
