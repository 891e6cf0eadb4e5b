#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Limits and times of a connection through a proxy: which limit holds where the proxy may ask a
# person, and where the time goes that a proxy takes to end.

load helper
load limits

need_ssh()
{
    command -v ssh >/dev/null || skip "no ssh is installed"
}

@test "a proxy that asks nobody has the limit of connecting, which the report names" {
    need_ssh
    measured -o ConnectTimeout=1 -t 3 --proxy-command='sleep 1000' alice@server.example
    expect_end 8 '^timeout: proxy command: nothing came from the server within the limit \(stage proxy, 1\.[0-9] s there'
    expect_line '^hint: --connect-timeout=SECONDS sets the limit, which is 1 now$'
    held 1000
}

@test "a proxy that may ask a person has the limit of all, unless --connect-timeout is given" {
    need_ssh
    export SSH_ASKPASS=/bin/true SSH_ASKPASS_REQUIRE=force
    measured -o ConnectTimeout=1 -t 2 --proxy-command='sleep 1000' alice@server.example
    expect_end 8 '^timeout: proxy command: nothing came .*\(stage proxy, 2\.[0-9] s there'
    refute_line 'connect-timeout'
    held 2000
    measured -t 3 --connect-timeout=1 --proxy-command='sleep 1000' alice@server.example
    expect_end 8 '^timeout: proxy command: nothing came .*\(stage proxy, 1\.[0-9] s there'
    expect_line '^hint: --connect-timeout=SECONDS sets the limit, which is 1 now$'
    held 1000
}

# The connection is over by then: it is waited for only to know whose fault that was.
@test "the time that a failed proxy takes to end is no stage's" {
    measured -v \
        --proxy-command='sh -c "printf \"SSH-2.0-x\\r\\n\"; exec <&- >&-; sleep 0.7; exit 3"' alice@server.example
    expect_end 7 '^unreachable: proxy command: exit status 3 \(stage proxy\)'
    expect_line '^time: proxy [0-9.]+ ms, banner [0-9.]+ ms, .*total [0-9.]+ ms$'
    grep '^time: ' <<<"$output" | awk '{
        for (i = 1; i < NF; i++) if ($(i + 1) ~ /^ms/) { if ($(i - 1) == "total") total = $i; else sum += $i }
        exit !(total > 0 && sum <= total + 1) }' || complain "the stages take longer than all of it"
}
