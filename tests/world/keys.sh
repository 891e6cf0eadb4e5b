# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The users' keys of the tests' world, in DIR/keys: keys of each type that every account
# accepts, in each format; a key that none accepts; and a CA with its certificates. None
# of these is needed before the first login, so they are made while the servers start.
#
#   NAME, NAME.pub        OpenSSH's own format, mode 0600
#   NAME.pem NAME.pkcs8   the same key (ed25519 has neither in OpenSSH 9.2)
#   NAME*.enc             the same, encrypted with KEY_PASSPHRASE
#
# NAME is ed25519, ecdsa256, ecdsa384, ecdsa521 or rsa, in the environment as KEY_NAME.
# Certificates are NAME-cert.pub beside their key, which is not authorized itself.

# Passphrases are hashed a few times only: that is what takes long.
key_new()
{
    "$SSH_KEYGEN" -q -N '' -C "$1" -f "$DIR/keys/$1" "${@:2}" </dev/null
}

# key_copy FROM TO ARGUMENT...: the same key in another format, or encrypted.
key_copy()
{
    local from=$DIR/keys/$1 to=$DIR/keys/$2
    shift 2
    cp -- "$from" "$to" && "$SSH_KEYGEN" -q -p -P '' -a 1 -f "$to" "$@" </dev/null
}

# key_formats NAME [rsa|ecdsa]
key_formats()
{
    local format
    key_copy "$1" "$1.enc" -N "$KEY_PASSPHRASE" || return
    [ -n "${2:-}" ] || return 0
    for format in pem pkcs8; do
        key_copy "$1" "$1.$format" -m "${format^^}" -N '' || return
        key_copy "$1" "$1.$format.enc" -m "${format^^}" -N "$KEY_PASSPHRASE" || return
    done
}

# certificate NAME CA PRINCIPAL OPTION...: a key of its own that the CA vouches for.
certificate()
{
    local name=$1 ca=$2 principal=$3
    shift 3
    "$SSH_KEYGEN" -q -s "$DIR/keys/$ca" -I "certificate-$name" -n "$principal" "$@" \
        "$DIR/keys/$name.pub" </dev/null
}

keys_rsa()
{
    key_new rsa -t rsa -b 1536 && key_formats rsa rsa &&
        key_new cert-rsa -t rsa -b 1536 && certificate cert-rsa ca alice
}

keys_ecdsa()
{
    local bits
    for bits in 256 384 521; do
        key_new "ecdsa$bits" -t ecdsa -b "$bits" && key_formats "ecdsa$bits" ecdsa || return
    done
}

keys_ed25519()
{
    key_new ed25519 -t ed25519 && key_formats ed25519 &&
        key_copy ed25519 ed25519.chacha -Z chacha20-poly1305@openssh.com -N "$KEY_PASSPHRASE" &&
        key_copy ed25519 ed25519.gcm -Z aes256-gcm@openssh.com -N "$KEY_PASSPHRASE" &&
        key_new stranger -t ed25519 && key_new stranger-ecdsa -t ecdsa
}

# Of alice's: good ones, and those that are refused for what is in them.
keys_certificates()
{
    local name
    for name in ecdsa ecdsa384 expired other unknown source; do
        key_new "cert-$name" -t ecdsa -b "$([ "$name" = ecdsa384 ] && echo 384 || echo 256)" || return
    done
    key_new cert-ed25519 -t ed25519 &&
        certificate cert-ecdsa ca alice &&
        certificate cert-ecdsa384 ca alice &&
        certificate cert-ed25519 ca alice &&
        certificate cert-expired ca alice -V 20200101:20200102 &&
        certificate cert-other ca bob &&
        certificate cert-unknown ca-unknown alice &&
        certificate cert-source ca alice -O source-address=192.0.2.0/24
}

# Run in the background.
keys_make()
{
    local pids=() part
    mkdir -p "$DIR/keys"
    key_new ca -t ed25519 && key_new ca-unknown -t ed25519 || return
    cp "$DIR/keys/ca.pub" "$DIR/user_ca.pub"
    for part in rsa ecdsa ed25519 certificates; do
        "keys_$part" &
        pids+=($!)
    done
    for part in "${pids[@]}"; do
        wait "$part" || return
    done
    cat "$DIR"/keys/{ed25519,ecdsa256,ecdsa384,ecdsa521,rsa}.pub >>"$DIR/authorized_keys"
}

keys_env()
{
    local name
    put_env KEY_DIR "$DIR/keys"
    put_env KEY_PASSPHRASE "$KEY_PASSPHRASE"
    for name in ed25519 ecdsa256 ecdsa384 ecdsa521 rsa stranger; do
        put_env "KEY_${name^^}" "$DIR/keys/$name"
    done
    for name in ecdsa ecdsa384 ed25519 rsa expired other unknown source; do
        put_env "CERT_${name^^}" "$DIR/keys/cert-$name"
    done
}
