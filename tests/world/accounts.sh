# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The accounts of the tests' world: one line each in passwd, a home, and what PAM
# asks them (pam_script.c plays it). Each password is in DIR/env as NAME_PASSWORD,
# with NAME in capitals and - as _.

# Asked for one password and no more. Kerberos: see accounts_kerberos.
ACCOUNTS_PLAIN="alice bob carol tries banner plain nopassword nokey keyonly chain-gk chain-kg chain-pk chain-kp \
    chain-gp chain-any alice@EXAMPLE.TEST"
# Asked for what accounts_special says.
ACCOUNTS_SPECIAL="canary otp otp2 mfa chain-kk two info empty open evil slow late stuck many long utf8 expired denied closed \
    unlocked locked clock clock8"

accounts_make()
{
    local user
    mkdir -p "$DIR/home" "$DIR/pam.d" "$DIR/script"
    accounts_passwd
    # shellcheck disable=SC2086
    for user in $ACCOUNTS_PLAIN; do
        account "$user"
        script "$user" 'hide "Password: " "%s"'
    done
    accounts_special
    orders_make
    script DEFAULT 'hide "Password: "' 'result "auth_err"'
    accounts_kerberos
    accounts_pam
    accounts_clock
}

accounts_passwd()
{
    local id
    id=$(id -u):$(id -g)
    {
        printf 'root:x:0:0::%s:/bin/sh\n' "$DIR/home"
        printf 'sshd:x:65533:65533::/:/bin/false\n'
    } >"$DIR/passwd"
    printf 'users:x:%s:\n' "${id#*:}" >"$DIR/group"
    printf '127.0.0.1 server.example.test localhost\n' >"$DIR/hosts"
    ACCOUNT_ID=$id
}

# account_line NAME [HASH]: its line in passwd. HASH is looked at only where sshd has no PAM.
account_line()
{
    printf '%s:%s:%s::%s:/bin/sh\n' "$1" "${2-x}" "$ACCOUNT_ID" "$DIR/home/$1" >>"$DIR/passwd"
}

