#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# publickey with a real ssh-agent: which of its keys are tried, and every state that an
# agent can be in. Agents that misbehave are in agent_broken.bats.

load helper
load keys

setup_file() { world_up; }
teardown_file() { world_down; }

@test "the agent's key: success, named with its comment" {
    agent_start
    agent_add "$KEY_ED25519"
    key --agent alice@127.0.0.1
    outcome 0 success publickey
    told "$KEY_ED25519.pub" '^[^ ]+: acceptable, signed, accepted; agent, .*ed25519$'
    requests_were 'publickey publickey'
    expect_server 'Accepted publickey for alice'
}

@test "each of the agent's keys is tried, in its order, and told of by its comment" {
    agent_start
    agent_add "$KEY_STRANGER"
    agent_add "$KEY_DIR/stranger-ecdsa"
    agent_add "$KEY_ECDSA256"
    key --agent alice@127.0.0.1
    outcome 0 success publickey
    told "$KEY_STRANGER.pub" '^[^ ]+: refused; agent, .*stranger$'
    told "$KEY_DIR/stranger-ecdsa.pub" '^[^ ]+: refused; agent, .*stranger-ecdsa$'
    told "$KEY_ECDSA256.pub" '^[^ ]+: acceptable, signed, accepted; agent, .*ecdsa256$'
    requests_were 'publickey publickey publickey publickey'
}

@test "each key type by an agent" {
    local name
    for name in ed25519 ecdsa256 ecdsa384 ecdsa521; do
        agent_start
        agent_add "$KEY_DIR/$name"
        key --agent alice@127.0.0.1
        outcome 0 success publickey
        agents_end
    done
}

@test "an RSA key by an agent: success where libssh2 has rsa-sha2, else credential" {
    agent_start
    agent_add "$KEY_RSA"
    key --agent alice@127.0.0.1
    if library_has 1.11.0; then
        outcome 0 success publickey
    else
        credential 'rsa-sha2'
    fi
}

@test "an RSA key that the library cannot use does not keep others from being tried" {
    agent_start
    agent_add "$KEY_RSA"
    agent_add "$KEY_ED25519"
    key --agent alice@127.0.0.1
    outcome 0 success publickey
    names_key "$KEY_RSA.pub"
}

@test "none of its keys is authorized: failure" {
    agent_start
    agent_add "$KEY_STRANGER"
    agent_add "$KEY_DIR/stranger-ecdsa"
    key --agent alice@127.0.0.1
    outcome 1 failure publickey
    requests_were 'publickey publickey'
}

@test "more keys than MaxAuthTries: disconnected" {
    agent_start
    agent_add "$KEY_STRANGER"
    agent_add "$KEY_DIR/stranger-ecdsa"
    agent_add "$KEY_ED25519"
    key --agent tries@127.0.0.1
    outcome 10 disconnected publickey
    expect_line 'Too many authentication failures'
}

@test "publickey,publickey with two keys of an agent" {
    agent_start
    agent_add "$KEY_ED25519"
    agent_add "$KEY_ECDSA256"
    try publickey,publickey --agent order-pp@127.0.0.1
    outcome 0 success publickey
    step 1 publickey partial-success
}

@test "keys of files and of an agent, one each" {
    agent_start
    agent_add "$KEY_ED25519"
    try publickey,publickey -i "$KEY_ED25519.pub" -i "$USER_KEY" --agent order-pp@127.0.0.1
    outcome 0 success publickey
    names_key "$USER_KEY.pub"
    names_key "$KEY_ED25519.pub"
}

# ------------------------------------------------------------ -i FILE.pub --agent

@test "-i FILE.pub --agent: that key of the agent's and no other" {
    agent_start
    agent_add "$KEY_STRANGER"
    agent_add "$KEY_ECDSA256"
    agent_add "$KEY_ED25519"
    key --agent -i "$KEY_ED25519.pub" alice@127.0.0.1
    outcome 0 success publickey
    told "$KEY_ED25519.pub" "^[^ ]+: acceptable, signed, accepted; file $KEY_ED25519.pub, agent"
    refute_key "$KEY_STRANGER.pub"
    refute_key "$KEY_ECDSA256.pub"
    requests_were 'publickey publickey'
}

