# SPDX-License-Identifier: GPL-3.0-or-later
#
# The tests: cmocka for pure parts, bats for the program, Python for what needs a pseudo-terminal
# and for the hostile server; the fuzzers are in fuzz/local.mk, speed and cost in
# bench/local.mk. All speak TAP.
# `make check TESTS=tests/list.bats` runs one file. The slowest come first.

unit_tests = \
	tests/unit/child_apart_test \
	tests/unit/child_test \
	tests/unit/connect_many_test \
	tests/unit/connect_test \
	tests/unit/environ_test \
	tests/unit/errand_test \
	tests/unit/escape_test \
	tests/unit/exchange_test \
	tests/unit/expect_offered_test \
	tests/unit/expect_test \
	tests/unit/feed_stream_test \
	tests/unit/feed_test \
	tests/unit/guard_state_test \
	tests/unit/guard_test \
	tests/unit/hostkey_ask_test \
	tests/unit/hostkey_blob_test \
	tests/unit/hostkey_krl_test \
	tests/unit/hostkey_preference_test \
	tests/unit/hostkey_revoked_test \
	tests/unit/hostkey_route_test \
	tests/unit/hostkey_test \
	tests/unit/json_test \
	tests/unit/json_text_test \
	tests/unit/kexinit_test \
	tests/unit/keyfile_damaged_test \
	tests/unit/keyfile_openssh_test \
	tests/unit/keyfile_test \
	tests/unit/known_hosts_append_test \
	tests/unit/known_hosts_test \
	tests/unit/late_test \
	tests/unit/ledger_test \
	tests/unit/line_test \
	tests/unit/list_test \
	tests/unit/memory_file_test \
	tests/unit/memory_test \
	tests/unit/options_bad_test \
	tests/unit/options_needs_test \
	tests/unit/options_table_test \
	tests/unit/options_test \
	tests/unit/pages_test \
	tests/unit/pattern_test \
	tests/unit/pool_main_test \
	tests/unit/pool_net_test \
	tests/unit/pool_test \
	tests/unit/progress_test \
	tests/unit/proxy_command_test \
	tests/unit/proxy_end_test \
	tests/unit/proxy_test \
	tests/unit/public_test \
	tests/unit/record_test \
	tests/unit/report_many_test \
	tests/unit/report_notes_test \
	tests/unit/report_route_test \
	tests/unit/report_text_test \
	tests/unit/report_unrun_test \
	tests/unit/resolve_test \
	tests/unit/respond_file_test \
	tests/unit/respond_test \
	tests/unit/respond_use_test \
	tests/unit/route_test \
	tests/unit/secret_test \
	tests/unit/signals_test \
	tests/unit/signature_test \
	tests/unit/slots_test \
	tests/unit/slots_threads_test \
	tests/unit/source_fd_test \
	tests/unit/source_test \
	tests/unit/source_totp_test \
	tests/unit/sshconfig_option_test \
	tests/unit/sshconfig_real_test \
	tests/unit/sshconfig_run_test \
	tests/unit/sshconfig_test \
	tests/unit/target_fuzz_test \
	tests/unit/target_ssh_test \
	tests/unit/target_test \
	tests/unit/thousand_test \
	tests/unit/totp_test \
	tests/unit/tty_settings_test \
	tests/unit/userauth_msg_fuzz_test \
	tests/unit/userauth_msg_test \
	tests/unit/utf8_test \
	tests/unit/util_test \
	tests/unit/value_test \
	tests/unit/variable_test \
	tests/unit/version_test \
	tests/unit/words_test \
	tests/unit/worker_test \
	tests/unit/xml_text_test

if OWN_GSSAPI
unit_tests += tests/unit/gss_choice_test tests/unit/outgoing_test
endif

# Sanitizers keep freed memory, and look into the process themselves.
# The address sanitizer ends a process that is out of memory.
if !SANITIZERS
canary_tests = tests/canary.bats
unit_tests += tests/unit/wipe_test
endif

