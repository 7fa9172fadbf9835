/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Walks over all sockets, one network namespace after another, and what the kernel counts there. */
#ifndef TCPFLUX_CENSUS_H
#define TCPFLUX_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct census {
	uint32_t netns;		  /* the only one, by its inode number; 0: all */
	unsigned int unreachable; /* namespaces, and processes that hide theirs, at the last time */
	uint64_t sum;		  /* tells one set of namespaces from another, at the last time */
	int home;		  /* see census__open() */
};

/* Of namespaces: numbers that are never used again (SO_NETNS_COOKIE, since Linux 5.14). */
struct cookies {
	uint64_t *list; /* for free() */
	size_t count, size;
};

int cookies__add(struct cookies *cookies, uint64_t cookie); /* 0 or -ENOMEM */
bool cookies__contain(const struct cookies *cookies, uint64_t cookie);

/* Remembers where to return to. Returns 0 or a negative errno. */
int census__open(struct census *census, uint32_t netns);
void census__close(struct census *census);

/*
 * Runs an iterator program, given its link, over all sockets. The program prints nothing. Returns 0
 * or a negative errno.
 */
int census__walk(struct census *census, int link);

/*
 * The number of all stand-ins for closed connections, and, by a walk over the sockets of those
 * namespaces that have some, of those in FIN_WAIT2 (NULL: not wanted). Returns 0 or a negative
 * errno, for which see sock_diag__add_fin_wait2().
 */
int census__standins(struct census *census, uint64_t *all, uint64_t *fin_wait2);

/* Adds those of all namespaces. Returns 0 or a negative errno. */
int census__cookies(struct census *census, struct cookies *cookies);

/* How many TCP sockets there are in the whole system, those without a connection included. */
uint64_t census__allocated(void);

#endif
