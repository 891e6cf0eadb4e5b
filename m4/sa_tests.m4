dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl What only `make check` needs. Where something is missing the tests that need it are skipped, and say so.

AC_DEFUN([SA_TESTS], [
  PKG_CHECK_MODULES([CMOCKA], [cmocka], [have_cmocka=yes], [have_cmocka=no])
  AM_CONDITIONAL([HAVE_CMOCKA], [test $have_cmocka = yes])
  AC_PATH_PROG([BATS], [bats], [no])
  AM_CONDITIONAL([HAVE_BATS], [test "x$BATS" != xno])
  AC_CHECK_HEADER([security/pam_modules.h], [have_pam=yes], [have_pam=no])
  AM_CONDITIONAL([HAVE_PAM], [test $have_pam = yes])
  tests_summary="cmocka: $have_cmocka, bats: $BATS, PAM headers: $have_pam"
])
