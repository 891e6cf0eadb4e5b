# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The sshd processes of the tests' world: one that serves every account, and
# variants for what only a whole server can have (see sshd_start).

# spawn sets it (world).
spawned=

# Run in the background. An RSA key of 2048 bits takes a second now and then; shorter ones
# do for a world that lives a minute.
sshd_make_keys()
{
    "$SSH_KEYGEN" -q -t rsa -b 1536 -N '' -C rsa -f "$DIR/host_rsa" </dev/null || return
    "$SSH_KEYGEN" -q -t ecdsa -N '' -C ecdsa -f "$DIR/host_ecdsa" </dev/null || return
    "$SSH_KEYGEN" -q -t ed25519 -N '' -C ed25519 -f "$DIR/host_ed25519" </dev/null || return
    "$SSH_KEYGEN" -q -t ed25519 -N '' -C alice -f "$DIR/id_ed25519" </dev/null || return
    "$SSH_KEYGEN" -q -t ed25519 -N '' -C jump -f "$DIR/jump_key" </dev/null || return
    "$SSH_KEYGEN" -q -t ed25519 -N '' -C jump2 -f "$DIR/jump2_key" </dev/null
}

# sshd_config NAME PORT LINE...: what comes first wins in sshd_config, so LINEs lead.
sshd_config()
{
    local name=$1 port=$2
    shift 2
    {
        printf '%s\n' "ListenAddress 127.0.0.1" "Port $port" "PidFile $DIR/sshd-$name.pid" "$@"
        cat <<END
UsePAM yes
StrictModes no
UseDNS no
MaxStartups 200
LogLevel DEBUG1
PermitRootLogin no
PubkeyAuthentication yes
AuthorizedKeysFile $DIR/authorized_keys
TrustedUserCAKeys $DIR/user_ca.pub
PasswordAuthentication yes
KbdInteractiveAuthentication yes
GSSAPIAuthentication yes
GSSAPIStrictAcceptorCheck yes
GSSAPICleanupCredentials no
ExposeAuthInfo yes
PrintMotd no
SetEnv KRB5_CONFIG=$DIR/krb5.conf
$SSHD_EXTRA
Match User chain-gk
    AuthenticationMethods gssapi-with-mic,keyboard-interactive
Match User chain-kk
    AuthenticationMethods keyboard-interactive,keyboard-interactive
Match User chain-kg
    AuthenticationMethods keyboard-interactive,gssapi-with-mic
Match User chain-pk
    AuthenticationMethods publickey,keyboard-interactive
Match User mfa
    AuthenticationMethods publickey,keyboard-interactive
Match User chain-any
    AuthenticationMethods publickey,keyboard-interactive keyboard-interactive,publickey
Match User chain-kp
    AuthenticationMethods keyboard-interactive,password
Match User chain-gp
    AuthenticationMethods gssapi-with-mic,publickey
Match User tries
    MaxAuthTries 2
Match User banner
    Banner $DIR/banner
Match User plain
    GSSAPIAuthentication no
    KbdInteractiveAuthentication no
Match User nopassword
    PasswordAuthentication no
Match User keyonly
    PasswordAuthentication no
    KbdInteractiveAuthentication no
Match User nokey
    PubkeyAuthentication no
END
        printf '%s\n' "$SSHD_ORDERS"
    } >"$DIR/sshd-$name.conf"
}

host_keys()
{
    printf "HostKey $DIR/host_%s\n" "$@"
}

# sshd_spawn NAME PORT LINE...: sets spawned. SSHD_PAM, SSHD_PRELOAD and SSHD_ENV may be set.
sshd_spawn()
{
    local log=$DIR/sshd.log
    sshd_config "$@"
    [ "$1" = main ] || log=$DIR/sshd-$1.log
    spawn "$log" env -i PATH=/usr/bin:/bin LD_PRELOAD="libnss_wrapper.so $DIR/lib/pam_confdir.so ${SSHD_PRELOAD:-}" \
        NSS_WRAPPER_PASSWD="$DIR/passwd" NSS_WRAPPER_GROUP="$DIR/group" \
        NSS_WRAPPER_HOSTS="$DIR/hosts" NSS_WRAPPER_HOSTNAME=server.example.test \
        WORLD_PAM_DIR="$DIR/${SSHD_PAM:-pam.d}" KRB5_CONFIG="$DIR/krb5.conf" \
        KRB5_KTNAME="FILE:$DIR/host.keytab" KRB5RCACHEDIR="$DIR/kdc" ${SSHD_ENV:+"$SSHD_ENV"} "$SSHD" -D -e -f "$DIR/sshd-$1.conf"
}

# sshd_listens NAME PORT: fails where a port was taken meanwhile. The main one listens on ::1 too.
sshd_listens()
{
    local log=$DIR/sshd.log
    [ "$1" = main ] || log=$DIR/sshd-$1.log
    wait_for "$log" "$spawned" "Server listening on 127.0.0.1 port $2." || return
    [ "$1$SSHD_IPV6" = main1 ] || return 0
    # It goes on with one address where it cannot have the other.
    wait_for "$log" "$spawned" "Server listening on ::1 port $2."$'\n'"Bind to port $2 on ::1 failed" &&
        ! grep -qF "Bind to port $2 on ::1 failed" "$log" && return
    kill "$spawned" 2>/dev/null || true
    return 1
}

