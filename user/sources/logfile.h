/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The source that is logs: what was live when they were written goes the same way again. */
#ifndef TCPFLUX_LOGFILE_H
#define TCPFLUX_LOGFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "../probe.h"
#include "../transition.h"

struct logfile_options {
	bool raw; /* only what the tracepoint says, in its own words */
	/* Becomes readable when the program shall end, which then ends the reading. 0: none. */
	int stop_fd;
};

/* Where and when the first file was written. All belongs to the logfile. */
struct logfile_head {
	const char *version; /* of tcpflux */
	const char *hostname;
	const char *kernel;
	uint64_t time;		    /* when the capture started, ns since the epoch */
	const struct probe *probes; /* ends with a row without a name */
};

struct logfile;

/*
 * Opens all files, one at least ("-" is standard input); files of one capture go on where the last
 * one ended. paths stay the caller's, until logfile__free(). Returns 0, -EINTR if the program shall
 * end, or another negative errno; what went wrong has been said.
 */
int logfile__open(char **paths, int count, const struct logfile_options *options,
		  struct logfile **logfile);

/*
 * Delivers everything, captures merged by time. A handler's transition may keep the pointer to
 * its cgroup as long as the logfile. What can't be read is said, and is a loss of LOSS_LOG.
 * Returns 0, also if the program shall end; the handler's negative return; -ENOMEM; or -EBADMSG if
 * a file can't be read any further, which has been said.
 */
int logfile__read(struct logfile *logfile, const struct transition_handler *handler);

/*
 * The same, but only what was there by a time, ns since the epoch, and at most so many items.
 * Returns 1 if there may be more, by *next at the earliest; 0 at the end, or as logfile__read().
 */
int logfile__play(struct logfile *logfile, const struct transition_handler *handler, uint64_t until,
		  unsigned int most, uint64_t *next);

const struct logfile_head *logfile__head(const struct logfile *logfile);

/* From the start of the first capture to the end of the last, as far as it was read; ns. */
uint64_t logfile__span(const struct logfile *logfile);

void logfile__free(struct logfile *logfile); /* safe on NULL */

#endif
