/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The last part of a transition's way, wherever it comes from: filter, number, count, print. */
#ifndef TCPFLUX_PRINTING_H
#define TCPFLUX_PRINTING_H

#include "../filter/sieve.h"
#include "../sinks/sink.h"
#include "capture.h"

/* -n or -d is reached: what a handler returns. */
#define ENOUGH (-ECANCELED)

struct printing {
	const struct capture_options *options;
	struct sieve sieve;
	struct transition_handler handler; /* behind the sieve */
	struct output *out;
	struct sink *sink;
	struct totals totals;
	const struct counts *counts; /* of the sockets at the end; NULL: not wanted */
	uint64_t span_ns;	     /* ends so long after the first transition; 0: does not */
	uint64_t end;		     /* which is then, ns since the epoch */
};

/*
 * To standard output. stop_fd: see output__new(). Returns 0 or a negative errno, which has been
 * said; printing__free() it in both cases. It
 * must stay where it is.
 */
int printing__begin(struct printing *printing, const struct capture_options *options, int stop_fd);
void printing__free(struct printing *printing);

/* What has happened so far. */
void printing__so_far(const struct printing *printing, uint64_t duration_ns);

/* What a source is to deliver to. */
struct transition_handler printing__handler(struct printing *printing);

/* Says why a source has failed, unless it was told to end, or the output did; returns err. */
int printing__say_why(const struct printing *printing, int err, const char *what);

/*
 * At the end; err: the result of all that was before. Prints the summary where there is something
 * to sum up, says what went wrong with the output. Returns the exit status.
 */
int printing__end(struct printing *printing, int err, uint64_t duration_ns);

#endif
