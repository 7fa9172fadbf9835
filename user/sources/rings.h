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

/* So many records each of them then has room for. */
uint32_t rings__slots(uint32_t number, uint32_t buffer);

/* The kernel side's, see ring.h: descriptors of maps, and whether the bell shall ring. */
struct rings_maps {
	int ends, slots, bell;
	uint64_t *awaited;
};

/* So many rings of so many slots, in maps that were made for them. NULL: errno tells why. */
struct rings *rings__new(const struct rings_maps *maps, uint32_t number, uint32_t slots);
void rings__free(struct rings *rings); /* safe on NULL */

/*
 * epoll, which is the caller's, is readable if there are records since the last call of
 * rings__take(). Returns 0 or -errno.
 */
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
