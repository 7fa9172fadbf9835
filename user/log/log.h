/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The log that is being written: takes what a stream is told, in blocks. What can't be written is
 * counted, and nothing else suffers from it.
 */
#ifndef TCPFLUX_LOG_H
#define TCPFLUX_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "../transition.h"
#include "destination.h"
#include "head.h"

struct log;

/*
 * Makes the first file. Nothing is in it before log__begin(). Returns 0 or a negative errno; what
 * went wrong has been said.
 */
int log__open(const struct destination_options *options, struct log **log);

/*
 * The capture starts. Of the head only what is about the machine and the time; its strings stay the
 * caller's.
 */
int log__begin(struct log *log, const struct log_head *head);

/* Each adds what a stream is told, see stream.h. Times are CLOCK_BOOTTIME in ns. */
void log__transition(struct log *log, const struct event_transition *event, const char *path);
void log__standin(struct log *log, const struct event_standin *event, const char *path);
void log__lost(struct log *log, enum loss_where where, uint64_t total, uint64_t time);
void log__settle(struct log *log, uint64_t now, bool last);
void log__boot_time(struct log *log, uint64_t boot_time);
void log__timewait(struct log *log, uint64_t since);

/* Readable when the oldest of what is unwritten has waited for long enough: flush then. */
int log__fd(const struct log *log);

/* Writes all that there is. */
int log__flush(struct log *log);
/* The same, and begins the file anew if it was moved away. */
int log__reopen(struct log *log);

/* -EPIPE: it is a pipe, and its reader went away; what all functions return that return anything.
 */
int log__error(const struct log *log);

/* So far. */
struct log_progress {
	uint64_t transitions; /* of the tracepoint, written or not */
	uint64_t bytes;	      /* in all files */
	uint64_t lost;	      /* transitions that could not be written */
};

struct log_progress log__progress(const struct log *log);

/* Was there anything that could not be done? It has been said. */
bool log__has_failed(const struct log *log);

/* Writes nothing any more; safe on NULL. */
void log__free(struct log *log);

#endif
