# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What jump.bats, proxy.bats and proxy_broken.bats share; config.bash has the rest.

# jumps [LINE]...: the configuration for the jumps and for web1, the main server, the lines first. Its
# name is one that only the servers can resolve, so that nobody else reached it.
jumps()
{
    HOSTS=$BATS_TEST_TMPDIR/hosts
    sed "p; s/127\\.0\\.0\\.1/$GSSAPI_HOST/" "$KNOWN_HOSTS" >"$HOSTS"
    config "$@" "Host jump" "    Port $SSHD_JUMP_PORT" "Host jump2" "    Port $SSHD_JUMP2_PORT" \
        "Host jump jump2" "    HostName 127.0.0.1" "    UserKnownHostsFile $JUMP_KNOWN_HOSTS" "    User alice" \
        "    IdentityFile $USER_KEY" "    IdentitiesOnly yes" \
        "Host web1" "    HostName $GSSAPI_HOST" "    Port $SSHD_PORT" "    User alice" "    UserKnownHostsFile $HOSTS" \
        "Host *" "    GlobalKnownHostsFile /dev/null" "    PreferredAuthentications publickey,keyboard-interactive"
}

# through ARGUMENT...: as probe; the logs of all servers begin anew.
through()
{
    server_settled
    log_mark
    JUMP_MARK=$(wc -c <"$SSHD_JUMP_LOG")
    JUMP2_MARK=$(wc -c <"$SSHD_JUMP2_LOG")
    probe "$@"
}

# jump_said REGEX, jump2_said REGEX: in its log since then.
jump_said()
{
    tail -c "+$((JUMP_MARK + 1))" "$SSHD_JUMP_LOG" | grep -E -- "$1" >/dev/null || complain "jump did not log: $1"
}

jump2_said()
{
    tail -c "+$((JUMP2_MARK + 1))" "$SSHD_JUMP2_LOG" | grep -E -- "$1" >/dev/null || complain "jump2 did not log: $1"
}

# unused: no jump was connected to.
unused()
{
    ! jump_said 'Connection from' >/dev/null && ! jump2_said 'Connection from' >/dev/null || complain "a jump was used"
}

# via WORDS: the report's first line says how, and the connection was used to the end.
via()
{
    expect_line "^(web1|127\\.0\\.0\\.1|::1) port [0-9]+( \\([^ )]+\\))? $1, SSH-2\\.0-"
}

# listed_via WORDS: a listing of web1 by that way, with nothing to complain of.
listed_via()
{
    expect_status 0 && via "$1" && expect_line '^listed: ' && expect_line '^host key .* known$' &&
        { [ -z "$stderr" ] || complain "it complains"; } &&
        expect_server 'userauth-request for user alice service ssh-connection method none'
}

# no_way REGEX: unreachable in stage proxy, with these words, in the report and on standard error.
no_way()
{
    expect_status 7 &&
        expect_line "^unreachable: .*$1.*\\(stage proxy\\)\$" &&
        expect_err "^ssh-authtest: .*@[^ ]+: .*$1.*\\(stage proxy\\)\$" &&
        have_no_control_bytes
}

# late SECONDS: timeout in stage proxy, after so long.
late()
{
    expect_status 8 &&
        expect_line "^timeout: .*\\(stage proxy, $1 s there, " &&
        expect_err "^ssh-authtest: .*\\(stage proxy, $1 s there, "
}

# pipe [OPTION]...: the proxy command that reaches its target; what it is goes into the folder RECORD.
pipe()
{
    RECORD=$BATS_TEST_TMPDIR/record
    mkdir -p "$RECORD"
    PIPE="/usr/bin/python3 -B '$abs_top_srcdir/tests/peer/pipe.py' --record='$RECORD' $*"
}

# proxy LINE...: a proxy command that is a script; its number goes into RECORD, too.
proxy()
{
    RECORD=$BATS_TEST_TMPDIR/record
    mkdir -p "$RECORD"
    script_file proxy "echo \$\$ >>'$RECORD/pid'" "$@"
    PROXY=$BATS_TEST_TMPDIR/proxy
}

# started SIGNAL-FILE ARGUMENT...: the program in the background as BACKGROUND, signals as they are at a
# terminal; returns once SIGNAL-FILE is there.
started()
{
    /usr/bin/python3 -c 'import os, signal, sys
for name in ("INT", "TERM", "HUP"):
    signal.signal(getattr(signal, "SIG" + name), signal.SIG_DFL)
os.setsid()
os.execv(sys.argv[1], sys.argv[1:])' "$SSH_AUTHTEST" "${PROBE_CONFIG[@]}" "${@:2}" \
        </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    BACKGROUND=$!
    until_there "$1"
}

# ended_by SIGNAL: it ends at once, says so, and by that signal.
ended_by()
{
    local status=0 begin=$SECONDS
    kill "-$1" "$BACKGROUND"
    wait "$BACKGROUND" || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/out")
    [ "$status" = "$((128 + $(kill -l "$1")))" ] || complain "SIG$1: $status" || return
    expect_line '^interrupted: ' || return
    [ "$((SECONDS - begin))" -lt 10 ] || complain "it took $((SECONDS - begin)) s"
}
