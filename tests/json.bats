#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --format=json: one object a line for each target, valid by the schema, and saying what the text
# report says, of whatever came of it and whatever a server sent.

load helper
load config
load jump
load keys

setup_file() { world_up; }
teardown_file() { world_down; }

schema=$abs_top_srcdir/share/ssh-authtest.schema.json

# holds EXPRESSION...: the last output is as it must be, and these Python expressions hold of it.
holds()
{
    /usr/bin/python3 -B "$abs_top_srcdir/tests/json_check.py" "$schema" "$PROBE_STDOUT" ${TEXT:+"$TEXT"} -- "$@" ||
        complain "the JSON is not as expected"
}

# both COMMAND...: first as text, then as JSON; the one tells what the other does.
both()
{
    TEXT=
    "$@"
    cp "$PROBE_STDOUT" "$BATS_TEST_TMPDIR/text"
    local first=$status
    PROBE_CONFIG+=(--format=json)
    "$@"
    PROBE_CONFIG=("${PROBE_CONFIG[@]:0:${#PROBE_CONFIG[@]}-1}")
    [ "$status" = "$first" ] || complain "as text it is status $first" || return
    TEXT=$BATS_TEST_TMPDIR/text
    holds 'len(r) == 1' "t['exit'] == $first"
}

# json COMMAND...: as JSON alone.
json()
{
    TEXT=
    PROBE_CONFIG+=(--format=json)
    "$@"
    PROBE_CONFIG=("${PROBE_CONFIG[@]:0:${#PROBE_CONFIG[@]}-1}")
}

# ---------------------------------------------------------------- the methods

@test "a listing: no methods, one step by none, what is offered" {
    both probe_main alice@127.0.0.1
    holds "t['version'] == 1" "t['target'] == 'alice@127.0.0.1:$SSHD_PORT'" \
        "(t['user'], t['host'], t['hostname'], t['port']) == ('alice', '127.0.0.1', '127.0.0.1', $SSHD_PORT)" \
        "(t['outcome'], t['met'], t['warnings'], len(t['chains'])) == ('listed', True, [], 1)" \
        "'expected' not in t and 'error' not in c and 'via' not in c and 'file' not in t" \
        "c['methods'] == [] and [x['method'] for x in s] == ['none']" \
        "'keyboard-interactive' in c['offered'] and c['offered'] == s[0]['remaining']" \
        "c['address'] == '127.0.0.1' and c['server'].startswith('SSH-2.0-OpenSSH')" \
        "c['host_key']['status'] == 'known' and c['trivial'] is False and c['banners'] == []" \
        "set(c['timing_ms']) == {'resolve', 'connect', 'handshake', 'auth', 'total'}"
    "$SSH_AUTHTEST" --version >"$BATS_TEST_TMPDIR/version"
    holds "open('$BATS_TEST_TMPDIR/version').read().startswith('ssh-authtest %s\nBuilt with libssh2 %s,' % (t['tool'], t['libssh2']))" \
        "abs(__import__('calendar').timegm(__import__('time').strptime(t['time'], '%Y-%m-%dT%H:%M:%SZ')) - $(date +%s)) < 600"
}

@test "password: answered by its source, and none before it" {
    both try password -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    holds "(t['outcome'], c['methods']) == ('success', ['password'])" "s[0]['source'] == 'env:ALICE_PASSWORD'" \
        "c['listing']['method'] == 'none' and 'password' in c['listing']['remaining']" \
        "s[0]['code'] == 0 and 'code_name' not in s[0] and 'remaining' not in s[0]"
    refute_text "$ALICE_PASSWORD"
    PW=wrong-$ALICE_PASSWORD both try password -r assword=env:PW alice@127.0.0.1
    holds "t['outcome'] == 'failure' and 'error' not in c and s[0]['code'] < 0" "'password' in s[0]['remaining']"
    refute_text "$ALICE_PASSWORD"
}

@test "keyboard-interactive: rounds and prompts, and no answers" {
    both try keyboard-interactive -r code=env:TWO_CODE -r assword=env:TWO_PASSWORD two@127.0.0.1
    holds "t['outcome'] == 'success'" \
        "[(p['text'], p['echo'], p['source']) for x in s[0]['rounds'] for p in x['prompts']] == [('Account code: ', True, 'env:TWO_CODE'), ('Password: ', False, 'env:TWO_PASSWORD')]"
    refute_text "$TWO_PASSWORD"
    both try keyboard-interactive alice@127.0.0.1
    holds "t['outcome'] == 'no-response' and c['error']['stage'] == 'auth' and 'code' not in s[0]" \
        "'source' not in s[0]['rounds'][0]['prompts'][0]"
}

