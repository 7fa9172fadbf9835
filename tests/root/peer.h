/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Other processes that take part in a test. Parent and child speak numbers over a socket pair (of
 * the Unix kind: it makes no TCP transition), so each step happens when the test says so.
 */
#ifndef TESTS_ROOT_PEER_H
#define TESTS_ROOT_PEER_H

#include <stdint.h>
#include <sys/types.h>

struct peer {
	pid_t pid; /* of the process at the other end */
	int fd;
};

/* Forks a process that runs role(parent, arg), named `comm`, and ends with it. */
struct peer peer__start(const char *comm, void (*role)(const struct peer *parent, const void *arg),
			const void *arg);

void peer__tell(const struct peer *peer, uint64_t number);
uint64_t peer__hear(const struct peer *peer);
/* One after the other: orders the peer to go on, and waits for its answer. */
uint64_t peer__ask(const struct peer *peer, uint64_t number);

/* Waits for its end, which must be a success. */
void peer__end(const struct peer *peer);

#endif
