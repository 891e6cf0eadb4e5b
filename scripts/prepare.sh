# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What quickstart, check and .ci/run share; sourced by them. Packages, an ordinary user to be,
# and a build. `top` is the source tree, an absolute path that may hold blanks.

build_packages=(autoconf automake gcc libc6-dev make pkg-config
    libssh2-1-dev libssl-dev zlib1g-dev libkrb5-dev libreadline-dev
    liboath-dev libjansson-dev libmxml-dev)
world_packages=(openssh-server openssh-client krb5-kdc krb5-admin-server krb5-user
    libnss-wrapper libpam0g-dev libpam-oath oathtool faketime perl procps)
test_packages=(bats dropbear-bin fish jq libcmocka-dev libssh-dev libxml2-utils man-db openssl parallel
    python3 python3-asyncssh python3-cryptography python3-jsonschema python3-yaml strace tinysshd valgrind zsh)
fuzz_packages=(clang jq libclang-rt-dev llvm) # of scripts/fuzz
bench_packages=(nmap putty-tools python3-asyncssh sshpass strace) # of scripts/bench

# What these packages would start at once, and at each boot. The tests run servers of their own.
services=(ssh.service krb5-kdc.service krb5-admin-server.service tinysshd.socket)

say()
{
    printf '== %s\n' "$*"
}

die()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

is_installed()
{
    # shellcheck disable=SC2016
    [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]
}

# as_root COMMAND...: by sudo where that is needed
as_root()
{
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null || die "sudo is missing: as root, run: apt-get install ${missing[*]}"
        sudo "$@"
    fi
}

# The services of packages that are new here are neither started nor enabled.
install_quietly()
{
    local policy=/usr/sbin/policy-rc.d made= service
    local -a new=()

    for service in "${services[@]}"; do
        systemctl cat "$service" >/dev/null 2>&1 || new+=("$service")
    done
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        made=1
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends "${missing[@]}" >/dev/null || {
        [ -z "$made" ] || as_root rm -f "$policy"
        die "apt-get could not install ${missing[*]}"
    }
    [ -z "$made" ] || as_root rm -f "$policy"
    [ -d /run/systemd/system ] || return 0
    for service in "${new[@]}"; do
        as_root systemctl disable -q "$service" 2>/dev/null || true
    done
}

# prepare_packages PACKAGE...: installs those that are missing
prepare_packages()
{
    local package
    local -a missing=()

    command -v dpkg-query >/dev/null ||
        die "this is not Debian or Ubuntu: install the packages of scripts/prepare.sh by hand"
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    as_root apt-get update -qq || die "apt-get update failed"
    install_quietly
}

# become_user SCRIPT [ARGUMENT]...: root runs SCRIPT (a path in the tree) again as nobody, in a copy of
# the tree that is removed in the end, and exits with its status. Others just return.
become_user()
{
    local script=$1 copy status=0
    shift

    [ "$(id -u)" = 0 ] || return 0
    copy=$(mktemp -d "${TMPDIR:-/tmp}/ssh-authtest.XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf '$copy'" EXIT
    mkdir "$copy/tree" "$copy/home" "$copy/tmp"
    tar -C "$top" --exclude=./.git --exclude=./build --exclude='./build-[!a]*' --exclude=./autom4te.cache -cf - . |
        tar -C "$copy/tree" -xf -
    chown -R nobody "$copy"
    say "going on as the user nobody, in a copy of the tree"
    setpriv --reuid=nobody --regid=nogroup --clear-groups \
        env -u XDG_RUNTIME_DIR HOME="$copy/home" TMPDIR="$copy/tmp" USER=nobody LOGNAME=nobody \
        bash -c 'cd "$1" && shift && exec bash "$@"' bash "$copy/tree" "$script" "$@" || status=$?
    rm -rf "$copy"
    trap - EXIT
    exit "$status"
}

# prepare_build FOLDER [CONFIGURE ARGUMENT]...: configures and builds in FOLDER of the tree. Paths stay
# relative, since configure takes no absolute source path with a blank in it.
prepare_build()
{
    local folder=$1
    shift

    cd "$top" || exit 1
    if [ ! -x configure ] || [ configure.ac -nt configure ] || [ Makefile.am -nt Makefile.in ]; then
        say "autoreconf"
        autoreconf -i || die "autoreconf failed"
    fi
    mkdir -p "$folder"
    cd "$folder" || exit 1
    if [ ! -f Makefile ] || [ ../configure -nt config.status ]; then
        say "configure $*"
        ../configure -q "$@" || die "configure failed: see $folder/config.log"
    fi
    say "make"
    make -s V=1 -j"$(nproc)" || die "the build failed"
}
