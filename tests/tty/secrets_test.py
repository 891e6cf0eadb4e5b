#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords and passphrases typed at a terminal, against the tests' world. Speaks TAP;
program_run.py has the options.
"""
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program_run import W, ended, equal, main, run, test  # noqa: E402



def encrypted(name="ed25519", form=""):
    return os.path.join(W["KEY_DIR"], f"{name}{form}.enc")


def nothing_of(secret, t):
    assert secret.encode() not in t.shown + t.out + t.err, "the secret is shown"


# ---- password ----

@test
def a_password_is_asked_for_as_ssh_does():
    with run("-m", "password", "alice") as t:
        t.expect("alice@127.0.0.1's password: ")
        assert not t.echo(), "echo is on"
        t.send(W["ALICE_PASSWORD"] + "\r")
        ended(t, 0, "success")
        nothing_of(W["ALICE_PASSWORD"], t)
        assert b"answered by terminal" in t.out


@test
def a_wrong_password_is_asked_for_once():
    with run("-m", "password", "alice") as t:
        t.expect("password: ")
        t.send("wrong\r")
        ended(t, 1, "failure")
        equal(t.shown.count(b"password: "), 1, "prompts")


@test
def the_banner_is_shown_before_a_password_is_asked_for():
    with run("-m", "password", "banner") as t:
        shown = t.expect("password: ")
        equal(shown.count(b"banner from the server:"), 1, "banners")
        assert b"  | Welcome" in shown, shown
        t.send(W["BANNER_PASSWORD"] + "\r")
        ended(t, 0, "success")
        equal(t.shown.count(b"banner from the server:"), 1, "banners")


@test
def nobody_is_asked_where_the_server_takes_no_passwords():
    with run("-m", "password", "nopassword") as t:
        ended(t, 4, "not-offered")
        equal(t.shown, b"", "terminal")


@test
def a_password_that_is_cancelled_is_not_sent():
    for key, status, outcome in (("\x04", 11, "no-response"),
                                 ("\x03", -signal.SIGINT, "interrupted")):
        with run("-v", "-m", "password", "alice") as t:
            t.expect("password: ")
            t.send("hidden")
            t.send("\x15" + key)
            ended(t, status, outcome)
            assert b'method "password"' not in t.err, t.err
            nothing_of("hidden", t)


@test
def an_empty_password_is_an_answer():
    with run("-v", "-m", "password", "alice") as t:
        t.expect("password: ")
        t.send("\r")
        ended(t, 1, "failure")
        assert b"password (0 bytes)" in t.err, t.err


# ---- passphrases ----

@test
def a_passphrase_is_asked_for():
    for name, form in (("ed25519", ""), ("ecdsa256", ""), ("ecdsa256", ".pem"),
                       ("ecdsa256", ".pkcs8")):
        path = encrypted(name, form)
        with run("-m", "publickey", "-i", path, "alice") as t:
            t.expect(f"Enter passphrase for key '{path}': ")
            assert not t.echo(), "echo is on"
            t.send(W["KEY_PASSPHRASE"] + "\r")
            ended(t, 0, "success")
            nothing_of(W["KEY_PASSPHRASE"], t)


@test
def a_wrong_passphrase_is_the_users_fault():
    with run("-v", "-m", "publickey", "-i", encrypted(), "alice") as t:
        t.expect("Enter passphrase")
        t.send("wrong\r")
        ended(t, 15, "credential")
        equal(t.shown.count(b"Enter passphrase"), 1, "prompts")
        assert b"USERAUTH_REQUEST" not in t.err, "something was sent"


@test
def a_passphrase_can_be_cancelled():
    for key, status, outcome in (("\x04", 11, "no-response"),
                                 ("\x03", -signal.SIGINT, "interrupted")):
        with run("-v", "-m", "publickey", "-i", encrypted(), "alice") as t:
            t.expect("Enter passphrase")
            t.send(key)
            ended(t, status, outcome)
            assert b"USERAUTH_REQUEST" not in t.err, "something was sent"


@test
def rules_do_not_answer_for_a_passphrase():
    with run("-m", "publickey", "-r", ".*=env:PASS", "-i", encrypted(), "alice",
             env={"PASS": W["KEY_PASSPHRASE"]}) as t:
        t.expect("Enter passphrase")
        t.send(W["KEY_PASSPHRASE"] + "\r")
        ended(t, 0, "success")


@test
def a_passphrase_does_not_answer_the_server():
    with run("-m", "publickey,kbdint", "-i", encrypted(), "--passphrase=env:PASS", "chain-pk",
             env={"PASS": W["KEY_PASSPHRASE"]}) as t:
        t.expect("Password: ")
        t.send(W["CHAIN_PK_PASSWORD"] + "\r")
        ended(t, 0, "success")


@test
def ask_is_a_source_of_a_passphrase():
    with run("-m", "publickey", "-i", encrypted(), "--passphrase=ask:", "alice") as t:
        t.expect("Enter passphrase")
        t.send(W["KEY_PASSPHRASE"] + "\r")
        ended(t, 0, "success")


@test
def each_key_is_asked_for_when_its_turn_comes():
    with run("-m", "publickey", "-i", W["USER_KEY"], "-i", encrypted(), "alice") as t:
        ended(t, 0, "success")
        equal(t.shown, b"", "terminal")


@test
def batch_asks_nothing():
    with run("-B", "-m", "publickey", "-i", encrypted(), "alice") as t:
        ended(t, 15, "credential")
        equal(t.shown, b"", "terminal")
        assert re.search(rb"--passphrase=SOURCE", t.out), t.out


if __name__ == "__main__":
    sys.exit(main())
