#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every form of a known hosts line: the installed ssh and the program are shown the same file and
# the same server, and must say the same. A row is SSH|OURS|HOST|LINES: what ssh says (known,
# unknown, mismatch, revoked), what we say where that differs (on purpose: the head of
# src/probe/hostkey.c tells why), the host as it is typed (127.0.0.1 where empty), and the file.

load helper
load known_hosts

setup()
{
    test_begin
    KH=$BATS_TEST_TMPDIR/hosts
}

@test "names, ports, blanks and comments" {
    each_row <<'END'
known|||{name} {ed}\n
known|||{name} {ed}
known|||{name} {ed} a comment\n
known|||{name} {ed}\tcomment\n
known|||{name} {ed} {long}\n
known|||{name} {ec}\n
known|||# a comment\n\n\nother.example {ed}\n  \t{name}\t{ed}\r\n
known|||\r\n{name} {ed}\r\n
known|||other.example,{name},more.example {ed}\n
known|||{name}, {ed}\n
known|||,{name} {ed}\n
unknown|||{name} , {ed}\n
unknown|||\n
unknown||||
unknown|||# {name} {ed}\n
unknown|||#{name} {ed}\n
unknown|||[127.0.0.2]:{port} {ed}\n
unknown|||[127.0.0.1]:1 {ed}\n
unknown|||127.0.0.1:{port} {ed}\n
unknown|||[127.0.0.1] {ed}\n
unknown|||127.0.0.1,{port} {other}\n
# the plain name, where nothing has the port: this very key, or nothing
known|||127.0.0.1 {ed}\n
unknown|||127.0.0.1 {other}\n
mismatch|||127.0.0.1 {ed}\n{name} {other}\n
known|||{name} {ed}\n127.0.0.1 {other}\n
END
}

@test "wildcards and negation" {
    each_row <<'END'
known|||* {ed}\n
known|||[127.0.?.1]:{port} {ed}\n
known|||[127.*]:* {ed}\n
known|||*:{port} {ed}\n
known|||[127.0.0.1]:????? {ed}\n
known|||127.0.0.* {ed}\n
known|||** {ed}\n
known|||!other.example,* {ed}\n
known|||*,!other.example {ed}\n
known|||![127.0.0.1]:1,{name} {ed}\n
unknown|||[127.0.0.?1]:{port} {ed}\n
unknown|||!* {ed}\n
unknown|||!*,{name} {ed}\n
unknown|||{name},!* {ed}\n
unknown|||{name},![127.0.0.1]:* {ed}\n
unknown|||!{name},!other {ed}\n
# the negation is of one of the two names
known|||!127.0.0.1,* {ed}\n
known|||*,!{name} {ed}\n
unknown|||*,!{name},!127.0.0.1 {ed}\n
unknown|||! {name} {ed}\n
unknown|||[127.0.0.[1]]:{port} {ed}\n
END
}

@test "hashed names" {
    each_row <<'END'
known|||{hash [127.0.0.1]:PORT} {ed}\n
known|||{hash [127.0.0.1]:PORT} {ed} comment\r\n
known|||{hash 127.0.0.1} {ed}\n
known||LocalHost|{hash [localhost]:PORT} {ed}\n
known||127.1|{hash [127.0.0.1]:PORT} {ed}\n
unknown|||{hash [127.0.0.2]:PORT} {ed}\n
unknown|||{hash [127.0.0.1]:1} {ed}\n
unknown|||{hash 127.0.0.1} {other}\n
mismatch|||{hash [127.0.0.1]:PORT} {other}\n
revoked|||@revoked {hash [127.0.0.1]:PORT} {ed}\n{name} {ed}\n
unknown|||@cert-authority {hash [127.0.0.1]:PORT} {ed}\n
# nothing else stands beside a hash
unknown|||x,{hash [127.0.0.1]:PORT} {ed}\n
unknown|||{hash [127.0.0.1]:PORT},x {ed}\n
unknown|||{hash [127.0.0.1]:PORT}x {ed}\n
unknown|||x {hash [127.0.0.1]:PORT} {ed}\n
unknown|||!{hash [127.0.0.1]:PORT} {ed}\n
unknown||||1| {ed}\n
unknown||||1|AAAA|AAAA {ed}\n
unknown||||2|K9vmNR5ZVgkgkzj53HmYtFF1pP4=|CuOT4utyf6uc2Vn+RSUWxyuIAkU= {ed}\n
END
}

