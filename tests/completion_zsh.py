# SPDX-License-Identifier: GPL-3.0-or-later
"""completion_zsh.py FILE LINE: prints what zsh offers for LINE with the completion FILE, a word a line.

zsh completes in its line editor alone, so it gets a pseudo-terminal. compadd is wrapped: -O asks it which
of its words fit.
"""

import os
import pty
import select
import signal
import sys
import tempfile
import time

SETUP = r"""
PS1= PS2= RPS1=
zstyle ':completion:*' menu no
setopt no_always_last_prompt no_beep
fpath=(%(folder)s $fpath)
autoload -Uz compinit
compinit -u -D
compadd() {
    local -a fitting
    case " $* " in
    *" -O "* | *" -A "* | *" -D "*) builtin compadd "$@"; return ;;
    esac
    builtin compadd -O fitting "$@"
    (( $#fitting )) && print -rl -- $fitting >>%(folder)s/offered
    builtin compadd "$@"
}
show() { zle complete-word; : >%(folder)s/done }
zle -N show
bindkey '^I' show
: >%(folder)s/ready
"""


def wait_for(master, path, seconds):
    """Reads the terminal, lest zsh waits for it, until the file is there."""
    limit = time.monotonic() + seconds
    while not os.path.exists(path):
        if time.monotonic() > limit:
            sys.exit("zsh did not come to " + os.path.basename(path))
        if select.select([master], [], [], 0.05)[0]:
            try:
                os.read(master, 4096)
            except OSError:
                sys.exit("zsh ended before " + os.path.basename(path))


def ask(folder, line):
    with open(os.path.join(folder, ".zshrc"), "w") as rc:
        rc.write(SETUP % {"folder": folder})
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(ZDOTDIR=folder, TERM="dumb")
        os.execvp("zsh", ["zsh", "-d", "-i"])
    try:
        wait_for(master, os.path.join(folder, "ready"), 60)
        os.write(master, line.encode() + b"\t")
        wait_for(master, os.path.join(folder, "done"), 60)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(master)


def main():
    with tempfile.TemporaryDirectory() as folder:
        with open(sys.argv[1]) as source, open(os.path.join(folder, "_ssh-authtest"), "w") as copy:
            copy.write(source.read())
        ask(folder, sys.argv[2])
        try:
            with open(os.path.join(folder, "offered")) as offered:
                print(*sorted(set(offered.read().split("\n")) - {""}), sep="\n")
        except FileNotFoundError:
            pass


main()
