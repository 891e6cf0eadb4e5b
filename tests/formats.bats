#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154,SC2317,SC2329
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every outcome in every format: each row of outcome.def has a scene here, which is played once for
# each format, and each format's own checker reads what came.

load helper
load limits
load report

setup_file() { world_up; }
teardown_file() { world_down; }

schema=$abs_top_srcdir/share/ssh-authtest.schema.json
here=127.0.0.1

# words: of all outcomes, as the table has them.
words()
{
    sed -nE 's/^OUTCOME\([A-Z_]+, "([a-z-]+)", [0-9]+,.*/\1/p' "$abs_top_srcdir/src/util/outcome.def"
}

# --------------------------------------------------------------------- formats

# is STATUS OUTCOME NAME: what the last run is to have written; NAME is the test's, behind "USER@".
is()
{
    expect_status "$1" && "is_$format" "$@" && have_no_control_bytes
}

# One conclusion, and it is this one.
is_text()
{
    local found
    found=$(grep -E "^($(words | paste -s -d '|')): " "$PROBE_STDOUT")
    [[ $found = "$2: "* && $found != *$'\n'* ]] || complain "conclusions: $found" || return
    cp "$PROBE_STDOUT" "$BATS_TEST_TMPDIR/text"
}

# As the schema has it, and as the text says.
is_json()
{
    /usr/bin/python3 -B "$abs_top_srcdir/tests/json_check.py" "$schema" "$PROBE_STDOUT" "$BATS_TEST_TMPDIR/text" -- \
        'len(r) == 1' "(t['outcome'], t['exit']) == ('$2', $1)" 'len(t["chains"]) == 1' \
        "t['chains'][0]['outcome'] == '$2'" "t['user'] + '@' + t['host'] in '$3'" || complain "the JSON is not as expected"
}

is_tap()
{
    local ok='not ok'
    [ "$1" != 0 ] || ok=ok
    well_formed && has "^1: $ok $3\$" && has "^1\.outcome: $2\$" && has "^1\.exit: $1\$" &&
        has '^1\.message: .' && has '^1\.duration_ms: [0-9]+\.[0-9]$' && lacks '^2'
}

# A failure is what the server answered, and an error what it did not.
is_junit()
{
    local kind=error cut=0
    case $1 in
    0) kind=ok ;;
    1 | 3 | 4 | 12 | 13 | 14 | 16 | 19) kind=failure ;;
    130) cut=1 ;; # a test more says that the run was cut short
    esac
    well_formed && has "^1: $kind $3\$" && has "^out: outcome: $2\$" && has "^out: exit: $1\$" || return
    if [ "$cut" = 1 ]; then has '^2: error ssh-authtest$' && lacks '^3'; else lacks '^2'; fi || return
    [ "$1" = 0 ] || { has "^1\.type: $2\$" && has '^1\.message: .' && has "^1\.text: outcome: $2\$"; }
}

# Nothing at all on standard output, and the reason on standard error.
is_nothing()
{
    expect_status "$1" && expect_err "^ssh-authtest: $2" || return
    [ ! -s "$PROBE_STDOUT" ] || complain "output"
}

# ---------------------------------------------------------------------- scenes

# On the main sshd; its NAME.
on_main() { report_main "$@" && name="${!#}:$SSHD_PORT"; }
# On the scripted server.
on_peer() { scene "$@" && name="$1@$here:$KBDINT_PORT"; }

with_alice=(-m kbdint -r 'assword=env:ALICE_PASSWORD')

