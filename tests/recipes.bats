#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# README's recipes, as they are printed there: what stands indented below a heading is run by
# `bash -eu`, where it holds, where it does not, and where the host is down.

load helper

setup_file() { world_up; }
teardown_file() { world_down; }

SECTION=Recipes
MFA='Is MFA really enforced?'
ANY='Is MFA enforced whichever factor comes first?'
OFF='Is password login off?'
MANY='Which of 2,000 servers still offer passwords, and does MFA hold on the bastions?'
KERBEROS='Does Kerberos login with delegation work?'
GONE='Is the key of somebody who left gone?'
JOB='In a CI job, without a secret among the arguments'

# The files that README names, and a PATH in which the program is, as for somebody who has no
# configuration of ssh's.
setup()
{
    test_begin
    cp "$KNOWN_HOSTS" "$HOME/.ssh/known_hosts"
    mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/site"
    printf '#!/bin/sh\nexec "%s" -F none "$@"\n' "$SSH_AUTHTEST" >"$BATS_TEST_TMPDIR/bin/ssh-authtest"
    chmod +x "$BATS_TEST_TMPDIR/bin/ssh-authtest"
    cd "$BATS_TEST_TMPDIR/site" || return
    cp "$USER_KEY" id_ci
    cp "$USER_KEY.pub" id_ci.pub
    cp "$KEY_STRANGER.pub" id_left.pub
    cp "$ALICE_KEYTAB" alice.keytab
    oathtool -v --totp "$OTP_SECRET" | sed -n 's/^Base32 secret: //p' >totp
    password ''
    chmod 600 -- *
}

# password TEXT: what is in the file, and what a job has in PW.
password()
{
    PW=$1
    (umask 077 && printf '%s\n' "$1" >password)
}

# section: README's part about recipes.
section()
{
    sed -n "/^## $SECTION\$/,/^## /p" "$abs_top_srcdir/README.md" | sed 1d
}

# commands [HEADING]: what is printed under it, or before the first heading.
commands()
{
    section | awk -v heading="### ${1:-}" '
        /^### / { inside = $0 == heading; seen = 1; next }
        (inside || !seen && heading == "### ") && sub(/^    /, "")'
}

# script HEADING USER[:PORT]: the variables as README sets them, then what differs here, then the recipe.
script()
{
    local port=$SSHD_PORT
    case $2 in
    *:*) port=${2##*:} ;;
    esac
    commands
    printf '%s\n' "TARGET=${2%:*}@127.0.0.1:$port" 'SERVER=server.example.test'
    commands "$1"
}

# recipe HEADING USER[:PORT]: sets status, output, stderr as probe does.
recipe()
{
    PROBE_COMMAND=$1
    script "$@" >"$BATS_TEST_TMPDIR/script"
    [ -n "$(commands "$1")" ] || complain "README has no such recipe" || return
    run --separate-stderr recipe_raw
}

# Nothing of the tests' environment is there, so that no recipe uses a variable that README does not name.
recipe_raw()
{
    local name
    local -a kept=()
    for name in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS ${VALGRIND_LOGS:+VALGRIND VALGRIND_LOGS abs_top_srcdir abs_top_builddir}; do
        [ -z "${!name:-}" ] || kept+=("$name=${!name}")
    done
    setsid -w timeout -k 5 120 env -i ${kept[@]+"${kept[@]}"} \
        PATH="$BATS_TEST_TMPDIR/bin:/usr/bin:/bin" HOME="$HOME" PW="$PW" \
        KRB5_CONFIG="$KRB5_CONFIG" KRB5CCNAME="$KRB5CCNAME" \
        bash -eu "$BATS_TEST_TMPDIR/script" </dev/null 3>&-
}

# holds HEADING USER: every command of it ends with 0.
holds()
{
    recipe "$@" && expect_status 0 || return
    [ -z "$stderr" ] || complain "it complains"
}

# fails HEADING USER REGEX...: 14, and standard error says each of these.
fails()
{
    local heading=$1 user=$2
    shift 2
    recipe "$heading" "$user" && expect_status 14 || return
    for user; do
        expect_err "$user" || return
    done
}

# down HEADING: where nobody listens. The port is one that the kernel does not give to others.
down()
{
    recipe "$1" alice:1
}

@test "what README prints is found, and every recipe is tested here" {
    local heading
    section | sed -n 's/^### //p' >"$BATS_TEST_TMPDIR/headings"
    printf '%s\n' "$OFF" "$MFA" "$ANY" "$MANY" "$KERBEROS" "$GONE" "$JOB" |
        diff "$BATS_TEST_TMPDIR/headings" -
    while IFS= read -r heading; do
        [ -n "$(commands "$heading")" ]
        bash -n <(commands "$heading")
    done <"$BATS_TEST_TMPDIR/headings"
    # the variables are set, and each file that a recipe names is told of
    [ "$(commands | sed -nE 's/^([A-Z]+)=.*/\1/p' | paste -s -d ' ' -)" = 'TARGET SERVER' ]
    for heading in id_ci id_ci.pub id_left.pub alice.keytab password totp servers bastions; do
        commands | grep -qE "^# .*\\b$heading\\b" || complain "$heading"
    done
}

