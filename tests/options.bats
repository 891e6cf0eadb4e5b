#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154,SC2015,SC2016,SC2034
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The command line: what is refused (one clear line, status 2, nothing connected), what is
# understood, and which of several places counts. What an option then does is tested elsewhere.

load helper

setup()
{
    test_begin
    peer_start kbdint.py
    HERE=127.0.0.1:$PEER_PORT
}

# usage SHAPE ARGUMENT...: refused with this regular expression behind "ssh-authtest: ".
usage()
{
    probe "${@:2}"
    expect_status 2 && refused_by "$1"
}

# refused_by SHAPE: one line of it, perhaps a hint below, no report.
refused_by()
{
    [ -z "$output" ] || complain "something on standard output" || return
    [ "$(grep -c '^ssh-authtest: ' <<<"$stderr")" = 1 ] || complain "not one line" || return
    expect_err "^ssh-authtest: $1" &&
        refute_err '^(ssh-authtest: )?.{300}' &&
        ! grep -vE '^(ssh-authtest: |  [^ ])' <<<"$stderr" || complain "other lines" || return
    have_no_control_bytes
}

# bad OPTION REGEX VALUE...: each value is refused by a line that names option and reason.
bad()
{
    local option=$1 reason=$2 value
    shift 2
    for value; do
        if [[ $option == --* ]]; then
            usage "$option( .*)?: .*($reason)" "$option=$value" "$HERE"
        else
            usage "$option( .*)?: .*($reason)" "$option" "$value" "$HERE"
        fi
    done
}

nothing_connected()
{
    # A client that connected and went is in the log once the next one is.
    probe --host-key=off after-the-others@"$HERE"
    expect_status 0
    expect_peer '^closed'
    [ "$(grep -c . "$PEER_LOG")" = 3 ] || complain "somebody else connected"
}

# asked USER ARGUMENT...: a listing; the peer was asked for USER.
asked()
{
    : >"$PEER_LOG"
    probe --host-key=off "${@:2}"
    expect_status 0 && expect_peer "^request $1 none\$" && expect_line "^listed: .*$1"
}

# --------------------------------------------------------------- bad values

@test "limits that are none" {
    local option
    for option in -t --timeout --connect-timeout; do
        bad "$option" 'number of seconds above 0' '' 0 0.0 -1 +1 ' 1' '1 ' 1s 1e3 0x10 .5 5. 1,5 \
            inf nan 1000001 1000000.5 99999999999999999999 $'1\n'
    done
    nothing_connected
}

@test "ports that are none" {
    bad -p 'number from 1 to 65535' '' 0 65536 -1 +22 ' 22' '22 ' 22x 0x16 1.5 ssh 4294967318 \
        99999999999999999999
    bad --port 'number from 1 to 65535' 0
    nothing_connected
}

@test "words that are none of an option's choices" {
    bad --host-key 'strict\|ask\|accept-new\|off' '' STRICT yes stric strict,ask 'strict|ask' 'off '
    bad --color 'auto\|always\|never' '' AUTO yes alwa 'auto|always'
    nothing_connected
}

@test "fingerprints that are none" {
    local good=SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    bad --fingerprint 'SHA256:' '' "${good#SHA256:}" "${good/SHA256/sha256}" SHA512:abc SHA256: \
        "${good%A}" "${good}A" "${good}==" "${good/AAAA/AA*A}" "$good x"
    bad --fingerprint 'SHA-256' "${good%A}B"
    bad --fingerprint 'MD5' MD5:c1:b1:30 c1:b1:30:29:d7:b8:de:6c:97:77:10:d7:46:41:63:87
    nothing_connected
    probe --fingerprint="$good=" "$HERE"
    expect_status 6
}

@test "lists of methods that are none" {
    bad -m 'empty' '' ' ' $'\t\n'
    bad -m 'no such method' nonsense None none,nonsense 'none nonsense' none,keyboard-interactiv $'no\e[2Jne'
    bad -m 'before or behind a comma' none, ,none none,,none , 'none none,'
    bad -m 'any' any none,any
    bad -m 'submethod' keyboard-interactive:pam
    bad --methods 'no such method' nonsense
    expect_err '^  methods: none, password, publickey, keyboard-interactive \(kbdint\)'
    nothing_connected
}

