#!/usr/bin/env bats
# shellcheck disable=SC2086,SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What configure makes of the libraries that it finds, by real runs of it on copies of
# libssh2.a that were changed. All is built in the test's own folder; the source may be
# read-only and its path may hold blanks. CC names the compiler.

bats_require_minimum_version 1.5.0

PRIVATE='transport_send packet_requirev transport_read packet_require'

# The shared part: the archive to copy from, and one plain configure run, whose answers on
# anything but the libraries the other runs take over.
setup_file()
{
    : "${abs_top_srcdir:=$(cd "$BATS_TEST_DIRNAME/.." && pwd)}"
    : "${abs_top_builddir:=$abs_top_srcdir}"
    export abs_top_srcdir CC=${CC:-cc}
    # what an outer make or a packager's environment would add
    unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES DESTDIR CFLAGS CONFIG_SITE
    cd "$BATS_FILE_TMPDIR" || return
    ln -s "$abs_top_srcdir" source
    archive=
    [ ! -e "$abs_top_builddir/Makefile" ] ||
        archive=$(sed -n 's/^LIBSSH2_ARCHIVE = //p' "$abs_top_builddir/Makefile")
    [ -e "$archive" ] || archive=$(pkg-config --variable=libdir libssh2)/libssh2.a
    [ -e "$archive" ] || archive=$($CC -print-file-name=libssh2.a)
    cp "$archive" libssh2.a
    chmod u+w libssh2.a
    prefix=_libssh2_
    nm libssh2.a 2>/dev/null | grep -q ' T _libssh2_transport_send$' || prefix=ssh2_
    gssapi=
    pkg-config --exists krb5-gssapi krb5 || gssapi=--disable-gssapi
    export prefix gssapi
    mkdir plain
    cd plain || return
    ../source/configure -C CFLAGS=-O0 --with-libssh2-archive=../libssh2.a $gssapi >../plain.log 2>&1 ||
        { cat ../plain.log; return 1; }
    sed -E '/libssh2|LIBSSH2|ac_cv_env_|pkg_cv_/d' config.cache >../config.cache
}

# Links in the test's folder, so that no absolute path is given to configure.
setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    ln -s "$abs_top_srcdir" source
    mkdir build
    cp "$BATS_FILE_TMPDIR/libssh2.a" .
    cp "$BATS_FILE_TMPDIR/config.cache" build
}

# configure [ARGUMENT...]: on the copy of the archive; sets status and output.
configure()
{
    run_configure --with-libssh2-archive=../libssh2.a "$@"
}

run_configure()
{
    cd "$BATS_TEST_TMPDIR/build" || return
    run ../source/configure -C CFLAGS=-O0 $gssapi "$@"
    cd "$BATS_TEST_TMPDIR" || return
}

build()
{
    make -C build -s -j "$(nproc)" ssh-authtest >make.log 2>&1 || { cat make.log; return 1; }
    build/ssh-authtest --version >/dev/null
}

# refute COMMAND...: it fails. (A plain `!` would not end the test.)
refute()
{
    ! "$@" || complain "should not be so: $*"
}

complain()
{
    printf '%s\n' "$1" "status $status" "--- output" "$output"
    return 1
}

expect_ok()
{
    [ "$status" = 0 ] || complain "configure stopped"
}

# It stopped with an error of ours, whose text has each of these.
expect_error()
{
    local text error
    error=$(grep '^configure: error: ' <<<"$output") || complain "no error message"
    [ "$status" = 1 ] && [ ! -e build/Makefile ] || complain "configure went on"
    for text; do
        [[ $error == *"$text"* ]] || complain "not in the error message: $text"
    done
}

expect_line()
{
    grep -qE -- "$1" <<<"$output" || complain "no line matches: $1"
}

# has_symbol FILE REGEX: `nm` shows it, as "T name" or "U name".
has_symbol()
{
    nm -- "$1" 2>/dev/null | sed -E 's/^[0-9a-f]* +//' | grep -qxE -- "$2"
}

needs_library()
{
    readelf -d "$1" | grep 'NEEDED' | grep -qE -- "\[$2\.so"
}

# merged: the whole archive as a single object.
merge_archive()
{
    ld -r --whole-archive libssh2.a -o merged.o
    rm libssh2.a
}

