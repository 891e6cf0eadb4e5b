#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Certificates of a real CA: FILE-cert.pub beside the key of -i, by an agent, and those that the
# server refuses. None of the keys is authorized by itself.

load helper
load keys

setup_file() { world_up; }
teardown_file() { world_down; }

@test "an ECDSA certificate beside the key: success, shown as what it is" {
    key -i "$CERT_ECDSA" alice@127.0.0.1
    outcome 0 success publickey
    expect_line 'ecdsa-sha2-nistp256-cert-v01@openssh\.com'
    names_key "$CERT_ECDSA.pub"
    expect_server 'Accepted publickey for alice .*ECDSA-CERT'
}

@test "of another curve" {
    key -i "$CERT_ECDSA384" alice@127.0.0.1
    outcome 0 success publickey
    expect_line 'ecdsa-sha2-nistp384-cert-v01@openssh\.com'
}

@test "an Ed25519 certificate: success from libssh2 1.11 on, else credential with the version" {
    key -i "$CERT_ED25519" alice@127.0.0.1
    if library_has 1.11.0; then
        outcome 0 success publickey
        expect_server 'Accepted publickey for alice .*ED25519-CERT'
    else
        credential 'certificate'
        grep -qE 'libssh2 \(?1\.10' <<<"$output$stderr" || complain "the version is not told"
    fi
}

@test "an RSA certificate: success where libssh2 has rsa-sha2, else credential" {
    key -i "$CERT_RSA" alice@127.0.0.1
    if library_has 1.11.0; then
        [ "$status" = 0 ] || credential 'certificate|rsa-sha2'
    else
        credential 'certificate|rsa-sha2'
    fi
    refute_line '^failure'
}

@test "expired, for another user, of an unknown CA, for other addresses: failure" {
    local name
    for name in "$CERT_EXPIRED" "$CERT_OTHER" "$CERT_UNKNOWN"; do
        key -i "$name" alice@127.0.0.1
        outcome 1 failure publickey
        expect_line 'ecdsa-sha2-nistp256-cert-v01@openssh\.com'
    done
    expect_server 'Certificate invalid: expired'
    expect_server 'Certificate invalid: name is not a listed principal'
    key -i "$CERT_SOURCE" alice@127.0.0.1
    outcome 1 failure publickey
    refute_server 'Accepted publickey'
}

@test "a certificate is for its principals: bob's lets bob in" {
    key -i "$CERT_OTHER" bob@127.0.0.1
    outcome 0 success publickey
    key -i "$CERT_ECDSA" bob@127.0.0.1
    outcome 1 failure publickey
}

@test "a key whose certificate is refused, and which is authorized itself" {
    local copy
    key_in_home "$KEY_ECDSA256"
    copy=$KEY_COPY
    cp "$KEY_ECDSA256.pub" "$copy.pub"
    ssh-keygen -q -s "$KEY_DIR/ca-unknown" -I test -n alice "$copy.pub"
    key -i "$copy" alice@127.0.0.1
    [ "$status" = 0 ] || outcome 1 failure publickey
    expect_line 'ecdsa-sha2-nistp256-cert-v01@openssh\.com'
}

@test "without the certificate the key is refused" {
    key_in_home "$CERT_ECDSA"
    key -i "$KEY_COPY" alice@127.0.0.1
    outcome 1 failure publickey
    expect_line 'ecdsa-sha2-nistp256( |$)'
}

@test "an encrypted key with a certificate" {
    key_in_home "$CERT_ECDSA"
    cp "$CERT_ECDSA-cert.pub" "$KEY_COPY-cert.pub"
    ssh-keygen -q -p -P '' -N "$KEY_PASSPHRASE" -a 1 -f "$KEY_COPY" </dev/null
    key -i "$KEY_COPY" --passphrase=env:KEY_PASSPHRASE alice@127.0.0.1
    outcome 0 success publickey
    export WRONG=wrong
    key -i "$KEY_COPY" --passphrase=env:WRONG alice@127.0.0.1
    credential 'passphrase'
}

@test "a PEM key with a certificate" {
    key_in_home "$CERT_ECDSA"
    cp "$CERT_ECDSA-cert.pub" "$KEY_COPY-cert.pub"
    ssh-keygen -q -p -P '' -N '' -m PEM -f "$KEY_COPY" </dev/null
    key -i "$KEY_COPY" alice@127.0.0.1
    outcome 0 success publickey
}

@test "a certificate alone: would it be accepted?" {
    key -i "$CERT_ECDSA-cert.pub" alice@127.0.0.1
    outcome 19 key-acceptable publickey
    requests_were publickey
    key -i "$CERT_EXPIRED-cert.pub" alice@127.0.0.1
    outcome 1 failure publickey
}

@test "a certificate that is damaged, or of another key: credential, and nothing was sent" {
    key_in_home "$CERT_ECDSA"
    cp "$CERT_ECDSA384-cert.pub" "$KEY_COPY-cert.pub"
    key -i "$KEY_COPY" alice@127.0.0.1
    credential 'cert'
    printf 'no certificate\n' >"$KEY_COPY-cert.pub"
    key -i "$KEY_COPY" alice@127.0.0.1
    credential 'cert'
    cp "$CERT_ECDSA.pub" "$KEY_COPY-cert.pub"
    key -i "$KEY_COPY" alice@127.0.0.1
    credential 'cert'
    : >"$KEY_COPY-cert.pub"
    key -i "$KEY_COPY" alice@127.0.0.1
    credential 'cert'
    unsent
}

# ---------------------------------------------------------------------- agents

@test "a certificate by an agent" {
    agent_start
    agent_add "$CERT_ECDSA"
    ssh-add -L | grep -q cert-v01
    key --agent alice@127.0.0.1
    outcome 0 success publickey
    told "$CERT_ECDSA.pub" '^ecdsa-sha2-nistp256: refused; agent'
    told "$CERT_ECDSA.pub" '^ecdsa-sha2-nistp256-cert-v01@openssh\.com: acceptable, signed, accepted; agent'
    expect_server 'Accepted publickey for alice .*ECDSA-CERT'
}

@test "an Ed25519 certificate by an agent" {
    agent_start
    agent_add "$CERT_ED25519"
    key --agent alice@127.0.0.1
    if library_has 1.11.0; then
        outcome 0 success publickey
    else
        [ "$status" = 0 ] || credential 'certificate'
    fi
}

@test "-i FILE-cert.pub --agent: that certificate and no other key" {
    agent_start
    agent_add "$CERT_ECDSA"
    agent_add "$KEY_ED25519"
    key --agent -i "$CERT_ECDSA-cert.pub" alice@127.0.0.1
    outcome 0 success publickey
    refute_key "$KEY_ED25519.pub"
    requests_were 'publickey publickey'
}

@test "an expired certificate by an agent: failure" {
    agent_start
    agent_add "$CERT_EXPIRED"
    key --agent alice@127.0.0.1
    outcome 1 failure publickey
    refute_server 'Accepted publickey'
}

@test "a certificate is not trivial, and partial success works with it" {
    key --no-trivial-auth -i "$CERT_ECDSA" alice@127.0.0.1
    outcome 0 success publickey
    refute_line '^(warning|trivial)'
}
