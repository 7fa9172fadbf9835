/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a list of sockets ends: one way of printing it. It writes to an output and fails with it.
 */
#ifndef TCPFLUX_LISTING_H
#define TCPFLUX_LISTING_H

#include "../support/output.h"
#include "../tcp_socket.h"

struct listing_options {
	bool colour;
	bool info;  /* what each connection carried as well, and how */
	bool timed; /* rows tell to which of several lists they belong */
};

struct listing;

/* Makes one that writes to `out`, for free() to end. NULL if there is no memory. */
typedef struct listing *listing_new_fn(struct output *out, const struct listing_options *options);

listing_new_fn text_listing__new, json_listing__new, csv_listing__new;

struct listing_ops {
	/* A list begins; again, if it is repeated. time: ns since the epoch, UTC. */
	void (*begin)(struct listing *listing, uint64_t time);
	void (*socket)(struct listing *listing, const struct tcp_socket *socket);
};

/* The head of every listing. */
struct listing {
	const struct listing_ops *ops;
	struct output *out;
	struct listing_options options;
	uint64_t time; /* of the list under way */
};

#endif
