dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl
dnl --enable-fuzzing: everything is built for libFuzzer, with the sanitizers, and tests/fuzz/*_fuzz are
dnl linked with it. It belongs to clang. Sets FUZZ_CFLAGS, which SA_COMPILER_FLAGS puts in the place of
dnl the hardening, and FUZZ_LDFLAGS, which has libFuzzer's main(). To be called before that.

AC_DEFUN([SA_FUZZING], [
  AM_CONDITIONAL([FUZZING], [test "x$enable_fuzzing" = xyes])
  FUZZ_CFLAGS=
  FUZZ_LDFLAGS=
  AS_IF([test "x$enable_fuzzing" = xyes], [
    FUZZ_CFLAGS="-fsanitize=fuzzer-no-link,address,undefined"
    FUZZ_LDFLAGS="-fsanitize=fuzzer,address,undefined"
    AC_CACHE_CHECK([whether $CC has libFuzzer], [sa_cv_fuzzer], [
      sa_save_CFLAGS=$CFLAGS
      CFLAGS="$CFLAGS $FUZZ_LDFLAGS"
      AC_LINK_IFELSE([AC_LANG_SOURCE([[
#include <stddef.h>
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) { return data && size > 99999 ? -1 : 0; }
        ]])], [sa_cv_fuzzer=yes], [sa_cv_fuzzer=no])
      CFLAGS=$sa_save_CFLAGS
    ])
    AS_IF([test "x$sa_cv_fuzzer" = xno],
      [AC_MSG_ERROR([--enable-fuzzing needs clang and its libFuzzer (Debian: clang, libclang-rt-dev): CC=clang])])
  ])
  AC_SUBST([FUZZ_LDFLAGS])
])