# known FILE ADDRESS PORT PUBLIC-KEY...: adds the keys of a server to a known hosts file.
known()
{
    awk -v where="[$2]:$3" '{ print where, $1, $2 }' "${@:4}" >>"$1"
}

# sshd_up NAME VARIABLE LINE...: starts one and puts its port into the environment.
sshd_up()
{
    local name=$1 variable=$2 port tries banner=''
    shift 2
    for tries in 1 2 3 4 5; do
        read -r port < <(free_ports 1)
        sshd_spawn "$name" "$port" "$@"
        ! sshd_listens "$name" "$port" || break
        [ "$tries" != 5 ] || die "sshd $name does not start"
    done
    exec {connection}<>"/dev/tcp/127.0.0.1/$port"
    read -r -t 10 -u "$connection" banner || true
    exec {connection}>&-
    case $banner in
    SSH-2.0-*) put_env "$variable" "$port" ;;
    *) die "sshd $name does not answer" ;;
    esac
    case $name in
    jump*) known "$DIR/jump_known_hosts" 127.0.0.1 "$port" "$DIR/${name}_key.pub" ;;
    *) known "$DIR/known_hosts" 127.0.0.1 "$port" "$DIR"/host_*.pub ;;
    esac
    [ "$name$SSHD_IPV6" != main1 ] || known "$DIR/known_hosts" ::1 "$port" "$DIR"/host_*.pub
}

# OpenSSH 9.8 and later punish an address that fails often; older ones do not know the word.
sshd_probe()
{
    SSHD_EXTRA="PerSourcePenalties no"
    sshd_config probe 1 "$(host_keys ed25519)"
    "$SSHD" -t -f "$DIR/sshd-probe.conf" 2>/dev/null || SSHD_EXTRA=
}

fingerprint()
{
    local words
    read -r -a words < <("$SSH_KEYGEN" -l -f "$DIR/host_$1.pub")
    printf '%s\n' "${words[1]}"
}

# Two to jump through, or to work on: every account, the same keys of users, host keys of their own, which
# are in a file of their own as well, for ssh. Their commands find the programs of the folder WORKER_BIN. Of
# several SetEnv the first counts.
sshd_jumps()
{
    local name
    mkdir -p "$DIR/bin"
    put_env WORKER_BIN "$DIR/bin"
    for name in jump jump2; do
        sshd_up "$name" "SSHD_${name^^}_PORT" "HostKey $DIR/${name}_key" "AllowTcpForwarding yes" \
            "SetEnv KRB5_CONFIG=$DIR/krb5.conf PATH=$DIR/bin:/usr/bin:/bin"
        put_env "SSHD_${name^^}_LOG" "$DIR/sshd-$name.log"
    done
    put_env JUMP_KNOWN_HOSTS "$DIR/jump_known_hosts"
}

sshd_start()
{
    # A title, a cleared screen, a C1 byte, a right-to-left override, bytes that are no UTF-8.
    printf 'Welcome \033]0;owned\007\033[2J\302\2331mto \233 the \342\200\256world\n\377\300\257 of tests\n' \
        >"$DIR/banner"
    SSHD_ORDERS=$(orders_config)
    sshd_probe
    # Loopback of IPv6, with the address on an interface.
    SSHD_IPV6=
    ! grep -qs '^00000000000000000000000000000001 ' /proc/net/if_inet6 || SSHD_IPV6=1
    put_env SSHD_IPV6 "$SSHD_IPV6"
    sshd_up main SSHD_PORT "$(host_keys rsa ecdsa ed25519)" ${SSHD_IPV6:+"ListenAddress ::1"}
    sshd_jumps
    sshd_up grace SSHD_GRACE_PORT "$(host_keys ed25519)" "LoginGraceTime 2"
    sshd_up rsa SSHD_RSA_PORT "$(host_keys rsa)"
    sshd_up kex SSHD_KEX_PORT "$(host_keys ed25519)" "KexAlgorithms sntrup761x25519-sha512@openssh.com"
    sshd_up nopam SSHD_NOPAM_PORT "$(host_keys ed25519)" "UsePAM no"
    # By how much its clock is wrong is read from the file at each connection: "+30s".
    printf '+0s\n' >"$DIR/clock"
    SSHD_PRELOAD=$FAKETIME_LIBRARY SSHD_PAM=pam-clock.d SSHD_ENV="FAKETIME_TIMESTAMP_FILE=$DIR/clock" \
        sshd_up clock SSHD_CLOCK_PORT "$(host_keys ed25519)"
    put_env CLOCK_FILE "$DIR/clock"
    put_env KNOWN_HOSTS "$DIR/known_hosts"
    put_env FINGERPRINT_ED25519 "$(fingerprint ed25519)"
    put_env FINGERPRINT_ECDSA "$(fingerprint ecdsa)"
    put_env FINGERPRINT_RSA "$(fingerprint rsa)"
    put_env USER_KEY "$DIR/id_ed25519"
    put_env BANNER_FILE "$DIR/banner"
}
