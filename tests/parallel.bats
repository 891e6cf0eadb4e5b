#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# README's commands for several machines, as they are printed there: GNU parallel, and two of the
# world's sshd as workers. Shares of the list are lost in the middle: with the worker's connection, with the
# program there, with parallel itself. The same commands again have to end with each result once.

load helper

setup_file() { world_up; }
teardown_file() { world_down; }

REAL=14  # targets with a server, a user each; all but one in the first share
DEAD=105 # and those without one, at a port that the kernel gives to nobody

# A folder with a list of three shares, and a PATH in which ssh knows worker1 and worker2. One target of
# the first share is reached through a command that waits until the file `go` is there.
setup()
{
    local name
    test_begin
    mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/site"
    cd "$BATS_TEST_TMPDIR/site" || return
    printf '%s\n' "Host worker1" "    Port $SSHD_JUMP_PORT" "Host worker2" "    Port $SSHD_JUMP2_PORT" \
        "Host *" "    HostName 127.0.0.1" "    User alice" "    IdentityFile $USER_KEY" "    IdentitiesOnly yes" \
        "    UserKnownHostsFile $JUMP_KNOWN_HOSTS" "    GlobalKnownHostsFile /dev/null" >ssh_config
    executable "$BATS_TEST_TMPDIR/bin/ssh" "exec /usr/bin/ssh -F '$PWD/ssh_config' \"\$@\""
    # What a worker has: the program, and known hosts.
    cp "$KNOWN_HOSTS" "$WORLD_DIR/home/alice/.ssh/known_hosts"
    {
        for name in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS; do
            [ -z "${!name:-}" ] || printf 'export %s="%s"\n' "$name" "${!name}"
        done
        printf 'exec "%s" -F none "$@"\n' "$SSH_AUTHTEST"
    } >lines
    mapfile -t lines <lines
    executable "$WORKER_BIN/ssh-authtest" "${lines[@]}"
    executable "$PWD/gate" "echo \$PPID >'$PWD/waiting.new'; mv '$PWD/waiting.new' '$PWD/waiting'" \
        "i=0; until [ -e '$PWD/go' ] || [ \$i = 600 ]; do sleep 0.1; i=\$((i + 1)); done" \
        "exec /usr/bin/python3 -B '$abs_top_srcdir/tests/peer/pipe.py' 127.0.0.1 $SSHD_PORT"
    make_list >hosts
    RUN=
}

teardown()
{
    : >"$BATS_TEST_TMPDIR/site/go"
    [ -z "$RUN" ] || signal KILL || true
    test_end
}

# executable FILE LINE...
executable()
{
    printf '%s\n' '#!/bin/sh' "${@:2}" >"$1"
    chmod 755 "$1"
}

# make_list: some lines have options of their own, quotes and comments in them.
make_list()
{
    local i
    printf "# the first share: it's \"one\" of three\n\n    # two lines of it are none for parallel\n"
    printf 'user%s@127.0.0.1:'"$SSHD_PORT"'\n' 1 2 3
    printf '%s\n' "--connect-timeout=100 --proxy-command=\"'$PWD/gate'\" gate@127.0.0.1:$SSHD_PORT" \
        "-m password -r '^x \"\$HOME\" [{};&\\]=cmd:true' -e no-response alice@127.0.0.1:$SSHD_PORT # quoted" \
        "-m publickey -i '$KEY_STRANGER' carol@127.0.0.1:$SSHD_PORT"
    for ((i = 4; i <= REAL - 4; i++)); do
        printf 'user%s@127.0.0.1:%s\n' "$i" "$SSHD_PORT"
    done
    printf 'dead%s@127.0.0.1:1\n' $(seq "$DEAD")
    printf 'last@127.0.0.1:%s' "$SSHD_PORT"
}

# commands: what README prints under the heading; ONLY is who is left of the workers.
commands()
{
    sed -n '/^## Several machines$/,/^## /p' "$abs_top_srcdir/README.md" |
        sed -n "${ONLY:+s/ -S worker1,worker2 / -S $ONLY /;} s/^    //p"
}

# begin: README's commands in the background, in a session of their own, with signals as at a terminal.
begin()
{
    commands >script
    # shellcheck disable=SC2016
    PATH=$BATS_TEST_TMPDIR/bin:/usr/bin:/bin timeout -k 5 200 /usr/bin/python3 -c 'import os, signal, sys
for name in ("INT", "TERM", "HUP"):
    signal.signal(getattr(signal, "SIG" + name), signal.SIG_DFL)
os.setsid()
os.execv("/bin/bash", ["bash", "-eu", "script"])' </dev/null >out 2>err 3>&- &
    RUN=$!
}

# end: until they have ended; sets status, output and stderr.
end()
{
    status=0
    wait "$RUN" || status=$?
    RUN=
    output=$(cat out) stderr=$(cat err)
}

# signal NAME: to all that is in the foreground, as a terminal would.
signal()
{
    kill "-$1" -- "-$(ps -o pid= --ppid "$RUN" | tr -d ' ')"
}

again()
{
    begin
    end
}

# until_waiting: the first share is at its gate; sets WAITING, the program there.
until_waiting()
{
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        [ ! -s waiting ] || break
        sleep 0.1
    done
    WAITING=$(cat waiting)
}

# above PID PATTERN: of the processes above PID, itself included, the first of such a name.
above()
{
    local pid=$1 name
    while [ "$pid" -gt 1 ]; do
        read -r name <"/proc/$pid/comm"
        # shellcheck disable=SC2254
        case $name in
        $2)
            printf '%s\n' "$pid"
            return
            ;;
        esac
        pid=$(sed -n 's/^PPid:\t//p' "/proc/$pid/status")
    done
    return 1
}

