# SPDX-License-Identifier: GPL-3.0-or-later
"""What one would write with asyncssh instead of calling ssh-authtest.

    asyncssh_client.py list JOBS USER FILE      the methods of each ADDRESS:PORT in FILE, JOBS at a time
    asyncssh_client.py login USER ADDRESS:PORT  by keyboard-interactive, with the password of the variable PW

No configuration is read, no agent asked, and no key looked for. Prints a line for each.
"""
import asyncio
import os
import resource
import sys

import asyncssh

NOTHING = {"known_hosts": None, "config": None, "agent_path": None, "client_keys": None}


async def methods(host, port, user, room):
    async with room:
        print(f"{host}:{port}", *await asyncssh.get_server_auth_methods(host, port, user, config=None))


async def list_all(jobs, user, path):
    room = asyncio.Semaphore(jobs)
    with open(path, encoding="ascii") as file:
        targets = [line.split(":") for line in file.read().split()]
    await asyncio.gather(*(methods(host, int(port), user, room) for host, port in targets))


async def login(user, target):
    host, port = target.split(":")
    async with asyncssh.connect(host, int(port), username=user, password=os.environ["PW"],
                                preferred_auth="keyboard-interactive", gss_host=None, **NOTHING):
        print(f"{host}:{port} accepted")


def main():
    if sys.argv[1] == "list":
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
        asyncio.run(list_all(int(sys.argv[2]), sys.argv[3], sys.argv[4]))
    else:
        asyncio.run(login(sys.argv[2], sys.argv[3]))


main()
