#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Chains of two and three methods, in every order that sshd accepts (tests/world/orders.sh):
# complete, broken off, in the wrong order, and which requests leave for each.

load helper
load keys

setup_file() { world_up; }
teardown_file() { world_down; }

declare -gA method=([p]=publickey [w]=password [k]=keyboard-interactive [g]=gssapi-with-mic)

# names LETTERS: "publickey,password".
names()
{
    local i list=
    for ((i = 0; i < ${#1}; i++)); do
        list+=,${method[${1:i:1}]}
    done
    printf '%s\n' "${list#,}"
}

# requests LETTERS: what leaves for it. A password as the first step asks for the list; a key takes a query
# and a signature, and one that was accepted is not tried again.
requests()
{
    local i list=
    for ((i = 0; i < ${#1}; i++)); do
        case ${1:i:1} in
        p) list+=' publickey publickey' ;;
        w)
            [ "$i" != 0 ] || list+=' none'
            list+=' password'
            ;;
        *) list+=" ${method[${1:i:1}]}" ;;
        esac
    done
    printf '%s\n' "${list# }"
}

# order LETTERS USER: on one connection, with all that its methods need.
order()
{
    local -a keys=()
    [[ $1 != *p* ]] || keys=(-i "$USER_KEY" -i "$KEY_ED25519" -i "$KEY_ECDSA256")
    log_mark
    try "$(names "$1")" ${keys[@]+"${keys[@]}"} -r 'assword=env:ORDER_PASSWORD' "$2@127.0.0.1"
}

# complete LETTERS: each step but the last is partial success, the last is success.
complete()
{
    local i last=$((${#1} - 1))
    order "$1" "order-$1"
    outcome 0 success "${method[${1:last}]}"
    steps_are "${#1}"
    for ((i = 0; i < last; i++)); do
        step "$((i + 1))" "${method[${1:i:1}]}" partial-success 'LIBSSH2_ERROR_PARTIAL_SUCCESS \(-1001\)$'
        expect_line "can continue with: ${method[${1:i+1:1}]}\$"
    done
    step "${#1}" "${method[${1:last}]}" success '0$'
    expect_line "^success: order-$1 was accepted after $(names "$1" | sed 's/,/, /g')\$"
    refute_line '^warning'
    requests_were "$(requests "$1")"
    [ "$(server_log | grep -c 'Connection from 127')" = 1 ] || complain "not one connection"
    expect_event "^session order-$1 "
}

# complete_all REGEX N: of ORDERS, the N that match.
complete_all()
{
    local letters found=0
    ticket
    for letters in $ORDERS; do
        if [[ $letters =~ $1 ]]; then
            complete "$letters"
            ((++found))
        fi
    done
    [ "$found" = "$2" ] || complain "$found chains were tried"
}

@test "every chain of two methods" {
    complete_all '^..$' 16
}

@test "every chain of three methods that begins with publickey" {
    complete_all '^p..$' 16
}

@test "every chain of three methods that begins with password" {
    complete_all '^w..$' 16
}

@test "every chain of three methods that begins with keyboard-interactive" {
    complete_all '^k..$' 16
}

@test "every chain of three methods that begins with gssapi-with-mic" {
    complete_all '^g..$' 16
}

@test "broken off before the last step: partial success, and what remains is told" {
    local letters
    ticket
    for letters in pwk pkg wpg wkp kgw kpw gpk gwp; do
        order "${letters:0:2}" "order-$letters"
        outcome 3 partial-success "${method[${letters:1:1}]}"
        steps_are 2
        expect_line "can continue with: ${method[${letters:2}]}\$"
        refute_event '^session'
        requests_were "$(requests "${letters:0:2}")"
    done
}

@test "the first two steps exchanged: not offered, whatever they are" {
    local letters
    ticket
    for letters in pw pk pg wp wk wg kp kw kg gp gw gk; do
        order "${letters:1}${letters:0:1}" "order-$letters"
        outcome 4 not-offered "${method[${letters:1}]}"
        steps_are 1
        refute_event '^(session|answer)'
    done
}

@test "the second step fails: failure, and the third is not tried" {
    local letters
    local -a keys
    ticket
    for letters in pwk gwk kwg; do
        log_mark
        keys=()
        [[ $letters != *p* ]] || keys=(-i "$USER_KEY")
        try "$(names "$letters")" ${keys[@]+"${keys[@]}"} -r "^Password=env:ORDER_PASSWORD" \
            -r "'s password=env:ALICE_PASSWORD" "order-$letters@127.0.0.1"
        outcome 1 failure password
        step 1 "${method[${letters:0:1}]}" partial-success
        steps_are 2
    done
    for letters in wpk gpw; do
        log_mark
        try "$(names "$letters")" -i "$KEY_STRANGER" -r "assword=env:ORDER_PASSWORD" "order-$letters@127.0.0.1"
        outcome 1 failure publickey
        steps_are 2
    done
}

@test "several chains: each on a connection of its own, in one -m and in several" {
    ticket
    try 'publickey,password password,publickey' -m gssapi,kbdint -i "$USER_KEY" \
        -r 'assword=env:ORDER_PASSWORD' order-pw@127.0.0.1
    expect_status 4
    [ "$(grep -cE '^(success|not-offered): ' <<<"$output")" = 3 ]
    expect_line '^success: order-pw was accepted after publickey, password$'
    [ "$(server_log | grep -c 'Connection from 127')" = 3 ]
    requests_were 'publickey publickey password none gssapi-with-mic'
}

@test "early success in every step but the last" {
    ticket
    try publickey,password,kbdint -i "$USER_KEY" -r 'assword=env:ORDER_PASSWORD' order-pw@127.0.0.1
    outcome 16 early-success
    steps_are 2
    try publickey,password,kbdint -i "$USER_KEY" -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1
    outcome 16 early-success
    steps_are 1
}
