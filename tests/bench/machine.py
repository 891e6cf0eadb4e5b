# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark ran on: the machine, and the versions of all that took part."""
import datetime
import os
import platform
import re
import subprocess

import commands
from servers import SOURCE

VERSIONS = {
    "OpenSSH": (["ssh", "-V"], r"OpenSSH_([^,]+)"),
    "nmap": (["nmap", "--version"], r"version (\S+)"),
    "nmap's libssh2": (["nmap", "--version"], r"libssh2-(\S+)"),
    "plink": (["plink", "-V"], r"Release (\S+)"),
    "asyncssh": ([commands.PYTHON, "-W", "ignore", "-c", "import asyncssh; print(asyncssh.__version__)"], r"(\S+)"),
    "Python": ([commands.PYTHON, "-V"], r"Python (\S+)"),
    "sshpass": (["sshpass", "-V"], r"sshpass (\S+)"),
    "strace": (["strace", "-V"], r"version (\S+)"),
    "libssh, the fleet's server": (["pkg-config", "--modversion", "libssh"], r"(\S+)"),
    "OpenSSL": (["openssl", "version"], r"OpenSSL (\S+)"),
}


def said(argv, env=None):
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              text=True, check=False, env=env)
    except OSError:
        return ""
    return done.stdout


def versions():
    own = said([commands.PROGRAM, "--version"])
    result = {"ssh-authtest": own.split("\n", maxsplit=1)[0].rpartition(" ")[2]}
    built = re.search(r"^Built with (.*?)\.?$", own, re.M)
    if built:
        result["ssh-authtest's libraries"] = built.group(1)
    commit = said(["git", "-C", SOURCE, "describe", "--always", "--dirty"]).strip()
    if re.fullmatch(r"[\w.-]+", commit):
        result["ssh-authtest's commit"] = commit
    for name, (argv, pattern) in VERSIONS.items():
        match = re.search(pattern, said(argv))
        if match:
            result[name] = match.group(1)
    return result


def first(path, pattern):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            match = re.search(pattern, file.read(), re.M)
    except OSError:
        match = None
    return match.group(1) if match else "unknown"


def describe():
    memory = first("/proc/meminfo", r"^MemTotal: +(\d+)")
    load = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0))
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": first("/proc/cpuinfo", r"^model name\s*: (.*)$"),
        "cores": cores,
        "memory_mib": int(memory) // 1024 if memory.isdigit() else None,
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "system": first("/etc/os-release", r'^PRETTY_NAME="?([^"\n]*)'),
        "load": round(load, 2),
        "idle": load < 0.5 * cores,
    }
