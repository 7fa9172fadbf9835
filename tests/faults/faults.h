/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Preloaded (LD_PRELOAD), makes calls fail that hardly ever do. The environment says which:
 *
 *	FAULTS="GROUP N [ERRNO]"  of the calls of a group, below, the Nth since main() fails;
 *	                          "N+": and so do all that follow
 *	FAULTS_SHORT=1            write() takes 1 to 7 bytes
 *	FAULTS_EINTR=N            one in N calls that may wait is interrupted instead
 *	FAULTS_STORM=US           all so many microseconds a signal comes, and interrupts
 *	FAULTS_LOG=FILE           is made when the first fault is hit, and has the way to it
 *
 * Programs that the program starts are spared. faults.c decides which call fails; calls.c has the
 * calls.
 */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "../preload.h"

/* Their names are these in small letters. */
enum group {
	NONE,
	ALLOC, /* of memory, within libraries too */
	OWN,   /* the same, but not what libbpf asks for */
	BPF,   /* bpf() */
	SETUP, /* what makes descriptors and starts programs */
	DIAG,  /* what asks sock_diag */
	READ,
	WRITE,
	WAIT, /* epoll_wait() and poll() */
};

/* Shall this call fail? Then errno is set. */
bool faults__fails(enum group group);
/* The same for one that gives memory; caller: who asks for it. */
bool faults__no_memory(const void *caller);
/* Shall this call, which may wait, be interrupted? Then errno is set. */
bool faults__interrupted(void);

/* How much of it write() takes. */
size_t faults__shortened(size_t size);

/* The first time, if there shall be one. */
void faults__start_storm(void);

#endif
