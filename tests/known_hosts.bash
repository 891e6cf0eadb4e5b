# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# For the tests that ask ssh and the program the same question: two sshd of their own, what
# stands in a known hosts file, and what either says of it. Loaded behind helper.

# Sets HOSTS_DIR, with the servers' keys, a CA and a stranger's keys, and two ports, on 127.0.0.1
# and ::1: HOSTS_PORT shows plain keys (ed25519, ecdsa), HOSTS_CERT_PORT the same and a
# certificate of the first. Each connection gets an sshd of its own, which ends with it.
setup_file()
{
    local type dir sshd
    sshd=$(PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" type -P sshd) || skip "sshd is missing"
    HOSTS_DIR=$(mktemp -d "${TMPDIR:-/tmp}/ssh-authtest.XXXXXX")
    dir=$HOSTS_DIR
    for type in ed25519 ecdsa; do
        ssh-keygen -q -t "$type" -N '' -C '' -f "$dir/host_$type" </dev/null
        ssh-keygen -q -t "$type" -N '' -C '' -f "$dir/other_$type" </dev/null
    done
    ssh-keygen -q -t ecdsa -N '' -C '' -f "$dir/ca" </dev/null
    ssh-keygen -q -s "$dir/ca" -h -I host -n 127.0.0.1,alias.example "$dir/host_ed25519.pub" </dev/null
    ssh-keygen -q -s "$dir/ca" -h -I other -n 127.0.0.1 "$dir/other_ed25519.pub" </dev/null
    printf '%s\n' "HostKey $dir/host_ed25519" "HostKey $dir/host_ecdsa" 'UsePAM no' 'UseDNS no' \
        'StrictModes no' 'PasswordAuthentication yes' >"$dir/plain.conf"
    { cat "$dir/plain.conf" && echo "HostCertificate $dir/host_ed25519-cert.pub"; } >"$dir/cert.conf"
    : >"$dir/ports"
    /usr/bin/python3 -c '
import errno, os, select, socket, subprocess, sys

def listen():
    while True:
        first = socket.create_server(("127.0.0.1", 0))
        port = first.getsockname()[1]
        try:
            return port, [first, socket.create_server(("::1", port), family=socket.AF_INET6)]
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return port, [first] # there is no ::1, and the test of it says so

parent, configs, ports = os.getppid(), {}, []
for config in sys.argv[2:]:
    port, sockets = listen()
    ports.append(port)
    configs.update((one, config) for one in sockets)
print(*ports, flush=True)
children = []
while os.getppid() == parent:
    for one in select.select(configs, [], [], 1)[0]:
        client = one.accept()[0]
        children.append(subprocess.Popen([sys.argv[1], "-i", "-f", configs[one]],
                                         stdin=client, stdout=client, stderr=subprocess.DEVNULL))
        client.close()
    children = [child for child in children if child.poll() is None]
for child in children:
    child.kill()
' "$sshd" "$dir/plain.conf" "$dir/cert.conf" </dev/null >"$dir/ports" 2>"$dir/log" 3>&- &
    HOSTS_PID=$!
    hosts_wait
}

hosts_wait()
{
    local tries
    for ((tries = 0; tries < 500; tries++)); do
        read -r HOSTS_PORT HOSTS_CERT_PORT <"$HOSTS_DIR/ports" && break
        sleep 0.02
    done
    [ -n "${HOSTS_CERT_PORT:-}" ] || complain "no server: $(cat "$HOSTS_DIR/log")"
    ED=$(line_key host_ed25519) EC=$(line_key host_ecdsa) CA=$(line_key ca)
    OTHER=$(line_key other_ed25519) OTHER_EC=$(line_key other_ecdsa)
    export HOSTS_DIR HOSTS_PID HOSTS_PORT HOSTS_CERT_PORT ED EC CA OTHER OTHER_EC
}

teardown_file()
{
    [ -z "${HOSTS_PID:-}" ] || kill "$HOSTS_PID" 2>/dev/null || true
    [ -z "${HOSTS_PID:-}" ] || wait "$HOSTS_PID" 2>/dev/null || true
    [ -z "${HOSTS_DIR:-}" ] || rm -rf -- "$HOSTS_DIR"
}

# line_key NAME: "TYPE BASE64" of a key of HOSTS_DIR.
line_key()
{
    cut -d ' ' -f 1,2 "$HOSTS_DIR/$1.pub"
}

# hashed NAME: the name as ssh-keygen -H writes it.
hashed()
{
    printf '%s %s\n' "$1" "$OTHER" >"$BATS_TEST_TMPDIR/to_hash"
    ssh-keygen -q -H -f "$BATS_TEST_TMPDIR/to_hash" >/dev/null 2>&1
    cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/to_hash"
}

# lines TEXT: into the file $KH; {WORDS} are replaced, \n, \t and \r are what they are to printf.
lines()
{
    local text=$1 word
    while [[ $text =~ \{hash\ ([^ {}]*)\} ]]; do
        word=${BASH_REMATCH[1]//PORT/$HOSTS_PORT}
        text=${text/"${BASH_REMATCH[0]}"/"$(hashed "$word")"}
    done
    text=${text//'{name}'/"[127.0.0.1]:$HOSTS_PORT"}
    text=${text//'{port}'/"$HOSTS_PORT"}
    text=${text//'{ed}'/"$ED"}
    text=${text//'{ec}'/"$EC"}
    text=${text//'{ca}'/"$CA"}
    text=${text//'{other}'/"$OTHER"}
    text=${text//'{other-ec}'/"$OTHER_EC"}
    text=${text//'{blob}'/"${ED#* }"}
    text=${text//'{long}'/"$(printf '%070000d' 0)"}
    text=${text//'{many}'/"$(printf 'another.example,%.0s' {1..5000})"}
    text=${text//'{1000}'/"$(printf '%01000d' 0)"}
    printf '%b' "$text" >"$KH"
}

# ssh_says HOST [OPTION]...: what the installed ssh makes of $KH: known, unknown, mismatch or
# revoked. An OPTION comes before those of this call, and wins.
ssh_says()
{
    local host=$1 said
    shift
    said=$(timeout 60 ssh -F none -T "$@" -p "$HOSTS_PORT" -o BatchMode=yes \
        -o UserKnownHostsFile="$KH" -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes \
        -o PreferredAuthentications=none "x@$host" true 2>&1 </dev/null 3>&-) || true
    case $said in
    *'Permission denied ('*) echo known ;;
    *'REVOKED HOST KEY'*'verification failed'* | *' revoked by file '*'verification failed'*) echo revoked ;;
    *'IDENTIFICATION HAS CHANGED'*'verification failed'*) echo mismatch ;;
    *'host key is known for'*'verification failed'*) echo unknown ;;
    *'in revoked keys file'*'verification failed'*) echo unreadable ;;
    *) printf '%s\n' "$said" ;;
    esac
}

# we_say HOST [OPTION]...: the same of the program; fails where report and status do not agree.
# `new` is a key that was written.
we_say()
{
    local host=$1 word
    shift
    probe -B -p "$HOSTS_PORT" "$@" "x@$host"
    word=$(sed -n 's/^host key .* \([a-z]*\)$/\1/p' <<<"$output")
    case $status:$word in
    0:known | 0:new | 0:unchecked | 0:pinned | 6:unknown | 6:mismatch | 6:revoked) ;;
    *) complain "status and host key do not agree: $word" && return 1 ;;
    esac
    case $output in
    *' may be a revoked one'*) word=unreadable ;;
    esac
    printf '%s\n' "$word"
}

# agree SSH OURS HOST LINES: each says what it is expected to say; OURS is empty where it is the same.
agree()
{
    local said
    lines "$4"
    said=$(ssh_says "$3")
    [ "$said" = "$1" ] || complain "ssh says $said, not $1, to $3 of: $4"
    said=$(we_say "$3" --known-hosts="$KH") || complain "$said"
    [ "$said" = "${2:-$1}" ] || complain "we say $said, not ${2:-$1}, to $3 of: $4"
}

# each_row: `agree` for the rows on standard input: SSH|OURS|HOST|LINES; # begins a comment.
each_row()
{
    local ssh ours host text rows=0
    while IFS='|' read -r ssh ours host text; do
        case $ssh in '#'* | '') continue ;; esac
        agree "$ssh" "$ours" "${host:-127.0.0.1}" "$text"
        rows=$((rows + 1))
    done
    [ "$rows" -gt 0 ]
}
