# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# An account for each chain of two and of three methods: order-LETTERS, where p is publickey, w
# password, k keyboard-interactive and g gssapi-with-mic. All have ORDER_PASSWORD, and
# alice's ticket may log in. order-ppp wants three different keys.

declare -A ORDER_METHOD=([p]=publickey [w]=password [k]=keyboard-interactive [g]=gssapi-with-mic)

# orders_make: for accounts_make, after the others; sets ORDERS.
orders_make()
{
    local a b c secret order
    ORDERS=()
    for a in p w k g; do
        for b in p w k g; do
            ORDERS+=("$a$b")
            for c in p w k g; do
                ORDERS+=("$a$b$c")
            done
        done
    done
    secret
    PASSWORD=order-$secret
    put_env ORDER_PASSWORD "$PASSWORD"
    put_env ORDERS "${ORDERS[*]}"
    mkdir -p "${ORDERS[@]/#/$DIR/home/order-}"
    for order in "${ORDERS[@]}"; do
        account_line "order-$order"
        script "order-$order" 'hide "Password: " "%s"'
        printf 'alice@EXAMPLE.TEST\n' >"$DIR/home/order-$order/.k5login"
    done
}

# orders_config: what sshd_config says of them.
orders_config()
{
    local order chain i
    for order in "${ORDERS[@]}"; do
        chain=
        for ((i = 0; i < ${#order}; i++)); do
            chain+=,${ORDER_METHOD[${order:i:1}]}
        done
        printf 'Match User order-%s\n    AuthenticationMethods %s\n' "$order" "${chain#,}"
    done
}
