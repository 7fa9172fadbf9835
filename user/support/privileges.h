/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TCPFLUX_PRIVILEGES_H
#define TCPFLUX_PRIVILEGES_H

#include <sys/capability.h>

/*
 * Gives up every capability of this process, for good: no program that it starts gets any back.
 * What is open stays usable. Processes started before keep what they have. Call it while there is
 * one thread. Returns 0 or a negative errno.
 */
int privileges__drop(void);

/* The same, but for those of the `count` in `kept` that it has. */
int privileges__drop_but(const cap_value_t *kept, int count);

#endif
