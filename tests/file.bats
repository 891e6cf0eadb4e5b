#!/usr/bin/env bats
# shellcheck shell=bash disable=SC1003,SC2015,SC2016,SC2030,SC2031,SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Lists of targets (-f): what a line may say, how it is quoted, which option counts, and what becomes
# of lines that are no good.

load helper
load jobs
load keys

setup_file() { world_up; }
teardown_file() { world_down; }

# listed ARGUMENT...: the list `hosts` against the main sshd, as JSON.
listed()
{
    probe --format=json --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" "$@" -f hosts
}

# ---------------------------------------------------------------- whose options

@test "a list: each line a target, in JSON with its file and line" {
    list alice@127.0.0.1 '' '# bob@127.0.0.1' "  carol@127.0.0.1  " "ssh://bob@127.0.0.1:$SSHD_PORT"
    listed
    expect_status 0
    holds "users == ['alice', 'carol', 'bob']" 'lines == [1, 4, 5]' "files == ['hosts'] * 3" \
        "outcomes == ['listed'] * 3"
    [ -z "$stderr" ] || complain "something on stderr"
}

@test "targets of the command line come first, and have no file" {
    list bob@127.0.0.1
    listed alice@127.0.0.1 carol@127.0.0.1
    expect_status 0
    holds "users == ['alice', 'carol', 'bob']" 'lines == [None, None, 1]' "files == [None, None, 'hosts']"
}

@test "a single option of a line overrides the command line's, for that line alone" {
    list 127.0.0.1 '-l bob 127.0.0.1' '-p 1 127.0.0.1' '127.0.0.1 -p1 --login=bob' "-p 1 127.0.0.1:$SSHD_PORT" 127.0.0.1
    listed -l alice
    expect_status 7
    holds "users == ['alice', 'bob', 'alice', 'bob', 'alice', 'alice']" \
        "outcomes == ['listed', 'listed', 'unreachable', 'unreachable', 'listed', 'listed']"
}

@test "what a line does not say, the command line does" {
    list alice@127.0.0.1 '-e listed alice@127.0.0.1' '-m none alice@127.0.0.1'
    listed -m kbdint -r assword=env:ALICE_PASSWORD -e success
    expect_status 14
    holds "[x['met'] for x in r] == [True, False, False]" \
        "[x['expected'] for x in r] == [['success'], ['listed'], ['success']]" \
        "outcomes == ['success', 'success', 'failure']" 'exits == [0, 14, 14]'
}

@test "-m of a line replaces all of the command line's" {
    list '-m kbdint alice@127.0.0.1' '-m password -m none,kbdint alice@127.0.0.1' alice@127.0.0.1
    listed -m none -m password -r assword=env:ALICE_PASSWORD
    holds "[[c['methods'] for c in x['chains']] for x in r] == [[['keyboard-interactive']],
        [['password'], ['none', 'keyboard-interactive']], [['none'], ['password']]]"
}

@test "-r of a line replaces all of the command line's" {
    list '-r assword=env:ALICE_PASSWORD alice@127.0.0.1' '-r no-such-prompt=env:ALICE_PASSWORD alice@127.0.0.1' \
        alice@127.0.0.1
    listed -m kbdint -r assword=env:BOB_PASSWORD
    expect_status 11
    holds "outcomes == ['success', 'no-response', 'failure']"
}

@test "-i and --fingerprint of a line replace the command line's" {
    list "-i $USER_KEY alice@127.0.0.1" "-i $USER_KEY -i $KEY_STRANGER alice@127.0.0.1" alice@127.0.0.1
    listed -m publickey -i "$KEY_STRANGER"
    expect_status 1
    holds "outcomes == ['success', 'success', 'failure']" \
        "[k['file'] for k in r[0]['chains'][0]['steps'][0]['keys']] == ['$USER_KEY']" \
        "[k['file'] for k in r[1]['chains'][0]['steps'][0]['keys']][0] == '$USER_KEY'"
    list "--fingerprint=$FINGERPRINT_ED25519 alice@127.0.0.1" alice@127.0.0.1
    listed --fingerprint="SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    expect_status 6
    holds "outcomes == ['listed', 'host-key']"
}