@test "publickey: each key, its query and its signature" {
    both key -i "$KEY_STRANGER.pub" -i "$USER_KEY" alice@127.0.0.1
    holds "t['outcome'] == 'success'" \
        "[(k['file'], k['query'], k['signed'], k['outcome']) for k in s[0]['keys']] == [('$KEY_STRANGER.pub', False, False, 'failure'), ('$USER_KEY', True, True, 'success')]" \
        "s[0]['keys'][1]['fingerprint'] == '$(fingerprint "$USER_KEY.pub")' and s[0]['keys'][1]['type'] == 'ssh-ed25519'"
    both key -i "$USER_KEY.pub" alice@127.0.0.1
    holds "t['exit'] == 19 and s[0]['keys'][0]['query'] and not s[0]['keys'][0]['signed']"
}

@test "gssapi-with-mic: names, delegation, and what went wrong" {
    ticket alice -f
    both try gssapi-with-mic -K alice@127.0.0.1
    holds "t['outcome'] == 'success' and s[0]['gssapi']['client'] == 'alice@EXAMPLE.TEST'" \
        "s[0]['gssapi']['target'] == 'host/server.example.test@EXAMPLE.TEST'" \
        "s[0]['gssapi']['mechanism'] == '1.2.840.113554.1.2.2' and s[0]['gssapi']['expires_in'] > 60" \
        "s[0]['gssapi']['delegation_requested'] and s[0]['gssapi']['delegated']" \
        "(s[0]['gssapi']['major'], s[0]['gssapi']['minor'], s[0]['gssapi']['texts']) == (0, 0, [])"
    kdestroy -q
    both try gssapi-with-mic alice@127.0.0.1
    holds "t['outcome'] == 'gssapi-failure' and 'kinit' in c['error']['hint']" \
        "s[0]['gssapi']['major'] > 0 and s[0]['gssapi']['texts'] and 'delegated' not in s[0]['gssapi']"
}

@test "none that is accepted: trivial, and a warning with -m" {
    both scene none at-once
    holds "c['trivial'] and t['outcome'] == 'success' and len(t['warnings']) == 1"
    json probe --host-key=off "at-once@127.0.0.1:$PEER_PORT"
    expect_status 13
    holds "c['trivial'] and t['outcome'] == 'trivial' and t['warnings'] == []"
}

# --------------------------------------------------------------------- chains

@test "a chain: partial success by each method's code, and what remains" {
    ticket
    both try gssapi-with-mic,keyboard-interactive -r assword=env:CHAIN_GK_PASSWORD chain-gk@127.0.0.1
    holds "[(x['method'], x['outcome'], x['code']) for x in s] == [('gssapi-with-mic', 'partial-success', -1001), ('keyboard-interactive', 'success', 0)]" \
        "s[0]['code_name'] == 'LIBSSH2_ERROR_PARTIAL_SUCCESS' and s[0]['remaining'] == ['keyboard-interactive']"
    both try gssapi-with-mic chain-gk@127.0.0.1
    holds "t['outcome'] == 'partial-success' and len(s) == 1 and 'error' not in c"
    both try keyboard-interactive,gssapi-with-mic chain-gk@127.0.0.1
    holds "t['outcome'] == 'not-offered' and len(c['methods']) == 2 and len(s) == 1"
}

@test "several chains are one object, and the one that decides gives its words" {
    json try 'publickey none publickey' -i "$USER_KEY" -e success,key-acceptable alice@127.0.0.1
    expect_status 14
    holds 'len(r) == 1' "[x['outcome'] for x in t['chains']] == ['success', 'failure', 'success']" \
        "[(x['exit'], x['met']) for x in t['chains']] == [(0, True), (14, False), (0, True)]" \
        "(t['outcome'], t['exit'], t['met']) == ('failure', 14, False)" \
        "sorted(t['expected']) == ['key-acceptable', 'success'] and len(t['warnings']) == 1"
    expect_err "^ssh-authtest: alice@127\\.0\\.0\\.1: expected "
}

@test "expectations: met and not, of the lists too" {
    both probe_main --expect-offered=publickey --forbid-offered=password,x alice@127.0.0.1
    holds "(t['exit'], t['met'], t['expect_offered'], t['forbid_offered']) == (14, False, ['publickey'], ['password', 'x'])" \
        "len(t['warnings']) == 2 and t['outcome'] == 'listed' and not c['met']"
    both try publickey -i "$USER_KEY" -e success alice@127.0.0.1
    holds "(t['exit'], t['met'], t['expected'], t['warnings']) == (0, True, ['success'], [])"
}

