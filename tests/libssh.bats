#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Against a server by libssh (tests/peer/libssh_server.c): dialogues of several rounds, partial success in any
# order, gssapi-with-mic with more behind it, a DISCONNECT in place of a refusal.

load helper
load keys
load peers

setup()
{
    test_begin
    export CODE=4711 SECOND=123456
    RULES=(-r '^Account code=env:CODE' -r '^Password=env:PEER_PASSWORD' -r '^Code=env:SECOND')
}

# gss USER [ARGUMENT...]: with the name of the service that the server has a key for.
gss()
{
    peer "$1" --gssapi-host="$GSSAPI_HOST" "${@:2}"
}

# ------------------------------------------------------------ lists, host keys

@test "libssh: the list of each user, in the server's order" {
    libssh_start
    peer all
    outcome 0 listed none
    expect_line '^127\.0\.0\.1 port [0-9]+, SSH-2\.0-libssh_[0-9.]+'
    expect_line "^host key  ssh-ed25519 ${FINGERPRINT_ED25519//+/\\+} known\$"
    expect_line 'can continue with: publickey, gssapi-with-mic, keyboard-interactive, password$'
    peer_requests_are none
    peer rounds --format=json
    expect_status 0
    [ "$(json '[.outcome, .exit, .chains[0].offered == ["keyboard-interactive"]] | join(" ")')" = 'listed 0 true' ] ||
        complain "JSON"
    peer key-pw --expect-offered=publickey
    expect_status 0
    peer key-pw --forbid-offered=publickey
    expect_status 14
    peer nobody-knows
    expect_line 'can continue with: publickey, password$'
}

@test "libssh: accepted by none is trivial without -m, a warning with it, and no success of more" {
    libssh_start
    peer open
    outcome 13 trivial
    step 1 none success
    peer open -m none
    outcome 0 success none
    expect_line '^warning: '
    peer open -m password -r '.*=env:PEER_PASSWORD'
    outcome 16 early-success
    peer_requests_are none
}

@test "libssh: each type of host key, and one that it has not" {
    libssh_start ecdsa
    peer pw
    outcome 0 listed
    expect_line "^host key  ecdsa-sha2-nistp256 ${FINGERPRINT_ECDSA//+/\\+} known\$"
    peers_stop
    libssh_start rsa
    peer pw
    if library_has 1.11.0; then
        outcome 0 listed
        expect_line "^host key  ssh-rsa ${FINGERPRINT_RSA//+/\\+} known\$"
    else
        # libssh has no ssh-rsa, as all servers of today.
        expect_status 18
        expect_line '^kex-failure: .*no common algorithm: no type of host key \(the server has rsa-sha2-512,rsa-sha2-256\)'
        expect_line '^hint: rsa-sha2-256 and rsa-sha2-512.* need libssh2 1\.11$'
    fi
}

@test "libssh: an unknown and a changed host key: nothing but the key exchange" {
    local other
    libssh_start
    : >"$PEER_KNOWN"
    peer pw -m password -r '.*=env:PEER_PASSWORD'
    expect_status 6
    printf '[127.0.0.1]:%s %s\n' "$PEER_PORT" "$(cut -d ' ' -f 1,2 "$KEY_STRANGER.pub")" >"$PEER_KNOWN"
    peer pw -m password -r '.*=env:PEER_PASSWORD'
    expect_status 6
    expect_line '^host-key: '
    peer pw --fingerprint="$(fingerprint "$WORLD_DIR/host_ed25519.pub")"
    expect_status 0
    peer_requests_are none
}

# -------------------------------------------------------- password, publickey