@test "no recipe waits for a person, and each outcome but the expected ones fails" {
    local line
    section | sed -n '/^### /,$p' | sed -n 's/^    //p' | sed -e :a -e '/\\$/N; s/\\\n//; ta' |
        grep '^ssh-authtest ' >"$BATS_TEST_TMPDIR/commands"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/commands")" -ge 10 ]
    while IFS= read -r line; do
        [[ $line == *' -B '* ]] || complain "$line"
        [[ $line == *' -e '* || $line != *' -m '* ]] || complain "$line"
    done <"$BATS_TEST_TMPDIR/commands"
}

# ------------------------------------------------------------------- passwords

@test "password login is off" {
    holds "$OFF" keyonly
    requests_were 'none none publickey publickey'
}

@test "password login is on, or PAM asks for it" {
    fails "$OFF" alice 'password,keyboard-interactive are offered, and must not be'
    fails "$OFF" nopassword ' keyboard-interactive is offered, and must not be'
    fails "$OFF" plain ' password is offered, and must not be'
}

@test "password login is on behind the key: the second command sees it" {
    fails "$OFF" chain-pk 'keyboard-interactive \(after publickey\) is offered' 'expected outcome success, got partial-success'
    requests_were 'none none publickey publickey'
    fails "$OFF" order-pw ' password \(after publickey\) is offered'
}

@test "password login: the host is down" {
    down "$OFF"
    expect_status 7
    refute_line '^not as expected: .*is offered'
}

# ------------------------------------------------------------------------- MFA

@test "MFA is enforced" {
    password "$MFA_PASSWORD"
    holds "$MFA" mfa
    expect_line '^partial-success: '
    expect_line '^failure: '
    expect_line '^success: mfa was accepted after publickey, keyboard-interactive$'
    expect_line 'answered by cmd:echo 000000$'
    expect_line 'answered by totp:totp$'
}

@test "MFA is not enforced: the key is enough" {
    password "$ALICE_PASSWORD"
    fails "$MFA" alice 'expected outcome partial-success, got success' 'are not expected'
}

@test "MFA is not enforced: there is a way around the key" {
    password "$CHAIN_ANY_PASSWORD"
    fails "$MFA" chain-any 'keyboard-interactive is not expected'
}

@test "MFA is not enforced: behind the key a password will do" {
    fails "$MFA" order-pw ' password \(after publickey\) is offered, and must not be'
}

@test "MFA is not enforced: no code is asked for" {
    password "$CHAIN_PK_PASSWORD"
    fails "$MFA" chain-pk 'expected outcome failure, got success'
}

@test "MFA: what would be a failure by a wrong password is told by the last command" {
    password wrong
    fails "$MFA" mfa 'expected outcome success, got failure'
}

@test "MFA: the host is down, its key is another, a secret is missing" {
    down "$MFA"
    expect_status 7
    printf '[127.0.0.1]:%s %s\n' "$SSHD_PORT" "$(cut -d ' ' -f 1,2 "$KEY_STRANGER.pub")" \
        >"$HOME/.ssh/known_hosts"
    recipe "$MFA" mfa
    expect_status 6
    cp "$KNOWN_HOSTS" "$HOME/.ssh/known_hosts"
    rm totp
    recipe "$MFA" mfa
    expect_status 15
    expect_err 'totp'
}

@test "MFA in any order is enforced" {
    password "$CHAIN_ANY_PASSWORD"
    holds "$ANY" chain-any
    [ "$(grep -c '^partial-success: ' <<<"$output")" = 2 ]
}

@test "MFA in any order is not enforced: either is enough, or a password is wrong" {
    password "$ALICE_PASSWORD"
    fails "$ANY" alice 'expected outcome partial-success, got success'
    [ "$(grep -c 'got success' <<<"$stderr")" = 2 ]
    password wrong
    fails "$ANY" chain-any 'expected outcome partial-success, got failure'
    down "$ANY"
    expect_status 7
}

# ----------------------------------------------------------------- many servers

# list FILE USER[:PORT]...: a target a line, at the main sshd where no port is named.
list()
{
    local file=$1 user
    shift
    for user; do
        case $user in
        *:*) printf '%s\n' "${user%:*}@127.0.0.1:${user##*:}" ;;
        *) printf '%s\n' "$user@127.0.0.1:$SSHD_PORT" ;;
        esac
    done >"$file"
}

