dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl
dnl What only `make check` needs: it fails where something is missing, as no test is ever left out in
dnl silence. scripts/check installs it all.

AC_DEFUN([SA_TESTS], [
  PKG_CHECK_MODULES([CMOCKA], [cmocka], [have_cmocka=yes], [have_cmocka=no])
  dnl A server of the tests is made of it; the program is not.
  PKG_CHECK_MODULES([LIBSSH], [libssh >= 0.10], [have_libssh=yes], [have_libssh=no])
  AC_PATH_PROG([BATS], [bats], [bats])
  AC_CHECK_HEADER([security/pam_modules.h], [have_pam=yes], [have_pam=no])
  tests_summary="cmocka: $have_cmocka, bats: $BATS, PAM headers: $have_pam, libssh: $have_libssh"
])
