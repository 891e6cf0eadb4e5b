#!/usr/bin/env bats
# shellcheck shell=bash disable=SC1003,SC2015,SC2016,SC2030,SC2031,SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Many targets with little: descriptors, address space, threads; a thousand at once; and that the
# thousandth costs no more than the tenth.

load helper
load jobs

setup_file()
{
    # What was freed is kept by the address sanitizer, which would look like growth.
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1"
    world_up
}
teardown_file() { world_down; }

# mixed COUNT [SECONDS]: the list `hosts` of so many: of each ten one at the real server, the others at
# crowds, some of which answer after SECONDS (0.3), and one where nobody listens.
mixed()
{
    local i
    crowd 127.0.0.{1..4}=banner:"${2:-0.3}" 127.0.0.{5..9}=banner
    for ((i = 0; i < $1; i++)); do
        case $((i % 10)) in
        0) printf 'alice@127.0.0.1:%s\n' "$SSHD_PORT" ;;
        1) printf 'x@127.0.0.%s:1\n' "$((i % 200 + 1))" ;;
        *) printf 'x@127.0.0.%s:%s\n' "$((i % 10))" "$PEER_PORT" ;;
        esac
    done >hosts
    WANTED="['listed', 'unreachable'] + ['disconnected'] * 8"
}

# all_true COUNT: each has the outcome that it has without any limit.
all_true()
{
    holds "outcomes == ($WANTED) * ($1 // 10)" "lines == list(range(1, $1 + 1))" &&
        expect_status 7 && refute_err 'Too many open files|Cannot allocate|out of memory|Resource temporarily'
}

# ------------------------------------------------------------------- descriptors

@test "64 descriptors and 200 jobs: whoever has none waits, and every outcome is true" {
    mixed 200
    JOB_LIMITS=(--nofile=64)
    run_list --format=json --host-key=off -j 200 -f hosts
    all_true 200
}

@test "so few descriptors that one target alone has hardly enough" {
    mixed 40
    JOB_LIMITS=(--nofile=20)
    run_list --format=json --host-key=off -j 40 -f hosts
    all_true 40
}

@test "passwords and commands with few descriptors" {
    repeat 40 "alice@127.0.0.1:$SSHD_PORT" >hosts
    JOB_LIMITS=(--nofile=48)
    SECRET=$ALICE_PASSWORD run_list --format=json --host-key=off -j 40 --max-per-address=40 -m kbdint \
        -r 'assword=cmd:printf "%s\n" "$SECRET"' -f hosts
    holds "outcomes == ['success'] * 40"
    expect_status 0
}

@test "the soft limit of descriptors is raised as far as needed" {
    crowd 127.0.0.1=gather:200
    repeat 200 127.0.0.1 >hosts
    # In a shell, which lowers the soft limit alone.
    printf '#!/bin/sh\nulimit -S -n 50 && exec "%s" "$@"\n' "$SSH_AUTHTEST" >soft
    chmod +x soft
    SSH_AUTHTEST=$BATS_TEST_TMPDIR/soft
    run_list --format=json --host-key=off -l x -p "$PEER_PORT" -t 50 -j 200 --max-per-address=200 -f hosts
    holds "outcomes == ['disconnected'] * 200"
    expect_peak 200
}

@test "a thousand at once" {
    [ "$(ulimit -H -n)" = unlimited ] || [ "$(ulimit -H -n)" -ge 8192 ] || skip "the hard limit of descriptors is $(ulimit -H -n)"
    crowd 127.0.0.1=gather:1000
    repeat 1000 127.0.0.1 >hosts
    run_list --format=json --host-key=off -l x -p "$PEER_PORT" -t 80 --connect-timeout=80 -j 1000 \
        --max-per-address=1000 -f hosts
    expect_status 10
    holds "outcomes == ['disconnected'] * 1000" 'lines == list(range(1, 1001))'
    expect_peak 1000
    # 50 MiB were seen, and 140 where buffers and stacks are kept that are not used
    sanitized || [ "$(sed -n 's/^peak //p' "$JOB_STATUS")" -lt $((80 * 1024)) ] || complain "it had $(grep peak "$JOB_STATUS") KiB"
}

@test "more jobs than targets, and more than there can be" {
    mixed 20
    run_list --format=json --host-key=off -j 10000 -f hosts
    all_true 20
}

# ----------------------------------------------------------------- memory, threads

@test "little address space: no crash, and every outcome is true" {
    # the address sanitizer needs terabytes of address space
    ! sanitized || return 0
    mixed 200
    JOB_LIMITS=(--memory=160)
    run_list --format=json --host-key=off -j 200 -f hosts
    all_true 200
}