@test "many servers: who offers passwords, of whom it is not known, and MFA holds" {
    list servers keyonly alice nosuchuser:1 plain mfa
    printf '%s\n' '# not a good one' 'two targets' "-l keyonly 127.0.0.1:$SSHD_PORT # good" >>servers
    list bastions mfa chain-pk
    holds_but_tells "$MANY"
    [ "$output" = "alice@127.0.0.1:$SSHD_PORT offers passwords
plain@127.0.0.1:$SSHD_PORT offers passwords" ] || complain 'other servers'
    diff - unknown <<<"nosuchuser@127.0.0.1:1: unreachable
7: usage"
}

# What is not as expected is told on standard error as well.
holds_but_tells()
{
    recipe "$1" alice && expect_status 0
}

# manual REGEX: the commands of the example that such a line begins, without prompts and quoting of roff.
manual()
{
    sed -n "/$1/,/^\\.Ed/p" "$abs_top_srcdir/man/ssh-authtest.1.in" | sed -n '/^\.Bd/,/^\.Ed/{/^\./d; s/^\$ //; p}' |
        sed "s/\\\\(aq/'/g; s/\\\\e/\\\\/g; s/\\\\-/-/g"
}

@test "many servers: the manual's commands answer the question, too" {
    list servers keyonly alice nosuchuser:1
    list bastions mfa chain-pk
    cp id_ci ci_key
    PROBE_COMMAND="the manual's example"
    { echo 'set +e' && manual '^Which of our 2,000 servers'; } >"$BATS_TEST_TMPDIR/script"
    [ "$(grep -c . "$BATS_TEST_TMPDIR/script")" = 8 ]
    run --separate-stderr recipe_raw
    expect_status 0
    [ "$output" = "alice@127.0.0.1:$SSHD_PORT
nosuchuser@127.0.0.1:1: unreachable" ] || complain 'it prints something else'
    list bastions mfa keyonly
    run --separate-stderr recipe_raw
    expect_status 14
}

@test "many servers: MFA does not hold on a bastion, or it is down" {
    list servers keyonly
    list bastions mfa alice chain-pk
    fails "$MANY" alice "alice@127\\.0\\.0\\.1.*expected outcome partial-success, got success"
    refute_err 'mfa@|chain-pk@'
    [ -z "$output" ] || complain 'it prints something'
    list bastions mfa:1 mfa
    recipe "$MANY" alice
    expect_status 7
}

@test "many servers: an incomplete answer is not taken for one" {
    list servers keyonly
    list bastions mfa
    ln -s /dev/full servers.json
    recipe "$MANY" alice
    expect_status 1
    expect_err '^ssh-authtest: standard output: '
}

# -------------------------------------------------------------------- Kerberos

@test "Kerberos login with delegation works" {
    holds "$KERBEROS" alice
    expect_line 'delegation requested and granted$'
    delegated_ccache alice
    [ ! -e "${KRB5CCNAME#FILE:}" ]
}

@test "Kerberos login without delegation, refused, or not offered" {
    fails "$KERBEROS" plain 'expected outcome success, got not-offered'
    fails "$KERBEROS" bob 'expected outcome success, got failure'
    cp "$ALICE_NOFWD_KEYTAB" alice.keytab
    printf 'alice-nofwd@EXAMPLE.TEST\n' >>"$WORLD_DIR/home/carol/.k5login"
    fails "$KERBEROS" carol 'delegation was required, and not granted'
    sed -i '$d' "$WORLD_DIR/home/carol/.k5login"
}

@test "Kerberos: the host is down, the KDC is, the keytab is missing" {
    down "$KERBEROS"
    expect_status 7
    kdc_down
    recipe "$KERBEROS" alice
    expect_status 5
    rm alice.keytab
    recipe "$KERBEROS" alice
    expect_status 15
}

# ------------------------------------------------------------------------ keys

@test "the key of who left is gone" {
    rm id_ci
    holds "$GONE" alice
    requests_were 'publickey publickey'
    refute_server 'Accepted publickey'
    holds "$GONE" mfa
}

@test "the key of who left is there, or nothing can be said" {
    cp "$KEY_ED25519.pub" id_left.pub
    fails "$GONE" alice 'expected outcome failure, got key-acceptable'
    fails "$GONE" nokey 'expected outcome key-acceptable, got not-offered'
    fails "$GONE" nosuchuser 'expected outcome key-acceptable, got failure'
    down "$GONE"
    expect_status 7
}

# ---------------------------------------------------------------------- CI job

@test "a CI job: three answers, and what it prints" {
    password "$ALICE_PASSWORD"
    holds "$JOB" alice
    [ "$output" = 'password login works' ] || complain 'it prints something else'
    password wrong
    recipe "$JOB" alice
    expect_status 1
    [ "$output" = 'password login does not work' ] || complain 'it prints something else'
    expect_err 'expected outcome success, got failure'
    down "$JOB"
    expect_status 2
    expect_line '^not known whether password login works: status 7$'
}
