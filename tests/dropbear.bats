#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Against dropbear: password, publickey, both of them in either order, and the limits that it has. It refuses in its own
# ways: without DISCONNECT, after a delay, and counting no `none` and no key that it was only asked about.

load helper
load keys
load peers

RIGHT=(-r "^bob@127[.]0[.]0[.]1's password: =env:PEER_PASSWORD")

# ------------------------------------------------------------ lists, host keys

@test "dropbear: the list, of users that there are and are not" {
    dropbear_start ed25519
    peer bob
    outcome 0 listed none
    expect_line '^127\.0\.0\.1 port [0-9]+, SSH-2\.0-dropbear_[0-9.]+'
    expect_line "^host key  ssh-ed25519 ${FINGERPRINT_ED25519//+/\\+} known\$"
    expect_line 'can continue with: publickey, password$'
    expect_peer "^Exit before auth from .*: \(user 'bob', 0 fails\)"
    peer nobody-knows
    outcome 0 listed none
    expect_line 'can continue with: publickey, password$'
    expect_peer '^Login attempt for nonexistent user'
    peer bob -m none
    outcome 1 failure none
    peer bob --format=json
    [ "$(json '[.outcome, .chains[0].offered == ["publickey", "password"], .chains[0].host_key.type] | join(" ")')" = \
        'listed true ssh-ed25519' ] || complain "JSON"
}

@test "dropbear: each type of host key; ssh-rsa, which it still has, where libssh2 knows no other" {
    dropbear_start ecdsa
    peer bob
    outcome 0 listed
    expect_line "^host key  ecdsa-sha2-nistp256 ${FINGERPRINT_ECDSA//+/\\+} known\$"
    peers_stop
    dropbear_start rsa
    peer bob
    outcome 0 listed
    expect_line "^host key  ssh-rsa ${FINGERPRINT_RSA//+/\\+} known\$"
    peers_stop
    # The file has all three: that is what is asked for first.
    dropbear_start rsa ecdsa ed25519
    peer bob
    outcome 0 listed
    expect_line ' known$'
    awk '$2 == "ecdsa-sha2-nistp256"' "$PEER_KNOWN" >"$PEER_KNOWN.one"
    PEER_KNOWN=$PEER_KNOWN.one
    peer bob
    expect_line "^host key  ecdsa-sha2-nistp256 ${FINGERPRINT_ECDSA//+/\\+} known\$"
}

@test "dropbear: an unknown host key: nothing but the key exchange" {
    dropbear_start ed25519
    : >"$PEER_KNOWN"
    peer bob -m password "${RIGHT[@]}"
    expect_status 6
    expect_line '^host-key: '
    expect_peer "^Exit before auth"
    refute_peer "user 'bob'|Password auth"
}

@test "dropbear: its banner, escaped, before anything was accepted" {
    printf 'Hello\n\033]0;owned\007\302\2332J\377\n' >"$BATS_TEST_TMPDIR/banner"
    dropbear_start ed25519 -b "$BATS_TEST_TMPDIR/banner"
    peer bob -v
    outcome 0 listed none
    have_no_control_bytes
    expect_line '^  \| Hello$'
    expect_line '^  \| \\x1B\]0;owned\\x07'
    expect_err '<- USERAUTH_BANNER'
}

# ------------------------------------------------------------------ password

@test "dropbear: password, right, wrong, of nobody and of an account that is locked" {
    dropbear_start ed25519
    peer bob -m password "${RIGHT[@]}"
    outcome 0 success password
    expect_line '^success: bob was accepted after password$'
    expect_peer "^Password auth succeeded for 'bob'"
    peer bob -m password -r '.*=env:WRONG'
    outcome 1 failure password
    step 1 password failure "$failed"
    expect_line 'can continue with: publickey, password$'
    expect_line '^failure: bob was refused by password$'
    expect_peer "^Bad password attempt for 'bob'"
    peer locked -m password -r '.*=env:PEER_PASSWORD'
    outcome 1 failure password
    peer nobody-knows -m password -r '.*=env:PEER_PASSWORD'
    outcome 1 failure password
    refute_peer 'succeeded'
    refute_text "$PEER_PASSWORD"
}

@test "dropbear: without passwords: not offered, and none is sent" {
    dropbear_start ed25519 -s
    peer bob
    expect_line 'can continue with: publickey$'
    peer bob -m password "${RIGHT[@]}"
    outcome 4 not-offered password
    expect_peer "\(user 'bob', 0 fails\)"
    peer bob -m publickey -i "$KEY_ED25519" -e success --forbid-offered=password,keyboard-interactive
    expect_status 0
}

@test "dropbear: what it has not: keyboard-interactive and gssapi-with-mic" {
    ticket
    dropbear_start ed25519
    peer bob -m kbdint -r '.*=env:PEER_PASSWORD'
    outcome 4 not-offered keyboard-interactive
    expect_line 'can continue with: publickey, password$'
    peer bob -m gssapi --gssapi-host="$GSSAPI_HOST"
    outcome 4 not-offered gssapi-with-mic
    refute_peer 'succeeded'
}

# ----------------------------------------------------------------- publickey

@test "dropbear: keys of each type, and which one it was" {
    local name
    dropbear_start ed25519
    for name in ED25519 ECDSA256 ECDSA521 RSA; do
        name=KEY_$name
        peer bob -m publickey -i "${!name}"
        outcome 0 success publickey
        told "${!name}.pub" 'acceptable, signed, accepted'
        expect_peer "^Pubkey auth succeeded for 'bob' .* $(fingerprint "${!name}.pub" | sed 's/[+]/\\+/g') from"
    done
    peer bob -m publickey -i "$KEY_ED25519" --format=json
    [ "$(json '.chains[0].steps[0].keys[0] | .fingerprint')" = "$(fingerprint "$KEY_ED25519.pub")" ] || complain "JSON"
}