@test "-o of a line replaces the command line's" {
    list '-o LogLevel=QUIET 127.0.0.1' '-o User=carol 127.0.0.1' 127.0.0.1
    listed -o User=bob
    expect_status 0
    holds "users[1:] == ['carol', 'bob']" "users[0] == '$(id -un)'"
}

@test "-K and others without a value, on one line alone" {
    ticket alice -f
    list '-K --require-delegation alice@127.0.0.1' alice@127.0.0.1
    listed -m gssapi --gssapi-host=server.example.test
    expect_status 0
    holds "[x['chains'][0]['steps'][0]['gssapi']['delegation_requested'] for x in r] == [True, False]"
}

# ---------------------------------------------------------------------- quoting

@test "words are quoted as in a shell" {
    list '-r "Account code: =env:TWO_CODE" -r '\''^Pass'\''word:\ $=env:TWO_PASSWORD two@127.0.0.1 # not this' \
        '-r Acc"ount cod"e=env:TWO_CODE   -r '\''assword'\''=env:TWO_PASSWORD	"two@127.0.0.1"'
    listed -m kbdint
    expect_status 0
    holds "outcomes == ['success', 'success']"
}

@test "a backslash within quotes is what it is in a shell" {
    list '-r "Account\\ code|x\"y=env:BOB_PASSWORD" -r '\''^Account\ code=env:TWO_CODE'\'' -r assword=env:TWO_PASSWORD two@127.0.0.1' \
        '-r "Account\\ code=env:BOB_PASSWORD" -r assword=env:TWO_PASSWORD two@127.0.0.1'
    listed -m kbdint
    # "\\ " is a backslash and a blank, which is a blank for a regular expression.
    expect_status 1
    holds "outcomes == ['failure', 'failure']"
    list '-r '\''^Account\ code=env:TWO_CODE'\'' -r assword=env:TWO_PASSWORD two@127.0.0.1'
    listed -m kbdint
    expect_status 0
}

@test "# begins a comment at the beginning of a word only" {
    list 'alice#x@127.0.0.1' 'bob@127.0.0.1 #carol@127.0.0.1' '"#carol"@127.0.0.1' '\#carol@127.0.0.1' '   # nothing'
    listed
    expect_status 0
    holds "users == ['alice#x', 'bob', '#carol', '#carol']" 'lines == [1, 2, 3, 4]'
}

@test "nothing is expanded" {
    touch "$HOME/file"
    list '$HOME@127.0.0.1' '*@127.0.0.1' '~@127.0.0.1' '{a,b}@127.0.0.1'
    probe --format=json --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -f hosts
    holds "users == ['\$HOME', '*', '~', '{a,b}']"
}

@test "CRLF, a byte order mark, and no newline at the end" {
    printf '\xef\xbb\xbfalice@127.0.0.1\r\n# carol\r\n\r\n-l "bob" 127.0.0.1\r\ncarol@127.0.0.1' >hosts
    listed
    expect_status 0
    holds "users == ['alice', 'bob', 'carol']" 'lines == [1, 4, 5]'
    printf 'alice@127.0.0.1\r' >hosts
    listed
    holds "outcomes == ['listed']" "users == ['alice']" "r[0]['host'] == '127.0.0.1'"
}

# ------------------------------------------------------------------- where from

@test "-f -: standard input, and named so" {
    list alice@127.0.0.1 '-x bob@127.0.0.1'
    PROBE_STDIN=hosts
    probe --format=json --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -f -
    expect_status 2
    holds "files == ['-', '-']" "outcomes == ['listed', 'usage']"
    expect_err '^ssh-authtest: -:2: '
}