@test "libssh: password, right and wrong" {
    libssh_start
    peer pw -m password -r "^pw@127[.]0[.]0[.]1's password: =env:PEER_PASSWORD"
    outcome 0 success password
    expect_peer "^answer 1 ${#PEER_PASSWORD} right\$"
    expect_peer '^accepted pw password entirely$'
    peer_requests_are 'none password'
    peer pw -m password -r '.*=env:WRONG'
    outcome 1 failure password
    step 1 password failure "$failed"
    expect_line 'can continue with: password$'
    expect_line '^failure: pw was refused by password$'
    expect_peer '^answer 1 16 wrong$'
    refute_text "$PEER_PASSWORD"
    refute_peer '^message'
}

@test "libssh: password where it is not offered: none, and nothing else" {
    libssh_start
    peer rounds -m password -r '.*=env:PEER_PASSWORD'
    outcome 4 not-offered password
    peer_requests_are none
}

@test "libssh: keys of each type, from files and from an agent" {
    local name
    libssh_start
    for name in ED25519 ECDSA256 RSA; do
        name=KEY_$name
        peer key -m publickey -i "${!name}"
        outcome 0 success publickey
        told "${!name}.pub" 'acceptable, signed, accepted'
        peer_requests_are 'publickey-query publickey-signed'
    done
    agent_start
    agent_add "$KEY_STRANGER"
    agent_add "$KEY_ED25519"
    peer key -m publickey --agent
    outcome 0 success publickey
    told "$KEY_STRANGER.pub" 'refused'
    told "$KEY_ED25519.pub" 'acceptable, signed, accepted'
    peer_requests_are 'publickey-query publickey-query publickey-signed'
}

@test "libssh: a wrong key, a public half alone, a certificate, which libssh does not know" {
    libssh_start
    peer key -m publickey -i "$KEY_STRANGER"
    outcome 1 failure publickey
    told "$KEY_STRANGER.pub" 'refused'
    expect_line '^failure: key was refused by publickey$'
    peer_requests_are publickey-query
    peer key -m publickey -i "$KEY_ED25519.pub"
    outcome 19 key-acceptable publickey
    peer_requests_are publickey-query
    peer key -m publickey -i "$CERT_ECDSA"
    outcome 1 failure publickey
    told "$CERT_ECDSA.pub" 'refused'
    refute_peer '^accepted'
    peer pw -m publickey -i "$KEY_ED25519"
    outcome 4 not-offered publickey
}

# ------------------------------------------------------- keyboard-interactive

