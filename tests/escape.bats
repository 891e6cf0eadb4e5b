#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whatever a server says is shown in printable characters, and marked as the server's: nothing
# acts on the terminal, and no text can pose as a line of the report.

load helper

setup_file() { world_up; }
teardown_file() { world_down; }

# safely STATUS COMMAND...: runs it without and with -v; both times with that status, and
# neither output holds a control byte. What the second run said remains.
safely()
{
    local wanted=$1 verbose
    shift
    for verbose in '' -v; do
        # shellcheck disable=SC2086
        "$@" $verbose
        expect_status "$wanted" && have_no_control_bytes && errors_are_ours || return
    done
}

# errors_are_ours: each line of standard error begins as our lines do.
errors_are_ours()
{
    local other
    other=$(grep -vE '^ *[0-9]+\.[0-9] ms (->|<-) [A-Z_]+|^ssh-authtest: |^  [^ ]|^$' <<<"$stderr") || return 0
    complain "a line of stderr is not ours: $other"
}

# barred TEXT: it is in the report, and every line that holds it is marked, but for the last words: there
# it is in quotes.
barred()
{
    local lines
    lines=$(grep -F -- "$1" <<<"$output" | grep -vE '^(no-response|gssapi-failure): .*"') ||
        complain "not in the report: $1" || return
    ! grep -qvE '^ *\| ' <<<"$lines" || complain "in the report, and not marked: $1"
}

# scene USER ARGUMENT...: on the scripted server.
scene()
{
    local user=$1
    shift
    export ANSWER=secret
    [ -n "${PEER_PORT:-}" ] || peer_start kbdint.py
    probe --host-key=off -t 20 "$@" "$user@127.0.0.1:$PEER_PORT"
}

# kbdint_scene USER ARGUMENT...: keyboard-interactive with an answer to everything.
kbdint_scene()
{
    scene "$1" -m keyboard-interactive -r '.*=env:ANSWER' "${@:2}"
}

closing()
{
    probe --host-key=off "$@" "alice@127.0.0.1:$PEER_PORT"
}

# ---------------------------------------------------------------- banners

@test "sshd's banner: escapes, C1, an override, bad UTF-8" {
    safely 0 probe_main banner@127.0.0.1
    barred 'Welcome \x1B]0;owned\x07\x1B[2J'
    barred 'world'
    barred '\xFF\xC0\xAF of tests'
    expect_err 'USERAUTH_BANNER "Welcome \\x1B\]0;owned'
    expect_line '^listed: '
}

@test "a banner cannot forge a line of the report" {
    local separator
    cp "$BANNER_FILE" "$BATS_TEST_TMPDIR/banner"
    {
        printf 'forged 0\n\n1  none  success  forged 1\n\nsuccess: banner was forged 2\nhost key forged 3'
        for separator in '\r' '\r\n' '\n\r' '\v' '\f' '\xc2\x85' '\xe2\x80\xa8' '\xe2\x80\xa9' '\x1bE' '\n\n\n'; do
            printf '%bsuccess: banner was forged 4' "$separator"
        done
        printf '\nwarning: forged 5\n| forged 6\nssh-authtest: forged 7\n'
    } >"$BANNER_FILE"
    safely 0 probe_main banner@127.0.0.1
    cp "$BATS_TEST_TMPDIR/banner" "$BANNER_FILE"
    barred 'forged'
    barred 'success: '
    [ "$(grep -o 'forged [0-9]' <<<"$output" | sort -u | wc -l)" = 8 ] || complain "not all of it is shown"
    expect_line '^listed: banner can use '
    refute_err '^(success|warning|ssh-authtest)'
}

@test "the peer's banners, in every place" {
    safely 0 kbdint_scene banners
    barred 'Banner three\x1B[2J\x07'
    barred 'Banner four'
}

# ---------------------------------------------------------------- prompts

@test "sshd's prompts and messages, answered and not" {
    safely 0 probe_main -m kbdint -r 'second line: $=env:EVIL_PASSWORD' evil@127.0.0.1
    barred 'Pass\x0Dword\x7F'
    barred 'owned'
    barred 'second line: '
    barred 'gnp.exe\xFF\xC0\xAF\x08'
    refute_text "$EVIL_PASSWORD"
    safely 11 probe_main -m kbdint evil@127.0.0.1
    barred 'owned'
    expect_line '^no-response: .*\\x1B\]0;owned'
}