# account NAME [PASSWORD]: creates it and sets PASSWORD.
account()
{
    local name=${1^^} secret
    mkdir -p "$DIR/home/$1/.ssh"
    account_line "$1"
    secret
    PASSWORD=${2-$1-$secret}
    name=${name//-/_}
    put_env "${name//[@.]/_}_PASSWORD" "$PASSWORD"
}

# secret: sets the caller's variable of that name to something not guessed.
secret()
{
    printf -v secret '%08x%08x' "$SRANDOM" "$SRANDOM"
}

# script FILE LINE...: %s in a line becomes PASSWORD.
script()
{
    local file=$DIR/script/$1 line
    shift
    : >"$file"
    for line; do
        printf '%s\n' "${line//%s/$PASSWORD}" >>"$file"
    done
}

accounts_special()
{
    local secret i
    local -a lines

    # One-time passwords: accounts_clock.
    account clock
    account clock8
    # Nothing but random digits, and more of them than malloc(3) overwrites in what was freed.
    secret
    i=$secret
    secret
    account canary "$i$secret"
    script canary 'hide "Password: " "%s"'

    # A password, then a one-time password by pam_oath; mfa's login begins with a key.
    secret
    put_env OTP_SECRET "$secret$secret"
    for i in otp otp2 mfa; do
        account "$i"
        script "$i" 'hide "Password: " "%s"'
        printf 'HOTP/T30 %s - %s\n' "$i" "$secret$secret"
    done >"$DIR/oath.users"

    # keyboard-interactive twice, with a password of its own each.
    account chain-kk
    script chain-kk 'hide "Password: " "%s"'
    secret
    put_env CHAIN_KK_SECOND "second-$secret"
    script chain-kk.2 "hide \"Second password: \" \"second-$secret\""

    account two
    put_env TWO_CODE 4711
    script two 'show "Account code: " "4711"' 'hide "Password: " "%s"'

    account info
    script info 'info "Maintenance tonight at 22:00."' 'error "Your last login failed."' \
        'info "Enter the password of the directory."' 'hide "Password: " "%s"'

    account empty ''
    script empty 'hide "Press Enter: " "%s"'

    account open
    script open

    # Window title, clear screen, C1 CSI and OSC, a right-to-left override, bytes
    # that are no UTF-8, a carriage return, a newline.
    account evil
    script evil 'info "\e]0;owned\x07\e[2J\xc2\x9b31m\x9d0;owned\x9c"' \
        'hide "Pass\x0dword\x7f \xe2\x80\xaegnp.exe\xff\xc0\xaf\x08\nsecond line: " "%s"'

    account slow
    script slow 'sleep "2"' 'hide "Password: " "%s"'
    account late
    script late 'hide "Password: " "%s"' 'sleep "2"'
    account stuck
    script stuck 'hide "Password: " "%s"' 'sleep "12"'

    account many
    lines=()
    for ((i = 1; i <= 25; i++)); do
        lines+=("show \"Question $i of 25: \" \"%s\"")
    done
    script many "${lines[@]}"

    account long
    printf -v i '%2998s' ''
    script long "hide \"${i// /x}: \" \"%s\""

    account utf8 'pässwörd€'
    script utf8 'hide "Passwort für Jörg 日本: " "%s"'

    account expired
    script expired 'hide "Password: " "%s"'
    script expired.account 'result "new_authtok_reqd"'
    script expired.passwd 'info "Your password has expired."' \
        'hide "New password: "' 'hide "Retype new password: "'

    account denied
    script denied 'hide "Password: " "%s"'
    script denied.account 'info "This account is closed."' 'result "perm_denied"'

    account closed
    script closed 'hide "Password: " "%s"'
    script closed.account 'result "acct_expired"'

    accounts_locked
}

# Locked as `passwd -l` does it: with PAM, which has the word then, sshd does not look at that.
accounts_locked()
{
    local hash user
    for user in unlocked locked; do
        account "$user"
        script "$user" 'hide "Password: " "%s"'
        # shellcheck disable=SC2016
        hash=$("$PERL" -e 'chomp(my $p = <STDIN>); print crypt($p, q($6$rounds=1000$test$))' <<<"$PASSWORD")
        [ "$user" = unlocked ] || hash="!$hash"
        sed -i "s|^$user:x:|$user:$hash:|" "$DIR/passwd"
    done
}

# Alice's ticket may log in everywhere, but not as bob, who is nobody's friend; to alice
# the ticket belongs by name.
accounts_kerberos()
{
    local user
    for user in $ACCOUNTS_PLAIN $ACCOUNTS_SPECIAL; do
        case $user in
        alice | bob) ;;
        *) printf 'alice@EXAMPLE.TEST\n' >"$DIR/home/$user/.k5login" ;;
        esac
    done
}

accounts_pam()
{
    local module="$DIR/lib/pam_script.so dir=$DIR/script events=$DIR/events.log"
    cat >"$DIR/pam.d/sshd" <<END
auth     required  $module
auth     [success=1 default=ignore] pam_succeed_if.so quiet user notin otp:otp2:mfa
auth     required  pam_oath.so usersfile=$DIR/oath.users window=20 digits=6
account  required  $module
password required  $module
session  required  $module
END
    cat >"$DIR/pam.d/other" <<END
auth     required  pam_deny.so
account  required  pam_deny.so
password required  pam_deny.so
session  required  pam_deny.so
END
}

# One-time passwords at the edge of pam_oath's window, which is one step on either side: for the
# sshd whose clock is wrong (sshd_start). CLOCK_OATH may be written anew, to forget what was used.
accounts_clock()
{
    local module="$DIR/lib/pam_script.so dir=$DIR/script events=$DIR/events.log" secret
    mkdir -p "$DIR/pam-clock.d"
    cat >"$DIR/pam-clock.d/sshd" <<END
auth     [success=1 default=ignore] pam_succeed_if.so quiet user = clock8
auth     required  pam_oath.so usersfile=$DIR/oath-clock.users window=1 digits=6
auth     [success=1 default=ignore] pam_succeed_if.so quiet user != clock8
auth     required  pam_oath.so usersfile=$DIR/oath-clock.users window=1 digits=8
account  required  $module
password required  $module
session  required  $module
END
    cp "$DIR/pam.d/other" "$DIR/pam-clock.d/other"
    secret
    put_env CLOCK_SECRET "$secret$secret"
    put_env CLOCK_OATH "$DIR/oath-clock.users"
    printf 'HOTP/T30/6 clock - %s\nHOTP/T60/8 clock8 - %s\n' "$secret$secret" "$secret$secret" \
        >"$DIR/oath-clock.users"
}
