/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The program behind --. */
#ifndef TCPFLUX_CHILD_H
#define TCPFLUX_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;  /* 0: there is none */
	int fd;	    /* readable when it has ended */
	bool aside; /* set before it starts: its standard output goes to standard error */
};

/*
 * Starts argv[0], found in PATH, with the signals as this program was started with, none blocked.
 * 0 or a negative errno.
 */
int child__start(struct child *child, char **argv);

/* Ends the program if it is still running, by SIGTERM, without waiting for it. */
void child__end(struct child *child);

#endif