@test "a prompt or message cannot forge a line of the report" {
    local script=$WORLD_DIR/script/carol
    cp "$script" "$BATS_TEST_TMPDIR/script"
    printf '%s\n' 'info "\n\nsuccess: carol was forged\n   can continue with: forged\n"' \
        'show "\nsuccess: forged\x0d\nwarning: forged \x0d   | forged\n\nCode: " "1"' >"$script"
    CODE=2 safely 1 probe_main -m kbdint -r 'Code: $=env:CODE' carol@127.0.0.1
    cp "$BATS_TEST_TMPDIR/script" "$script"
    barred 'forged'
    barred 'Code: '
    expect_line '^failure: carol was refused'
    refute_line '^(success|warning)'
    refute_line '^ *can continue with: forged'
}

@test "name, instruction, prompt and language of the peer" {
    safely 0 kbdint_scene escapes
    barred 'Name\x1B]0;owned\x07\x1B[2J'
    barred 'Line one\x1B]0;owned'
    barred 'Line two'
    barred 'Password\x1B]0;owned'
    barred 'owned'
    expect_err 'USERAUTH_INFO_REQUEST name "Name\\x1B'
    safely 11 scene escapes -m keyboard-interactive -B
    expect_line '^no-response: .*Password\\x1B'
}

@test "NUL bytes, debug messages" {
    safely 0 kbdint_scene nul
    barred 'Pass\x00word'
    safely 0 kbdint_scene noise
}

@test "colours are ours alone" {
    kbdint_scene escapes --color=always
    expect_status 0
    grep -q $'\033\\[[0-9;]*m' "$PROBE_STDOUT" || complain "no colours"
    sed -i 's/\x1b\[[0-9;]*m//g' "$PROBE_STDOUT"
    have_no_control_bytes
    barred 'Name\x1B]0;owned'
}

# ---------------------------------------------------------- lists, reasons

@test "method names" {
    safely 9 scene list-escapes
    expect_line '^protocol-error: .*USERAUTH_FAILURE'
    safely 9 kbdint_scene list-escapes
    expect_line '^protocol-error: .*USERAUTH_FAILURE'
    refute_line 'success|^listed'
}

@test "the text of a DISCONNECT: one line, escaped" {
    local user
    for user in disconnect.2 disconnect-answer.2; do
        safely 10 kbdint_scene "$user"
        expect_line '^disconnected: .*"Too many \\x1B\]0;owned\\x07\\x1B\[2Jfailures .*\\xFF'
        expect_err '^ssh-authtest: .*"Too many \\x1B\]0;owned'
        refute_line '^ *second line'
    done
}

@test "the server's GSSAPI errors" {
    ticket
    safely 5 scene gss-error -m gssapi-with-mic --gssapi-host=server.example.test
    barred 'No key \x1B]0;owned\x07\x1B[2Jfor this '
    barred 'second line'
    expect_line '^gssapi-failure: .*"No key \\x1B\]0;owned'
    expect_err 'USERAUTH_GSSAPI_ERROR .*"No key \\x1B\]0;owned'
    safely 5 scene gss-error-first -m gssapi-with-mic --gssapi-host=server.example.test
    barred 'Not today'
    safely 5 scene gss-errtok -m gssapi-with-mic --gssapi-host=server.example.test
}

# ------------------------------------------------- before authentication

@test "lines before the version: escapes, another protocol, some text" {
    peer_start closing.py escapes
    safely 10 closing
    peer_start closing.py http
    safely 10 closing
    refute_line '^(HTTP|<html>)'
    expect_line '^disconnected: .*version.*"<html>no</html>"'
    peer_start closing.py early
    safely 10 closing
    refute_line '^(Welcome|This line)'
}

@test "the version string" {
    cat >"$BATS_TEST_TMPDIR/version.py" <<'PYTHON'
import socket
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    connection.sendall(b"SSH-2.0-Evil_1\x1b]0;owned\x07\x1b[2J\xc2\x9b31m\x9b\xe2\x80\xae\xff\x08\x7f"
                       b"\rsuccess: end\r\n")
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass
    connection.close()
PYTHON
    peer_start "$(realpath --relative-to="$abs_top_srcdir/tests/peer" "$BATS_TEST_TMPDIR/version.py")"
    safely 10 closing
    expect_line '^127\.0\.0\.1 port [0-9]+, SSH-2\.0-Evil_1\\x1B\]0;owned\\x07\\x1B\[2J.*\\x7F'
    refute_line '^success'
}
