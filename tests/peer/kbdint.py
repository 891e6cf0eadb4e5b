#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripted SSH server: says what OpenSSH never says.

    kbdint.py [--limit=SECONDS] [--inject=TYPE] [--early-banner] [--list]

The user's name chooses the scenario, `NAME` or `NAME.ARGUMENT`; --list tells them all. --inject sends
an empty message of that type (a banner: 53) in clear text during the key exchange (52 is SUCCESS);
--early-banner sends a banner before the first request. Prints its port; what the client
sends is told on standard error, one line each:

    request USER METHOD (`password change` with a new one, `publickey signed`) / message TYPE of N bytes / answers 'TEXT' ... or none / abandoned / closed
"""

import argparse
import asyncio
import sys
import warnings

sys.dont_write_bytecode = True
warnings.simplefilter("ignore")  # of what asyncssh imports

import scenes_broken  # noqa: E402
import scenes_dialogue  # noqa: E402
import scenes_gssapi  # noqa: E402
import scenes_keys  # noqa: E402
import scripted  # noqa: E402

SCENES = {**scenes_dialogue.SCENES, **scenes_broken.SCENES, **scenes_gssapi.SCENES,
          **scenes_keys.SCENES}


async def by_user(dialogue, user):
    name, _, argument = user.partition(".")
    if name in SCENES:
        await SCENES[name](dialogue, argument)
        return
    scripted.tell("no scenario %s" % name)
    while True:
        await dialogue.request()
        dialogue.failure(["keyboard-interactive"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=float, default=300)
    parser.add_argument("--inject", type=int, default=0)
    parser.add_argument("--early-banner", action="store_true")
    parser.add_argument("--list", action="store_true")
    settings = parser.parse_args()
    if settings.list:
        for name, scene in SCENES.items():
            print("%-16s %s" % (name, " ".join((scene.__doc__ or "").split())))
        return
    asyncio.run(scripted.serve(settings, by_user))


if __name__ == "__main__":
    main()