@test "lists of methods to be offered, or not to be, that are none" {
    local option twice=password,publickey,password
    for option in --expect-offered --forbid-offered; do
        bad "$option" 'empty' ''
        bad "$option" 'before or behind a comma' , ,password password,, 'password,,publickey'
        bad "$option" 'no server lists' none password,none
        bad "$option" "no method" any password,any
        bad "$option" 'submethod' keyboard-interactive:pam
        bad "$option" 'without blanks' ' ' 'password, publickey' $'pass\e[2Jword' $'password\n' $'p\xc3\xa4ss'
        bad "$option" 'NAME@DOMAIN' @ a@ @b a@b@c
        bad "$option" 'at most 64' "$(printf '%065d' 0)"
        bad "$option" 'twice' "$twice" kbdint,keyboard-interactive
        usage "$option: its argument is missing: LIST" "$HERE" "$option"
    done
    usage '--expect-offered: given twice' --expect-offered=password --expect-offered=password "$HERE"
    usage "--forbid-offered 'password': --expect-offered expects it" \
        --forbid-offered=hostbased,password --expect-offered=publickey,password "$HERE"
    nothing_connected
}

@test "keys without publickey, and passphrases without a key" {
    usage "-i '': no file" -i '' "$HERE"
    usage '--identity: of no use without --methods' -i key "$HERE"
    usage '--agent: of no use without --methods' --agent "$HERE"
    usage '--identity: of no use without publickey in --methods' -m none -i key "$HERE"
    usage '--agent: of no use without publickey in --methods' -m none,kbdint --agent "$HERE"
    usage '--passphrase: it belongs to the -i before it' --passphrase=env:PW -i key "$HERE"
    usage '--passphrase: the -i before it has one' -i key --passphrase=env:PW --passphrase=env:PW "$HERE"
    usage '--agent: it takes no argument' --agent=x "$HERE"
    nothing_connected
}

@test "a passphrase that is typed instead of its source is not repeated" {
    local value
    for value in hunter2 hunter2=env:PW fd:hunter2 ask:hunter2; do
        usage '--passphrase: ' -i key --passphrase="$value" "$HERE"
        refute_text hunter2
    done
    nothing_connected
}

@test "publickey without a key, or with one that cannot be used: nothing is sent" {
    usage 'publickey: no key is named: -i FILE or --agent' -m 'none kbdint,publickey' "$HERE"
    ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/key"
    probe -m publickey --agent "$HERE"
    expect_status 15 && refused_by '--agent: SSH_AUTH_SOCK '
    SSH_AUTH_SOCK=$(printf '/%0200d' 0) probe -m publickey -i "$BATS_TEST_TMPDIR/key" --agent "$HERE"
    expect_status 15 && refused_by '--agent: SSH_AUTH_SOCK is longer'
    unset UNSET
    probe -m publickey -i "$BATS_TEST_TMPDIR/key" --passphrase=env:UNSET "$HERE"
    expect_status 15 && refused_by 'env:UNSET: '
    nothing_connected
}

@test "outcomes that are none, or that nobody can expect" {
    bad -e 'no such outcome' nonsense Success 0 'success failure' success,nonsense
    expect_err '^  outcomes: success, .*partial-success'
    bad -e 'missing' '' success, ,success success,,failure
    bad --expect 'cannot be expected' usage unexpected internal interrupted success,usage
    nothing_connected
}

@test "rules that are none" {
    bad -r 'back references' '(a)\1=env:HOME'
    bad -r 'larger than 2000' '((x{99}){99}){9}=env:HOME' "x++++++++++++++++++++++++=env:HOME"
    bad -r 'more than 100 parentheses' "$(printf '(%.0s' {1..150})=env:HOME"
    bad -r 'no source' nonsense '' Password Password= Password=secret Password=ENV:X '=' Password=env
    bad -r 'env:' Password=env: 'Password=env:A=B'
    bad -r 'file:' Password=file:
    bad -r 'fd:' Password=fd: Password=fd:x Password=fd:-1 Password=fd:1x Password=fd:99999999999999999999
    bad -r 'ask:' Password=ask:me
    bad -r 'cmd:' Password=cmd:
    bad -r 'totp:' Password=totp:
    bad --max-refused 'from 1 to 1000000' 0 '' -1 x 3x 1000001 0.5
    bad -r 'Unmatched|Invalid|Trailing' '(=env:HOME' '[=env:HOME' 'a{2,1}=env:HOME' '\=env:HOME'
    nothing_connected
}

@test "rules whose source cannot be used: credential, and nothing is sent" {
    local rule
    unset UNSET
    mkdir "$BATS_TEST_TMPDIR/folder"
    for rule in env:UNSET "file:$BATS_TEST_TMPDIR/missing" "file:$BATS_TEST_TMPDIR/folder" fd:77; do
        probe -m keyboard-interactive -r "Password=$rule" "$HERE"
        expect_status 15
        refused_by "$rule: "
    done
    nothing_connected
}

