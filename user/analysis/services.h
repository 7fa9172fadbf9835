/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What befell the connections to each service: a destination that is connected to from here, or a
 * port that is listened on here. What findings about the network are made of.
 */
#ifndef TCPFLUX_SERVICES_H
#define TCPFLUX_SERVICES_H

#include "connections.h"
#include "keys.h"
#include "reasons.h"

/* Without padding: it is hashed. */
struct service_name {
	struct in6_addr address; /* remote, or any for ROLE_PASSIVE; IPv4 as ::ffff:a.b.c.d */
	uint32_t netns;
	uint32_t boot; /* see struct origin */
	uint16_t port;
	uint8_t role;
	uint8_t family; /* 4 or 6 */
};

_Static_assert(sizeof(struct service_name) == 28, "no padding");

struct service {
	uint64_t tried;	    /* connect() calls, or SYNs that came */
	uint64_t opened;    /* with success */
	uint64_t failed;    /* without */
	struct reasons why; /* they failed, those that found a port */
	uint64_t no_port;   /* of the failed, those that found no free local port */
	uint64_t slow;	    /* opened, but a SYN had probably to be sent again */
	uint64_t slowest;   /* ns */
	uint64_t brief;	    /* in ESTABLISHED for less time than the handshake took */
	uint32_t half_open; /* now */
	uint32_t half_open_most;
	uint32_t
		overdue; /* still half open at the end, and for so long that an answer is missing */
	uint32_t time_wait; /* now, on this side, by this capture */
	uint32_t time_wait_most;
	uint16_t capture;
};

/* All zero is an empty one. */
struct services {
	struct keys names;
	struct service *list; /* by number */
	uint32_t used;	      /* of the list */
};

/* The number of a transition's service, seen in this role. 0 or a negative errno. */
int services__number(struct services *services, const struct transition *tr, enum role role,
		     uint32_t *number);

/* The service itself, if it was numbered before; else NULL. It stays until the next one is. */
struct service *services__find(const struct services *services, const struct transition *tr,
			       enum role role);

/* Only what is there now is counted still. */
void service__forget_past(struct service *service);

const struct service_name *services__name(const struct services *services, uint32_t number);
void services__free(struct services *services);

#endif
