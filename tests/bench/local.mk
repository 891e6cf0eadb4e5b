# SPDX-License-Identifier: GPL-3.0-or-later
#
# The benchmark, and what each login costs.

# By counts that do not depend on the machine. With sanitizers it has the tests of messages and round trips alone: the
# calls, the memory and the instructions are theirs then.
cost_tests = tests/cost_test.py

# The benchmark's own parts.
bench_tests = tests/bench/bench_test.py tests/bench/delay_relay_test.py

# What scripts/bench measures with, and against.
bench_programs = tests/bench/delay_relay tests/bench/fleet_server tests/bench/launch
.PHONY: bench-programs
bench-programs: $(bench_programs) world
tests_bench_delay_relay_SOURCES = \
	tests/bench/delay_relay.c \
	tests/bench/relay_link.c tests/bench/relay_link.h
tests_bench_delay_relay_LDADD =
tests_bench_delay_relay_LDFLAGS = $(HARDEN_LDFLAGS)
tests_bench_fleet_server_SOURCES = \
	tests/bench/fleet_server.c \
	tests/peer/listen.c tests/peer/listen.h
tests_bench_fleet_server_CPPFLAGS = $(LIBSSH_CFLAGS)
tests_bench_fleet_server_LDADD = $(LIBSSH_LIBS)
tests_bench_fleet_server_LDFLAGS = $(HARDEN_LDFLAGS)
tests_bench_launch_SOURCES = tests/bench/launch.c
tests_bench_launch_LDADD =
tests_bench_launch_LDFLAGS = $(HARDEN_LDFLAGS)

EXTRA_DIST += $(bench_tests) $(cost_tests) \
	tests/bench/asyncssh_client.py \
	tests/bench/bench.py \
	tests/bench/brief.py \
	tests/bench/commands.py \
	tests/bench/go_on.c \
	tests/bench/goals.py \
	tests/bench/machine.py \
	tests/bench/measure.py \
	tests/bench/servers.py \
	tests/bench/table.py \
	tests/bench/works.py \
	tests/cost/lockstep.py \
	tests/cost/logins.py \
	tests/cost/measure.py \
	tests/cost/recorded \
	tests/cost/table.py