@test "several targets: a line each, in order; one that is down is one of them" {
    json probe --known-hosts="$KNOWN_HOSTS" "alice@127.0.0.1:$SSHD_PORT" bob@127.0.0.1:1 \
        "carol@127.0.0.1:$SSHD_PORT"
    expect_status 7
    holds "[(x['user'], x['outcome'], x['exit']) for x in r] == [('alice', 'listed', 0), ('bob', 'unreachable', 7), ('carol', 'listed', 0)]"
}

# ------------------------------------------------------------------- failures

@test "unreachable: the stage, and what was not reached is absent" {
    both probe -p 1 alice@127.0.0.1
    holds "t['outcome'] == 'unreachable' and c['error']['stage'] == 'connect' and s == []" \
        "not {'address', 'server', 'host_key', 'offered', 'banners', 'trivial', 'via', 'disconnect'} & set(c)" \
        "set(c['timing_ms']) == {'resolve', 'connect', 'total'}"
    both probe alice@no-such-host.invalid
    holds "t['target'] == 'alice@no-such-host.invalid:22' and c['error']['stage'] == 'resolve'" \
        "set(c['timing_ms']) == {'resolve', 'total'}"
    expect_err '^ssh-authtest: alice@no-such-host\.invalid: '
    both probe --connect-timeout=5 -4 'alice@[::1]:1'
    holds "t['target'] == 'alice@[::1]:1' and t['host'] == '::1'"
}

@test "host-key: status and fingerprint, and no authentication" {
    both probe -p "$SSHD_PORT" alice@127.0.0.1
    holds "t['outcome'] == 'host-key' and c['host_key']['status'] == 'unknown' and c['error']['stage'] == 'host-key'" \
        "'handshake' in c['timing_ms'] and 'auth' not in c['timing_ms'] and s == []"
    json probe -p "$SSHD_PORT" --host-key=off alice@127.0.0.1
    holds "t['exit'] == 0 and c['host_key']['status'] == 'unchecked'"
    json probe -p "$SSHD_PORT" --host-key=accept-new alice@127.0.0.1
    holds "t['exit'] == 0 and c['host_key']['status'] == 'new'"
    json probe -p "$SSHD_PORT" --fingerprint="SHA256:$(printf 'A%.0s' {1..43})" alice@127.0.0.1
    holds "t['exit'] == 6 and c['host_key']['status'] == 'mismatch'"
}

@test "timeout at each stage" {
    peer_start silent.py
    both probe -t 0.5 -p "$PEER_PORT" alice@127.0.0.1
    holds "t['outcome'] == 'timeout' and c['error']['stage'] == 'banner' and c['timing_ms']['handshake'] > 0 and c['timing_ms']['total'] >= 400"
    PEER_PORT=
    both scene keyboard-interactive hang -t 1
    holds "t['outcome'] == 'timeout' and c['error']['stage'] == 'auth' and s[0]['outcome'] == 'timeout'"
}

@test "the server's DISCONNECT: code and text as they came" {
    both scene keyboard-interactive disconnect.2
    holds "t['outcome'] == 'disconnected' and c['disconnect']['code'] == 2" \
        "c['disconnect']['text'].startswith('Too many \x1b]0;owned\x07\x1b[2Jfailures')" \
        "'\ufffd' in c['disconnect']['text'] and '\n' in c['disconnect']['text']"
    json scene keyboard-interactive close
    holds "t['outcome'] == 'disconnected' and 'disconnect' not in c"
}

@test "a command line in error, or a credential: nothing on standard output" {
    json probe
    expect_status 2
    [ ! -s "$PROBE_STDOUT" ] || complain "output"
    json key -i /nonexistent alice@127.0.0.1
    expect_status 15
    [ ! -s "$PROBE_STDOUT" ] || complain "output"
    probe --format=jsonx alice@127.0.0.1
    expect_status 2
    expect_err "--format 'jsonx': not one of "
}

@test "by a signal: what is known is told, and that the target behind it was not tried" {
    local child n
    peer_start silent.py
    PROBE_STDOUT=$BATS_TEST_TMPDIR/stdout TEXT=
    /usr/bin/python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$SSH_AUTHTEST" -F none --format=json -p "$PEER_PORT" alice@127.0.0.1 \
        bob@127.0.0.1 >"$PROBE_STDOUT" 2>/dev/null </dev/null 3>&- &
    child=$!
    for ((n = 0; n < 500; n++)); do
        [ ! -s "$PEER_LOG" ] || break
        sleep 0.02
    done
    kill -INT "$child"
    status=0
    wait "$child" || status=$?
    expect_status 130
    holds "[(x['target'].split('@')[0], x['outcome'], x['exit']) for x in r] == [(x, 'interrupted', 130) for x in ('alice', 'bob')]"
}

