#!/usr/bin/env bats
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

@test "libssh2 is linked statically, and nothing more than is needed dynamically" {
    local library
    run readelf -d "$abs_top_builddir/ssh-authtest"
    [ "$status" = 0 ]
    [[ $output == *libcrypto* ]]
    [[ $output != *libssh2* ]]
    [[ $output != *gpg-error* ]]
    # what few runs need is loaded by them
    for library in readline gssapi_krb5 oath jansson mxml; do
        [[ $output != *"[lib$library."* ]]
        grep -q "^#define LATE_[A-Z]* \"lib$library\.so" "$abs_top_builddir/config.h"
    done
    [[ $output != *libkrb5* ]]
}

@test "a library that is loaded late and is not there: what needs it says so before it connects, and nothing else does" {
    local program=$BATS_TEST_TMPDIR/ssh-authtest
    sed 's/libjansson\.so\./libnothere.so./' "$abs_top_builddir/ssh-authtest" >"$program"
    chmod +x "$program"
    run "$program" -F none -p 1 --format=json 127.0.0.1
    [ "$status" = 17 ]
    [[ $output == "ssh-authtest: --format=json: libnothere.so."*": cannot open shared object file"* ]]
    run "$program" -F none -p 1 127.0.0.1
    [[ $output == *"unreachable: "* ]]
    [[ $output != *libnothere* ]]
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