bats_tests = $(canary_tests) \
	tests/jobs_limits.bats \
	tests/jobs.bats \
	tests/jobs_address.bats \
	tests/jobs_answers.bats \
	tests/file.bats \
	tests/limits.bats \
	tests/jobs_interrupt.bats \
	tests/configure.bats \
	tests/kbdint.bats \
	tests/crowd.bats \
	tests/kbdint_broken.bats \
	tests/agent.bats \
	tests/agent_broken.bats \
	tests/certificate.bats \
	tests/chains_all.bats \
	tests/keyfile.bats \
	tests/password.bats \
	tests/publickey.bats \
	tests/sources.bats \
	tests/totp.bats \
	tests/gssapi.bats \
	tests/gssapi_choice.bats \
	tests/gssapi_scenes.bats \
	tests/chain.bats \
	tests/askpass.bats \
	tests/list.bats \
	tests/formats.bats \
	tests/parallel.bats \
	tests/libssh.bats \
	tests/dropbear.bats \
	tests/tinyssh.bats \
	tests/tap.bats \
	tests/junit.bats \
	tests/proxy_limits.bats \
	tests/reach.bats \
	tests/hostkey.bats \
	tests/config.bats \
	tests/config_broken.bats \
	tests/config_hostkey.bats \
	tests/json.bats \
	tests/jump.bats \
	tests/proxy.bats \
	tests/proxy_broken.bats \
	tests/hostkey_modes.bats \
	tests/known_hosts.bats \
	tests/known_hosts_config.bats \
	tests/escape.bats \
	tests/options.bats \
	tests/completion.bats \
	tests/plugin.bats \
	tests/fuzz.bats \
	tests/install.bats \
	tests/recipes.bats \
	tests/docs.bats

tty_tests = \
	tests/hostile_test.py \
	tests/tty/askpass_test.py \
	tests/tty/hundred_signals_test.py \
	tests/tty/jobs_test.py \
	tests/tty/jump_test.py \
	tests/tty/prompt_signals_test.py \
	tests/tty/prompt_test.py \
	tests/tty/program_test.py \
	tests/tty/progress_test.py \
	tests/tty/secrets_test.py

include $(top_srcdir)/tests/bench/local.mk
include $(top_srcdir)/tests/fuzz/local.mk

# Calls that fail, one after the other: inject.so, and the logins that it is loaded into.
inject_tests = tests/inject_test.py

TESTS = $(inject_tests) $(cost_tests) $(bats_tests) $(bench_tests) $(tty_tests) $(unit_tests) $(fuzz_replays)

# What the tests run: all of it is built by `make check` alone.

check_PROGRAMS = $(unit_tests) $(fuzz_replays) tests/unit/prompt_cli tests/canary/trace tests/canary/leaky \
	tests/peer/libssh_server tests/valgrind/faulty $(bench_programs)

# What searches a program's memory for secrets, and a program that it must find some in.
tests_canary_trace_SOURCES = \
	tests/canary/look.c tests/canary/look.h \
	tests/canary/needle.c tests/canary/needle.h \
	tests/canary/trace.c
tests_canary_trace_LDADD = $(LIBCRYPTO_LIBS)
tests_canary_trace_LDFLAGS = $(HARDEN_LDFLAGS)
tests_canary_leaky_SOURCES = tests/canary/leaky.c
tests_canary_leaky_LDADD = libauthtest.a $(LIBCRYPTO_LIBS)
tests_canary_leaky_LDFLAGS = $(HARDEN_LDFLAGS)
tests_valgrind_faulty_SOURCES = tests/valgrind/faulty.c
tests_valgrind_faulty_CFLAGS = $(WARN_CFLAGS)
tests_valgrind_faulty_LDADD =
tests_valgrind_faulty_LDFLAGS =

# A real server that is not OpenSSH's, with accounts of its own.
tests_peer_libssh_server_SOURCES = \
	tests/peer/libssh_accounts.c tests/peer/libssh_accounts.h \
	tests/peer/libssh_login.c tests/peer/libssh_login.h \
	tests/peer/libssh_server.c \
	tests/peer/listen.c tests/peer/listen.h
tests_peer_libssh_server_CPPFLAGS = $(LIBSSH_CFLAGS)
tests_peer_libssh_server_LDADD = $(LIBSSH_LIBS)
tests_peer_libssh_server_LDFLAGS = $(HARDEN_LDFLAGS)

check_DATA = tests/bench/go_on.so tests/inject/inject.so tests/world/pam_confdir.so tests/world/pam_script.so \
	tests/world/resolver.so tests/world/unprivileged.so

# These stand between the code and the C library, or another room.
tests_unit_connect_many_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=socket
tests_unit_connect_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=socket -Wl,--wrap=getsockopt
tests_unit_known_hosts_append_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fsync
tests_unit_line_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=gss_choice_check
tests_unit_memory_file_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=realloc
tests_unit_pool_net_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=thread_start
tests_unit_pool_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=thread_start
tests_unit_resolve_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getaddrinfo -Wl,--wrap=worker_start

