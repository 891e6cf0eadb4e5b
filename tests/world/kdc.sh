# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The KDC of the tests' world: realm EXAMPLE.TEST, its principals and keytabs, and
# the krb5.conf that clients and sshd read, with variants for a KDC that is down.

# spawn sets it (world).
spawned=

REALM=EXAMPLE.TEST

# krb5_conf FILE KDC-ADDRESS
krb5_conf()
{
    cat >"$1" <<END
[libdefaults]
    default_realm = $REALM
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    forwardable = true
    kdc_timesync = 1
    ticket_lifetime = 1h
    udp_preference_limit = 1400
[realms]
    $REALM = {
        kdc = $2
    }
[domain_realm]
    example.test = $REALM
    .example.test = $REALM
    localhost = $REALM
END
}

kdc_files()
{
    cat >"$DIR/kdc.conf" <<END
[kdcdefaults]
    kdc_listen = 127.0.0.1:$KDC_PORT
    kdc_tcp_listen = 127.0.0.1:$KDC_PORT
[realms]
    $REALM = {
        database_name = $DIR/kdc/principal
        key_stash_file = $DIR/kdc/stash
        acl_file = $DIR/kdc/acl
        max_life = 10h
        max_renewable_life = 1d
        supported_enctypes = aes256-cts:normal aes128-cts:normal
    }
[logging]
    kdc = FILE:$DIR/krb5kdc.log
    admin_server = STDERR
END
    krb5_conf "$DIR/krb5.conf" "127.0.0.1:$KDC_PORT"
}

kdc_env()
{
    env -i PATH=/usr/bin:/bin KRB5_CONFIG="$DIR/krb5.conf" KRB5_KDC_PROFILE="$DIR/kdc.conf" \
        KRB5RCACHEDIR="$DIR/kdc" KRB5CCNAME="FILE:$DIR/kdc/no-ccache" "$@"
}

# The database. alice and bob have keytabs, so that a test gets a ticket without typing. Those of
# alice-stale and alice-stalepre have a key that was changed since.
kdc_make()
{
    mkdir -p "$DIR/kdc"
    : >"$DIR/kdc/acl"
    read -r KDC_PORT < <(free_ports 1)
    kdc_files
    kdc_env "$KDB5_UTIL" create -s -r "$REALM" -P "master" || return
    kdc_env "$KADMIN_LOCAL" -r "$REALM" <<END || return
addprinc -randkey host/server.example.test
addprinc -randkey host/nokey.example.test
addprinc -randkey alice
addprinc -randkey bob
addprinc -randkey -allow_forwardable alice-nofwd
addprinc -randkey -pwexpire now alice-expired
addprinc -randkey alice-stale
addprinc -randkey +requires_preauth alice-stalepre
addprinc -randkey alice-deleted
addprinc -randkey -allow_tix alice-locked
ktadd -k $DIR/host.keytab host/server.example.test
ktadd -norandkey -k $DIR/alice.keytab alice
ktadd -norandkey -k $DIR/bob.keytab bob
ktadd -norandkey -k $DIR/alice-nofwd.keytab alice-nofwd
ktadd -norandkey -k $DIR/alice-expired.keytab alice-expired
ktadd -norandkey -k $DIR/two.keytab alice bob
ktadd -norandkey -k $DIR/alice-stale.keytab alice-stale
ktadd -norandkey -k $DIR/alice-stalepre.keytab alice-stalepre
ktadd -norandkey -k $DIR/alice-deleted.keytab alice-deleted
ktadd -norandkey -k $DIR/alice-locked.keytab alice-locked
cpw -randkey alice-stale
cpw -randkey alice-stalepre
delprinc -force alice-deleted
END
    [ -s "$DIR/alice-locked.keytab" ]
}

kdc_start()
{
    local tries
    for tries in 1 2 3 4 5; do
        read -r KDC_PORT < <(free_ports 1)
        kdc_files
        spawn "$DIR/kdc.log" env -i PATH=/usr/bin:/bin KRB5_CONFIG="$DIR/krb5.conf" \
            KRB5_KDC_PROFILE="$DIR/kdc.conf" "$KRB5KDC" -n -P "$DIR/krb5kdc.pid"
        if wait_for "$DIR/krb5kdc.log" "$spawned" "commencing operation"; then
            break
        fi
        # The port was taken meanwhile.
        [ "$tries" != 5 ] || die "no KDC"
    done
    kdc_env "$KINIT" -k -t "$DIR/alice.keytab" -c "FILE:$DIR/kdc/probe" alice || die "the KDC gives no ticket"
    # Port 1 is closed everywhere, and no kernel hands it out.
    krb5_conf "$DIR/krb5-down.conf" 127.0.0.1:1
    put_env REALM "$REALM"
    put_env KDC_PORT "$KDC_PORT"
    put_env KRB5_CONFIG "$DIR/krb5.conf"
    put_env KRB5_CONFIG_DOWN "$DIR/krb5-down.conf"
    put_env GSSAPI_HOST server.example.test
    put_env GSSAPI_HOST_NOKEY nokey.example.test
    put_env GSSAPI_HOST_UNKNOWN unknown.example.test
    put_env ALICE_KEYTAB "$DIR/alice.keytab"
    put_env BOB_KEYTAB "$DIR/bob.keytab"
    put_env ALICE_NOFWD_KEYTAB "$DIR/alice-nofwd.keytab"
    put_env ALICE_EXPIRED_KEYTAB "$DIR/alice-expired.keytab"
}