@test "libssh: three rounds, with names and instructions, both kinds of echo, and none to answer" {
    libssh_start
    peer rounds -m kbdint "${RULES[@]}"
    outcome 0 success keyboard-interactive
    expect_line '^ +3 prompts in 3 rounds$'
    [ "$(grep -E '^   (\||  )' <<<"$output")" = '   | Sign in
   | Two things are needed.
   | Both are yours.
   | Account code: 
     echo, answered by env:CODE
   | Password: 
     no echo, answered by env:PEER_PASSWORD
   | Second factor
   | A code was sent to you.
   | Code: 
     no echo, answered by env:SECOND
   | Welcome
   | Nothing is asked here.' ] || complain "the dialogue"
    refute_line '^warning'
    refute_text "$PEER_PASSWORD"
    expect_peer '^answer 1 4 right$'
    expect_peer "^answer 2 ${#PEER_PASSWORD} right\$"
    expect_peer '^answer 1 6 right$'
    peer_requests_are keyboard-interactive
}

@test "libssh: the same in JSON, each round with its prompts" {
    libssh_start
    peer rounds -m kbdint "${RULES[@]}" --format=json
    expect_status 0
    [ "$(json '.chains[0].steps[0].rounds | map("\(.name)|\(.instruction)|\([.prompts[] | "\(.text)\(.echo)"] | join(","))") | .[]')" = \
        'Sign in|Two things are needed.
Both are yours.|Account code: true,Password: false
Second factor|A code was sent to you.|Code: false
Welcome|Nothing is asked here.|' ] || complain "rounds"
}

@test "libssh: a wrong answer in any round, and no answer" {
    libssh_start
    peer rounds -m kbdint -r '^Account code=env:CODE' -r '^Password=env:WRONG' -r '^Code=env:SECOND'
    outcome 1 failure keyboard-interactive
    expect_line '^ +2 prompts in 1 round$'
    expect_peer '^answer 2 16 wrong$'
    peer rounds -m kbdint -r '^Account code=env:CODE' -r '^Password=env:PEER_PASSWORD' -r '^Code=env:WRONG'
    outcome 1 failure keyboard-interactive
    expect_line '^ +3 prompts in 2 rounds$'
    expect_line 'can continue with: keyboard-interactive$'
    # The first round was answered; of the second nothing may leave.
    peer rounds -m kbdint -r '^Account code=env:CODE' -r '^Password=env:PEER_PASSWORD'
    outcome 11 no-response keyboard-interactive
    [ "$(grep -c '^answer' "$PEER_LOG")" = 2 ] || complain "answers were sent"
    refute_peer '^accepted'
}

@test "libssh: a dialogue without a prompt is trivial" {
    libssh_start
    peer empty -m kbdint
    outcome 0 success keyboard-interactive
    expect_line '^ +0 prompts in 1 round$'
    expect_line '^warning: '
    peer empty -m kbdint --no-trivial-auth
    outcome 13 trivial
}

@test "libssh: control characters of name, instruction, prompt and banner are escaped" {
    libssh_start
    peer evil -m kbdint -r '^Pass=env:PEER_PASSWORD'
    outcome 0 success keyboard-interactive
    have_no_control_bytes
    expect_line '^   \| \\x1B\]0;owned\\x07name$'
    peer banner -v -m password -r '.*=env:PEER_PASSWORD'
    outcome 0 success password
    have_no_control_bytes
    expect_line '^  \| Authorized use only\.$'
    expect_line '^  \| \\x1B\]0;owned\\x07All is logged\.$'
    peer banner --format=json
    [ "$(json '.chains[0].banners[0]' | head -n 1)" = 'Authorized use only.' ] || complain "the banner"
}

# -------------------------------------------------------------------- chains

@test "libssh: publickey, password, keyboard-interactive: each step, its list, and partial success" {
    libssh_start
    peer key-pw-rounds -m publickey,password,kbdint -i "$KEY_ED25519" "${RULES[@]}" -r 's password=env:PEER_PASSWORD'
    outcome 0 success keyboard-interactive
    step 1 publickey partial-success "$partial"
    step 2 password partial-success "$partial"
    step 3 keyboard-interactive success '0$'
    expect_line 'can continue with: password$'
    expect_line 'can continue with: keyboard-interactive$'
    expect_line '^success: key-pw-rounds was accepted after publickey, password, keyboard-interactive$'
    peer_requests_are 'publickey-query publickey-signed password keyboard-interactive'
}

@test "libssh: a chain that ends early, in the wrong order, or at a wrong answer" {
    libssh_start
    peer pw-key -m password -r '.*=env:PEER_PASSWORD'
    outcome 3 partial-success password
    expect_line 'can continue with: publickey$'
    expect_line '^partial-success: pw-key passed password, .*: publickey$'
    peer pw-key -m publickey,password -i "$KEY_ED25519" -r '.*=env:PEER_PASSWORD'
    outcome 4 not-offered publickey
    steps_are 1
    peer pw-key -m password,publickey -i "$KEY_STRANGER" -r '.*=env:PEER_PASSWORD'
    outcome 1 failure publickey
    step 1 password partial-success "$partial"
    peer pw -m password,publickey -i "$KEY_ED25519" -r '.*=env:PEER_PASSWORD'
    outcome 16 early-success
    step 1 password success
    peer key-pw -m publickey -i "$KEY_ED25519" -e partial-success
    expect_status 0
}

@test "libssh: keyboard-interactive twice, with another dialogue the second time" {
    libssh_start
    peer rounds-twice -m kbdint,kbdint "${RULES[@]}"
    outcome 0 success keyboard-interactive
    step 1 keyboard-interactive partial-success "$partial"
    expect_line '^ +3 prompts in 3 rounds$'
    expect_line '^ +1 prompt in 1 round$'
    peer_requests_are 'keyboard-interactive keyboard-interactive'
}

# ---------------------------------------------------------- gssapi-with-mic

@test "libssh: gssapi-with-mic, without delegation and with it" {
    ticket
    libssh_start
    gss gss -v -m gssapi
    outcome 0 success gssapi-with-mic
    expect_line '^ +as alice@EXAMPLE\.TEST to host/server\.example\.test@EXAMPLE\.TEST, delegation not requested$'
    expect_err ' -> USERAUTH_GSSAPI_MIC \([0-9]+ bytes\)$'
    expect_peer '^principal alice@EXAMPLE\.TEST$'
    expect_peer '^delegated no$'
    gss gss -m gssapi -K --require-delegation
    outcome 0 success gssapi-with-mic
    expect_line 'delegation requested and granted$'
    expect_peer '^delegated yes$'
    ticket alice -F
    gss gss -m gssapi -K
    outcome 0 success gssapi-with-mic
    expect_line 'delegation requested and not granted$'
    expect_peer '^delegated no$'
}

@test "libssh: another principal, a service that it has no key for, no ticket" {
    libssh_start
    gss gss -m gssapi
    outcome 5 gssapi-failure gssapi-with-mic
    expect_line '^hint: .*kinit'
    ticket bob
    gss gss -m gssapi
    outcome 1 failure gssapi-with-mic
    expect_peer '^principal bob@EXAMPLE\.TEST$'
    expect_line 'can continue with: gssapi-with-mic$'
    ticket
    # Unlike sshd, libssh sends no error token, and refuses.
    peer gss -m gssapi --gssapi-host="$GSSAPI_HOST_NOKEY"
    outcome 1 failure gssapi-with-mic
    refute_peer '^principal'
}

@test "libssh: gssapi-with-mic behind keyboard-interactive, and before three rounds of it" {
    ticket
    libssh_start
    gss kbdint-gss -m kbdint,gssapi "${RULES[@]}"
    outcome 0 success gssapi-with-mic
    step 1 keyboard-interactive partial-success "$partial"
    # libssh 0.11, seen with 0.11.5, says nothing to answers that come behind gssapi-with-mic.
    ! grep -q 'SSH-2\.0-libssh_0\.11' <<<"$output" || return 0
    gss gss-rounds -m gssapi,kbdint -K "${RULES[@]}"
    outcome 0 success keyboard-interactive
    step 1 gssapi-with-mic partial-success "$partial"
    expect_line 'delegation requested and granted$'
    expect_line 'can continue with: keyboard-interactive$'
    expect_line '^ +3 prompts in 3 rounds$'
    peer_requests_are 'gssapi-with-mic keyboard-interactive'
    expect_peer '^accepted gss-rounds gssapi-with-mic partly$'
    expect_peer '^accepted gss-rounds keyboard-interactive entirely$'
}

# --------------------------------------------------------------- disconnects

@test "libssh: DISCONNECT instead of a refusal, by three methods: the server's text, escaped" {
    local method
    libssh_start
    for method in password kbdint; do
        peer once -m "$method" -r '.*=env:WRONG'
        outcome 10 disconnected
        expect_line '^disconnected: the server disconnected: "So many refusals \\x1B\[2Jare enough\." \(reason 11\) \(stage auth\)$'
        have_no_control_bytes
    done
    peer twice -m publickey -i "$KEY_STRANGER" -i "$WORLD_DIR/keys/stranger-ecdsa" -i "$KEY_ED25519"
    outcome 10 disconnected publickey
    told "$KEY_STRANGER.pub" 'refused'
    told "$WORLD_DIR/keys/stranger-ecdsa.pub" 'disconnected'
    refute_key "$KEY_ED25519.pub"
    peer_requests_are 'publickey-query publickey-query'
}
