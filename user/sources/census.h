/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Walks over all sockets, one network namespace after another, and what the kernel counts there. */
#ifndef TCPFLUX_CENSUS_H
#define TCPFLUX_CENSUS_H

#include <stdbool.h>
#include <stdint.h>

struct census {
	uint32_t netns;		  /* the only one, by its inode number; 0: all */
	unsigned int unreachable; /* namespaces, and processes that hide theirs, at the last time */
	int home;		  /* see census__open() */
};

/* Remembers where to return to. Returns 0 or a negative errno. */
int census__open(struct census *census, uint32_t netns);
void census__close(struct census *census);

/*
 * Runs an iterator program, given its link, over all sockets. The program prints nothing. Returns 0
 * or a negative errno.
 */
int census__walk(struct census *census, int link);

/*
 * The number of all stand-ins for closed connections. The program of `link` (-1: none) runs over
 * the sockets of the namespaces that have some. Returns 0 or a negative errno.
 */
int census__standins(struct census *census, int link, uint64_t *count);

/* How many TCP sockets there are in the whole system, those without a connection included. */
uint64_t census__allocated(void);

#endif