# What several unit tests share.
check_LIBRARIES = tests/unit/libunit.a
tests_unit_libunit_a_SOURCES = \
	tests/unit/apart.c tests/unit/apart.h \
	tests/unit/ask_fixture.c tests/unit/ask_fixture.h \
	tests/unit/child_fixture.c tests/unit/child_fixture.h \
	tests/unit/connect_fixture.c tests/unit/connect_fixture.h \
	tests/unit/descriptors.c tests/unit/descriptors.h \
	tests/unit/expect_fixture.c tests/unit/expect_fixture.h \
	tests/unit/feed_fixture.c tests/unit/feed_fixture.h \
	tests/unit/hostkey_fixture.h \
	tests/unit/json_fixture.c tests/unit/json_fixture.h \
	tests/unit/keyfile_fixture.h \
	tests/unit/keygen.h \
	tests/unit/message_table.h \
	tests/unit/message_text.c tests/unit/message_text.h \
	tests/unit/options_fixture.c tests/unit/options_fixture.h \
	tests/unit/pool_fixture.c tests/unit/pool_fixture.h \
	tests/unit/proxy_fixture.c tests/unit/proxy_fixture.h \
	tests/unit/record_fixture.c tests/unit/record_fixture.h \
	tests/unit/report_fixture.c tests/unit/report_fixture.h \
	tests/unit/report_many_fixture.c tests/unit/report_many_fixture.h \
	tests/unit/respond_fixture.c tests/unit/respond_fixture.h \
	tests/unit/slots_fixture.c tests/unit/slots_fixture.h \
	tests/unit/ssh_fixture.c tests/unit/ssh_fixture.h \
	tests/unit/sshconfig_fixture.c tests/unit/sshconfig_fixture.h \
	tests/unit/test_keys.h

AM_CPPFLAGS += $(CMOCKA_CFLAGS)

# Loaded into servers, resolver.so into the program, go_on.so into xargs: ordinary shared objects, without sanitizers.
.PHONY: world
world: $(check_DATA)
world_so = $(AM_V_CCLD)$(MKDIR_P) tests/world && \
	$(CC) $(CPPFLAGS) $(WARN_CFLAGS) -std=gnu11 -D_GNU_SOURCE -O2 -fPIC -shared -o $@
tests/world/pam_confdir.so: tests/world/pam_confdir.c
	$(world_so) $(srcdir)/tests/world/pam_confdir.c -lpam
tests/world/pam_script.so: tests/world/pam_script.c
	$(world_so) $(srcdir)/tests/world/pam_script.c -lpam
tests/world/resolver.so: tests/world/resolver.c
	$(world_so) $(srcdir)/tests/world/resolver.c -ldl
tests/world/unprivileged.so: tests/world/unprivileged.c
	$(world_so) $(srcdir)/tests/world/unprivileged.c -ldl
tests/bench/go_on.so: tests/bench/go_on.c
	$(AM_V_at)$(MKDIR_P) tests/bench
	$(world_so) $(srcdir)/tests/bench/go_on.c
inject_sources = \
	$(srcdir)/tests/inject/core.c \
	$(srcdir)/tests/inject/gssapi.c \
	$(srcdir)/tests/inject/memory.c \
	$(srcdir)/tests/inject/sockets.c
tests/inject/inject.so: $(inject_sources) $(srcdir)/tests/inject/inject.h
	$(AM_V_CCLD)$(MKDIR_P) tests/inject && \
	$(CC) $(CPPFLAGS) $(LIBCRYPTO_CFLAGS) $(GSSAPI_CFLAGS) $(WARN_CFLAGS) -std=gnu11 -D_GNU_SOURCE -O2 \
		-fno-omit-frame-pointer -fPIC -shared -o $@ $(inject_sources) -ldl
CLEANFILES += $(check_DATA)

TEST_EXTENSIONS = .bats .py
tap_driver = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(tap_driver)
BATS_LOG_DRIVER = $(tap_driver)
BATS_LOG_COMPILER = $(BATS)
AM_BATS_LOG_FLAGS = --formatter tap
PY_LOG_DRIVER = $(tap_driver)
PY_LOG_COMPILER = /usr/bin/python3
AM_PY_LOG_FLAGS = -B

# Once more, with the program under valgrind: all, or `make check-valgrind VALGRIND_TESTS=tests/list.bats`. That of
# .ci/run is valgrind_ci.
# What is left out here does not run the program; or runs it under valgrind and strace itself; or looks itself for
# leaks, or for what it leaves in memory (in the C library's heap, which is valgrind's there); or has so little memory
# or so few descriptors that valgrind has none; or runs the program in sessions of sshd, which know nothing of valgrind;
# or stops it at any moment, as valgrind does not let it be stopped.
# Single tests are in tests/valgrind/left_out.
not_under_valgrind = \
	$(bench_tests) \
	$(cost_tests) \
	$(inject_tests) \
	tests/canary.bats \
	tests/completion.bats \
	tests/configure.bats \
	tests/docs.bats \
	tests/install.bats \
	tests/parallel.bats \
	tests/tty/hundred_signals_test.py \
	tests/unit/pool_net_test \
	tests/unit/thousand_test \
	tests/unit/wipe_test
