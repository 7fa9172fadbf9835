/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The source that is the running kernel. live.c is the only file that knows the BPF skeleton. */
#ifndef TCPFLUX_LIVE_H
#define TCPFLUX_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "../probe.h"
#include "../transition.h"

struct filter;
struct live;
struct log;

struct live_options {
	uint32_t buffer; /* bytes of the ring, a power of two */
	bool verbose;	 /* show what libbpf says */
	bool raw;	 /* only what the tracepoint says, in its own words */
	bool no_fentry;	 /* as on a machine that refuses trampolines */
	/* What it is sure to drop need not be delivered; stays the caller's. NULL: everything is.
	 */
	const struct filter *filter;
	/* Records, and ends of stand-ins, that one drain takes, before it leaves the rest. 0: all.
	 */
	size_t most;
};

/*
 * Loads the programs. Returns 0 or a negative errno; what went wrong has been said.
 * Free the result with live__free().
 */
int live__open(const struct live_options *options, struct live **live);

/*
 * Before the first drain: what the kernel tells is logged, too, but for what the filter is sure to
 * drop. Both stay the caller's. Returns 0 or -ENOMEM.
 */
int live__log_to(struct live *live, struct log *log, const struct filter *filter);

/*
 * From here on every transition is seen; sockets that are open get their owners.
 * Returns as live__open().
 */
int live__start(struct live *live);

/* Ends it: no transition is added any more, and all that were begun are in the ring. */
void live__stop(struct live *live);

/* Safe on NULL. Nothing stays in the kernel. */
void live__free(struct live *live);

/* Readable when there is something to drain; stays so until it is drained. */
int live__fd(const struct live *live);

/*
 * Delivers what had happened when it was called. Returns 0; LIVE_MORE, if that was more than the
 * options have it take; the handler's negative return; or a negative errno.
 */
#define LIVE_MORE 1
int live__drain(struct live *live, const struct transition_handler *handler);

/* What had happened by then has been delivered; CLOCK_BOOTTIME in ns, 0 before the first drain. */
uint64_t live__until(const struct live *live);

/* Final once it has started. Ends with a row without a name. */
const struct probe *live__probes(const struct live *live);

#endif
