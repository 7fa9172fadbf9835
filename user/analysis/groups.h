/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sockets, and what has become of connections, by what they have in common. */
#ifndef TCPFLUX_GROUPS_H
#define TCPFLUX_GROUPS_H

#include "../tcp_socket.h"
#include "../transition.h"
#include "counts.h"

enum group_by {
	GROUP_BY_NOTHING,
	GROUP_BY_NETNS,
	GROUP_BY_PID,
	GROUP_BY_LPORT,
};

struct group {
	uint64_t key;	    /* an inode number, a pid (0: not known), a port */
	struct owner owner; /* by pid: the process; its cgroup is not kept */
	uint64_t sockets;
	uint64_t states[STATE_COUNT];
	struct opened opened; /* events, not a rate */
};

struct groups;

/* NULL if there is no memory. */
struct groups *groups__new(enum group_by by);
void groups__free(struct groups *groups); /* safe on NULL */

/* Return 0 or -ENOMEM. */
int groups__add_socket(struct groups *groups, const struct tcp_socket *socket);
int groups__add_transition(struct groups *groups, const struct transition *tr);

/*
 * All groups, those with most sockets first, then those with most events; theirs until the next
 * call. Returns how many.
 */
size_t groups__sorted(struct groups *groups, const struct group **sorted);

/* Begins anew. */
void groups__clear(struct groups *groups);

#endif
