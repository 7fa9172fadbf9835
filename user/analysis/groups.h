/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connections that have something in common, such as their program or their port. */
#ifndef TCPFLUX_GROUPS_H
#define TCPFLUX_GROUPS_H

#include "churn.h"
#include "connections.h"
#include "histogram.h"
#include "keys.h"
#include "reasons.h"

enum group_key {
	GROUP_COMM,
	GROUP_PID,
	GROUP_LPORT,
	GROUP_RPORT,
	GROUP_RADDR,
	GROUP_NETNS,
	GROUP_CGROUP,
	GROUP_KEYS,
};

/* Its name, as in --by. */
const char *group_key__name(enum group_key key);

/* What they have in common; members that are not asked for are zero. Without padding: hashed. */
struct group_name {
	struct in6_addr raddr; /* IPv4 as ::ffff:a.b.c.d */
	char comm[OWNER_COMM_LEN];
	uint32_t pid;
	uint32_t netns;
	uint32_t cgroup; /* number in cgroups; NO_NUMBER: not known */
	uint16_t lport, rport;
	uint8_t family; /* 4 or 6 */
	uint8_t owned;	/* false: pid, comm and cgroup are not known */
	uint16_t zero;
};

_Static_assert(sizeof(struct group_name) == 52, "no padding");

struct group {
	uint64_t connections;	  /* all that follow, which are all there were */
	uint64_t closed;	  /* were open */
	uint64_t failed;	  /* were never open */
	uint64_t left;		  /* had no end yet when the transitions ended */
	uint64_t active, passive; /* how they began, those where that is known */
	struct reasons ended, why_failed;
	uint64_t bytes_sent, bytes_received, retransmits;
	uint32_t open, open_most;		   /* at once */
	struct histogram connect, handshake, life; /* ns */
};

/* All zero, but for `by`, is an empty one. */
struct groups {
	unsigned int by[GROUP_KEYS]; /* enum group_key, in the order of the user */
	unsigned int by_count;
	struct keys names;
	struct keys cgroups;
	struct group *list; /* by number */
	uint32_t used;	    /* of the list */
};

/* To which group the connection of a transition belongs. 0 or a negative errno. */
int groups__number(struct groups *groups, const struct transition *tr, uint32_t *number);

const struct group_name *groups__name(const struct groups *groups, uint32_t number);

/* The path; NULL: not known. */
const char *groups__cgroup(const struct groups *groups, const struct group_name *name);

/* The connection belongs to this group now, perhaps no longer to another, and is open, or not. */
void groups__assign(struct groups *groups, struct connection *connection, uint32_t number,
		    bool open);

/* One that has ended. 0 or -ENOMEM. */
int group__add_end(struct group *group, const struct connection *connection,
		   const struct transition *tr, enum happening what);

/* One that has not ended. 0 or -ENOMEM. */
int group__add_left(struct group *group, const struct connection *connection);

void groups__free(struct groups *groups);

#endif