outcome_success() { on_main "${with_alice[@]}" alice@$here && is 0 success "$name: keyboard-interactive"; }
outcome_listed() { on_main alice@$here && is 0 listed "$name: list"; }
outcome_failure() { on_main -m none alice@$here && is 1 failure "$name: none"; }
outcome_usage() { report_unchecked --nosuch alice@$here && is_nothing 2 ".*nosuch"; }
outcome_not_offered() { on_main "${with_alice[@]}" chain-gk@$here && is 4 not-offered "$name: keyboard-interactive"; }
outcome_unreachable() { report alice@$here:1 && is 7 unreachable "alice@$here:1: list"; }
outcome_protocol_error() { on_peer list-odd && is 9 protocol-error "$name: list"; }
outcome_trivial() { on_peer at-once && is 13 trivial "$name: list"; }
outcome_unexpected() { on_main -e failure alice@$here && is 14 listed "$name: list"; }

outcome_partial_success()
{
    ticket
    on_main -m gssapi --gssapi-host=server.example.test chain-gk@$here &&
        is 3 partial-success "$name: gssapi-with-mic"
}

outcome_gssapi_failure()
{
    kdestroy -q
    on_main -m gssapi --gssapi-host=server.example.test alice@$here && is 5 gssapi-failure "$name: gssapi-with-mic"
}

outcome_host_key()
{
    report --known-hosts=/dev/null "alice@$here:$SSHD_PORT" && is 6 host-key "alice@$here:$SSHD_PORT: list"
}

outcome_timeout()
{
    peer_start silent.py
    report -t 0.3 "alice@$here:$PEER_PORT" && is 8 timeout "alice@$here:$PEER_PORT: list"
}

outcome_disconnected()
{
    on_peer disconnect -m kbdint -r '.*=env:ANSWER' && is 10 disconnected "$name: keyboard-interactive"
}

outcome_no_response()
{
    on_main -m kbdint -B alice@$here && is 11 no-response "$name: keyboard-interactive"
}

outcome_password_expired()
{
    on_peer changereq -m password -r '.*=env:ANSWER' && is 12 password-expired "$name: password"
}

# a key that the password of alice does not open
outcome_credential()
{
    local key=$BATS_TEST_TMPDIR/locked
    [ -e "$key" ] || ssh-keygen -q -t ed25519 -N 'another one' -f "$key"
    on_main -m publickey -i "$key" --passphrase=env:ALICE_PASSWORD alice@$here && is 15 credential "$name: publickey"
}

outcome_early_success() { on_peer at-once -m none,kbdint && is 16 early-success "$name: none,keyboard-interactive"; }

# the report could not be written: a full disk
outcome_internal()
{
    PROBE_COMMAND="--format=$format >/dev/full"
    run --separate-stderr bash -c '"$SSH_AUTHTEST" -F none --format="$1" "alice@$2:1" >/dev/full 3>&-' - "$format" $here
    expect_status 17 && expect_err '^ssh-authtest: standard output: it could not be written$'
}

outcome_kex_failure()
{
    report --host-key=off "alice@$here:$SSHD_KEX_PORT" && is 18 kex-failure "alice@$here:$SSHD_KEX_PORT: list"
}

outcome_key_acceptable()
{
    on_main -m publickey -i "$USER_KEY.pub" alice@$here && is 19 key-acceptable "$name: publickey"
}

outcome_interrupted()
{
    peer_start silent.py
    SIGNAL=INT SIGNAL_LOG=$PEER_LOG measured --format="$format" --host-key=off -t 30 "alice@$here:$PEER_PORT"
    is 130 interrupted "alice@$here:$PEER_PORT: list"
}

# ----------------------------------------------------------------------- tests

