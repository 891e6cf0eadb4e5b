# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the tests of ssh's configuration and of jumps share.

# config LINE...: the test's configuration of ssh, read by ssh through -F: it takes no notice of
# HOME. The first value of a keyword counts. Without lines, standard input.
config()
{
    CONFIG=$BATS_TEST_TMPDIR/config
    if [ $# -gt 0 ]; then
        printf '%s\n' "$@" >"$CONFIG"
    else
        cat >"$CONFIG"
    fi
    chmod 600 "$CONFIG"
    PROBE_CONFIG=(-F "$CONFIG")
}

# web1 [LINE]...: the configuration for this alias of the main server, the lines first.
web1()
{
    config "Host web1" "${@/#/    }" "    HostName 127.0.0.1" "    Port $SSHD_PORT" "    User alice" \
        "    UserKnownHostsFile $KNOWN_HOSTS" "    GlobalKnownHostsFile /dev/null"
}

# known_by [LINE]...: as web1, with lines about known hosts files and no others.
known_by()
{
    config "Host web1" "${@/#/    }" "    HostName 127.0.0.1" "    Port $SSHD_PORT" "    User alice" \
        "    GlobalKnownHostsFile /dev/null"
}

# try ARGUMENT...: as probe; the main server's log begins anew.
try()
{
    server_settled
    log_mark
    probe "$@"
}

# reached USER [NAME]: a listing of the main server, as that user, under the alias.
reached()
{
    expect_status 0 &&
        expect_line "^${2:-web1} port ${SSHD_PORT}[ ,(].*SSH-2\\.0-" &&
        expect_line '^listed: ' &&
        expect_server "userauth-request for user $1 service ssh-connection method none"
}

# refused REGEX: before anything was sent; the line behind "ssh-authtest: " begins with it.
refused()
{
    expect_status 2 &&
        expect_err "^ssh-authtest: $1" &&
        { [ -z "$output" ] || [[ $output == *usage:* ]] || complain "a report"; } &&
        have_no_control_bytes &&
        refute_server 'Connection from'
}

# remedy REGEX: the line below it.
remedy()
{
    expect_err "^  .*($1)"
}

# times STAGE...: the line of -v has these and no others.
times()
{
    local shape='' stage
    for stage; do
        shape+=" $stage [0-9]+\\.[0-9] ms,"
    done
    expect_line "^time:$shape total [0-9]+\\.[0-9] ms\$"
}

# with_path FOLDER: the program, and only it, looks for programs there from here on.
with_path()
{
    printf '#!/bin/sh\nPATH="%s" exec "%s" "$@"\n' "$1" "$SSH_AUTHTEST" >"$BATS_TEST_TMPDIR/pathed"
    chmod +x "$BATS_TEST_TMPDIR/pathed"
    SSH_AUTHTEST=$BATS_TEST_TMPDIR/pathed
}

# without_ssh: no ssh is installed from here on.
without_ssh()
{
    mkdir -p "$BATS_TEST_TMPDIR/nothing"
    with_path "$BATS_TEST_TMPDIR/nothing"
}

# script_file FILE LINE...: a program of /bin/sh, below the test's folder.
script_file()
{
    local file=$BATS_TEST_TMPDIR/$1
    shift
    mkdir -p "${file%/*}"
    printf '%s\n' '#!/bin/sh' "$@" >"$file"
    chmod +x "$file"
}

# gone FILE: none of the processes whose numbers it holds is there any more.
gone()
{
    local pid tries
    [ -s "$1" ] || complain "nothing is in $1" || return
    while read -r pid; do
        for ((tries = 0; tries < 100; tries++)); do
            kill -0 "$pid" 2>/dev/null || continue 2
            sleep 0.05
        done
        complain "still there: $(tr '\0' ' ' <"/proc/$pid/cmdline")" || return
    done <"$1"
}

# nobody_has TEXT: no process has it among its arguments, 5 seconds later at the latest.
nobody_has()
{
    local tries found needle=$BATS_TEST_TMPDIR/needle
    printf '%s\n' "$1" >"$needle"
    for ((tries = 0; tries < 100; tries++)); do
        found=$(grep -lsaF -f "$needle" /proc/[0-9]*/cmdline) || return 0
        sleep 0.05
    done
    complain "still there: $found"
}

# until_there FILE: it exists and is not empty.
until_there()
{
    local tries
    for ((tries = 0; tries < 500; tries++)); do
        [ ! -s "$1" ] || return 0
        sleep 0.02
    done
    complain "no $1 in time"
}

# ssh_takes: what ssh makes of the host key of web1 under the same configuration: known or unknown.
ssh_takes()
{
    local said
    said=$(ssh -F "$CONFIG" -o BatchMode=yes -o PreferredAuthentications=hostbased -o StrictHostKeyChecking=yes \
        web1 true 2>&1 </dev/null 3>&-) || true
    case $said in
    *'Permission denied'*) echo known ;;
    *'Host key verification failed'*) echo unknown ;;
    *) printf '%s\n' "$said" ;;
    esac
}

# expect_refused_here WORD: status 6, and nothing behind the key exchange.
expect_refused_here()
{
    expect_status 6 && expect_line "^host key .* $1\$" && refute_server 'userauth-request'
}
