/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ring buffers that the kernel side writes its records into, one for each CPU or several of
 * them, read as one stream in the order of time.
 */
#ifndef TCPFLUX_RINGS_H
#define TCPFLUX_RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rings;

/* How many of them a buffer of so many bytes, a power of two, is divided into: a power of two. */
uint32_t rings__number(uint32_t cpus, uint32_t buffer);

/*
 * Makes them, of buffer / number bytes each, and puts them into the map of maps. NULL: errno tells
 * why.
 */
struct rings *rings__new(int map, uint32_t number, uint32_t buffer);
void rings__free(struct rings *rings); /* safe on NULL */

/* epoll, which is the caller's, is readable while there are records. Returns 0 or -errno. */
int rings__watch(const struct rings *rings, int epoll);

/* Takes a record, which is there only during the call. A return other than 0 ends the taking. */
typedef int ring_record_fn(void *ctx, const void *record, size_t size);

/*
 * Takes the records that were written before the call and are not later than `until`, a reading of
 * CLOCK_BOOTTIME in ns from before the call. Those of one socket come in the order in which it
 * changed, whatever CPUs that was on: by its lock, the program that wrote the first of two had
 * ended when the second's read the clock. Returns 0, or what the function returned; the next call
 * goes on behind that record. *all: that were all, and none is being written that may be as early.
 */
int rings__take(struct rings *rings, uint64_t until, ring_record_fn *take, void *ctx, bool *all);

#endif