# ------------------------------------------------------------------ the way

@test "through a jump and a proxy command: via, no address, and the time of it" {
    jumps
    both through -J jump web1
    holds "(c['via'], c['jump'], t['host'], t['exit']) == ('jump', 'jump', 'web1', 0)" "t['hostname'] == '$GSSAPI_HOST'" \
        "'address' not in c and set(c['timing_ms']) == {'proxy', 'handshake', 'auth', 'total'}"
    pipe
    both through --proxy-command="$PIPE %h %p" --known-hosts="$KNOWN_HOSTS" "alice@127.0.0.1:$SSHD_PORT"
    holds "(c['via'], t['exit']) == ('proxy-command', 0) and 'jump' not in c"
    both through --proxy-command='echo no way >&2; exit 3' "alice@127.0.0.1:$SSHD_PORT"
    holds "t['outcome'] == 'unreachable' and c['error']['stage'] == 'proxy' and 'no way' in c['error']['message']"
}

# --------------------------------------------------------------- hostile text

@test "escapes, C1, an override and bad UTF-8: as they came, U+FFFD for each bad byte" {
    local bad='\x1b]0;owned\x07\x1b[2J\x9b31m\ufffd\u202e\ufffd\ufffd\ufffd\r\x08\x7f end'
    export ANSWER=secret
    json scene keyboard-interactive escapes -r '.*=env:ANSWER'
    expect_status 0
    have_no_control_bytes
    holds "s[0]['rounds'][0]['name'] == 'Name$bad'" \
        "s[0]['rounds'][0]['instruction'] == 'Line one$bad\nLine two'" \
        "s[0]['rounds'][0]['prompts'][0]['text'] == 'Password$bad: '"
    json probe_main banner@127.0.0.1
    have_no_control_bytes
    holds "len(c['banners']) == 1 and '\x1b]0;owned\x07\x1b[2J' in c['banners'][0] and '\ufffd\ufffd\ufffd' in c['banners'][0]"
}

@test "NUL bytes, and text that is no JSON" {
    export ANSWER=secret
    json scene keyboard-interactive nul -r '.*=env:ANSWER'
    holds "s[0]['rounds'][0]['prompts'][0]['text'] == 'Pass\0word: '" "s[0]['rounds'][0]['name'] == 'Na\0me'" \
        "s[0]['rounds'][0]['instruction'] == 'Instruc\0tion'"
    cp "$WORLD_DIR/script/carol" "$BATS_TEST_TMPDIR/script"
    printf '%s\n' 'show "\"}]}\n{\"version\": 1} \\: " "1"' >"$WORLD_DIR/script/carol"
    CODE=2 json try keyboard-interactive -r .=env:CODE carol@127.0.0.1
    cp "$BATS_TEST_TMPDIR/script" "$WORLD_DIR/script/carol"
    holds 'len(r) == 1' "t['outcome'] == 'failure' and '\"}]}\n{\"version\"' in s[0]['rounds'][0]['prompts'][0]['text']"
}

@test "a demand for a new password, the server's GSSAPI error, a version from elsewhere" {
    export ANSWER=secret
    json scene password changereq -r '.*=env:ANSWER'
    expect_status 12
    holds "t['outcome'] == 'password-expired' and s[0]['change_text']"
    ticket
    json scene gssapi-with-mic gss-error --gssapi-host=server.example.test
    holds "t['outcome'] == 'gssapi-failure' and 'No key \x1b]0;owned' in s[0]['gssapi']['server_error']['text']" \
        "s[0]['gssapi']['server_error']['major'] > 0"
    peer_start closing.py escapes
    json probe --host-key=off "alice@127.0.0.1:$PEER_PORT"
    expect_status 10
    holds "'error' in c and 'server' not in c"
}

@test "users and hosts of any bytes" {
    json probe "$(printf 'a\xff\xe2\x80\xaeb')@127.0.0.1:1"
    expect_status 7
    holds "t['user'] == 'a\ufffd\u202eb'" "t['target'].endswith('@127.0.0.1:1')"
}

