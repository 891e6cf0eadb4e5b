dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl
dnl libssh2 is linked from its archive, libssh2.a: the shared library hides the private functions
dnl that all messages pass (src/ssh2/packet.h). What the archive has is asked by linking
dnl probes, never by version.

dnl SA_LIBSSH2_PROBE_WRAP(PREFIX, [THEN], [ELSE]): a call of libssh2_userauth_list() linked with --wrap
dnl and without the functions to wrap with must fail for want of all: so each is called through a symbol that
dnl the linker can redirect. Defined, it must link.
AC_DEFUN([SA_LIBSSH2_PROBE_WRAP], [
  sa_probe=no
  LDFLAGS="$sa_save_LDFLAGS -Wl,--wrap=$1transport_send -Wl,--wrap=$1packet_requirev -Wl,--wrap=$1transport_read -Wl,--wrap=$1packet_require"
  AC_LANG_CONFTEST([AC_LANG_PROGRAM([[#include <libssh2.h>]],
    [[return libssh2_userauth_list((LIBSSH2_SESSION *)0, "", 0) != 0;]])])
  sa_out=`(eval "$ac_link") 2>&1`
  AS_CASE([$sa_out], [*__wrap_$1transport_send*], [
    AS_CASE([$sa_out], [*__wrap_$1packet_requirev*__wrap_$1packet_require[[!v]]*|*__wrap_$1packet_require[[!v]]*__wrap_$1packet_requirev*], [
    AS_CASE([$sa_out], [*__wrap_$1transport_read*], [
      AC_LINK_IFELSE([AC_LANG_PROGRAM([[
          #include <libssh2.h>
          int __wrap_$1transport_send(void); int __real_$1transport_send(void);
          int __wrap_$1packet_requirev(void); int __real_$1packet_requirev(void);
          int __wrap_$1transport_read(void); int __real_$1transport_read(void);
          int __wrap_$1transport_read(void) { return __real_$1transport_read(); }
          int __wrap_$1transport_send(void) { return __real_$1transport_send(); }
          int __wrap_$1packet_requirev(void) { return __real_$1packet_requirev(); }
          int __wrap_$1packet_require(void); int __real_$1packet_require(void);
          int __wrap_$1packet_require(void) { return __real_$1packet_require(); }
        ]], [[return libssh2_userauth_list((LIBSSH2_SESSION *)0, "", 0) != 0;]])],
        [sa_probe=yes])
    ])
    ])
  ])
  LDFLAGS=$sa_save_LDFLAGS
  AS_IF([test $sa_probe = yes], [$2], [$3])
])

dnl SA_LIBSSH2_PROBE_USERAUTH(PREFIX, [THEN], [ELSE]): the linker redirects only references from one member to another,
dnl so the member that has libssh2_userauth_list must refer to the two that it calls and define neither, and some
dnl member must refer to the one that reads, and to the one that key exchanges wait in.
AC_DEFUN([SA_LIBSSH2_PROBE_USERAUTH], [
  AS_IF([$NM "$libssh2_archive" 2>/dev/null | $AWK -v prefix="$1" '
      NF < 2 { if (list && send && require) good = 1; list = send = require = 0; next }
      $(NF - 1) == "U" && $NF == prefix "transport_read" { read = 1 }
      $(NF - 1) == "U" && $NF == prefix "packet_require" { kex = 1 }
      $(NF - 1) == "T" && $NF == "libssh2_userauth_list" { list = 1 }
      $(NF - 1) == "U" && $NF == prefix "transport_send" { send = 1 }
      $(NF - 1) == "U" && $NF == prefix "packet_requirev" { require = 1 }
      END { exit !(read && kex && (good || (list && send && require))) }'], [$2], [$3])
])

dnl Sets libssh2_archive.
AC_DEFUN([SA_LIBSSH2_FIND_ARCHIVE], [
  AC_ARG_WITH([libssh2-archive],
    [AS_HELP_STRING([--with-libssh2-archive=FILE], [libssh2.a to link (default: beside the library that pkg-config names)])],
    [], [with_libssh2_archive=])
  AC_MSG_CHECKING([for libssh2.a])
  libssh2_archive=$with_libssh2_archive
  AS_IF([test "x$libssh2_archive" = x], [
    libssh2_archive=`$PKG_CONFIG --variable=libdir libssh2`/libssh2.a
    AS_IF([test -f "$libssh2_archive"], [], [libssh2_archive=`$CC -print-file-name=libssh2.a`])
  ])
  AS_IF([test -f "$libssh2_archive"], [AC_MSG_RESULT([$libssh2_archive])], [
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([the archive $libssh2_archive was not found. The package libssh2-1-dev (Debian, Ubuntu) has it; elsewhere build libssh2 with --enable-static and name the file by --with-libssh2-archive=FILE])
  ])
])

dnl pkg-config --static names libraries that the package does not depend on: those that are not there are left out.
AC_DEFUN([SA_LIBSSH2_DEPENDENCIES], [
  AC_MSG_CHECKING([for the libraries that libssh2.a needs])
  LIBSSH2_DEPENDENCIES=
  for flag in `$PKG_CONFIG --static --libs libssh2`; do
    AS_CASE([$flag], [-lssh2], [], [-l*], [
      LIBS="$sa_save_LIBS $flag"
      AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [LIBSSH2_DEPENDENCIES="$LIBSSH2_DEPENDENCIES $flag"])
    ], [LIBSSH2_DEPENDENCIES="$LIBSSH2_DEPENDENCIES $flag"])
  done
  LIBS=$sa_save_LIBS
  AC_MSG_RESULT([$LIBSSH2_DEPENDENCIES])
])

AC_DEFUN([SA_LIBSSH2], [
  PKG_CHECK_MODULES([LIBSSH2], [libssh2], [libssh2_version=`$PKG_CONFIG --modversion libssh2`],
    [AC_MSG_ERROR([libssh2 was not found: install libssh2-1-dev (Debian, Ubuntu)])])
  sa_save_LDFLAGS=$LDFLAGS
  sa_save_LIBS=$LIBS
  sa_save_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="$CPPFLAGS $LIBSSH2_CFLAGS"
  SA_LIBSSH2_FIND_ARCHIVE
  SA_LIBSSH2_DEPENDENCIES
  LIBS="$libssh2_archive $LIBSSH2_DEPENDENCIES $sa_save_LIBS"

  AC_MSG_CHECKING([whether libssh2.a links])
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <libssh2.h>]], [[return libssh2_init(0);]])],
    [AC_MSG_RESULT([yes])], [
      AC_MSG_RESULT([no])
      AC_MSG_ERROR([$libssh2_archive does not link with$LIBSSH2_DEPENDENCIES: see config.log. Debian and Ubuntu need libssl-dev and zlib1g-dev])
    ])

  AC_MSG_CHECKING([for libssh2's private packet functions])
  libssh2_prefix=
  SA_LIBSSH2_PROBE_WRAP([_libssh2_], [libssh2_prefix=_libssh2_],
    [SA_LIBSSH2_PROBE_WRAP([ssh2_], [libssh2_prefix=ssh2_])])
  AS_IF([test "x$libssh2_prefix" != x],
    [SA_LIBSSH2_PROBE_USERAUTH([$libssh2_prefix], [], [libssh2_prefix=])])
  AS_IF([test "x$libssh2_prefix" = x], [
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([$libssh2_archive does not have libssh2's private packet functions as ordinary symbols in members of their own. The archive of Debian's and Ubuntu's package libssh2-1-dev does; name another one by --with-libssh2-archive=FILE])
  ])
  AC_MSG_RESULT([${libssh2_prefix}...])
  AC_DEFINE_UNQUOTED([LIBSSH2_PRIVATE_PREFIX], [$libssh2_prefix],
    [What the names of libssh2's private functions begin with.])
  AC_SUBST([LIBSSH2_PRIVATE_PREFIX], [$libssh2_prefix])
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[int ${libssh2_prefix}kex_exchange(void);]],
    [[return ${libssh2_prefix}kex_exchange();]])],
    [AC_DEFINE([HAVE_LIBSSH2_PRIVATE_KEX_EXCHANGE], [1], [libssh2's function that exchanges keys can be called.])])
  LIBSSH2_WRAP="-Wl,--wrap=${libssh2_prefix}transport_send -Wl,--wrap=${libssh2_prefix}packet_requirev"
  LIBSSH2_WRAP="$LIBSSH2_WRAP -Wl,--wrap=${libssh2_prefix}packet_require"
  LIBSSH2_WRAP="$LIBSSH2_WRAP -Wl,--wrap=${libssh2_prefix}transport_read"
  dnl only libssh2's own calls of these are meant: see src/ssh2/mend.c
  LIBSSH2_WRAP="$LIBSSH2_WRAP -Wl,--wrap=free"
  LIBSSH2_WRAP="$LIBSSH2_WRAP -Wl,--wrap=connect -Wl,--wrap=__assert_fail"
  AC_CHECK_FUNCS([EC_KEY_set_private_key], [LIBSSH2_WRAP="$LIBSSH2_WRAP -Wl,--wrap=EC_KEY_set_private_key"])

  dnl a libssh2 to come: declared by hand, since today's header does not
  dnl not cached: another archive may be named the next time
  AC_MSG_CHECKING([whether libssh2 has gssapi-with-mic itself])
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[char libssh2_userauth_gssapi_with_mic_ex(void);]],
    [[return libssh2_userauth_gssapi_with_mic_ex();]])],
    [libssh2_gssapi=yes], [libssh2_gssapi=no])
  AC_MSG_RESULT([$libssh2_gssapi])
  AS_IF([test $libssh2_gssapi = yes && test "x$enable_gssapi" != xno], [
    AC_DEFINE([HAVE_LIBSSH2_USERAUTH_GSSAPI_WITH_MIC_EX], [1],
      [libssh2 has libssh2_userauth_gssapi_with_mic_ex.])
    gssapi_summary="yes, libssh2's own"
  ])
  AM_CONDITIONAL([HAVE_GSSAPI], [test "x$enable_gssapi" != xno])
  AM_CONDITIONAL([OWN_GSSAPI], [test "x$enable_gssapi" != xno && test $libssh2_gssapi = no])
  AC_CHECK_DECLS([LIBSSH2_ERROR_PARTIAL_SUCCESS, LIBSSH2_ERROR_GSSAPI_FAILURE, libssh2_session_callback_set2,
    libssh2_userauth_gssapi_with_mic_ex], [], [], [[#include <libssh2.h>]])

  LIBS=$sa_save_LIBS
  CPPFLAGS=$sa_save_CPPFLAGS
  dnl what loads it is our own gssapi-with-mic
  AS_IF([test "x$enable_gssapi" != xno && test $libssh2_gssapi = no],
    [SA_LATE([GSSAPI], [$GSSAPI_LIBS], [gss_init_sec_context])])
  AC_SUBST([LIBSSH2_DEPENDENCIES])
  AC_SUBST([LIBSSH2_WRAP])
  AC_SUBST([LIBSSH2_ARCHIVE], [$libssh2_archive])
])
