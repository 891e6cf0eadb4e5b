#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2016,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The completions of bash, zsh and fish, asked as each shell asks: in a clean one, with a home that has
# nothing but what is put there.

bats_require_minimum_version 1.5.0

setup()
{
    export HOME=$BATS_TEST_TMPDIR/home
    mkdir -p "$HOME/.ssh" "$BATS_TEST_TMPDIR/here"
    unset XDG_CONFIG_HOME XDG_DATA_HOME ZDOTDIR BASH_ENV ENV
    cd "$BATS_TEST_TMPDIR/here" || return
    : >a-key
}

# built SHELL-FILE: in a tarball's build it is in the source tree.
built()
{
    if [ -e "$abs_top_builddir/completion/$1" ]; then
        printf '%s\n' "$abs_top_builddir/completion/$1"
    else
        printf '%s\n' "$abs_top_srcdir/completion/$1"
    fi
}

# column N: of the rows of options.def, one a line; 2 is the long name, 3 the argument. Quotes are off.
column()
{
    tr -d '\n' <"$abs_top_srcdir/src/cli/options.def" |
        grep -oE "OPTION\([A-Z0-9_]+, *[^,]+, *[^,]+, *(NULL|\"[^\"]*\")," |
        sed -E "s/OPTION\([A-Z0-9_]+, *([^,]+), *([^,]+), *(NULL|\"[^\"]*\"),/\\$1/; s/[\"']//g"
}

outcomes()
{
    tr -d '\n' <"$abs_top_srcdir/src/util/outcome.def" | grep -oE 'OUTCOME\([A-Z_]+, "[^"]*", [0-9]+, [^"]*"' |
        grep EXPECTABLE | cut -d '"' -f 2
}

methods()
{
    sed -nE 's/^METHOD\("([^"]*)".*/\1/p' "$abs_top_srcdir/src/auth/method.def"
}

