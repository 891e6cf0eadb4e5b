dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl Warnings, hardening and sanitizers: each flag is used where the compiler and linker take it.

dnl SA_TRY_FLAG(VARIABLE, FLAG, [LINK?])
AC_DEFUN([SA_TRY_FLAG], [
  AS_VAR_PUSHDEF([cache], [sa_cv_flag_$2])
  AC_CACHE_CHECK([whether $CC takes $2], [cache], [
    sa_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]], [[printf("%d", 1);]])],
      [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    CFLAGS=$sa_save_CFLAGS
  ])
  AS_VAR_IF([cache], [yes], [$1="$$1 $2"])
  AS_VAR_POPDEF([cache])
])

AC_DEFUN([SA_COMPILER_FLAGS], [
  WARN_CFLAGS=
  HARDEN_CFLAGS=
  HARDEN_LDFLAGS=
  m4_foreach_w([sa_flag], [-Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
      -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef],
    [SA_TRY_FLAG([WARN_CFLAGS], m4_defn([sa_flag]))])
  AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])

  SA_TRY_FLAG([LDFLAGS], [-Wl,--as-needed])
  AS_IF([test "x$enable_fuzzing" = xyes], [enable_sanitizers=yes])
  AM_CONDITIONAL([SANITIZERS], [test "x$enable_sanitizers" = xyes])
  AS_IF([test "x$enable_sanitizers" = xyes], [
    HARDEN_LDFLAGS=${FUZZ_CFLAGS:--fsanitize=address,undefined}
    HARDEN_CFLAGS="$HARDEN_LDFLAGS -fno-sanitize-recover=all -fno-omit-frame-pointer"
    AC_DEFINE([SANITIZERS], [1], [Built with sanitizers.])
  ], [
    m4_foreach_w([sa_flag], [-fstack-protector-strong -fstack-clash-protection -fcf-protection
        -ftrivial-auto-var-init=zero -fPIE],
      [SA_TRY_FLAG([HARDEN_CFLAGS], m4_defn([sa_flag]))])
    AS_CASE([" $CFLAGS "], [*" -O0 "*], [], [*" -O"*], [
      AS_CASE([" $CPPFLAGS $CFLAGS "], [*_FORTIFY_SOURCE*], [],
        [HARDEN_CFLAGS="$HARDEN_CFLAGS -D_FORTIFY_SOURCE=2"])])
    m4_foreach_w([sa_flag], [-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack],
      [SA_TRY_FLAG([HARDEN_LDFLAGS], m4_defn([sa_flag]))])
  ])
  AC_SUBST([WARN_CFLAGS])
  AC_SUBST([HARDEN_CFLAGS])
  AC_SUBST([HARDEN_LDFLAGS])

  sa_save_CFLAGS=$CFLAGS
  AC_CACHE_CHECK([for the flag for C17], [sa_cv_c17], [
    sa_cv_c17=no
    for flag in -std=gnu17 -std=gnu11; do
      CFLAGS="$sa_save_CFLAGS $flag"
      AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[_Static_assert(1, "C11");]])], [sa_cv_c17=$flag; break])
    done
  ])
  CFLAGS=$sa_save_CFLAGS
  AS_IF([test "x$sa_cv_c17" = xno], [AC_MSG_ERROR([this compiler knows neither C17 nor C11])])
  CFLAGS="$CFLAGS $sa_cv_c17"
])