@test "users and hosts that are none, as an option's value" {
    local long
    printf -v long '%1025s' ''
    bad -l 'user' '' -x --help $'a\nb' $'\e[2J' "${long// /x}"
    bad --login 'user' ''
    usage '--gssapi-host( .*)?: .*host' -m none --gssapi-host=-x "$HERE"
    bad --gssapi-host 'host' '' 'a b' a@b a/b $'a\nb' a:b
    bad --known-hosts 'no file' ''
    nothing_connected
}

@test "options that do nothing without -m are refused without it" {
    usage '--respond.*: .*--methods' -r .=ask: "$HERE"
    usage '--respond-file.*: .*--methods' --respond-file=/dev/null "$HERE"
    usage '--delegate.*: .*--methods' -K "$HERE"
    usage '--gssapi-host.*: .*--methods' --gssapi-host=h "$HERE"
    usage '--gssapi-client.*: .*--methods' --gssapi-client=alice "$HERE"
    usage '--ccache.*: .*--methods' --ccache=/nonexistent "$HERE"
    usage '--keytab.*: .*--methods' --keytab=/nonexistent "$HERE"
    usage '--require-delegation.*: .*--methods' --require-delegation "$HERE"
    nothing_connected
}

@test "options of gssapi-with-mic are refused where no chain has it, and where they do not go together" {
    local option
    for option in --gssapi-client=alice --ccache=/nonexistent --keytab=/nonexistent --require-delegation; do
        usage "${option%%=*}: .*without gssapi-with-mic in --methods" -K -m 'none kbdint' "$option" "$HERE"
    done
    if "$SSH_AUTHTEST" --help | grep -q '^Methods known:.*gssapi-with-mic'; then
        usage '--keytab: not together with --ccache' -m gssapi --keytab=/x --ccache=/y "$HERE"
        usage '--require-delegation: .*without --delegate' -m gssapi --require-delegation "$HERE"
    fi
    bad --gssapi-client 'no principal' ''
    bad --ccache 'no cache' ''
    bad --keytab 'no file' ''
    nothing_connected
}

@test "options that are none, lack their argument, or take none" {
    local option
    for option in --nonsense --nonsense=1 -Z -ZB -BZ --timeout-x --=x $'--\e[2J' $'-\xff' -$'\e'; do
        usage '.*: no such option' "$option" "$HERE"
    done
    expect_err "^  .*--help"
    usage '--co: more than one option' --co=1 "$HERE"
    for option in -m -e -r -i -p -l -t --{identity,passphrase,methods,expect,respond,gssapi-host,host-key,fingerprint} \
        --{gssapi-client,ccache,keytab} --{known-hosts,login,port,timeout,connect-timeout,color}; do
        usage "$option: its argument is missing: [A-Zas]" "$HERE" "$option"
    done
    for option in --{no-trivial-auth,batch,agent,delegate,require-delegation,help,version}; do
        usage "$option: it takes no argument" "$option=1" "$HERE"
    done
    nothing_connected
}

# ------------------------------------------------------------------ bad targets

@test "no target" {
    usage 'no target.*HOST'
    usage 'no target' -m none
    usage 'no target' --
}

@test "targets that are none" {
    local target long
    printf -v long '%1025s' ''
    for target in '' @ a@ @127.0.0.1 : :22 a@:22 "127.0.0.1:" h:0 h:65536 h:x h:22x h:-1 'h: 22' \
        '[::1' '[::1]22' '[::1]:' '[::1]:0' '[]' '[]:22' '::1]:22' ::1:22:zz 1:2:3 a@b@ 'h x' $'h\n' $'h\e[2J' \
        h/x 'h*' 'h,x' 'h|x' '!h' '#h' 'h%0a;x' $'a\nb@h' "${long// /h}" "${long// /u}@h" \
        ssh:// ssh:///x ssh://h/path 'ssh://h?q' 'ssh://h#f' 'ssh://a;x=1@h' ssh://h:0 ssh://h% ssh://h%zz \
        ssh://a%00@h ssh://@h ssh://-h ssh://%2da@h ssh://a@%2dh http://h sftp://a@h scp://h; do
        usage "target '.*': [a-z].*" "$HERE" -- "$target"
    done
    nothing_connected
}

@test "users and hosts that begin with - are refused wherever they stand" {
    usage "target '-h': .*'-'" -- -h
    usage "target '-oProxyCommand=x': .*" -- -oProxyCommand=x
    usage "target '-a@h': .*'-'" -- -a@h
    usage "target 'a@-h': .*'-'" a@-h
    usage "target '\\[-h\\]:22': .*'-'" '[-h]:22'
    usage "target 'a@b@-h': .*'-'" a@b@-h
}

