dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl The libraries. Where one is missing, configure stops with the name of the package.

dnl SA_LATE(NAME, LIBS, FUNCTION): LATE_NAME is the library that has the function, as the dynamic linker calls it,
dnl which then loads it when it is first needed (src/util/late.h). Without it the program is linked with it.
AC_DEFUN([SA_LATE], [
  AS_IF([test "x$enable_late_loading" != xno], [
    AC_CACHE_CHECK([which shared library has $3], [sa_cv_late_$3], [
      sa_cv_late_$3=no
      sa_late_LIBS=$LIBS
      LIBS="$2 $LIBS"
      AC_LINK_IFELSE([AC_LANG_PROGRAM([[char $3(void);]], [[return $3();]])],
        [for sa_name in `$READELF -d "conftest$ac_exeext" 2>/dev/null | $SED -n 's/.*(NEEDED).*: .\(.*\)./\1/p'`; do
          sa_flag=-l`AS_ECHO(["$sa_name"]) | $SED 's/^lib//; s/\.so.*//'`
          AS_CASE([" $2 "], [*" $sa_flag "*], [test "x$sa_cv_late_$3" != xno || sa_cv_late_$3=$sa_name])
        done])
      LIBS=$sa_late_LIBS
    ])
    AS_IF([test "x$sa_cv_late_$3" != xno], [
      AC_DEFINE_UNQUOTED([LATE_$1], ["$sa_cv_late_$3"], [What is loaded late, as the dynamic linker calls it.])
      late_summary="${late_summary:+$late_summary }$sa_cv_late_$3"
    ])
  ])
])

AC_DEFUN([SA_READLINE], [
  PKG_CHECK_MODULES([READLINE], [readline], [readline_version=`$PKG_CONFIG --modversion readline`],
    [AC_MSG_ERROR([GNU readline was not found: install libreadline-dev (Debian, Ubuntu) or readline-devel (Fedora)])])
  SA_LATE([READLINE], [$READLINE_LIBS], [rl_initialize])
])

AC_DEFUN([SA_LIBOATH], [
  PKG_CHECK_MODULES([LIBOATH], [liboath], [liboath_version=`$PKG_CONFIG --modversion liboath`],
    [AC_MSG_ERROR([liboath was not found: install liboath-dev (Debian, Ubuntu) or liboath-devel (Fedora)])])
  SA_LATE([OATH], [$LIBOATH_LIBS], [oath_init])
])

dnl Mini-XML 3: the name of the module of 4, whose interface is another one, is mxml4.
AC_DEFUN([SA_MXML], [
  PKG_CHECK_MODULES([MXML], [mxml >= 3.0 mxml < 4], [mxml_version=`$PKG_CONFIG --modversion mxml`],
    [AC_MSG_ERROR([Mini-XML 3 was not found: install libmxml-dev (Debian, Ubuntu) or mxml-devel (Fedora)])])
  SA_LATE([MXML], [$MXML_LIBS], [mxmlNewXML])
])

AC_DEFUN([SA_JANSSON], [
  dnl json_dumpb is of 2.10
  PKG_CHECK_MODULES([JANSSON], [jansson >= 2.10], [jansson_version=`$PKG_CONFIG --modversion jansson`],
    [AC_MSG_ERROR([jansson was not found: install libjansson-dev (Debian, Ubuntu) or jansson-devel (Fedora)])])
  SA_LATE([JANSSON], [$JANSSON_LIBS], [json_object])
])

AC_DEFUN([SA_LIBCRYPTO], [
  dnl before 3.0 keys in PKCS#8 need the names of ciphers, which are not added here (src/util/wipe.c)
  PKG_CHECK_MODULES([LIBCRYPTO], [libcrypto >= 3.0], [],
    [AC_MSG_ERROR([OpenSSL's libcrypto 3.0 or later was not found: install libssl-dev (Debian, Ubuntu) or openssl-devel (Fedora)])])
  SA_PTHREAD_FLAG
])

dnl Threads: glibc 2.34 and later need no flag, others take -pthread.
AC_DEFUN([SA_PTHREAD_FLAG], [
  PTHREAD_CFLAGS=
  SA_TRY_FLAG([PTHREAD_CFLAGS], [-pthread])
  AC_SUBST([PTHREAD_CFLAGS])
])

AC_DEFUN([SA_GSSAPI], [
  gssapi_summary="no (--disable-gssapi)"
  libraries_gssapi="no GSSAPI"
  AS_IF([test "x$enable_gssapi" != xno], [
    dnl krb5-gssapi gives only -lgssapi_krb5; the hints call krb5_... as well
    PKG_CHECK_MODULES([GSSAPI], [krb5-gssapi krb5], [],
      [AC_MSG_ERROR([MIT Kerberos was not found: install libkrb5-dev (Debian, Ubuntu) or krb5-devel (Fedora), or configure with --disable-gssapi])])
    AC_DEFINE([HAVE_GSSAPI], [1], [gssapi-with-mic is built.])
    krb5_version=`$PKG_CONFIG --modversion krb5-gssapi`
    gssapi_summary="yes, MIT Kerberos $krb5_version"
    libraries_gssapi="MIT Kerberos $krb5_version"
  ])
])