@test "-i FILE.pub --agent, and the agent does not have it: credential" {
    agent_start
    agent_add "$KEY_ECDSA256"
    key --agent -i "$KEY_ED25519.pub" alice@127.0.0.1
    credential 'agent'
    unsent
}

@test "-i FILE.pub --agent, not authorized: failure" {
    agent_start
    agent_add "$KEY_STRANGER"
    agent_add "$KEY_ED25519"
    key --agent -i "$KEY_STRANGER.pub" alice@127.0.0.1
    outcome 1 failure publickey
    requests_were publickey
}

@test "without --agent the agent is not asked" {
    agent_start
    agent_add "$KEY_ED25519"
    key -i "$KEY_ED25519.pub" alice@127.0.0.1
    outcome 19 key-acceptable publickey
    agent_stop
    elapsed key -t 5 -i "$USER_KEY" alice@127.0.0.1
    outcome 0 success publickey
    [ "$ELAPSED_MS" -lt 4000 ]
}

# ------------------------------------------------------------------- no agent

@test "no SSH_AUTH_SOCK: credential, and no connection" {
    key --agent alice@127.0.0.1
    credential 'SSH_AUTH_SOCK'
    SSH_AUTH_SOCK='' key --agent alice@127.0.0.1
    credential 'SSH_AUTH_SOCK'
    untouched
}

@test "SSH_AUTH_SOCK to nowhere, to a file, to a name too long: credential, nothing sent" {
    local long
    SSH_AUTH_SOCK=/nonexistent/socket key --agent alice@127.0.0.1
    credential 'SSH_AUTH_SOCK'
    SSH_AUTH_SOCK=$USER_KEY key --agent alice@127.0.0.1
    credential 'agent'
    printf -v long '/%0200d' 0
    SSH_AUTH_SOCK=$long key --agent alice@127.0.0.1
    credential 'agent'
    SSH_AUTH_SOCK=$'/nowhere\e[2J\nsuccess: owned' key --agent alice@127.0.0.1
    credential 'SSH_AUTH_SOCK'
    have_no_control_bytes
    refute_line '^success'
    unsent
}

@test "an agent that ended: credential" {
    agent_start
    agent_add "$KEY_ED25519"
    kill -KILL "$AGENT_PID"
    wait "$AGENT_PID" || true
    key --agent alice@127.0.0.1
    credential 'agent'
    unsent
}

@test "an agent without keys: credential, nothing sent" {
    agent_start
    key --agent alice@127.0.0.1
    credential 'agent.*(no|empty|none)'
    unsent
}

@test "a locked agent: credential, nothing sent; unlocked, it works" {
    agent_start
    agent_add "$KEY_ED25519"
    agent_lock
    key --agent alice@127.0.0.1
    credential 'agent'
    key --agent -i "$KEY_ED25519.pub" alice@127.0.0.1
    credential 'agent'
    unsent
    agent_unlock
    key --agent alice@127.0.0.1
    outcome 0 success publickey
}

@test "a key that wants to be confirmed, and is not: credential, not a refusal of the server's" {
    agent_start
    agent_add "$KEY_ED25519" -c
    key --agent alice@127.0.0.1
    credential 'agent'
    told "$KEY_ED25519.pub" '^[^ ]+: acceptable, unusable: '
    requests_were publickey
}

@test "a stopped agent: credential, at the limit" {
    agent_start
    agent_add "$KEY_ED25519"
    agent_stop
    elapsed key -t 3 --agent alice@127.0.0.1
    credential 'agent'
    [ "$ELAPSED_MS" -lt 8000 ] || complain "it took $ELAPSED_MS ms"
    elapsed key -t 3 --agent -i "$KEY_ED25519.pub" alice@127.0.0.1
    credential 'agent'
    [ "$ELAPSED_MS" -lt 8000 ] || complain "it took $ELAPSED_MS ms"
    refute_server 'Accepted publickey'
}

@test "--agent and -i without publickey among the methods: usage" {
    try password --agent -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    expect_status 2
    expect_err '--agent'
    try password -i "$USER_KEY" -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    expect_status 2
    expect_err '--identity'
    untouched
}

@test "an agent's signature is not trivial" {
    agent_start
    agent_add "$KEY_ED25519"
    key --agent --no-trivial-auth open@127.0.0.1
    outcome 0 success publickey
    refute_line '^(warning|trivial)'
}