# unfinished SHARE...: these, and no others, are not done, as parallel's log has it.
unfinished()
{
    local missing
    missing=$(seq 3 | while read -r i; do
        awk -F '\t' -v i="$i" '$1 == i && $7 == 0 && $8 == 0 { found = 1 } END { exit found }' results/log &&
            echo "$i"
    done | paste -s -d ' ' -) || true
    [ "$missing" = "$*" ] || complain "unfinished: $missing; $(cut -c 1-100 results/log)"
}

# complete: each target once, in the list's order, in one stream that the schema accepts.
complete()
{
    expect_status 0 || return
    /usr/bin/python3 -B "$abs_top_srcdir/tests/json_check.py" \
        "$abs_top_srcdir/share/ssh-authtest.schema.json" hosts.json -- \
        "len(r) == $((REAL + DEAD))" \
        'len({x["target"] for x in r}) == len(r)' \
        '[x["user"] for x in r] == '"$(grep -o '[a-z0-9]*@127' hosts | /usr/bin/python3 -c '
import sys
print([line[:-5] for line in sys.stdin])')" \
        'sum(x["outcome"] == "unreachable" for x in r) == '"$DEAD" \
        'sum(x["outcome"] == "listed" for x in r) == '"$((REAL - 2))" \
        '[(x["outcome"], x["exit"], x["met"]) for x in r if x["user"] == "alice"] == [("no-response", 0, True)]' \
        '[(x["outcome"], x["exit"]) for x in r if x["user"] == "carol"] == [("failure", 1)]' \
        '[x["user"] for x in r if x["chains"][0].get("via")] == ["gate"]'
}

# logins USER: how often the server saw that user.
logins()
{
    server_settled
    server_log | grep -c "userauth-request for user $1 service ssh-connection method $2" || true
}

@test "the commands are found, and leave the list whole" {
    [ "$(commands | wc -l)" -ge 5 ]
    bash -n <(commands)
    commands | grep -q '| parallel '
}

@test "a list is spread over two workers, and what they refuse is not asked again" {
    : >go
    again
    complete
    # both had a share
    [ "$(cut -f 2 results/log | sed 1d | sort -u | paste -s -d ' ' -)" = 'worker1 worker2' ] ||
        complain "$(cut -c 1-100 results/log)"
    unfinished
    cp hosts.json first.json
    again
    complete
    cmp first.json hosts.json
    [ "$(logins carol publickey)" = 1 ] || complain "carol was tried again"
    [ "$(logins user1 none)" = 1 ] || complain "user1 was tried again"
}

@test "a worker is lost in the middle: its share is run again, and no other" {
    begin
    until_waiting
    kill -KILL "$(above "$WAITING" "sshd*")"
    end
    [ "$status" != 0 ] || complain "it ends with 0"
    [ ! -e hosts.json ]
    unfinished 1
    awk -F '\t' '$7 == 255 { found = 1 } END { exit !found }' results/log || complain "no 255 in the log"
    : >go
    again
    complete
    unfinished
    [ "$(logins last none)" = 1 ] || complain "another share was run again"
}

@test "the program is ended on a worker: its share is run again" {
    begin
    until_waiting
    kill -TERM "$(above "$WAITING" "$(basename "$SSH_AUTHTEST")")"
    end
    [ "$status" != 0 ] || complain "it ends with 0"
    unfinished 1
    : >go
    again
    complete
    unfinished
}

@test "parallel is interrupted: the same commands run what is missing" {
    begin
    until_waiting
    signal INT
    end
    [ "$status" != 0 ] || complain "it ends with 0"
    : >go
    again
    complete
    unfinished
}

@test "a worker on which the program cannot be run: no share is done without its results" {
    : >go
    cp "$WORKER_BIN/ssh-authtest" good
    # An option that it does not know, a credential that it lacks, no program at all.
    for option in --no-such-option "-m publickey -i /nonexistent/key" --no-program; do
        sed "s|-F none|& $option|" good >"$WORKER_BIN/ssh-authtest"
        [ "$option" != --no-program ] || rm "$WORKER_BIN/ssh-authtest"
        again
        [ "$status" != 0 ] || complain "$option: it ends with 0"
        [ ! -e hosts.json ]
        unfinished 1 2 3
    done
    executable "$WORKER_BIN/ssh-authtest" "$(sed 1d good)"
    again
    complete
    unfinished
}

@test "a bad line is a result like any other, and no reason to ask the others again" {
    : >go
    sed -i '4s/.*/two targets/' hosts
    again
    expect_status 0
    unfinished
    grep -q '"outcome": *"usage"' results/1.jsonl
    [ "$(wc -l <hosts.json)" = $((REAL + DEAD)) ]
}

@test "lines without a target make no share, which could never be done" {
    : >go
    printf '  # none\n \t\n\r\n%.0s' {1..20} >>hosts
    again
    complete
    unfinished
    [ "$(sed 1d results/log | wc -l)" = 3 ] || complain "$(cut -c 1-100 results/log)"
}

@test "a worker that is down: the others' results stay, and it can be left out" {
    : >go
    sed -i "s/Port $SSHD_JUMP2_PORT/Port 1/" ssh_config
    again
    [ "$status" != 0 ] || complain "it ends with 0"
    ONLY=worker1
    again
    complete
    unfinished
}
