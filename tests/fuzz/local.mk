# SPDX-License-Identifier: GPL-3.0-or-later
#
# The fuzzers, by which each build replays the corpora: NAME_fuzz.c is linked into NAME_replay, and for
# libFuzzer into NAME_fuzz.

fuzz_replays = \
	tests/fuzz/dialogue_replay \
	tests/fuzz/escape_replay \
	tests/fuzz/hostkey_blob_replay \
	tests/fuzz/hostkey_revoked_replay \
	tests/fuzz/keyfile_replay \
	tests/fuzz/known_hosts_replay \
	tests/fuzz/list_line_replay \
	tests/fuzz/proxy_words_replay \
	tests/fuzz/public_replay \
	tests/fuzz/report_replay \
	tests/fuzz/respond_replay \
	tests/fuzz/sshconfig_replay \
	tests/fuzz/target_replay \
	tests/fuzz/totp_replay \
	tests/fuzz/userauth_msg_replay
tests_fuzz_dialogue_replay_SOURCES = $(dialogue_fuzz_sources) tests/fuzz/replay.c
tests_fuzz_dialogue_replay_LDFLAGS = $(AM_LDFLAGS) $(dialogue_fuzz_wrap)
tests_fuzz_escape_replay_SOURCES = tests/fuzz/escape_fuzz.c tests/fuzz/replay.c
tests_fuzz_hostkey_blob_replay_SOURCES = tests/fuzz/hostkey_blob_fuzz.c tests/fuzz/replay.c
tests_fuzz_hostkey_revoked_replay_SOURCES = tests/fuzz/hostkey_revoked_fuzz.c tests/fuzz/replay.c
tests_fuzz_keyfile_replay_SOURCES = tests/fuzz/keyfile_fuzz.c tests/fuzz/replay.c
tests_fuzz_known_hosts_replay_SOURCES = tests/fuzz/known_hosts_fuzz.c tests/fuzz/replay.c
tests_fuzz_list_line_replay_SOURCES = tests/fuzz/list_line_fuzz.c tests/fuzz/replay.c
tests_fuzz_proxy_words_replay_SOURCES = tests/fuzz/proxy_words_fuzz.c tests/fuzz/replay.c
tests_fuzz_public_replay_SOURCES = tests/fuzz/public_fuzz.c tests/fuzz/replay.c
tests_fuzz_report_replay_SOURCES = tests/fuzz/report_fuzz.c tests/fuzz/replay.c
tests_fuzz_respond_replay_SOURCES = tests/fuzz/respond_fuzz.c tests/fuzz/replay.c
tests_fuzz_sshconfig_replay_SOURCES = tests/fuzz/sshconfig_fuzz.c tests/fuzz/replay.c
tests_fuzz_target_replay_SOURCES = tests/fuzz/target_fuzz.c tests/fuzz/replay.c
tests_fuzz_totp_replay_SOURCES = tests/fuzz/totp_fuzz.c tests/fuzz/replay.c
tests_fuzz_userauth_msg_replay_SOURCES = $(userauth_msg_fuzz_sources) tests/fuzz/replay.c

# These stand for what asks the machine.
list_line_wrap = -Wl,--wrap=gss_choice_check -Wl,--wrap=keyfile_load -Wl,--wrap=respond_add_file \
	-Wl,--wrap=respond_check -Wl,--wrap=sshconfig_read
tests_fuzz_list_line_replay_LDFLAGS = $(AM_LDFLAGS) $(list_line_wrap)
keyfile_wrap = -Wl,--wrap=access -Wl,--wrap=open
tests_fuzz_keyfile_replay_LDFLAGS = $(AM_LDFLAGS) $(keyfile_wrap)
sshconfig_wrap = -Wl,--wrap=access -Wl,--wrap=home_directory -Wl,--wrap=home_of_account \
	-Wl,--wrap=home_of_user
tests_fuzz_sshconfig_replay_LDFLAGS = $(AM_LDFLAGS) $(sshconfig_wrap)

dialogue_fuzz_sources = \
	tests/fuzz/dialogue.h \
	tests/fuzz/dialogue_check.c tests/fuzz/dialogue_check.h \
	tests/fuzz/dialogue_fuzz.c \
	tests/fuzz/dialogue_gss.c \
	tests/fuzz/dialogue_keys.c \
	tests/fuzz/dialogue_model.c \
	tests/fuzz/dialogue_peer.c \
	tests/fuzz/dialogue_stubs.c \
	tests/fuzz/dialogue_wire.c tests/fuzz/dialogue_wire.h