@test "names and numbers as they are typed" {
    each_row <<'END'
known||localhost|[localhost]:{port} {ed}\n
known||LOCALhost|[localhost]:{port} {ed}\n
known||localhost|[LocalHost]:{port} {ed}\n
known||127.1|[127.0.0.1]:{port} {ed}\n
unknown||127.1|[127.1]:{port} {ed}\n
known||0x7f.1|[127.0.0.1]:{port} {ed}\n
known||2130706433|127.0.0.1 {ed}\n
unknown||localhost|[127.0.0.1]:{port} {ed}\n
unknown||127.0.0.1|[localhost]:{port} {ed}\n
END
}

@test "IPv6" {
    each_row <<'END'
known||::1|[::1]:{port} {ed}\n
known||::1|::1 {ed}\n
known||::1|[::*]:{port} {ed}\n
known||::1|{hash [::1]:PORT} {ed}\n
known||0:0:0:0:0:0:0:1|[::1]:{port} {ed}\n
known||0::0:1|[::1]:{port} {ed}\n
unknown||0::1|[0::1]:{port} {ed}\n
unknown||::1|[0:0:0:0:0:0:0:1]:{port} {ed}\n
unknown||::1|[[::1]]:{port} {ed}\n
unknown||::1|::1:{port} {ed}\n
mismatch||::1|[::1]:{port} {other}\n
revoked||::1|@revoked [::1]:{port} {ed}\n
END
}

@test "keys: malformed, unknown, of another type, changed" {
    each_row <<'END'
unknown|||{name}\n
unknown|||{name} ssh-ed25519\n
unknown|||{name} ssh-ed25519 AAAA\n
unknown|||{name} ssh-ed25519 nonsense\n
unknown|||{name} {blob}\n
unknown|||{name} ssh-rsa {blob}\n
unknown|||{name} {ed}AAAA\n
unknown|||{name} 256 65537 12345678901234567890\n
known|||{name} ssh-ed25519 AAAA\n{name} {ed}\n
known|||{name} nonsense\n{name} {ed}\n
mismatch|||{name} {other}\n
mismatch|||{name} {other}\n{name} {other-ec}\n
known|||{name} {other}\n{name} {ed}\n
known|||{name} {other}\n{name} {other-ec}\n* {ed}\n
mismatch|||* {other}\n
mismatch|||{name} {other-ec}\n
# asked for first are the types that the file has
known|||{name} {ec}\n
known|||{name} {ec}\n{name} {other-ec}\n
# a type that ssh does not know is a known key of another type to us
unknown|mismatch||{name} ssh-new AAAAB3NzaC1uZXcAAAABAQ==\n
known|||{name} ssh-new AAAAB3NzaC1uZXcAAAABAQ==\n{name} {ed}\n
END
}

@test "@revoked" {
    each_row <<'END'
revoked|||@revoked {name} {ed}\n
revoked|||@revoked * {ed}\n
revoked|||@revoked *\t{ed} comment\r\n
# ssh 9.2 sees no marker that a tab ends, where there is a blank as well
unknown|revoked||@revoked\t*\t{ed}\n
revoked|||  @revoked * {ed}\n
revoked|||{name} {ed}\n@revoked [127.*]:* {ed}\n
revoked|||@revoked * {ed}\n{name} {ed}\n
revoked|||@revoked !other.example,* {ed}\n{name} {ed}\n
revoked|||@revoked * {ed}\n@revoked * {ec}\n{name} {ed}\n
known|||@revoked * {other}\n{name} {ed}\n
known|||@revoked other.example {ed}\n{name} {ed}\n
known|||@revoked !{name},!127.0.0.1,* {ed}\n{name} {ed}\n
known|||# @revoked * {ed}\n{name} {ed}\n
known|||@Revoked * {ed}\n{name} {ed}\n
known|||@other * {other}\n{name} {ed}\n
unknown|||@other * {ed}\n
unknown|||@revoked * {other}\n
unknown|||@revoked @revoked * {ed}\n
# of a CA: it is not what the server showed
known|||@revoked * {ca}\n{name} {ed}\n
unknown|||@revoked * {ca}\n@cert-authority * {ca}\n
revoked|||@cert-authority * {ed}\n@revoked * {ed}\n
# under the plain name too where the name with the port has the key
known|revoked||@revoked 127.0.0.1 {ed}\n{name} {ed}\n
revoked|||@revoked 127.0.0.1 {ed}\n
END
}

