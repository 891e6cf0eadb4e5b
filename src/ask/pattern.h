/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Expressions that glibc's regcomp(3) should not be given: it has no limits of its own. It
 * calls itself for each parenthesis, until the stack is used up, and copies what + and {}
 * repeat, so that "x++++" is 16 of x. Of stars within each other it takes time by the cube of
 * their number: seconds where PATTERN_MAX_SIZE were 5000.
 */
#ifndef PATTERN_H
#define PATTERN_H

#define PATTERN_MAX_SIZE  2000 /* characters, with each copy that a repetition makes */
#define PATTERN_MAX_DEPTH 100  /* parentheses within each other */

/*
 * What is wrong with the POSIX extended regular expression `pattern` (XBD section 9.4), as text
 * that lives for ever; NULL where regcomp(3) may have it, which finds mistakes of syntax.
 */
const char *pattern_unfit(const char *pattern);

#endif
