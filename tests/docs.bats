#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Nothing is undocumented: every option and every outcome of the tables is in --help, in the
# manual page as rendered, and in README.md.

bats_require_minimum_version 1.5.0

setup()
{
    page=$BATS_TEST_TMPDIR/page
    MANWIDTH=500 MANROFFOPT=-rHY=0 man --no-justification -l "$(built_page)" 2>/dev/null |
        col -bx >"$page"
    "$abs_top_builddir/ssh-authtest" --help >"$BATS_TEST_TMPDIR/help"
    # what wraps is one line for the search
    tr -s ' \n' '  ' <"$BATS_TEST_TMPDIR/help" >"$BATS_TEST_TMPDIR/help.flat"
}

# In a tarball's build the page is in the source tree.
built_page()
{
    if [ -e "$abs_top_builddir/man/ssh-authtest.1" ]; then
        printf '%s\n' "$abs_top_builddir/man/ssh-authtest.1"
    else
        printf '%s\n' "$abs_top_srcdir/man/ssh-authtest.1"
    fi
}

# The spellings in options.def, "-m" and "--methods", one a line.
spellings()
{
    tr -d '\n' <"$abs_top_srcdir/src/cli/options.def" | grep -oE 'OPTION\([A-Z0-9_]+, *[^,]+, *[^,]+,' |
        sed -E "s/OPTION\([A-Z0-9_]+, *//" |
        while IFS=, read -r letter long _; do
            [[ $letter != *"'"* ]] || printf '%s\n' "-${letter//[\' ]/}"
            [[ $long != *'"'* ]] || printf '%s\n' "--${long//[\" ]/}"
        done
}

# "word status" of each row of outcome.def.
outcomes()
{
    sed -nE 's/^OUTCOME\([A-Z_]+, "([a-z-]+)", ([0-9]+),.*/\1 \2/p' "$abs_top_srcdir/src/util/outcome.def"
}

# The meaning of each row: its last string.
meanings()
{
    { tr '\n' ' ' <"$abs_top_srcdir/src/util/outcome.def"; echo; } | sed 's/ OUTCOME(/\n(/g' |
        sed -nE 's/^\([A-Z_]+, "[a-z-]+", [0-9]+, [^"]*"([^"]*)"\) *$/\1/p'
}

@test "the tables are read as a whole" {
    [ "$(outcomes | wc -l)" = "$(grep -c '^OUTCOME(' "$abs_top_srcdir/src/util/outcome.def")" ]
    [ "$(outcomes | wc -l)" -ge 22 ]
    [ "$(spellings | wc -l)" -ge 30 ]
}

@test "every option is in --help" {
    while read -r spelling; do
        grep -qE -- "(^|[ ,])$spelling([ ,=]|\$)" "$BATS_TEST_TMPDIR/help" || { echo "$spelling"; false; }
    done < <(spellings)
}

@test "every option is in the manual page" {
    while read -r spelling; do
        grep -qE -- "^ *(-[^ ]+, )?$spelling([ ,=]|\$)" "$page" || { echo "$spelling"; false; }
    done < <(spellings)
}

@test "every option is in README" {
    while read -r spelling; do
        grep -qE -- "\`$spelling[\`=]" "$abs_top_srcdir/README.md" || { echo "$spelling"; false; }
    done < <(spellings)
}

@test "every outcome and its status is in --help" {
    while read -r word status; do
        grep -qE -- " $status $word " "$BATS_TEST_TMPDIR/help.flat" || { echo "$word"; false; }
    done < <(outcomes)
}

@test "every outcome and its status is in the manual page" {
    while read -r word status; do
        grep -qE -- "^ *$status +$word( |\$)" "$page" || { echo "$word"; false; }
    done < <(outcomes)
}

@test "every outcome, its status and its meaning is in README" {
    while read -r word status; do
        grep -qF -- "| $status | $word | " "$abs_top_srcdir/README.md" || { echo "$word"; false; }
    done < <(outcomes)
    meanings >"$BATS_TEST_TMPDIR/meanings"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/meanings")" = "$(outcomes | wc -l)" ]
    while IFS= read -r meaning; do
        grep -qF -- "| $meaning |" "$abs_top_srcdir/README.md" || { echo "$meaning"; false; }
    done <"$BATS_TEST_TMPDIR/meanings"
}

@test "no line of --help is longer than 80 columns" {
    [ "$(awk 'length > 80' "$BATS_TEST_TMPDIR/help" | wc -l)" = 0 ]
}

@test "every source file says its licence" {
    cd "$abs_top_srcdir"
    while IFS= read -r file; do
        head -n 4 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || { echo "$file"; false; }
    done < <(find src tests man completion scripts m4 configure.ac Makefile.am -type f \
        ! -name '*.1' ! -name '*.1.tmp' ! -path '*/__pycache__/*' ! -path 'tests/fuzz/corpus/*' ! -name '*.in')
}

@test "only the rooms that may include a library do" {
    cd "$abs_top_srcdir/src"
    run grep -lE '#include <(gssapi|krb5)' -r . --include='*.[ch]'
    [ -z "$(grep -v '^./gss/' <<<"$output")" ]
    run grep -lE '#include <readline' -r . --include='*.[ch]'
    [ "$output" = ./ask/prompt.c ] || [ -z "$(grep -v '^./ask/' <<<"$output")" ]
    run grep -lE '#include <jansson' -r . --include='*.[ch]'
    [ -z "$(grep -v '^./report/json' <<<"$output")" ]
    # the seam is one file; what else is wrapped are public functions, in another
    run grep -lE 'LIBSSH2_PRIVATE_PREFIX|_libssh2_' -r . --include='*.[ch]'
    [ "$output" = ./ssh2/packet.c ]
    run grep -lE '__real_|__wrap_' -r . --include='*.[ch]'
    [ "$(sort <<<"$output")" = "$(printf '%s\n' ./ssh2/mend.c ./ssh2/packet.c)" ]
    # only main exits, only report writes to standard output
    run grep -lE '(^|[^_[:alnum:]])(_?exit|abort)\([^)3]' -r . --include='*.c'
    [ "$output" = ./main.c ]
    run grep -lE '(^|[^_[:alnum:]])(stdout|printf *\(|puts *\(|putchar *\()' -r . --include='*.c'
    [ "$output" = ./report/report.c ]
}