@test "every outcome of the table, in every format" {
    local word function
    [ "$(words | wc -l)" -gt 20 ]
    for word in $(words); do
        function=outcome_${word//-/_}
        declare -F "$function" >/dev/null || complain "no scene for the outcome $word"
        for format in text json tap junit; do
            "$function" || complain "the outcome $word as $format"
        done
    done
}

@test "every format of --format is one of those" {
    local found
    found=$("$SSH_AUTHTEST" --help | sed -nE 's/.*--format=([a-z|]+).*/\1/p')
    [ "$found" = 'text|json|tap|junit' ] || complain "$found"
}

@test "a summary ends a text of several targets; of one there is none, and other formats keep it apart" {
    format=text
    report_unchecked --known-hosts="$KNOWN_HOSTS" alice@$here:1 "bob@$here:$SSHD_PORT" carol@$here:1
    expect_status 7
    [ "$(tail -n 2 "$PROBE_STDOUT")" = $'\n3 targets: 1 listed, 2 unreachable' ] || complain "no summary"
    report_unchecked -e unreachable,listed alice@$here:1 bob@$here:1
    expect_status 0
    [ "$(tail -n 1 "$PROBE_STDOUT")" = '2 targets: 2 unreachable, 0 not as expected' ] || complain "no summary"
    report_unchecked -e listed alice@$here:1 bob@$here:1
    [ "$(tail -n 1 "$PROBE_STDOUT")" = '2 targets: 2 unreachable, 2 not as expected' ] || complain "no summary"
    report_unchecked -q alice@$here:1 bob@$here:1
    [ ! -s "$PROBE_STDOUT" ] || complain "output"
    report_unchecked alice@$here:1
    refute_line 'target'
    for format in json tap junit; do
        report_unchecked alice@$here:1 bob@$here:1
        expect_status 7
        ! grep -q '2 targets' "$PROBE_STDOUT" "$PROBE_STDERR" || complain "a summary"
    done
}

@test "an output that takes no more ends the run early" {
    local ignore # with -j 1, or the second is there already
    for format in text json tap; do
        # a pipe that is closed; then a SIGPIPE that is ignored, and a full disk
        for ignore in '' 1; do
            peer_start silent.py
            status=0
            IGNORED=$ignore timeout -k 5 60 /usr/bin/python3 -c 'import os, signal, sys
back, out = os.pipe()
os.close(back)
signal.signal(signal.SIGPIPE, signal.SIG_IGN if os.environ["IGNORED"] else signal.SIG_DFL)
os.dup2(out, 1)
os.execv(sys.argv[1], sys.argv[1:])' "$SSH_AUTHTEST" -F none -j 1 --format="$format" alice@$here:1 \
                "bob@$here:$PEER_PORT" 2>"$BATS_TEST_TMPDIR/stderr" </dev/null 3>&- || status=$?
            [ ! -s "$PEER_LOG" ] || complain "as $format the run went on"
            [ "$status" = "$([ -n "$ignore" ] && echo 17 || echo 141)" ] || complain "status"
        done
        peer_start silent.py
        run --separate-stderr -17 bash -c 'timeout -k 5 60 "$SSH_AUTHTEST" -F none --format="$1" "${@:2}" >/dev/full 3>&-' - \
            "$format" -j 1 alice@$here:1 "bob@$here:$PEER_PORT"
        [ ! -s "$PEER_LOG" ] || complain "as $format the run went on"
    done
}

@test "a closed pipe ends a run at once, whoever is waited for" {
    for format in text json tap; do
        peer_start silent.py
        status=0
        timeout -k 5 30 /usr/bin/python3 -c 'import os, signal, sys
back, out = os.pipe()
os.close(back)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.dup2(out, 1)
os.execv(sys.argv[1], sys.argv[1:])' "$SSH_AUTHTEST" -F none -t 60 --format="$format" alice@$here:1 \
            "bob@$here:$PEER_PORT" "carol@$here:$PEER_PORT" 2>/dev/null </dev/null 3>&- || status=$?
        [ "$status" = 141 ] || complain "as $format"
    done
}

@test "a line of a list that cannot be run, in every format" {
    cd "$BATS_TEST_TMPDIR"
    printf '%s\n' "--nosuch alice@$here" "-m publickey -i /nonexistent bob@$here:1" \
        "-e credential -m publickey -i /nonexistent carol@$here:1" >hosts
    for format in text json tap junit; do
        report -f hosts
        expect_status 2
        have_no_control_bytes
        expect_err '^ssh-authtest: hosts:1: .*nosuch'
        expect_err "^ssh-authtest: .*/nonexistent"
        case $format in
        text)
            [ "$(head -n 1 "$PROBE_STDOUT")" = 'hosts line 1' ] || [ "$(sed -n 2p "$PROBE_STDOUT")" = 'from      hosts line 1' ] ||
                complain "no heading"
            expect_line '^usage: [^:]*nosuch'
            expect_line "^bob@$here"
            expect_line '^from      hosts line 2$'
            expect_line '^as expected: credential$'
            [ "$(grep -c '^credential: .*/nonexistent' "$PROBE_STDOUT")" = 2 ]
            [ "$(tail -n 1 "$PROBE_STDOUT")" = '3 targets: 1 usage, 2 credential, 0 not as expected' ]
            ;;
        json)
            /usr/bin/python3 -B "$abs_top_srcdir/tests/json_check.py" "$schema" "$PROBE_STDOUT" -- \
                "[(x['file'], x['line'], x['outcome'], x['exit']) for x in r] == [('hosts', 1, 'usage', 2), ('hosts', 2, 'credential', 15), ('hosts', 3, 'credential', 0)]" \
                "all(not x['chains'] and x['error']['message'] for x in r)" "r[2]['expected'] == ['credential']"
            ;;
        tap)
            has '^1: not ok .*: usage$' && has '^2: not ok bob@.*: credential$' && has '^3: ok carol@.*: credential$'
            has '^1\.file: hosts$' && has '^1\.line: 1$' && has '^1\.message: .*nosuch' && lacks '^4'
            ;;
        junit)
            has '^1: error .*: usage$' && has '^2: error bob@.*: credential$' && has '^3: ok carol@.*: credential$'
            has '^1\.text: line: 1$' && has '^1\.type: usage$' && lacks '^4'
            ;;
        esac
    done
}

