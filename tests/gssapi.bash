# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What gssapi.bats and gssapi_scenes.bats share.

# gss_login [OPTION]... USER: on the main sshd, as the service that it has a key for.
gss_login()
{
    probe_main -m gssapi-with-mic --gssapi-host="${GSS_HOST:-$GSSAPI_HOST}" "${@:1:$#-1}" "${!#}@127.0.0.1"
}

# expect_outcome STATUS WORD: exit status, step and conclusion agree.
expect_outcome()
{
    expect_status "$1" &&
        expect_line "^1  gssapi-with-mic +$2 " &&
        expect_line "^$2: "
}

# nothing_sent: the server saw no request at all, since the client had nothing to show.
nothing_sent()
{
    local requests
    requests=$(userauth_requests)
    [ -z "$requests" ] || complain "requests were sent: $requests"
}

not_delegated()
{
    local path
    expect_event "^session $1 " || return
    if path=$(delegated_ccache "$1"); then
        complain "a ticket was delegated: $path"
    fi
}

# trace: direction and name of each message of -v, on one line.
trace()
{
    sed -n 's/^ *[0-9.]* ms \(->\|<-\) \([A-Z_]*\).*/\1 \2/p' <<<"$stderr" | paste -s -d ' ' -
}

# scene [OPTION]... NAME: a scenario of the scripted peer (kbdint.py --list), for a client
# with a service ticket.
scene()
{
    [ -s "$BATS_TEST_TMPDIR/cc" ] || ticket
    kvno -q "host/$GSSAPI_HOST"
    [ -n "${PEER_PORT:-}" ] || peer_start kbdint.py
    probe -v -t 20 --host-key=off -p "$PEER_PORT" -m gssapi --gssapi-host="$GSSAPI_HOST" \
        "${@:1:$#-1}" "${!#}@127.0.0.1"
    expect_peer "^request ${!#} gssapi-with-mic\$" && have_no_control_bytes
}
