# SPDX-License-Identifier: GPL-3.0-or-later
#
# Reads the logs of valgrind, one of each process, and prints the names of those that have something wrong;
# then how many there were, and how many have no end, as of processes that were killed by SIGKILL.
#
# With --gen-suppressions=all each report is followed by its suppression, which begins with the kind. A leak is
# none where threads ran on to the end: what they hold is not lost then. So it is where a signal ended the
# process that it does not catch, and where a worker was abandoned on purpose (src/util/worker.h).

function judge(    crash)
{
    if (name == "")
        return
    count++
    crash = killed ~ /\(SIG(SEGV|BUS|FPE|ILL|ABRT|SYS|TRAP)\)/
    if (errors || crash || broken || (leaks && killed == "" && !abandoned))
        print name
    if (!complete)
        unfinished++
}

FNR == 1 {
    judge()
    name = FILENAME
    errors = leaks = abandoned = complete = broken = in_thread = 0
    killed = ""
}

/^   Memcheck:Leak$/ { leaks++; next }
/^   Memcheck:/ { errors++ }
/^==[0-9]+== Process terminating with default action of signal/ { killed = $0 }
/^==[0-9]+== ERROR SUMMARY: / { complete = 1 }
/^host stacktrace:|: out of memory:/ { broken = 1 }

# A record of what each thread has: it is there only where the thread was not at its end.
/^==[0-9]+==    by .*: _dl_allocate_tls / { in_thread = 1 }
in_thread && /^==[0-9]+==    by .*: worker_start / { abandoned = 1 }
/^==[0-9]+== *$/ { in_thread = 0 }

END {
    judge()
    printf "%d %d\n", count, unfinished
}