@test "dropbear: an agent's keys, a wrong one first" {
    dropbear_start ed25519
    agent_start
    agent_add "$KEY_STRANGER"
    agent_add "$KEY_RSA"
    peer bob -m publickey --agent
    outcome 0 success publickey
    told "$KEY_STRANGER.pub" 'refused'
    told "$KEY_RSA.pub" 'acceptable, signed, accepted'
}

@test "dropbear: a wrong key, a public half alone, a certificate, a user without a file" {
    dropbear_start ed25519
    peer bob -m publickey -i "$KEY_STRANGER"
    outcome 1 failure publickey
    told "$KEY_STRANGER.pub" 'refused'
    expect_line 'can continue with: publickey, password$'
    expect_line '^failure: bob was refused by publickey$'
    peer bob -m publickey -i "$KEY_ED25519.pub"
    outcome 19 key-acceptable publickey
    expect_peer "\(user 'bob', 0 fails\)"
    # It knows no certificates, whose plain key is in no file.
    peer bob -m publickey -i "$CERT_ECDSA"
    outcome 1 failure publickey
    told "$CERT_ECDSA.pub" 'refused'
    peer nobody-knows -m publickey -i "$KEY_ED25519"
    outcome 1 failure publickey
    refute_peer 'succeeded'
}

# -------------------------------------------------------------------- chains

@test "dropbear -t: publickey, then password, and the other way round" {
    dropbear_start ed25519 -t
    peer bob
    expect_line 'can continue with: publickey, password$'
    peer bob -m publickey,password -i "$KEY_ED25519" "${RIGHT[@]}"
    outcome 0 success password
    step 1 publickey partial-success "$partial"
    expect_line 'can continue with: password$'
    step 2 password success '0$'
    expect_line '^success: bob was accepted after publickey, password$'
    expect_peer "^Pubkey auth succeeded for 'bob' .*, extra auth required"
    peer bob -m password,publickey -i "$KEY_ED25519" "${RIGHT[@]}"
    outcome 0 success publickey
    step 1 password partial-success "$partial"
    expect_line 'can continue with: publickey$'
    expect_peer "^Password auth succeeded for 'bob' .*, extra auth required"
}

@test "dropbear -t: half of a login, and a second half that is wrong" {
    dropbear_start ed25519 -t
    peer bob -m publickey -i "$KEY_ED25519"
    outcome 3 partial-success publickey
    expect_line '^partial-success: bob passed publickey, .*: password$'
    peer bob -m password "${RIGHT[@]}" -e partial-success --format=json
    expect_status 0
    [ "$(json '[.outcome, .chains[0].steps[0].outcome, (.chains[0].steps[0].remaining | join(","))] | join(" ")')" = \
        'partial-success partial-success publickey' ] || complain "JSON"
    peer bob -m publickey,password -i "$KEY_ED25519" -r '.*=env:WRONG'
    outcome 1 failure password
    step 1 publickey partial-success "$partial"
    peer bob -m password,publickey -i "$KEY_STRANGER" "${RIGHT[@]}"
    outcome 1 failure publickey
    # A key is accepted again, although it is no longer listed, and is no second factor.
    peer bob -m publickey,publickey -i "$KEY_ED25519"
    outcome 3 partial-success publickey
    steps_are 2
    refute_peer "^Password auth succeeded"
}

@test "dropbear without -t: the first half of two is early success" {
    dropbear_start ed25519
    peer bob -m publickey,password -i "$KEY_ED25519" "${RIGHT[@]}"
    outcome 16 early-success
    steps_are 1
}

# -------------------------------------------------------------------- limits

@test "dropbear -T: it hangs up instead of refusing, without a word" {
    dropbear_start ed25519 -T 1
    peer bob -m password -r '.*=env:WRONG'
    outcome 10 disconnected password
    expect_line '^disconnected: the server closed the connection \(stage auth\)$'
    expect_peer "Max auth tries reached - user 'bob'"
    peer bob -m kbdint -r '.*=env:WRONG'
    outcome 10 disconnected keyboard-interactive
    # A key that it was asked about, and none, count for nothing.
    peer bob -m publickey -i "$KEY_STRANGER" -i "$KEY_ED25519"
    outcome 0 success publickey
    told "$KEY_STRANGER.pub" 'refused'
    peer bob -m password "${RIGHT[@]}"
    outcome 0 success password
    refute_peer 'Max auth tries'
}

@test "dropbear -I: it hangs up on who is silent, while an answer is awaited" {
    dropbear_start ed25519 -I 1
    mkfifo "$BATS_TEST_TMPDIR/slow"
    # Written when the server has hung up, or after 20 seconds at most.
    (
        exec >"$BATS_TEST_TMPDIR/slow" 3>&-
        for ((tries = 0; tries < 400; tries++)); do
            ! grep -q 'Idle timeout' "$PEER_LOG" || break
            sleep 0.05
        done
        printf '%s\n' "$PEER_PASSWORD"
    ) &
    PROBE_STDIN=$BATS_TEST_TMPDIR/slow
    peer bob -m password -r '.*=fd:0'
    wait "$!"
    outcome 10 disconnected password
    expect_line '^disconnected: .*(closed|broke|reset).*stage auth'
    expect_peer 'Idle timeout'
    refute_peer 'succeeded'
    refute_text "$PEER_PASSWORD"
}