userauth_msg_fuzz_sources = \
	tests/fuzz/userauth_msg_fuzz.c \
	tests/fuzz/userauth_msg_walk.c tests/fuzz/userauth_msg_walk.h

# What is before the dialogue, the socket, the waits, GSSAPI, helper threads and the person are the fuzzer's.
dialogue_fuzz_wrap = \
	-Wl,--wrap=resolve_host,--wrap=connect_any,--wrap=session_exchange_keys \
	-Wl,--wrap=hostkey_preference,--wrap=hostkey_check,--wrap=libssh2_session_hostkey \
	-Wl,--wrap=libssh2_session_handshake,--wrap=packet_learn_session_id \
	-Wl,--wrap=$(LIBSSH2_PRIVATE_PREFIX)kex_exchange \
	-Wl,--wrap=recv,--wrap=send,--wrap=signals_poll,--wrap=signals_caught,--wrap=signals_check \
	-Wl,--wrap=gss_exchange_new,--wrap=gss_exchange_free,--wrap=gss_exchange_input \
	-Wl,--wrap=gss_exchange_step,--wrap=gss_exchange_error_token,--wrap=gss_exchange_output \
	-Wl,--wrap=gss_exchange_complete,--wrap=gss_exchange_failed,--wrap=gss_exchange_has_integrity \
	-Wl,--wrap=gss_exchange_password_expired,--wrap=gss_exchange_mic,--wrap=gss_exchange_record \
	-Wl,--wrap=gss_exchange_failure,--wrap=worker_start,--wrap=worker_fd,--wrap=worker_done \
	-Wl,--wrap=worker_finish,--wrap=worker_abandon \
	-Wl,--wrap=prompt_possible,--wrap=prompt_place,--wrap=prompt_say,--wrap=prompt_read,--wrap=turn_take

fuzz_dictionaries = \
	tests/fuzz/dialogue.dict \
	tests/fuzz/escape.dict \
	tests/fuzz/hostkey_blob.dict \
	tests/fuzz/hostkey_revoked.dict \
	tests/fuzz/keyfile.dict \
	tests/fuzz/known_hosts.dict \
	tests/fuzz/list_line.dict \
	tests/fuzz/public.dict \
	tests/fuzz/report.dict \
	tests/fuzz/respond.dict \
	tests/fuzz/sshconfig.dict \
	tests/fuzz/target.dict \
	tests/fuzz/totp.dict \
	tests/fuzz/userauth_msg.dict

if FUZZING
noinst_PROGRAMS = \
	tests/fuzz/dialogue_fuzz \
	tests/fuzz/escape_fuzz \
	tests/fuzz/hostkey_blob_fuzz \
	tests/fuzz/hostkey_revoked_fuzz \
	tests/fuzz/keyfile_fuzz \
	tests/fuzz/known_hosts_fuzz \
	tests/fuzz/list_line_fuzz \
	tests/fuzz/proxy_words_fuzz \
	tests/fuzz/public_fuzz \
	tests/fuzz/report_fuzz \
	tests/fuzz/respond_fuzz \
	tests/fuzz/sshconfig_fuzz \
	tests/fuzz/target_fuzz \
	tests/fuzz/totp_fuzz \
	tests/fuzz/userauth_msg_fuzz
tests_fuzz_dialogue_fuzz_SOURCES = $(dialogue_fuzz_sources)
tests_fuzz_dialogue_fuzz_LDFLAGS = $(AM_LDFLAGS) $(dialogue_fuzz_wrap) $(FUZZ_LDFLAGS)
tests_fuzz_escape_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_hostkey_blob_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_hostkey_revoked_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_keyfile_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS) $(keyfile_wrap)
tests_fuzz_known_hosts_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_list_line_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS) $(list_line_wrap)
tests_fuzz_proxy_words_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_public_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_report_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_respond_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_sshconfig_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS) $(sshconfig_wrap)
tests_fuzz_target_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_totp_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_userauth_msg_fuzz_SOURCES = $(userauth_msg_fuzz_sources)
tests_fuzz_userauth_msg_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
endif

EXTRA_DIST += $(fuzz_dictionaries) \
	tests/fuzz/corpus \
	tests/fuzz/dialogue_seeds.py \
	tests/fuzz/fuzz.h \
	tests/fuzz/fuzz_file.h
