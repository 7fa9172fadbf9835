/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What top watches: the kernel as it is, or logs that are played. It can't tell which. */
#ifndef TCPFLUX_FEED_H
#define TCPFLUX_FEED_H

#include "../analysis/counts.h"
#include "../sources/sockets.h"
#include "../support/loop.h"
#include "top_options.h"

struct feed;

/* Who is told of what; ctx is handed to all of them. */
struct feed_listener {
	struct transition_handler handler;
	/* Of a kernel, each socket that is there at the start; 0 or a negative errno. */
	socket_fn *socket;
	/* How many sockets are in each state, after that was asked for; 0 or a negative errno. */
	int (*counted)(void *ctx, const struct counts *now);
	/* Of what is told again, another interval has been; all: it was the last one. */
	int (*told_again)(void *ctx, bool all);
	/* There will be no more. */
	void (*ended)(void *ctx);
};

/* What functions return that are to end all: it is over, or nobody is there any more. */
#define FEED_OVER (-ECANCELED)

struct feed_ops {
	/* From here on, also while `loop` runs, all goes to the listener, which stays the caller's.
	 */
	int (*start)(struct feed *feed, struct loop *loop, const struct feed_listener *listener);
	/* How many sockets are in each state? The listener will be told. */
	int (*count)(struct feed *feed);
	/* The time of what has been told so far, ns since the epoch; 0: nothing was. */
	uint64_t (*now)(const struct feed *feed);
	void (*pause)(struct feed *feed, bool paused);
	/*
	 * All that has been so far will be told again, paused or not, to a listener that begins
	 * anew. False: it is gone. NULL: it always is.
	 */
	bool (*again)(struct feed *feed);
	/* A speed in thousandths, 0: as fast as it can be. NULL: this can't be chosen. */
	void (*set_speed)(struct feed *feed, uint64_t speed);
	const char *(*hostname)(const struct feed *feed);
	void (*free)(struct feed *feed);
};

/* The head of every feed. */
struct feed {
	const struct feed_ops *ops;
};

/*
 * They need no terminal and change nothing. 0 or a negative errno; what went wrong has been said.
 * Free the result with its ops->free() in any case, if there is one.
 */
int live_feed__open(const struct top_options *options, struct feed **feed);
int log_feed__open(const struct top_options *options, int stop_fd, struct feed **feed);

#endif
