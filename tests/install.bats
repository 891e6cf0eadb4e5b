#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What `make install` leaves, and that the program is hardened where the compiler can.

bats_require_minimum_version 1.5.0

@test "make install puts program, manual page and schema where they belong, make uninstall removes them" {
    cd "$abs_top_builddir"
    make -s V=1 install DESTDIR="$BATS_TEST_TMPDIR/image" prefix=/usr 3>&- >/dev/null
    [ -x "$BATS_TEST_TMPDIR/image/usr/bin/ssh-authtest" ]
    [ -s "$BATS_TEST_TMPDIR/image/usr/share/man/man1/ssh-authtest.1" ]
    [ -s "$BATS_TEST_TMPDIR/image/usr/share/ssh-authtest/ssh-authtest.schema.json" ]
    [ "$(find "$BATS_TEST_TMPDIR/image" -type f | wc -l)" = 3 ]
    make -s V=1 uninstall DESTDIR="$BATS_TEST_TMPDIR/image" prefix=/usr 3>&- >/dev/null
    [ "$(find "$BATS_TEST_TMPDIR/image" -type f | wc -l)" = 0 ]
}

@test "libssh2 is linked statically, and nothing more than is needed dynamically" {
    run readelf -d "$abs_top_builddir/ssh-authtest"
    [ "$status" = 0 ]
    [[ $output == *libreadline* ]]
    [[ $output == *liboath* ]]
    [[ $output == *libjansson* ]]
    [[ $output != *libssh2* ]]
    [[ $output != *gpg-error* ]]
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
}
