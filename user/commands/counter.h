/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A process of its own that counts sockets. Now and then that takes a walk over all of them, in one
 * piece; who has a stream to read would lose some of it meanwhile.
 */
#ifndef TCPFLUX_COUNTER_H
#define TCPFLUX_COUNTER_H

#include <sys/types.h>

#include "../sources/counting.h"

struct counter {
	pid_t pid; /* 0: there is none */
	int fd;	   /* readable when an answer has come */
	bool asked;
};

/* These return 0 or a negative errno, and have said what went wrong. */

/* Starts it and waits until it counts. While there is one thread. End it in any case. */
int counter__start(struct counter *counter, const struct counting_options *options);

/* Asks for the numbers, if it is not about to find them already. */
int counter__ask(struct counter *counter);

/* Reads the answer, once there is one. */
int counter__read(struct counter *counter, struct counts *now);

/* Safe on zeros. Nothing stays in the kernel. */
void counter__end(struct counter *counter);

#endif
