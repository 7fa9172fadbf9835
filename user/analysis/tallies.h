/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sockets, and what has become of connections, by what they have in common. */
#ifndef TCPFLUX_TALLIES_H
#define TCPFLUX_TALLIES_H

#include "../tcp_socket.h"
#include "../transition.h"
#include "counts.h"

enum tally_by {
	TALLY_BY_NOTHING,
	TALLY_BY_NETNS,
	TALLY_BY_PID,
	TALLY_BY_LPORT,
};

struct tally {
	uint64_t key;	    /* an inode number, a pid (0: not known), a port */
	struct owner owner; /* by pid: the process; its cgroup is not kept */
	uint64_t sockets;
	uint64_t states[STATE_COUNT];
	struct opened opened; /* events, not a rate */
};

struct tallies;

/* NULL if there is no memory. */
struct tallies *tallies__new(enum tally_by by);
void tallies__free(struct tallies *tallies); /* safe on NULL */

/* Return 0 or -ENOMEM. */
int tallies__add_socket(struct tallies *tallies, const struct tcp_socket *socket);
int tallies__add_transition(struct tallies *tallies, const struct transition *tr);

/*
 * All, those with most sockets first, then those with most events; theirs until the next
 * call. Returns how many.
 */
size_t tallies__sorted(struct tallies *tallies, const struct tally **sorted);

/* Begins anew. */
void tallies__clear(struct tallies *tallies);

#endif
