/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Many short connections over loopback, by several clients and servers at once. */
#ifndef TESTS_ROOT_LOAD_H
#define TESTS_ROOT_LOAD_H

#include <stdint.h>

#include "peer.h"

#define LOAD_CLIENTS 4
#define LOAD_PORT    7900 /* of the first server; the others' follow */

/* Its transitions, in tracefs' language. */
#define LOAD_FILTER "((sport >= 7900 && sport < 7904) || (dport >= 7900 && dport < 7904))"

struct load {
	struct peer client[LOAD_CLIENTS], server[LOAD_CLIENTS];
	volatile uint64_t *stop; /* shared: the clients come to their end when it is set */
};

/*
 * Starts the processes in the caller's network namespace. Each client makes `connections` of
 * them, of 9.5 transitions each on average, or with UINT64_MAX as many as it can until it is told
 * to stop.
 */
struct load load__start(uint64_t connections);
/* What so many connections of each client make, from the first listener to the last one's end. */
uint64_t load__transitions(uint64_t connections);
/*
 * How many of those the kernel has called no tracepoint for, if it has counted so many itself. On a
 * guest of PVM, Linux 6.18, that is one in nine millions where packets are steered, also with
 * nobody looking but tracefs: a socket closes, and its next transition begins in the state that it
 * has come to.
 */
uint64_t load__uncalled(uint64_t connections, uint64_t counted);
/* Waits for the last transition. */
void load__finish(struct load *load);

#endif
