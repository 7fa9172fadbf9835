/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which part of an expression runs where, in its own words. */
#ifndef TCPFLUX_WORDING_H
#define TCPFLUX_WORDING_H

#include "tree.h"

/*
 * What the kernel decides: the expression without what it knows nothing of. And what is left to be
 * decided: those of its parts, all of which must hold, that the kernel does not decide alone.
 * Empty: nothing. NULL if there is no memory. Free the results.
 */
char *wording__in_kernel(const struct tree *tree);
char *wording__behind(const struct tree *tree);

#endif