# configure_without REGEX [ARGUMENT...]: pkg-config knows all that it did but modules whose names match.
configure_without()
{
    local folder file folders
    folders=${PKG_CONFIG_PATH:-}:${PKG_CONFIG_LIBDIR:-$(pkg-config --variable=pc_path pkg-config)}
    mkdir pc
    for folder in ${folders//:/ }; do
        for file in "$folder"/*.pc; do
            [[ ! -e $file || ${file##*/} =~ ^($1)\.pc$ || -e pc/${file##*/} ]] || ln -s "$file" pc
        done
    done
    PKG_CONFIG_PATH='' PKG_CONFIG_LIBDIR=$BATS_TEST_TMPDIR/pc configure "${@:2}"
}

# ---------------------------------------------------------------- what the archive has

@test "libssh2 without gssapi-with-mic: ours is built" {
    [ -z "$gssapi" ] || skip "no krb5-gssapi"
    ! has_symbol libssh2.a 'T libssh2_userauth_gssapi_with_mic_ex' ||
        skip "this machine's libssh2 has it"
    configure
    expect_ok
    expect_line "^  its private functions +${prefix}transport_send, ${prefix}packet_requirev, ${prefix}transport_read, ${prefix}packet_require$"
    expect_line '^  gssapi-with-mic +yes, MIT Kerberos [0-9]'
    expect_line '^  libssh2 +[0-9.]+.*, linked from \.\./libssh2\.a$'
    expect_line '^  loaded late +libreadline\.so\.[0-9]+ .*libgssapi_krb5\.so\.'
    build
    has_symbol build/src/ssh2/gssapi_with_mic.o 'T libssh2_userauth_gssapi_with_mic_ex'
    refute needs_library build/ssh-authtest libgssapi_krb5
    grep -q '^#define LATE_GSSAPI "libgssapi_krb5\.so\.' build/config.h
    refute needs_library build/ssh-authtest libssh2
}

@test "libssh2 with gssapi-with-mic: its own is used, ours is not built" {
    [ -z "$gssapi" ] || skip "no krb5-gssapi"
    cat >added.c <<-'END'
	int libssh2_userauth_gssapi_with_mic_ex(void *session, const char *user, unsigned user_len,
	                                        const char *host, unsigned host_len, int delegate);
	int added_to_libssh2 = -33;
	int libssh2_userauth_gssapi_with_mic_ex(void *session, const char *user, unsigned user_len,
	                                        const char *host, unsigned host_len, int delegate)
	{
	    (void)session, (void)user, (void)user_len, (void)host, (void)host_len, (void)delegate;
	    return added_to_libssh2;
	}
	END
    $CC -c added.c
    ar rs libssh2.a added.o 2>/dev/null
    configure
    expect_ok
    expect_line "^  gssapi-with-mic +yes, libssh2's own$"
    expect_line '^  loaded late +libreadline'
    [[ $(grep '^  loaded late' <<<"$output") != *gssapi* ]] || complain "nothing would load Kerberos"
    refute grep -q '^#define LATE_GSSAPI' build/config.h
    build
    has_symbol build/src/auth/gssapi.o 'U libssh2_userauth_gssapi_with_mic_ex'
    has_symbol build/ssh-authtest 'T libssh2_userauth_gssapi_with_mic_ex'
    has_symbol build/ssh-authtest 'D added_to_libssh2'
    [ ! -e build/src/ssh2/gssapi_with_mic.o ]
    [ ! -e build/src/gss/context.o ]
}

@test "libssh2 with gssapi-with-mic, --disable-gssapi: neither is there" {
    printf '%s\n' 'int libssh2_userauth_gssapi_with_mic_ex(void);' \
        'int libssh2_userauth_gssapi_with_mic_ex(void) { return 0; }' >added.c
    $CC -c added.c
    ar rs libssh2.a added.o 2>/dev/null
    configure --disable-gssapi
    expect_ok
    expect_line '^  gssapi-with-mic +no'
}

@test "private functions under the development branch's names: found, and linked" {
    [ "$prefix" = _libssh2_ ] || skip "this machine's libssh2 has these names"
    nm libssh2.a 2>/dev/null | awk '$NF ~ /^_libssh2_/ { print $NF, "ssh2_" substr($NF, 10) }' |
        sort -u >names
    objcopy --redefine-syms=names libssh2.a
    configure
    expect_ok
    expect_line '^checking for libssh2.s private packet functions\.\.\. ssh2_'
    expect_line '^  its private functions +ssh2_transport_send, ssh2_packet_requirev, ssh2_transport_read, ssh2_packet_require$'
    build
    for name in $PRIVATE; do
        has_symbol build/ssh-authtest "T ssh2_$name"
        has_symbol build/ssh-authtest "T __wrap_ssh2_$name"
        refute has_symbol build/ssh-authtest ". _libssh2_$name"
    done
}

@test "an archive of one object, which defeats --wrap: configure stops" {
    merge_archive
    ar rcs libssh2.a merged.o
    configure
    expect_error 'private packet functions' 'libssh2-1-dev' '--with-libssh2-archive=FILE'
}

@test "userauth and transport in one object, which defeats it for userauth alone: configure stops" {
    for name in userauth transport; do
        member=$(ar t libssh2.a | grep -xE "(.*[-_])?$name(\.c)?\.o")
        ar x libssh2.a "$member"
        ar d libssh2.a "$member"
        mv "$member" "$name.part"
    done
    ld -r userauth.part transport.part -o both.o
    ar rs libssh2.a both.o
    configure
    expect_error 'private packet functions' 'libssh2-1-dev' '--with-libssh2-archive=FILE'
}

@test "private functions that are hidden: configure stops" {
    merge_archive
    objcopy $(printf -- "--localize-symbol=$prefix%s " $PRIVATE) merged.o
    ar rcs libssh2.a merged.o
    has_symbol libssh2.a "t ${prefix}transport_send"
    configure
    expect_error 'private packet functions' 'libssh2-1-dev' '--with-libssh2-archive=FILE'
}

@test "one of the private functions is missing: configure stops" {
    cp libssh2.a whole.a
    for name in packet_requirev transport_read packet_require; do
        objcopy --redefine-sym="$prefix$name=other_$name" whole.a libssh2.a
        configure
        expect_error 'private packet functions' 'libssh2-1-dev' '--with-libssh2-archive=FILE'
    done
}

# ------------------------------------------------------------------- what is not there

@test "--with-libssh2-archive names no file: configure stops and names it" {
    run_configure --with-libssh2-archive=/nonexistent/libssh2.a
    expect_error '/nonexistent/libssh2.a'
}

@test "--with-libssh2-archive names no archive: configure stops" {
    echo 'no archive' >libssh2.a
    configure
    expect_error '../libssh2.a does not link'
}

@test "a library without its development package: configure names the package" {
    local row missing package
    for row in 'readline libreadline-dev' 'libcrypto libssl-dev' 'libssh2 libssh2-1-dev' \
        'liboath liboath-dev' 'jansson libjansson-dev' 'mxml libmxml-dev' 'krb5-gssapi|mit-krb5-gssapi libkrb5-dev'; do
        read -r missing package <<<"$row"
        [[ -z $gssapi || $package != libkrb5-dev ]] || continue
        rm -rf pc build
        mkdir build
        cp "$BATS_FILE_TMPDIR/config.cache" build
        configure_without "$missing"
        expect_error "$package"
    done
    [[ -n $gssapi || $output == *--disable-gssapi* ]] || complain "the way without is not told"
}

@test "a libcrypto before 3.0: configure says which is needed" {
    local folder
    folder=$(pkg-config --variable=pcfiledir libcrypto)
    mkdir old
    sed 's/^Version:.*/Version: 1.1.1w/' "$folder/libcrypto.pc" >old/libcrypto.pc
    PKG_CONFIG_PATH=$PWD/old configure
    expect_error 'libcrypto 3.0 or later was not found' libssl-dev
}

@test "--disable-late-loading: linked with all of them, and nothing is loaded" {
    local library
    configure --disable-late-loading
    expect_ok
    expect_line '^  loaded late +none$'
    refute grep -q '^#define LATE_' build/config.h
    build
    for library in libreadline liboath libjansson libmxml ${gssapi:-libgssapi_krb5}; do
        [[ $library = --* ]] || needs_library build/ssh-authtest "$library" || complain "not linked: $library"
    done
    run build/ssh-authtest -F none -p 1 --format=json 127.0.0.1
    [[ $status = 7 && $output = *'"version":1'* ]] || complain "no JSON"
}

@test "--disable-gssapi: needs no Kerberos, and the program says that it has none" {
    configure_without '(mit-)?krb5.*' --disable-gssapi
    expect_ok
    expect_line '^  gssapi-with-mic +no \(--disable-gssapi\)$'
    build
    [ ! -e build/src/auth/gssapi.o ]
    [ ! -e build/src/ssh2/gssapi_with_mic.o ]
    refute needs_library build/ssh-authtest 'lib(gssapi_krb5|krb5)'
    run build/ssh-authtest --help
    [ "$status" = 0 ]
    expect_line '^Methods known:.*keyboard-interactive'
    [[ $(sed '/^Methods known/,/^$/!d' <<<"$output") != *gssapi* ]] || complain "gssapi is known"
    run build/ssh-authtest -m gssapi-with-mic 127.0.0.1
    [ "$status" = 2 ] || complain "expected status 2"
    expect_line 'gssapi-with-mic.*(--disable-gssapi|not built|without)'
}

@test "fuzzing needs a compiler that has libFuzzer, and says so" {
    printf '#!/bin/sh\ncase " $* " in *" -fsanitize=fuzzer"*) exit 1 ;; esac\nexec %s "$@"\n' "$CC" >unfit
    chmod 755 unfit
    PATH=$PWD:$PATH configure CC=unfit --enable-fuzzing
    expect_error "--enable-fuzzing needs clang" "libclang-rt-dev"
}
