/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What valgrind must find: tests/valgrind/check looks whether it does. The pointers are
 * volatile, so that no compiler sees what is wrong.
 */
#include <stdio.h>
#include <stdlib.h>

int
main(void)
{
    char *volatile block = malloc(16);
    char *volatile forgotten = malloc(10);

    if (!block || !forgotten)
        return 1;
    if (block[3] == 'x') /* never written */
        puts("x");
    forgotten = NULL;
    free(block);
    return block[1] == 'x'; /* freed */
}
