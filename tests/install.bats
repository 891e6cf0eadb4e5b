#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What `make install` leaves, and that the program is hardened where the compiler can.

bats_require_minimum_version 1.5.0

# installed_are FILE...: these and no others, below the image.
installed_are()
{
    diff <([ $# = 0 ] || printf '%s\n' "$@" | sort) <(cd "$BATS_TEST_TMPDIR/image" && find . ! -type d -printf '%P\n' | sort)
}

@test "make install puts everything where it belongs, make uninstall removes it" {
    cd "$abs_top_builddir"
    make -s V=1 install DESTDIR="$BATS_TEST_TMPDIR/image" prefix=/usr 3>&- >/dev/null
    [ -x "$BATS_TEST_TMPDIR/image/usr/bin/ssh-authtest" ]
    [ -s "$BATS_TEST_TMPDIR/image/usr/share/man/man1/ssh-authtest.1" ]
    [ -x "$BATS_TEST_TMPDIR/image/usr/libexec/ssh-authtest/check_ssh_auth" ]
    installed_are usr/bin/ssh-authtest usr/share/man/man1/ssh-authtest.1 \
        usr/share/bash-completion/completions/ssh-authtest usr/share/zsh/site-functions/_ssh-authtest \
        usr/share/fish/vendor_completions.d/ssh-authtest.fish usr/libexec/ssh-authtest/check_ssh_auth \
        usr/share/ssh-authtest/ssh-authtest.schema.json
    make -s V=1 uninstall DESTDIR="$BATS_TEST_TMPDIR/image" prefix=/usr 3>&- >/dev/null
    installed_are
}

@test "the folders of completions and plugin can be chosen" {
    cd "$abs_top_builddir"
    make -s V=1 install-data DESTDIR="$BATS_TEST_TMPDIR/image" prefix=/usr bashcompletiondir=/bash \
        zshcompletiondir=/zsh fishcompletiondir=/fish pluginsdir=/plugins 3>&- >/dev/null
    installed_are usr/share/man/man1/ssh-authtest.1 bash/ssh-authtest zsh/_ssh-authtest \
        fish/ssh-authtest.fish plugins/check_ssh_auth \
        usr/share/ssh-authtest/ssh-authtest.schema.json
}

# late NAME: the file of the library that config.h has as LATE_NAME; fails where it is not loaded late.
late()
{
    sed -n "s/^#define LATE_$1 \"\(.*\)\"\$/\1/p" "$abs_top_builddir/config.h" | grep .
}

# What is loaded late unless configure was told otherwise: its name there, and the library.
LATE='READLINE readline
OATH oath
JANSSON jansson
MXML mxml
GSSAPI gssapi_krb5'

@test "libssh2 is linked statically, and nothing more than is needed dynamically" {
    local name library
    run readelf -d "$abs_top_builddir/ssh-authtest"
    [ "$status" = 0 ]
    [[ $output == *libcrypto* ]]
    [[ $output != *libssh2* ]]
    [[ $output != *gpg-error* ]]
    # what few runs need is loaded by them
    while read -r name library; do
        if late "$name"; then
            [[ $(late "$name") == "lib$library.so."* ]]
            [[ $output != *"[lib$library."* ]]
        elif [ "$name" != GSSAPI ] || grep -q '^#define HAVE_GSSAPI' "$abs_top_builddir/config.h"; then
            [[ $output == *"[lib$library."* ]]
        fi
    done <<<"$LATE"
    [[ $output == *libgssapi* || $output != *libkrb5* ]]
}

# at_terminal COMMAND...: has a terminal of its own to ask at; sets status and output.
at_terminal()
{
    run script -qec "$(printf '%q ' "$@")" /dev/null </dev/null 3>&-
    output=${output//$'\r'/}
}

# without NAME: sets program to one that looks for that library under a name that no library has.
without()
{
    local file
    file=$(late "$1") || return
    program=$BATS_TEST_TMPDIR/ssh-authtest
    sed "s/${file//./\\.}/not${file#lib}/g" "$abs_top_builddir/ssh-authtest" >"$program"
    chmod +x "$program"
}

@test "a library that is loaded late and is not there: what needs it says so before it connects, and nothing else does" {
    local name purpose arguments program missing rows=0
    printf 'GEZDGNBVGY3TQOJQ\n' >"$BATS_TEST_TMPDIR/key"
    chmod 600 "$BATS_TEST_TMPDIR/key"
    while IFS='|' read -r name purpose arguments; do
        without "$name" || continue
        rows=$((rows + 1))
        missing=$(late "$name")
        missing=not${missing#lib}
        # shellcheck disable=SC2086
        at_terminal "$program" -F none -p 1 ${arguments//KEY/$BATS_TEST_TMPDIR/key} 127.0.0.1
        [ "$status" = 17 ] || { printf '%s\n' "$name: status $status" "$output"; false; }
        [ "$output" = "ssh-authtest: $purpose: $missing: cannot open shared object file: No such file or directory" ]
        run "$program" -F none -p 1 -m 'password keyboard-interactive' 127.0.0.1 </dev/null
        [ "$status" = 7 ]
        [[ $output == *"unreachable: "* ]]
        [[ $output != *"$missing"* ]]
    done <<'END'
READLINE|a prompt|-m keyboard-interactive -r .=ask:
OATH|a one-time password|-m keyboard-interactive -r .=totp:KEY
JANSSON|--format=json|--format=json
MXML|--format=junit|--format=junit
GSSAPI|gssapi-with-mic|-m password,gssapi-with-mic
END
    [ "$rows" = "$(grep -c '^#define LATE_' "$abs_top_builddir/config.h")" ]
}

@test "a rule that asks needs readline only where there is a terminal" {
    local program=$abs_top_builddir/ssh-authtest
    if late READLINE; then
        without READLINE
    fi
    run setsid -w "$program" -F none -p 1 -m keyboard-interactive -r .=ask: 127.0.0.1 </dev/null
    [ "$status" = 7 ]
    [[ $output == *"unreachable: "* ]]
}

@test "the program is a position-independent executable with full RELRO" {
    run readelf -hld "$abs_top_builddir/ssh-authtest"
    [ "$status" = 0 ]
    [[ $output == *"DYN "* ]]
    if grep -q '^#define SANITIZERS' "$abs_top_builddir/config.h"; then
        return 0
    fi
    [[ $output == *GNU_RELRO* ]]
    [[ $output == *BIND_NOW* ]]
}

@test "the seam is in the program" {
    run nm "$abs_top_builddir/ssh-authtest"
    [ "$status" = 0 ]
    [[ $output =~ __wrap_(_lib)?ssh2_transport_send ]]
    [[ $output =~ __wrap_(_lib)?ssh2_packet_requirev ]]
    [[ $output =~ __wrap_(_lib)?ssh2_transport_read ]]
}