@test "a FIFO that nobody writes to yet is waited for" {
    mkfifo feed
    start --format=json --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -f feed
    sleep 0.5
    ! job_ended || complain "it has ended"
    timeout 20 bash -c 'printf "%s\n" alice@127.0.0.1 bob@127.0.0.1 >feed'
    finish
    expect_status 0
    holds "users == ['alice', 'bob']" "files == ['feed'] * 2" 'lines == [1, 2]'
}

@test "a list that cannot be read: usage, and nothing is sent" {
    mkdir folder
    : >empty
    printf '\n  \n# alice@127.0.0.1\n\r\n' >comments
    touch unreadable && chmod 0 unreadable
    local name
    for name in none folder empty comments unreadable none/none; do
        probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -f "$name"
        expect_status 2
        expect_err "^ssh-authtest: (.*[ '])?${name}[: ].+"
        [ "${#stderr_lines[@]}" -le 2 ] || complain "more than an error and a hint"
        requests_were ''
    done
    probe -f ''
    expect_status 2
    PROBE_STDIN=/dev/null
    probe -f -
    expect_status 2
    expect_err '^ssh-authtest: .*(-|standard input)'
}

# --------------------------------------------------------------------- bad lines

# bad_line LINE [REGEX]: as the second of three it is told once, and the others run.
bad_line()
{
    list alice@127.0.0.1 "$1" bob@127.0.0.1
    listed
    expect_status 2 || return
    holds "(users[0], users[2]) == ('alice', 'bob')" 'lines == [1, 2, 3]' \
        "outcomes == ['listed', 'usage', 'listed']" 'exits == [0, 2, 0]' "r[1]['chains'] == []" \
        "r[1]['file'] == 'hosts'" || return
    bad_told 2 "${2:-}"
}

# bad_told LINE REGEX: one error, of that line, which a terminal can be shown.
bad_told()
{
    [ "$(grep -c '^ssh-authtest: ' <<<"$stderr")" = 1 ] || complain "not one error" || return
    expect_err "^ssh-authtest: hosts:$1: ([^ ].*)?${2:-[^ ]+ [^ ]+}" || return
    [ "${#stderr}" -lt 1000 ] || complain "a long error" || return
    have_no_control_bytes
}

@test "what counts for all targets cannot be on a line" {
    bad_line '-f other bob@127.0.0.1' '(-f|file)'
    bad_line '--file=other bob@127.0.0.1' '(-f|file)'
    bad_line '-j 3 bob@127.0.0.1' '(-j|jobs)'
    bad_line '-q bob@127.0.0.1' '(-q|quiet)'
    bad_line '--format=json bob@127.0.0.1' format
    bad_line '--color=never bob@127.0.0.1' color
    bad_line 'bob@127.0.0.1 --col=never' color
}

@test "--help and --version on a line are bad, and print nothing" {
    bad_line '-h' '(-h|help)'
    bad_line 'bob@127.0.0.1 --help' help
    bad_line '-V bob@127.0.0.1' '(-V|version)'
}

@test "quotes that do not end, and a backslash at the end" {
    bad_line '-r "Password: =env:BOB_PASSWORD bob@127.0.0.1'
    bad_line "bob's@127.0.0.1"
    bad_line 'bob@127.0.0.1 \'
}

@test "no target, two targets, an option that is none, a bad value" {
    bad_line '-l bob'
    bad_line 'bob@127.0.0.1 carol@127.0.0.1'
    bad_line 'carol@127.0.0.1 -l bob -- dave@127.0.0.1'
    bad_line '--no-such-option bob@127.0.0.1' 'no-such-option'
    bad_line '-Z bob@127.0.0.1' Z
    bad_line '-t 0 bob@127.0.0.1' '0'
    bad_line 'bob@127.0.0.1 -p'
    bad_line 'bob@127.0.0.1:99999' 99999
    bad_line '"" -l bob'
    bad_line '-m nonsense bob@127.0.0.1' nonsense
    bad_line '-m publickey bob@127.0.0.1'
}