# A list has them, and signals; report_unrun_test.c holds these lines to the program.
@test "a target without a chain, in JSON: valid by the schema, and what must be there must" {
    local head='"version":1,"tool":"0.1.0","libssh2":"1.10.0","time":"1970-01-01T00:00:01Z","met":true,"warnings":[],"chains":[]'
    local good bad each
    good=(
        '"file":"hosts","line":7,"outcome":"usage","exit":2,"error":{"message":"no","hint":"yes"}'
        '"target":"alice@h:22","user":"alice","host":"h","hostname":"h","port":22,"file":"-","line":8,"outcome":"credential","exit":15,"error":{"message":"no"}'
        '"target":"h2","outcome":"interrupted","exit":130,"error":{"message":"no"}'
        '"target":"h2","outcome":"credential","exit":0,"expected":["credential"],"error":{"message":"no"}'
    )
    bad=(
        '"file":"hosts","outcome":"usage","exit":2,"error":{"message":"no"}'
        '"file":"hosts","line":0,"outcome":"usage","exit":2,"error":{"message":"no"}'
        '"target":"h2","outcome":"usage","exit":2'
        '"user":"alice","outcome":"usage","exit":2,"error":{"message":"no"}'
        '"target":"h2","outcome":"listed","exit":0,"error":{"message":"no"}'
        '"target":"h2","outcome":"usage","exit":2,"error":{"message":"no","stage":"auth"}'
    )
    for each in "${good[@]}"; do
        echo "{$head,$each}" >"$BATS_TEST_TMPDIR/line"
        /usr/bin/python3 -B "$abs_top_srcdir/tests/json_check.py" "$schema" "$BATS_TEST_TMPDIR/line" -- True
    done
    for each in "${bad[@]}"; do
        echo "{$head,$each}" >"$BATS_TEST_TMPDIR/line"
        run /usr/bin/python3 -B "$abs_top_srcdir/tests/json_check.py" "$schema" "$BATS_TEST_TMPDIR/line" -- True
        [ "$status" != 0 ] || complain "taken: $each"
    done
}
