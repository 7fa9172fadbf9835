/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * All TCP sockets there are, stand-ins included, with their owners: by a walk over the open files
 * of all processes and one over the sockets of each network namespace.
 */
#ifndef TCPFLUX_SOCKETS_H
#define TCPFLUX_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "../tcp_socket.h"

struct sockets;

struct filter;

struct sockets_options {
	bool verbose;	/* show what libbpf says */
	bool only_here; /* do not enter other network namespaces than the caller's */
	uint32_t netns; /* only this one, by its inode number; 0: all */
	/* What it is sure to drop need not be told of; stays the caller's. NULL: everything is. */
	const struct filter *filter;
	/* NULL, or what is to be done every few ms of a walk; a negative return ends the walk. */
	int (*pace)(void *ctx);
	void *ctx;
};

/*
 * Loads the programs. Returns 0 or a negative errno; what went wrong has been said.
 * Free the result with sockets__free().
 */
int sockets__open(const struct sockets_options *options, struct sockets **sockets);
void sockets__free(struct sockets *sockets); /* safe on NULL; nothing stays in the kernel */

/* What is left to be allowed for sockets__walk() from then on; all else may be given up. */
int sockets__drop_privileges(void);

/* A negative return ends the walk. */
typedef int socket_fn(void *ctx, const struct tcp_socket *socket);

/* What a walk could not see. */
struct sockets_unseen {
	int owners;	     /* a negative errno: whose the sockets are is not known */
	unsigned int hidden; /* processes whose network namespace may not be looked at */
	unsigned int closed; /* network namespaces that may not be entered, or not be read */
};

/* Says what has changed. Before the first walk it was nothing. */
void sockets_unseen__say(const struct sockets_unseen *now, const struct sockets_unseen *before);

/*
 * One walk, over what there is now. Streams: no socket is kept. Comes back to the network namespace
 * in which it began. Returns 0, a
 * function's negative return, or a negative errno.
 */
int sockets__walk(struct sockets *sockets, socket_fn *fn, void *ctx, struct sockets_unseen *unseen);

#endif