@test "a credential that a line names and that cannot be used is that line's failure" {
    list alice@127.0.0.1 '-i /nonexistent/key -m publickey bob@127.0.0.1' \
        '-m kbdint -r assword=env:NO_SUCH_VARIABLE bob@127.0.0.1' carol@127.0.0.1
    listed
    expect_status 15
    holds "outcomes == ['listed', 'credential', 'credential', 'listed']" 'lines == [1, 2, 3, 4]'
    expect_err '^ssh-authtest: .*/nonexistent/key'
    expect_err '^ssh-authtest: .*NO_SUCH_VARIABLE'
    requests_were 'none none'
}

@test "a line of 100 KB, of one word or of many" {
    bad_line "$(head -c 100000 /dev/zero | tr '\0' x)"
    bad_line "bob@127.0.0.1 $(head -c 100000 /dev/zero | sed 's/\x00/-v /g')"
    bad_line "bob@127.0.0.1 #$(head -c 100000 /dev/zero | tr '\0' ' ')"
}

@test "a line that is long, and short enough" {
    local long
    printf -v long '%60000s' ''
    list "alice@127.0.0.1 $long" "bob@127.0.0.1 # $long" carol@127.0.0.1
    listed
    expect_status 0
    holds "users == ['alice', 'bob', 'carol']"
}

@test "bytes that are no text: one clear line, the rest runs" {
    {
        printf 'alice@127.0.0.1\n'
        printf '\x01\x02\xff\xfe\x80\x1b[2J\x1b]0;owned\x07 \xc2\x9b \xe2\x80\xae@\x7f\x00 x\x00@127.0.0.1\n'
        printf 'bob@127.0.0.1\n'
    } >hosts
    listed
    expect_status 2
    holds "outcomes == ['listed', 'usage', 'listed']" 'lines == [1, 2, 3]'
    bad_told 2
    # A NUL is not the end of a line that would be good.
    printf 'alice@127.0.0.1\x00 -p 1\nbob@127.0.0.1\n' >hosts
    listed
    expect_status 2
    holds "outcomes == ['usage', 'listed']"
    bad_told 1
}

@test "a binary file is a list of bad lines, each told once, and no crash" {
    # 64 KB without a good line: what a list may hold, it may hold often.
    /usr/bin/python3 -c '
import random, sys
random.seed(5)
sys.stdout.buffer.write(b"".join(b"\x02 \x7f" + bytes(b for b in random.randbytes(300) if b != 10) + b"\n"
                                 for _ in range(200)))' >hosts
    listed
    expect_status 2
    holds 'lines == sorted(lines) and 150 < len(lines) <= 200' "set(outcomes) == {'usage'}"
    [ "$(grep -c '^ssh-authtest: hosts:[0-9]*: ' <<<"$stderr")" = "$(grep -c . <<<"$output")" ] ||
        complain "not an error for each"
    have_no_control_bytes
    requests_were ''
}

@test "in the text report a bad line is an error like any other" {
    list alice@127.0.0.1 "bob's@127.0.0.1" carol@127.0.0.1
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -f hosts
    expect_status 2
    bad_told 2
    [ "$(grep -c '^listed: ' <<<"$output")" = 2 ] || complain "the others did not run"
    expect_line '^3 targets: .*2 listed.*1 usage|^3 targets: .*1 usage.*2 listed'
}

@test "the exit status is that of the first target, in input order, that is not 0" {
    list alice@127.0.0.1 '-p 1 alice@127.0.0.1' '-x alice@127.0.0.1' "-p $SSHD_KEX_PORT --host-key=off bob@127.0.0.1"
    listed
    expect_status 7
    list alice@127.0.0.1 '-x alice@127.0.0.1' '-p 1 alice@127.0.0.1'
    listed
    expect_status 2
    list '-p 1 -e unreachable alice@127.0.0.1' "-p $SSHD_KEX_PORT --host-key=off bob@127.0.0.1" '-x alice@127.0.0.1'
    listed
    expect_status 18
    list '-e success -p 1 alice@127.0.0.1' '-e success alice@127.0.0.1'
    listed
    expect_status 7
}
