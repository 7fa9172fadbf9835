/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The connections that there are at one moment, by their cookies: one line of the cache each, and
 * no allocation for one of them.
 */
#ifndef TCPFLUX_CONNECTIONS_H
#define TCPFLUX_CONNECTIONS_H

#include <stdbool.h>

#include "../transition.h"

enum role {
	ROLE_UNKNOWN, /* its beginning was not seen */
	ROLE_ACTIVE,  /* by connect() */
	ROLE_PASSIVE, /* by a listener */
};

#define NO_NUMBER UINT32_MAX

/* Times are ns since the epoch. */
struct connection {
	uint64_t cookie;  /* see origin__socket(); 0: nobody's */
	uint64_t born;	  /* when its SYN was sent, or came; 0: not known */
	int64_t setup_ns; /* from then until it was established; or NOT_KNOWN */
	uint64_t since;	  /* when it entered its state */
	char comm[OWNER_COMM_LEN];
	uint32_t service; /* number in services, or NO_NUMBER */
	uint32_t group;	  /* number in groups, or of who is told of connections; or NO_NUMBER */
	uint8_t state;
	uint8_t role;	      /* enum role */
	bool counted_open;    /* in its group */
	struct origin origin; /* of its last transition */
};

_Static_assert(sizeof(struct connection) <= 64, "a connection takes one line of the cache");

/*
 * Is this connection over, though its end was not seen? Asked before the table grows, so that what
 * has no end does not fill it; if so, it is dropped.
 */
typedef bool connection_gone_fn(void *ctx, const struct connection *connection);

struct connections {
	struct connection *slots;
	size_t slot_count; /* a power of two */
	unsigned int shift;
	size_t count;
	connection_gone_fn *gone;
	void *ctx;
};

/* 0 or -ENOMEM. */
int connections__init(struct connections *connections, connection_gone_fn *gone, void *ctx);
void connections__free(struct connections *connections);

/* NULL if there is none. What is found stays where it is until another is added or removed. */
struct connection *connections__find(const struct connections *connections, uint64_t cookie);

/* A new one, with no more known than its cookie. */
void connection__init(struct connection *connection, uint64_t cookie);

/* One with this cookie, which must not be 0 and not be there yet. NULL if there is no memory. */
struct connection *connections__add(struct connections *connections, uint64_t cookie);

void connections__remove(struct connections *connections, struct connection *connection);

/* The first one behind `previous`, or of all for NULL, in no order; NULL at the end. */
struct connection *connections__next(const struct connections *connections,
				     const struct connection *previous);

#endif
