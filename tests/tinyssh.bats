#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Against tinysshd, which has one cipher, one type of host key, one of user's keys and publickey alone. libssh2 knows that
# cipher, chacha20-poly1305@openssh.com, from 1.11.1 on: before, the key exchange fails, and that has to be told.

load helper
load keys
load peers

# can_talk: does this libssh2 know tinysshd's cipher?
can_talk()
{
    library_has 1.11.1
}

# talk USER [ARGUMENT...]: where it does not, the failure has to be the true one.
talk()
{
    peer "$@" || return
    can_talk || no_cipher
}

no_cipher()
{
    expect_status 18 &&
        expect_line '^127\.0\.0\.1 port [0-9]+, SSH-2\.0-tinyssh' &&
        expect_line '^kex-failure: .*no common algorithm: no cipher \(the server has chacha20-poly1305@openssh\.com\) \(stage kex\)$' &&
        expect_line '^hint: chacha20-poly1305@openssh\.com needs libssh2 1\.11\.1$' &&
        expect_err 'no cipher \(the server has chacha20-poly1305@openssh\.com\)' &&
        refute_line '^(host key|[0-9]) ' &&
        refute_peer 'auth:'
}

@test "tinysshd: ssh logs in with the key that the tests use, and not with another" {
    tinysshd_start
    : >"$PEER_LOG"
    ssh -F none -o UserKnownHostsFile="$PEER_KNOWN" -o IdentitiesOnly=yes -o BatchMode=yes -i "$KEY_ED25519" \
        -p "$PEER_PORT" bob@127.0.0.1 true
    expect_peer 'auth: bob: ssh-ed25519 .* accepted'
    run ! ssh -F none -o UserKnownHostsFile="$PEER_KNOWN" -o IdentitiesOnly=yes -o BatchMode=yes -i "$KEY_STRANGER" \
        -p "$PEER_PORT" bob@127.0.0.1 true
}

@test "tinysshd: the list, or why there is none" {
    tinysshd_start
    talk bob
    if can_talk; then
        outcome 0 listed none
        expect_line "^host key  ssh-ed25519 $(fingerprint "$TINYSSH_KEY" | sed 's/[+]/\\+/g') known\$"
        expect_line 'can continue with: publickey$'
    fi
    peer bob --format=json
    if can_talk; then
        [ "$(json '[.outcome, (.chains[0].offered | join(","))] | join(" ")')" = 'listed publickey' ] || complain "JSON"
    else
        expect_status 18
        [ "$(json '[.outcome, .chains[0].error.stage, (.chains[0].steps | length)] | join(" ")')" = 'kex-failure kex 0' ] ||
            complain "JSON"
    fi
    talk nobody-knows
    ! can_talk || expect_line 'can continue with: publickey$'
}

@test "tinysshd: a key of its one type logs in, from a file and from an agent" {
    tinysshd_start
    talk bob -m publickey -i "$KEY_ED25519"
    if can_talk; then
        outcome 0 success publickey
        told "$KEY_ED25519.pub" 'acceptable, signed, accepted'
        expect_peer 'auth: bob: ssh-ed25519 .* accepted'
    fi
    agent_start
    agent_add "$KEY_STRANGER"
    agent_add "$KEY_ED25519"
    talk bob -m publickey --agent
    if can_talk; then
        outcome 0 success publickey
        told "$KEY_STRANGER.pub" 'acceptable, signed, refused'
        told "$KEY_ED25519.pub" 'acceptable, signed, accepted'
    fi
}

# It answers every query of an ed25519 key by PK_OK, and looks at the user's file only when there is a signature: a
# public half alone proves nothing there.
@test "tinysshd: a wrong key is refused once it was signed with, and another user's" {
    tinysshd_start
    talk bob -m publickey -i "$KEY_STRANGER"
    if can_talk; then
        outcome 1 failure publickey
        told "$KEY_STRANGER.pub" 'acceptable, signed, refused'
        expect_line '^failure: bob was refused by publickey$'
        expect_line 'can continue with: publickey$'
        expect_peer 'key not found'
    fi
    talk bob -m publickey -i "$KEY_STRANGER.pub"
    ! can_talk || outcome 19 key-acceptable publickey
    talk nobody-knows -m publickey -i "$KEY_ED25519"
    ! can_talk || outcome 1 failure publickey
    refute_peer ' accepted'
}

@test "tinysshd: keys and methods that it has not" {
    tinysshd_start
    talk bob -m publickey -i "$KEY_ECDSA256"
    ! can_talk || outcome 1 failure publickey
    talk bob -m publickey -i "$CERT_ED25519"
    ! can_talk || outcome 1 failure publickey
    talk bob -m password -r '.*=env:PEER_PASSWORD'
    ! can_talk || outcome 4 not-offered password
    talk bob -m kbdint -r '.*=env:PEER_PASSWORD'
    ! can_talk || outcome 4 not-offered keyboard-interactive
    refute_peer ' accepted'
}

@test "tinysshd: an unknown host key, where the exchange comes that far" {
    tinysshd_start
    : >"$PEER_KNOWN"
    talk bob -m publickey -i "$KEY_ED25519"
    ! can_talk || outcome 6 host-key
    refute_peer 'auth:'
}