@test "hardly any address space: no crash, every target told once, and what is told is true" {
    # the address sanitizer needs terabytes of address space
    ! sanitized || return 0
    local mib true_ones='listed unreachable disconnected'
    mixed 60
    for mib in 50 64 80 112; do
        JOB_LIMITS=(--memory="$mib")
        run_list --format=json --host-key=off -j 60 -f hosts
        [ "$status" -ge 0 ] || complain "with $mib MiB it died of signal ${status#-}"
        case $status in
        # So little that not even the start succeeds: the loader's 127, or told.
        127) continue ;;
        17)
            expect_err '^ssh-authtest: '
            [ -n "$output" ] || continue
            ;;
        *) expect_status 7 ;;
        esac
        holds "[x for x in lines] == sorted(set(lines))" \
            "all(got in (wanted, 'internal') for got, wanted in zip(outcomes, ($WANTED) * 6))"
    done
}

@test "no thread can be made: no crash, and each target is told once" {
    # root has as many processes as it likes
    [ "$(id -u)" != 0 ] || return 0
    mixed 20
    # The search for leaks takes a thread.
    export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"
    JOB_LIMITS=(--nproc=1)
    run_list --format=json --host-key=off -j 20 -f hosts
    [ "$status" = 7 ] || [ "$status" = 17 ] || complain "status $status"
    holds 'lines == list(range(1, 21))' \
        "all(got in (wanted, 'internal') for got, wanted in zip(outcomes, ($WANTED) * 2))"
}

# ----------------------------------------------------------------------- growth

# Nobody may look at the program's descriptors, which are as many as FEW_FDS lets it have: a thousandth
# part of a leak would leave none for the last targets.
FEW_FDS=(--nofile=48)

# sample: sets THREADS and RSS (KiB) of the program.
sample()
{
    THREADS=$(find "/proc/$JOB_PID/task" -mindepth 1 -maxdepth 1 | wc -l)
    RSS=$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$JOB_PID/status")
}

# feed_until N: lines of `hosts` up to that one, and their results.
feed_until()
{
    head -n "$1" hosts | tail -n "+$((FED + 1))" >&"$FEED"
    FED=$1
    await_results "$1"
    # Whoever has just given its result may still be putting things away.
    sleep 0.5
}

# no_growth WHAT BEFORE AFTER MARGIN
no_growth()
{
    printf '# %s: %s, %s\n' "$1" "$2" "$3"
    [ "$2" -gt 0 ] && [ "$3" -le "$(($2 + $4))" ] || complain "$1 grew from $2 to $3"
}

@test "a thousand targets: no descriptor, thread or memory more than with ten" {
    local threads rss jobs=8
    FED=0
    mixed 1000 0.02
    feed_begin
    JOB_LIMITS=("${FEW_FDS[@]}")
    start --format=json --host-key=off -j "$jobs" -f feed
    feed_until 10
    sample
    threads=$THREADS rss=$RSS
    feed_until 100
    feed_until 1000
    sample
    # All threads may not have been there after ten, each with a stack.
    no_growth threads "$threads" "$THREADS" "$jobs"
    no_growth memory "$rss" "$RSS" "$(sanitized && echo 40960 || echo 8192)"
    feed_end
    finish
    all_true 1000
}

@test "from the hundredth to the thousandth there is next to nothing" {
    local threads rss count jobs=4
    FED=0
    crowd 127.0.0.{1..8}=banner 127.0.0.9=reset
    repeat 1000 "x@127.0.0.#:$PEER_PORT" | awk '{ sub(/0\.0\.[0-9]+/, "0.0." NR % 9 + 1); print }' >hosts
    feed_begin
    JOB_LIMITS=("${FEW_FDS[@]}")
    start --format=json --host-key=off -j "$jobs" -f feed
    feed_until 100
    sample
    threads=$THREADS rss=$RSS
    # a hundred at a time, as the first: what is read ahead of those running takes memory, too
    for count in {200..1000..100}; do
        feed_until "$count"
    done
    sample
    no_growth threads "$threads" "$THREADS" 1
    no_growth memory "$rss" "$RSS" "$(sanitized && echo 16384 || echo 1024)"
    feed_end
    finish
    # A reset may come before the connection is looked at.
    holds 'len(r) == 1000' "set(outcomes) <= {'disconnected', 'unreachable'}" "outcomes.count('disconnected') > 800"
}

@test "so little address space that Kerberos would crash: it is not begun" {
    local kib short=0 good=0
    # the address sanitizer needs terabytes of address space
    ! sanitized || return 0
    for ((kib = 8000; kib < 60000 && good < 5; kib += 150)); do
        status=0
        (
            ulimit -v "$kib"
            exec "$SSH_AUTHTEST" -F none --known-hosts="$KNOWN_HOSTS" -B -m gssapi --keytab="$ALICE_KEYTAB" \
                --gssapi-client=alice --gssapi-host="$GSSAPI_HOST" "alice@127.0.0.1:$SSHD_PORT"
        ) </dev/null >"$PROBE_STDOUT" 2>"$PROBE_STDERR" 3>&- || status=$?
        [ "$status" != 127 ] || continue # libraries were not loaded
        [ "$status" -lt 128 ] || complain "status $status with $kib KiB"
        [ "$status" != 17 ] || short=$((short + 1))
        [ "$status" != 0 ] || good=$((good + 1))
    done
    [ "$short" -ge 15 ] && [ "$good" = 5 ] || complain "$short times not, $good times begun"
}