@test "many and long texts are whole" {
    export ANSWER=x
    json scene keyboard-interactive prompt-long.30000 -r '.*=env:ANSWER' -B
    holds "len(s[0]['rounds'][0]['prompts'][0]['text']) == 30000"
    json scene keyboard-interactive prompts.100 -r '.*=env:ANSWER'
    holds "len(s[0]['rounds'][0]['prompts']) == 100 and s[0]['rounds'][0]['prompts'][99]['text'] == 'Answer 100: '"
    json scene keyboard-interactive banners -r '.*=env:ANSWER'
    holds "len(c['banners']) > 1"
}

# ----------------------------------------------------------- output and options

@test "-q is about text alone, -v adds a trace to standard error, colours are none" {
    json probe_main -q -v --color=always alice@127.0.0.1
    expect_status 0
    holds "t['outcome'] == 'listed'"
    expect_err 'USERAUTH_REQUEST'
    probe_main -q --format=text alice@127.0.0.1
    [ ! -s "$PROBE_STDOUT" ] || complain "output"
}

@test "each line is there before the next target is begun" {
    local child n
    peer_start silent.py
    PROBE_STDOUT=$BATS_TEST_TMPDIR/stdout TEXT=
    "$SSH_AUTHTEST" -F none --format=json bob@127.0.0.1:1 "alice@127.0.0.1:$PEER_PORT" >"$PROBE_STDOUT" \
        2>/dev/null </dev/null 3>&- &
    child=$!
    for ((n = 0; n < 500; n++)); do
        [ ! -s "$PEER_LOG" ] || break
        sleep 0.02
    done
    holds 'len(r) == 1' "t['user'] == 'bob'"
    kill -TERM "$child"
    wait "$child" || true
    holds 'len(r) == 2' "r[1]['outcome'] == 'interrupted'"
}

@test "a full disk and a closed output are internal, with -q too; a closed pipe is SIGPIPE" {
    local quiet
    for quiet in '' -q; do
        run --separate-stderr -17 bash -c '"$SSH_AUTHTEST" -F none --format=json $1 alice@127.0.0.1:1 >/dev/full 3>&-' - $quiet
        expect_err '^ssh-authtest: standard output: '
        run --separate-stderr -17 bash -c '"$SSH_AUTHTEST" -F none --format=json $1 alice@127.0.0.1:1 >&- 3>&-' - $quiet
        expect_err '^ssh-authtest: standard output: '
    done
    run -141 /usr/bin/python3 -c 'import os, signal, subprocess, sys
back, out = os.pipe()
os.close(back)
child = subprocess.run(sys.argv[1:], stdout=out, stderr=subprocess.DEVNULL, timeout=60,
                       preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL))
sys.exit(128 - child.returncode if child.returncode < 0 else child.returncode)' \
        "$SSH_AUTHTEST" -F none --format=json alice@127.0.0.1:1
}

@test "the schema knows every outcome and exit status, and finds a typo" {
    sed -nE 's/^OUTCOME\([A-Z_]+, "([a-z-]+)", ([0-9]+),.*/\1 \2/p' "$abs_top_srcdir/src/util/outcome.def" \
        >"$BATS_TEST_TMPDIR/outcomes"
    /usr/bin/python3 - "$schema" "$BATS_TEST_TMPDIR/outcomes" <<'PYTHON'
import json, sys
defs = json.load(open(sys.argv[1]))["$defs"]
rows = [line.split() for line in open(sys.argv[2])]
assert len(rows) > 20
assert defs["outcome"]["enum"] == [word for word, _ in rows]
assert defs["exit"]["enum"] == sorted({int(status) for _, status in rows})
PYTHON
    json probe alice@127.0.0.1:1
    holds "t['exit'] == 7"
    run holds "t['exit'] == 8"
    [ "$status" != 0 ]
    for typo in 's/"steps":/"step":/' 's/"hostname":/"hostnames":/' 's/"exit":7/"exit":20/' 's/"resolve":/"resolved":/' \
        's/"stage":"connect"/"stage":"conect"/' 's/}$/ /' '$s/$/{/' 's/alice/\xc3\xa9/'; do
        cp "$BATS_TEST_TMPDIR/stdout" "$BATS_TEST_TMPDIR/kept"
        LC_ALL=C sed -i "$typo" "$PROBE_STDOUT"
        ! cmp -s "$PROBE_STDOUT" "$BATS_TEST_TMPDIR/kept" || complain "it changes nothing: $typo"
        run holds True
        [ "$status" != 0 ] || complain "not found: $typo"
        cp "$BATS_TEST_TMPDIR/kept" "$PROBE_STDOUT"
    done
}
