#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Host keys as ssh's configuration names them: HostKeyAlias, several files, HashKnownHosts,
# RevokedHostKeys. The installed ssh and the program are given the same options, and must say
# the same.

load helper
load known_hosts

setup()
{
    test_begin
    KH=$BATS_TEST_TMPDIR/hosts
    LIST=$BATS_TEST_TMPDIR/revoked
    FILES=(-o GlobalKnownHostsFile=/dev/null -o "UserKnownHostsFile=$KH")
}

# both WORD [OURS] -- OPTION...: what ssh says with these options, and what we say.
both()
{
    local ssh=$1 ours=$1 said
    shift
    [ "$1" = -- ] || { ours=$1 && shift; }
    shift
    said=$(ssh_says 127.0.0.1 "$@")
    [ "$said" = "$ssh" ] || complain "ssh says $said, not $ssh, with $*"
    said=$(we_say 127.0.0.1 "${FILES[@]}" --host-key=strict "$@") || complain "$said"
    [ "$said" = "$ours" ] || complain "we say $said, not $ours, with $*"
}

@test "HostKeyAlias: that name, without a port, and no other" {
    local said alias text rows=0
    while IFS='|' read -r said alias text; do
        lines "$text"
        both "$said" -- -o HostKeyAlias="$alias"
        rows=$((rows + 1))
    done <<'END'
known|web|web {ed}\n
known|WEB|web {ed}\n
known|WEB|Web {ed}\n
known|web|w?b,other {ed}\n
known|web|{hash web} {ed}\n
known|WEB|{hash web} {ed}\n
unknown|web|!web,* {ed}\n
unknown|web|[web]:{port} {ed}\n
unknown|web|{name},127.0.0.1 {ed}\n
unknown|127.1|127.0.0.1 {ed}\n
known|127.1|127.1 {ed}\n
known|127.0.0.1|127.0.0.1 {ed}\n
unknown|127.0.0.1|{name} {ed}\n
known|[web]:77|[web]:77 {ed}\n
mismatch|web|web {other}\n
mismatch|web|{name} {ed}\nweb {other}\n
revoked|web|@revoked web {ed}\nweb {ed}\n
revoked|WEB|@revoked {hash web} {ed}\nweb {ed}\n
known|web|@revoked {name},127.0.0.1 {ed}\nweb {ed}\n
unknown|web|@cert-authority web {ed}\n
unknown|a,b|a,b {ed}\n
END
    [ "$rows" = 21 ]
}

@test "HostKeyAlias is what messages, hints and the file have" {
    local plain=(-o HostKeyAlias=Web)
    : >"$KH"
    both unknown -- "${plain[@]}"
    probe -B -p "$HOSTS_PORT" "${FILES[@]}" "${plain[@]}" --host-key=accept-new x@127.0.0.1
    expect_status 0
    expect_line '^host key .* new$'
    [ "$(cut -d ' ' -f 1 "$KH")" = web ]
    both known -- "${plain[@]}"
    lines 'web {other}\nweb {other-ec}\n'
    probe -B -p "$HOSTS_PORT" "${FILES[@]}" "${plain[@]}" x@127.0.0.1
    expect_status 6
    expect_line 'the host key of web has changed'
    expect_line "^hint: .*ssh-keygen -f $KH -R web\$"
    # to a changed host nobody types a secret
    export PASSWORD=secret
    probe -B -p "$HOSTS_PORT" "${FILES[@]}" "${plain[@]}" --host-key=off -m keyboard-interactive -r .=env:PASSWORD x@127.0.0.1
    expect_status 6
    expect_line "the host key has changed, says $KH:.*keyboard-interactive is not tried"
}

@test "HashKnownHosts: what is added is hashed, and ssh and ssh-keygen find it" {
    local name
    for name in "[127.0.0.1]:$HOSTS_PORT" web; do
        rm -f "$KH"
        FILES=(-o GlobalKnownHostsFile=/dev/null -o "UserKnownHostsFile=$KH" -o HashKnownHosts=yes)
        [ "$name" != web ] || FILES+=(-o HostKeyAlias=Web)
        probe -B -p "$HOSTS_PORT" "${FILES[@]}" --host-key=accept-new x@127.0.0.1
        expect_status 0
        expect_line '^host key .* new$'
        [[ $(cat "$KH") == '|1|'????????????????????????????'|'????????????????????????????' '* ]]
        run ! grep -iF -e 127.0.0.1 -e web "$KH"
        ssh-keygen -F "$name" -f "$KH"
        both known -- "${FILES[@]}"
        [ "$(wc -l <"$KH")" = 1 ]
    done
}

@test "several files: each is read, the first is written" {
    local more=$BATS_TEST_TMPDIR/more global=$BATS_TEST_TMPDIR/global files options
    files="UserKnownHostsFile=$KH $more"
    options=(-o "$files" -o GlobalKnownHostsFile="$global")
    FILES=("${options[@]}")
    lines '{name} {ed}\n' && mv "$KH" "$more"
    both known -- "${options[@]}"
    mv "$more" "$global"
    both known -- "${options[@]}"
    lines '{name} {other}\n{name} {other-ec}\n' # the right key in any of them is enough
    both known -- "${options[@]}"
    lines '@revoked * {ed}\n' && mv "$KH" "$more"
    both revoked -- "${options[@]}"
    lines '{name} {other}\n' && rm "$more" "$global"
    both mismatch -- "${options[@]}"
    : >"$KH"
    mkdir "$more" # cannot be read
    both unknown -- "${options[@]}"
    lines '{name} {ed}\n' && mv "$KH" "$global"
    both known -- "${options[@]}"
    rm "$global"
    probe -B -p "$HOSTS_PORT" "${FILES[@]}" --host-key=accept-new x@127.0.0.1
    expect_status 0
    [ "$(wc -l <"$KH")" = 1 ]
    [ ! -e "$global" ]
    both known -- "${options[@]}"
}