# Column N of HACKING.md's row for a folder, or for a file, of src.
room()
{
    awk -F ' [|] ' -v row="| \`src/$1\`" -v column="$2" '$1 == row { sub(/ [|]$/, "", $column); print $column }' \
        "$abs_top_srcdir/HACKING.md"
}

@test "a room includes only what HACKING.md allows it" {
    cd "$abs_top_srcdir/src"
    local found path allowed
    for path in main.c */; do
        allowed=$(room "$path" 3)
        [ -n "$allowed" ] || { echo "no row for $path"; false; }
        while IFS= read -r found; do
            case ", $allowed, " in
            *", $found, "* | *", ${found%/*}, "*) ;;
            *) [[ $path = "${found%/*}/" ]] || { echo "$path includes $found"; false; } ;;
            esac
        done < <(grep -rhoE '^ *# *include "[^"]*"' --include='*.[ch]' "$path" | cut -d '"' -f 2 | sort -u)
    done
}

@test "every source file has its place in HACKING.md, and no other has" {
    cd "$abs_top_srcdir/src"
    local path file word words text
    for path in */; do
        text=$(room "$path" 2)
        words=$(grep -oE '`[a-z0-9_*]+\.(c|h|def)`' <<<"$text" | tr -d '`')
        for file in "$path"*.c "$path"*.def; do
            [ -e "$file" ] || continue
            for word in $words; do
                # shellcheck disable=SC2053
                [[ ${file#"$path"} != $word ]] || continue 2
            done
            echo "$file is missing"
            false
        done
        for word in $words; do
            compgen -G "$path$word" >/dev/null || { echo "there is no $path$word"; false; }
        done
    done
}

# ---- SECURITY.md ----

# "FILE NAME VALUE" of each row of its table of limits, in bytes, seconds or pieces.
limits()
{
    sed -nE 's/^\| .* \| ([0-9]+)( [KM]iB)? \| `([A-Z0-9_]+)` in `([a-z0-9_\/]+\.h)` \| .+ \|$/\4 \3 \1\2/p' \
        "$abs_top_srcdir/SECURITY.md" | sed -E 's/ KiB$/*1024/; s/ MiB$/*1048576/' |
        while read -r file name value; do
            printf '%s %s %s\n' "$file" "$name" "$((value))"
        done
}

# constant FILE NAME: the value of a #define that is a number, or a product of some.
constant()
{
    local text
    text=$(sed -e ':join' -e '/\\$/{N; s/ *\\\n */ /; b join' -e '}' "$abs_top_srcdir/src/$1" |
        sed -nE "s/^#define +$2 +([^\/]*).*/\1/p" | sed -E 's/\((size_t|uint64_t)\)//g; s/[()]//g')
    [[ $text =~ ^[0-9]+( *\* *[0-9]+)*\ *$ ]] || { echo "no number: $1 $2: $text" >&2; return 1; }
    printf '%s\n' "$((text))"
}

@test "SECURITY.md: each limit is that of the program" {
    local file name value
    [ "$(limits | wc -l)" = "$(sed -n '/^## Limits/,/^## No/p' "$abs_top_srcdir/SECURITY.md" | grep -c '^| .*`[A-Z_]*` in ')" ]
    [ "$(limits | wc -l)" -ge 20 ]
    while read -r file name value; do
        [ "$(constant "$file" "$name")" = "$value" ] || { echo "$name is not $value"; false; }
    done < <(limits)
}

@test "SECURITY.md: no limit of what a server sends is forgotten" {
    local name
    while read -r name; do
        grep -qF "\`$name\` in \`ssh2/" "$abs_top_srcdir/SECURITY.md" || { echo "$name is missing"; false; }
    done < <(sed -nE 's/^#define +([A-Z0-9_]*MAX[A-Z0-9_]*) .*/\1/p' "$abs_top_srcdir"/src/ssh2/*.h)
}

@test "SECURITY.md: what enforces a promise and what tests it is there" {
    local rows word found
    cd "$abs_top_srcdir"
    rows=$(sed -n '/^## Promises/,/^The whole suite/p' SECURITY.md | grep '^| [A-Z`]')
    [ "$(wc -l <<<"$rows")" -ge 12 ]
    while IFS='|' read -r _ _ enforced tested _; do
        found=0
        for word in $(grep -oE '`[^`]+`' <<<"$enforced" | tr -d '`'); do
            [ -e "src/$word" ] || { echo "there is no src/$word"; false; }
            found=$((found + 1))
        done
        [ "$found" -gt 0 ] || { echo "nothing enforces it: $enforced"; false; }
        found=0
        for word in $(grep -oE '`[^`]+`' <<<"$tested" | tr -d '`'); do
            grep -qF "tests/${word%.c}" tests/local.mk || { echo "no test: $word"; false; }
            found=$((found + 1))
        done
        [ "$found" -gt 0 ] || { echo "nothing tests it: $tested"; false; }
    done <<<"$rows"
}
