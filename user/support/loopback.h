/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One TCP connection over loopback between two processes made for it: something to see whose every
 * step is known. It needs no privileges, and has a network namespace of its own where that can be.
 */
#ifndef TCPFLUX_LOOPBACK_H
#define TCPFLUX_LOOPBACK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define LOOPBACK_SERVER "tcpflux-server" /* the processes' names */
#define LOOPBACK_CLIENT "tcpflux-client"

/* Who took part, by process number here and by socket cookie. */
struct loopback_story {
	pid_t server, client;
	uint64_t listener, accepted, connected;
};

struct loopback {
	pid_t pid;		      /* of the server; 0: there is none */
	int fd;			      /* to it */
	bool own_namespace;	      /* else in the caller's */
	struct loopback_story *story; /* shared with the processes */
};

/*
 * Starts the server, which waits; nothing is done with TCP yet. The caller's capabilities are
 * needed for the namespace alone; the processes give them up. Returns 0 or a negative errno; end it
 * with loopback__end() in both cases.
 */
int loopback__prepare(struct loopback *loopback);

/*
 * The connection: the server listens, the client connects, sends a byte and closes first, then
 * the server closes the connection and the listener. All is over when this returns 0; a negative
 * errno tells that it went wrong, after some seconds if it hung.
 */
int loopback__run(struct loopback *loopback);

void loopback__end(struct loopback *loopback);

#endif