valgrind_ci = tests/hostile_test.py $(filter-out $(not_under_valgrind),$(unit_tests))
VALGRIND_TESTS = $(filter-out $(not_under_valgrind),$(TESTS))
.PHONY: check-valgrind
check-valgrind:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS=
	$(AM_V_at)abs_top_srcdir='$(abs_top_srcdir)' MAKE='$(MAKE)' \
		'$(abs_top_srcdir)/tests/valgrind/check' $(VALGRIND_TESTS)

AM_TESTS_ENVIRONMENT = \
	abs_top_srcdir='$(abs_top_srcdir)'; export abs_top_srcdir; \
	abs_top_builddir='$(abs_top_builddir)'; export abs_top_builddir; \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	ASAN_OPTIONS=detect_leaks=1; export ASAN_OPTIONS; \
	LSAN_OPTIONS="suppressions='$(abs_top_srcdir)/tests/lsan.supp':print_suppressions=0"; \
	export LSAN_OPTIONS;

EXTRA_DIST += $(bats_tests) tests/canary.bats $(tty_tests) $(inject_tests) \
	tests/canary.bash \
	tests/canary/private.py \
	tests/canary/type_in.py \
	tests/completion_zsh.py \
	tests/config.bash \
	tests/gssapi.bash \
	tests/helper.bash \
	tests/hostkey.bash \
	tests/inject/core.c \
	tests/inject/gssapi.c \
	tests/inject/inject.h \
	tests/inject/judge.py \
	tests/inject/memory.c \
	tests/inject/scenes.py \
	tests/inject/sockets.c \
	tests/jobs.bash \
	tests/jobs_run.py \
	tests/json_check.py \
	tests/jump.bash \
	tests/kbdint.bash \
	tests/junit.xsd \
	tests/junit_check.py \
	tests/keys.bash \
	tests/known_hosts.bash \
	tests/limits.bash \
	tests/lsan.supp \
	tests/peer/agent.py \
	tests/peer/closing.py \
	tests/peer/crowd.py \
	tests/peer/dead.py \
	tests/peer/hostile.py \
	tests/peer/hostile_banner.py \
	tests/peer/hostile_disconnect.py \
	tests/peer/hostile_gssapi.py \
	tests/peer/hostile_kbdint.py \
	tests/peer/hostile_kex.py \
	tests/peer/hostile_kex_reply.py \
	tests/peer/hostile_none.py \
	tests/peer/hostile_password.py \
	tests/peer/hostile_publickey.py \
	tests/peer/hostile_rekey.py \
	tests/peer/hostile_rekey_login.py \
	tests/peer/hostile_service.py \
	tests/peer/hostile_tokens.py \
	tests/peer/hostile_transport.py \
	tests/peer/hostile_version.py \
	tests/peer/inetd.py \
	tests/peer/kbdint.py \
	tests/peer/kerberos.py \
	tests/peer/launcher.py \
	tests/peer/pipe.py \
	tests/peer/relay.py \
	tests/peer/scenes_broken.py \
	tests/peer/scenes_dialogue.py \
	tests/peer/scenes_gssapi.py \
	tests/peer/scenes_keys.py \
	tests/peer/scenario.py \
	tests/peer/scripted.py \
	tests/peer/silent.py \
	tests/peer/ssh_kex.py \
	tests/peer/ssh_transport.py \
	tests/peer/ssh_wire.py \
	tests/peer/thief.py \
	tests/peer/userauth.py \
	tests/peers.bash \
	tests/report.bash \
	tests/tap_check.py \
	tests/tty/job_control.py \
	tests/tty/many_run.py \
	tests/tty/program_run.py \
	tests/tty/prompt_run.py \
	tests/tty/pty_driver.py \
	tests/valgrind/check \
	tests/valgrind/judge.awk \
	tests/valgrind/left_out \
	tests/valgrind/program \
	tests/valgrind/suppressions \
	tests/valgrind/under \
	tests/world/accounts.sh \
	tests/world/kdc.sh \
	tests/world/keys.sh \
	tests/world/orders.sh \
	tests/world/pam_confdir.c \
	tests/world/pam_script.c \
	tests/world/resolver.c \
	tests/world/sshd.sh \
	tests/world/unprivileged.c \
	tests/world/world
