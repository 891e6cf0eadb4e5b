# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Host keys for hostkey.bats: files made by hand, and what ssh says of them.

# key TYPE [FILE]: type and blob of the main sshd's key, or of the key in FILE.pub.
key()
{
    cut -d ' ' -f 1,2 "${2:-$WORLD_DIR/host_$1}.pub"
}

# other_key: one that no server of the world has.
other_key()
{
    key ed25519 "$USER_KEY"
}

# list [OPTION]...: a listing of the main sshd with the file $KH; its log begins anew.
list()
{
    server_settled
    log_mark
    probe --known-hosts="$KH" -p "$SSHD_PORT" "$@" alice@127.0.0.1
}

# expect_key STATUS WORD TYPE: exit status, and what the report says of the key.
expect_key()
{
    local name=FINGERPRINT_${3^^}
    expect_status "$1" &&
        expect_line "^host key +(ssh|ecdsa)-[-a-z0-9]+ ${!name//+/\\+} $2\$"
}

# expect_refused WORD: outcome host-key; the server saw the key exchange and nothing behind it.
expect_refused()
{
    expect_key 6 "$1" ed25519 &&
        expect_line '^host-key: .*host-key' &&
        expect_err '^ssh-authtest: alice@127\.0\.0\.1: .*host key' &&
        expect_server 'KEX done' &&
        refute_server 'userauth-request'
}

expect_listed()
{
    expect_key 0 "$1" "${2:-ed25519}" && expect_line '^listed: '
}

# relay_start: a relay to the main sshd that tells, at the end of each connection, how many
# bytes the client sent behind its NEWKEYS (encrypted: SERVICE_REQUEST would be the first).
relay_start()
{
    : >"$BATS_TEST_TMPDIR/relay.port"
    PEER_LOG=$BATS_TEST_TMPDIR/relay.log
    /usr/bin/python3 -c '
import socket, sys, threading

def rest(data):
    data = data[data.index(b"\n") + 1:]
    while len(data) > 5:
        size = 4 + int.from_bytes(data[:4], "big")
        kind, data = data[5], data[size:]
        if kind == 21:
            return "after NEWKEYS: %d bytes" % len(data)
    return "no NEWKEYS"

def pump(source, sink, seen):
    while data := source.recv(65536):
        seen += data
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)

def serve(client):
    server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    sent = bytearray()
    back = threading.Thread(target=pump, args=(server, client, bytearray()), daemon=True)
    back.start()
    pump(client, server, sent)
    print(rest(bytes(sent)), file=sys.stderr, flush=True)

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
' "$SSHD_PORT" >"$BATS_TEST_TMPDIR/relay.port" 2>"$PEER_LOG" 3>&- &
    peer_started $! "$BATS_TEST_TMPDIR/relay.port" "the relay"
}

# ssh_knows: whether the installed ssh accepts the main sshd's key by $KH: known or unknown.
ssh_knows()
{
    local said
    said=$(ssh -F /dev/null -p "$SSHD_PORT" -o BatchMode=yes -o StrictHostKeyChecking=yes \
        -o UserKnownHostsFile="$KH" -o GlobalKnownHostsFile=/dev/null \
        -o PreferredAuthentications=hostbased "alice@${1:-127.0.0.1}" true 2>&1 </dev/null 3>&-) || true
    case $said in
    *'Permission denied'*) echo known ;;
    *'Host key verification failed'*) echo unknown ;;
    *) printf '%s\n' "$said" ;;
    esac
}