# ask_bash WORD...: what a bash without bash-completion offers for the last word, one a line. BEFORE is run there.
ask_bash()
{
    env -i HOME="$HOME" PATH="$PATH" "$BASH" --norc --noprofile -c '
        eval "$2"
        . "$1"
        shift 2
        COMP_LINE=$1 COMP_POINT=${#COMP_LINE}
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _ssh_authtest ssh-authtest "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        [ ${#COMPREPLY[@]} = 0 ] || printf "%s\n" "${COMPREPLY[@]}"' bash "$(built bash/ssh-authtest)" "${BEFORE:-}" "$@"
}

# bash_offers LINE WORD...: the line as it is typed; bash divides it at blanks, = : and @, and replaces
# what is behind = and :, but from @ on.
bash_offers()
{
    local line=$1 word
    local -a words=()
    shift
    while IFS= read -r word; do
        words+=("$word")
    done < <(grep -oE '[^ =:@]+|[=:@]+' <<<"$line")
    [[ $line != *' ' ]] || words+=('')
    offered "$line" "$(ask_bash "$line" "${words[@]}")" "$@"
}

# offered LINE OUTPUT WORD...: the same words, in any order.
offered()
{
    local line=$1 output=$2
    shift 2
    diff <([ $# = 0 ] || printf '%s\n' "$@" | sort -u) <([ -z "$output" ] || sort -u <<<"$output") ||
        { printf 'for: %s\n' "$line"; false; }
}

# ask_fish LINE: without the descriptions, and without what fish 4 finds besides, words that only have
# the last one of the line somewhere within.
ask_fish()
{
    fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$(built fish/ssh-authtest.fish)" "$1" 2>&1 |
        cut -f 1 | awk -v last="${1##* }" 'index($0, last) == 1'
}

fish_offers()
{
    local line=$1
    shift
    offered "$line" "$(ask_fish "$line")" "$@"
}

# ask_zsh LINE: what compadd is handed that fits. zsh completes in its line editor alone, so it gets one.
ask_zsh()
{
    /usr/bin/python3 -B "$abs_top_srcdir/tests/completion_zsh.py" "$(built zsh/_ssh-authtest)" "$1"
}

zsh_offers()
{
    local line=$1
    shift
    offered "$line" "$(ask_zsh "$line")" "$@"
}

need()
{
    command -v "$1" >/dev/null || skip "$1 is missing"
}

# The expected answers to "-": each long name, or the letter where there is none.
spellings()
{
    paste -d ' ' <(column 1) <(column 2) <(column 3 | tr ' ' _) | while read -r letter name argument; do
        if [ "$name" = NULL ]; then
            printf -- '-%s\n' "$letter"
        elif [ "$argument" = NULL ]; then
            printf -- '--%s\n' "$name"
        else
            printf -- '--%s%s\n' "$name" "$1"
        fi
    done
}

@test "the tables are read as a whole" {
    [ "$(column 2 | wc -l)" = "$(grep -c '^OPTION(' "$abs_top_srcdir/src/cli/options.def")" ]
    [ "$(outcomes | wc -l)" -ge 18 ]
    [ "$(methods | wc -l)" -ge 5 ]
}

@test "bash: every option is offered, and every choice of one" {
    local words name argument
    bash -n "$(built bash/ssh-authtest)"
    mapfile -t words < <(spellings '=')
    bash_offers 'ssh-authtest -' "${words[@]}"
    bash_offers 'ssh-authtest -4 --metho' --methods=
    while read -r name argument; do
        [[ $argument != *[A-Z]* && $argument = *'|'* ]] || continue
        IFS='|' read -ra words <<<"$argument"
        bash_offers "ssh-authtest --$name=" "${words[@]}"
        bash_offers "ssh-authtest --$name " "${words[@]}"
    done < <(paste -d ' ' <(column 2) <(column 3))
    bash_offers 'ssh-authtest --color=al' always
}

@test "bash: methods and outcomes, in a list" {
    local words
    mapfile -t words < <(methods)
    bash_offers 'ssh-authtest -m ' "${words[@]}"
    bash_offers 'ssh-authtest --methods=' "${words[@]}"
    bash_offers 'ssh-authtest -m publickey,pa' publickey,password
    bash_offers 'ssh-authtest --forbid-offered=publickey,pa' publickey,password
    bash_offers 'ssh-authtest -vm pa' password
    bash_offers 'ssh-authtest -vmpa' -vmpassword
    mapfile -t words < <(outcomes)
    bash_offers 'ssh-authtest -B --expect=' "${words[@]}"
    bash_offers 'ssh-authtest -e partial-success,fai' partial-success,failure
    # a quoted list of chains is one word
    offered quoted "$(ask_bash "ssh-authtest -m 'none pa" ssh-authtest -m "'none pa")" 'none password'
}

@test "bash: files, hosts of targets and jumps, and nothing where nothing is known" {
    printf '%s\n' 'Host web1 *.example' 'Host wild-* ' 'Host web2 web3' '  HostName web9' >"$HOME/.ssh/config"
    bash_offers 'ssh-authtest -i ' a-key
    bash_offers 'ssh-authtest --identity=a' a-key
    bash_offers 'ssh-authtest web' web2 web3
    bash_offers 'ssh-authtest -B alice@web' @web2 @web3
    bash_offers 'ssh-authtest --jump=alice@web' @web2 @web3
    bash_offers 'ssh-authtest -J bob@web2,web' @web2,web2 @web2,web3
    bash_offers 'ssh-authtest -- web' web2 web3
    bash_offers 'ssh-authtest -m none -- -'
    bash_offers 'ssh-authtest web2:'
    bash_offers 'ssh-authtest --proxy-command='
    bash_offers 'ssh-authtest -p '
    bash_offers 'ssh-authtest -r '
    bash_offers 'ssh-authtest --no-such=a'
}

@test "bash: a configuration of ssh's is not run" {
    printf '%s\n' 'Host $(touch ran) `touch ran`' >"$HOME/.ssh/config"
    ask_bash 'ssh-authtest we' ssh-authtest we
    [ ! -e ran ]
}

@test "bash: bash-completion's host names are taken where it is loaded" {
    BEFORE='_known_hosts_real() { [[ $* == "-a -- we" ]] && COMPREPLY=(web7 web8); }'
    bash_offers 'ssh-authtest we' web7 web8
    bash_offers 'ssh-authtest alice@we' @web7 @web8
    # where @ does not divide words, the user is part of the word
    offered undivided "$(ask_bash 'ssh-authtest alice@we' ssh-authtest alice@we)" alice@web7 alice@web8
}

@test "fish: options, choices, methods, outcomes and files" {
    local words word typed
    need fish
    fish --no-execute "$(built fish/ssh-authtest.fish)"
    mapfile -t words < <(spellings '' | grep '^--f')
    fish_offers 'ssh-authtest --f' "${words[@]}"
    while IFS= read -r word; do
        typed=$word
        [[ $word == --* ]] || typed=-
        grep -qxF -- "$word" < <(ask_fish "ssh-authtest $typed") || { echo "$word"; false; }
    done < <(spellings '')
    fish_offers 'ssh-authtest --color al' always
    fish_offers 'ssh-authtest --color=al' --color=always
    fish_offers 'ssh-authtest --methods pass' password
    fish_offers 'ssh-authtest -m publickey,pa' publickey,password
    fish_offers 'ssh-authtest -e failure,suc' failure,success
    fish_offers 'ssh-authtest --identity a-' a-key
    fish_offers 'ssh-authtest --proxy-command a-'
    fish_offers 'ssh-authtest --port a-'
}

@test "zsh: options, choices, methods, outcomes and files" {
    local words
    need zsh
    zsh -n "$(built zsh/_ssh-authtest)"
    head -n 1 "$(built zsh/_ssh-authtest)" | grep -qx '#compdef ssh-authtest'
    mapfile -t words < <(spellings '' | grep '^--f')
    zsh_offers 'ssh-authtest --f' "${words[@]}"
    zsh_offers 'ssh-authtest --color=al' always
    zsh_offers 'ssh-authtest --host-key ' strict ask accept-new off
    mapfile -t words < <(methods)
    zsh_offers 'ssh-authtest -m ' "${words[@]}"
    zsh_offers 'ssh-authtest -m publickey,pa' password
    zsh_offers 'ssh-authtest --expect=failure,suc' success
    zsh_offers 'ssh-authtest -i a-' a-key
    zsh_offers 'ssh-authtest --proxy-command a-'
}
