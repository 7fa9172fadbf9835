/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From the kernel's records to transitions: decodes them, joins stand-ins with the sockets whose
 * place they take, and tells of losses where they belong.
 */
#ifndef TCPFLUX_STREAM_H
#define TCPFLUX_STREAM_H

#include <stddef.h>

#include "../filter/filter.h"
#include "../transition.h"

struct stream_options {
	bool raw; /* only what the tracepoint says, in its own words */
	struct origin origin;
	/* Path of a cgroup by its number, or NULL. Belongs to the callee. */
	const char *(*cgroup_path)(void *ctx, uint64_t id);
	void *ctx;
};

struct log;
struct stream;

/* NULL if there is no memory. */
struct stream *stream__new(const struct stream_options *options);
void stream__free(struct stream *stream); /* safe on NULL */

/*
 * No stand-in escapes notice of those made at `time` or later (CLOCK_BOOTTIME, ns): a socket that
 * closes without one has none. Before, and if this is never called, it is inferred.
 */
void stream__sees_timewait(struct stream *stream, uint64_t time);

/*
 * From now on what the stream is told is logged: who tells it to another gets the same. What the
 * filter is sure to drop is left out; it stays the caller's. Returns 0 or -ENOMEM.
 */
int stream__log_to(struct stream *stream, struct log *log, const struct filter *filter);

/* Where everything goes from now on. */
void stream__deliver_to(struct stream *stream, const struct transition_handler *handler);

/* The wall clock when CLOCK_BOOTTIME was 0, in ns. */
void stream__set_boot_time(struct stream *stream, uint64_t boot_time);

/*
 * Takes one record. Returns 0, -EBADMSG for a record of an unknown type or a wrong size, -ENOMEM,
 * or the handler's negative return.
 */
int stream__record(struct stream *stream, const void *record, size_t size);

/*
 * So many were lost in this place, since the start: delivers what is new of it. time: when that was
 * noticed, CLOCK_BOOTTIME in ns.
 */
void stream__lost(struct stream *stream, enum loss_where where, uint64_t total, uint64_t time);

/* The same, but what was lost by then is nobody's business. */
void stream__skip_lost(struct stream *stream, enum loss_where where, uint64_t total);

/*
 * Delivers the ends of stand-ins that have been for good by `now`, CLOCK_BOOTTIME in ns; all that
 * have begun to end if `last`. Not more than `most` of them. Returns as stream__record().
 */
int stream__settle(struct stream *stream, uint64_t now, bool last, size_t most);

/* When to settle next, CLOCK_BOOTTIME in ns; 0: nothing waits. */
uint64_t stream__next(const struct stream *stream);

/* Stand-ins of which the beginning or the end was missed, since the start. */
uint64_t stream__missed(const struct stream *stream);

#endif