@test "UserKnownHostsFile /dev/null: nothing is remembered, and accept-new goes on, as ssh does" {
    FILES=(-o GlobalKnownHostsFile=/dev/null -o UserKnownHostsFile=/dev/null)
    both unknown -- "${FILES[@]}"
    for _ in 1 2; do
        probe -B -p "$HOSTS_PORT" "${FILES[@]}" -o StrictHostKeyChecking=accept-new x@127.0.0.1
        expect_status 0
        expect_line '^host key .* new$'
        [ "$(ssh_says 127.0.0.1 -o StrictHostKeyChecking=accept-new "${FILES[@]}")" = known ]
    done
    [ ! -e "$HOME/.ssh/known_hosts" ]
}

# The last row: a key of a type that ssh does not know is not the server's.
@test "RevokedHostKeys: lists of keys" {
    local ssh ours text rows=0
    lines '{name} {ed}\n'
    mv "$KH" "$KH.keep"
    while IFS='|' read -r ssh ours text; do
        lines "$text" && mv "$KH" "$LIST" && cp "$KH.keep" "$KH"
        both "$ssh" ${ours:+"$ours"} -- -o RevokedHostKeys="$LIST"
        rows=$((rows + 1))
    done <<'END'
known||
known||{other}\n{other-ec}\n{ec}\n{ca}\n
known||# {ed}\n\n   \n\t{other} comment\n
known||{other}\r\n
revoked||{ed}\n
revoked||{ed}
revoked||\t{ed} comment\r\n
revoked||# comment\n{other}\n{ed}\nnonsense\n
unreadable||nonsense\n{ed}\n
unreadable||{other}\nnonsense\n
unreadable||\r\n
unreadable||{blob}\n
unreadable||ssh-ed25519 AAAA\n
unreadable||ssh-rsa {blob}\n
unreadable||@revoked * {ed}\n
unreadable||* {ed}\n
unreadable||no-pty {ed}\n
unreadable|known|ssh-new AAAAB3NzaC1uZXcAAAABAQ==\n
END
    [ "$rows" = 18 ]
}

@test "RevokedHostKeys: KRLs and certificates" {
    local form
    lines '{name} {ed}\n'
    cd "$HOSTS_DIR"
    for form in key sha1 sha256; do
        rm -f "$LIST"
        { echo 'serial: 3-7' && echo "$form: $OTHER" && echo "$form: $ED"; } >"$LIST.spec"
        ssh-keygen -q -k -f "$LIST" -s ca.pub "$LIST.spec"
        both revoked -- -o RevokedHostKeys="$LIST"
        rm -f "$LIST"
        ssh-keygen -q -k -f "$LIST" -s ca.pub <(head -n 2 "$LIST.spec")
        both known -- -o RevokedHostKeys="$LIST"
    done
    ssh-keygen -q -k -f "$LIST" <(echo "hash: $(ssh-keygen -l -f host_ed25519.pub | cut -d ' ' -f 2)")
    both revoked -- -o RevokedHostKeys="$LIST"
    head -c 60 "$LIST" >"$LIST.cut"
    both unreadable -- -o RevokedHostKeys="$LIST.cut"
    both revoked -- -o RevokedHostKeys="$PWD/host_ed25519-cert.pub"
    both known -- -o RevokedHostKeys="$PWD/other_ed25519-cert.pub"
}

@test "RevokedHostKeys: refused in every mode and with a fingerprint, also where it cannot be read" {
    local option file fingerprint
    fingerprint=$(ssh-keygen -l -f "$HOSTS_DIR/host_ed25519.pub" | cut -d ' ' -f 2)
    lines '{name} {ed}\n'
    echo "$ED" >"$LIST"
    both unreadable -- -o RevokedHostKeys="$LIST.absent"
    both unreadable -- -o RevokedHostKeys="$BATS_TEST_TMPDIR"
    both known -- -o RevokedHostKeys=/dev/null
    both known -- -o RevokedHostKeys=none
    for option in --host-key={strict,ask,accept-new,off} --fingerprint="$fingerprint" -oHostKeyAlias=web; do
        for file in "$LIST" "$LIST.absent"; do
            probe -B -p "$HOSTS_PORT" --known-hosts="$KH" -o RevokedHostKeys="$file" "$option" x@127.0.0.1
            expect_status 6
        done
        expect_line "may be a revoked one, which cannot be told: $LIST\\.absent: No such file"
        expect_line '^hint: .*RevokedHostKeys'
    done
    [ "$(ssh_says 127.0.0.1 -o StrictHostKeyChecking=no -o RevokedHostKeys="$LIST")" = revoked ]
}
