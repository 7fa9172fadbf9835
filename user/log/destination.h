/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a log goes: a file, one file after another (rotation), or a pipe. What is there consists of
 * whole pieces, whatever fails.
 */
#ifndef TCPFLUX_LOG_DESTINATION_H
#define TCPFLUX_LOG_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct destination_options {
	const char *path;     /* "-": standard output; with an interval, a pattern for strftime() */
	uint64_t size;	      /* of a file, bytes, before the next begins; 0: no limit */
	uint64_t interval_ns; /* after which the next begins; 0: never */
	uint64_t keep;	      /* so many files; 0: all */
	bool force;	      /* overwrite a file that exists */
	int stop_fd;	      /* see output__new() */
};

struct destination;

/* NULL if there is no memory. options stay the caller's. */
struct destination *destination__new(const struct destination_options *options);
/* Safe on NULL. Closes; an only file to which nothing was written is deleted. */
void destination__free(struct destination *destination);

/*
 * Each returns 0 or a negative errno.
 *
 * open: begins the first file, or, if one could not be begun, was deleted or emptied, that one
 * again. next: begins the next one. reopen: begins the file anew if another has its name, or none.
 * write: adds a piece; all of it, or, in a file, nothing.
 */
int destination__open(struct destination *destination);
int destination__next(struct destination *destination);
int destination__reopen(struct destination *destination);
int destination__write(struct destination *destination, const void *piece, size_t size);

/* Shall the next file begin before a piece of this size? Each has two at least, but for time. */
bool destination__is_due(const struct destination *destination, size_t size);

const char *destination__name(const struct destination *destination); /* for messages */
uint64_t destination__size(const struct destination *destination);    /* of the file, bytes */
uint64_t destination__total(const struct destination *destination);   /* of all files, bytes */

#endif