@test "long lines and patterns" {
    each_row <<'END'
known|||{1000},{1000},{name} {ed}\n
known|||{name},{1000} {ed}\n
unknown|||{1000}{1000},{name} {ed}\n
known|||# {long}\n{name} {ed}\n
known|||{long} {ed}\n{name} {ed}\n
revoked|||{name} {ed}\n@revoked * {ed} {long}\n
# names of more than 64 KiB before the key: not read
known|unknown||{name},{many} {ed}\n
END
}

@test "in every mode what is @revoked is refused; ssh goes on with StrictHostKeyChecking=no" {
    local mode said
    lines '{name} {ed}\n@revoked * {ed}\n'
    for mode in yes accept-new; do
        [ "$(ssh_says 127.0.0.1 -o StrictHostKeyChecking=$mode)" = revoked ]
    done
    for mode in --host-key={strict,ask,accept-new,off}; do
        said=$(we_say 127.0.0.1 --known-hosts="$KH" "$mode")
        [ "$said" = revoked ] || complain "$mode: $said"
    done
}

# ------------------------------------------------- certificates of hosts

# The plain algorithms are all that we ask a server for.
PLAIN=HostKeyAlgorithms=ssh-ed25519,ecdsa-sha2-nistp256

@test "only @cert-authority names the host: said so, and no match, though ssh takes the certificate" {
    local mode said HOSTS_PORT=$HOSTS_CERT_PORT
    lines '@cert-authority * {ca}\n'
    [ "$(ssh_says 127.0.0.1)" = known ]
    [ "$(ssh_says 127.0.0.1 -o $PLAIN)" = unknown ]
    for mode in '' --host-key=strict --host-key=ask; do
        probe -B --known-hosts="$KH" -p "$HOSTS_PORT" ${mode:+"$mode"} x@127.0.0.1
        expect_status 6
        expect_line '^host key  (ssh-ed25519|ecdsa-sha2-nistp256) .* unknown$'
        expect_line "only @cert-authority names it \\($KH:1\\), and libssh2 cannot verify a host certificate"
    done
    said=$(we_say 127.0.0.1 --known-hosts="$KH" --host-key=off)
    [ "$said" = unchecked ]
    [ "$(cat "$KH")" = "@cert-authority * $CA" ]
}

@test "@cert-authority and accept-new: the plain key is new, and is written as such" {
    local said HOSTS_PORT=$HOSTS_CERT_PORT
    lines '@cert-authority * {ca}\n'
    said=$(we_say 127.0.0.1 --known-hosts="$KH" --host-key=accept-new)
    [ "$said" = new ] || complain "$said"
    [ "$(wc -l <"$KH")" = 2 ]
    [ "$(we_say 127.0.0.1 --known-hosts="$KH")" = known ]
    [ "$(ssh_says 127.0.0.1 -o $PLAIN)" = known ]
}

@test "@cert-authority beside plain keys changes nothing" {
    local HOSTS_PORT=$HOSTS_CERT_PORT row said
    while IFS='|' read -r row said; do
        lines "$row"
        [ "$(ssh_says 127.0.0.1 -o $PLAIN)" = "$said" ] || complain "ssh: $row"
        [ "$(we_say 127.0.0.1 --known-hosts="$KH")" = "$said" ] || complain "we: $row"
    done <<'END'
@cert-authority * {ca}\n[127.0.0.1]:* {ed}\n|known
@cert-authority * {ca}\n[127.0.0.1]:* {other}\n[127.0.0.1]:* {other-ec}\n|mismatch
@cert-authority * {ca}\n@revoked * {ed}\n@revoked * {ec}\n|revoked
@cert-authority * {ed}\n|unknown
@revoked * {ca}\n[127.0.0.1]:* {ed}\n|known
@revoked * {ca}\n@cert-authority * {ca}\n|unknown
END
}