@test "a URI with a password is refused, and not repeated" {
    usage 'target: .*password' ssh://alice:hunter2@127.0.0.1
    refute_text hunter2
}

@test "one bad target among good ones: none is tried" {
    usage "target 'a@-h': " "$HERE" a@-h "$HERE"
    nothing_connected
}

# ---------------------------------------------------------------- help, version

@test "--help: status 0, on standard output, sections, statuses and methods" {
    local option word
    for option in -h --help; do
        probe "$option"
        expect_status 0
        [ -z "$stderr" ]
        expect_line '^Usage: ssh-authtest \[OPTION\]\.\.\. '
        for word in -m,\ --methods -K,\ --delegate --host-key --connect-timeout -V,\ --version; do
            expect_line "^ +$word"
        done
        expect_line '^ +0  success'
        expect_line '^ +130  interrupted'
        expect_line '^Methods known: +none, password, publickey, keyboard-interactive$'
    expect_line '^ +\(kbdint\)'
        refute_line '.{80}'
    done
    probe --help "$HERE" --nonsense
    expect_status 0
    usage '--nonsense: ' --nonsense --help
    nothing_connected
}

@test "--version: status 0, name, version and licence" {
    local option
    for option in -V --version; do
        probe "$option"
        expect_status 0
        [ -z "$stderr" ]
        [[ ${lines[0]} =~ ^ssh-authtest\ [0-9]+\.[0-9]+ ]]
        expect_line 'GPL.*3 or later'
    done
    nothing_connected
}

# --------------------------------------------------------------- what is understood

@test "user and port: in the target, in a URI, as options; the target's count" {
    asked list-empty "list-empty@$HERE"
    asked list-empty -l list-empty -p "$PEER_PORT" 127.0.0.1
    asked list-empty --login=list-empty --port="$PEER_PORT" 127.0.0.1
    asked list-empty -l other -p 1 "list-empty@$HERE"
    asked list-empty -p 1 -l other "ssh://list-empty@$HERE"
    asked list-empty "SSH://list%2dempty@$HERE/"
    asked list-empty "list-empty@[127.0.0.1]:$PEER_PORT"
    asked list-empty -l other -llist-empty -p1 -p "$PEER_PORT" 127.0.0.1
    asked "$(id -un)" "$HERE"
    asked "$(id -un)" "ssh://$HERE"
}

@test "the last @ separates user and host" {
    asked alice@EXAMPLE.TEST "alice@EXAMPLE.TEST@$HERE"
    asked a@b@c "a@b@c@$HERE"
    asked 'a:b%41' "a:b%41@$HERE"
}

@test "options may follow targets, long ones be cut short, and -- ends them" {
    asked list-empty "list-empty@$HERE" --host-key=off
    asked list-empty 127.0.0.1 -p "$PEER_PORT" -l list-empty
    asked list-empty --log list-empty --po "$PEER_PORT" -- 127.0.0.1
    asked list-empty -Bvl list-empty -- "$HERE"
    expect_err ' -> USERAUTH_REQUEST '
}

@test "IPv6 addresses: bare, in brackets, in a URI" {
    local target
    # Where ::1 cannot be used either, the report has the target all the same.
    for target in alice@::1 'alice@[::1]' 'alice@[::1]:1' 'ssh://alice@[::1]:1' 'alice@0:0:0::1'; do
        probe -p 1 "$target"
        expect_status 7
        expect_line '^(::1|0:0:0::1) port 1( |$)'
        expect_line '^unreachable: ::1 port 1: '
        expect_err '^ssh-authtest: alice@\[(::1|0:0:0::1)\]: '
    done
}

@test "the default port is 22" {
    # No address of the family: nothing is asked of the machine's own port 22.
    probe -6 alice@127.0.0.1
    expect_status 7
    expect_line '^127\.0\.0\.1 port 22$'
}

@test "several targets: all are tried, in order; the status is that of the first that is not 0" {
    local closed=$PEER_PORT
    peer_start closing.py close
    probe --host-key=off -l x "127.0.0.1:$closed" 127.0.0.1:1 "127.0.0.1:$PEER_PORT" "127.0.0.1:$closed"
    expect_status 7
    [ "$(sed -nE 's/^(listed|unreachable|disconnected): .*/\1/p' <<<"$output" | paste -s -d ' ' -)" = \
        "listed unreachable disconnected listed" ] || complain "order"
    probe --host-key=off -l x "127.0.0.1:$PEER_PORT" 127.0.0.1:1
    expect_status 10
    probe --host-key=off -l x "127.0.0.1:$closed" "127.0.0.1:$closed"
    expect_status 0
}
