/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A block's items, one after another, from its columns. They may say anything: all is checked. */
#ifndef TCPFLUX_LOG_DECODER_H
#define TCPFLUX_LOG_DECODER_H

#include <stddef.h>
#include <stdint.h>

struct decoder;

/* NULL if there is no memory. */
struct decoder *decoder__new(void);
void decoder__free(struct decoder *decoder); /* safe on NULL */

/*
 * Begins a block of so many items; lost: as in the records before. The columns stay the caller's,
 * and there until the block's end. Returns 0, -EBADMSG if they can't be right, or -ENOMEM.
 */
int decoder__begin(struct decoder *decoder, const uint8_t *columns, size_t size, uint32_t items,
		   uint64_t lost);

struct item {
	uint8_t type;  /* enum event_type or enum log_item_type */
	uint8_t where; /* of LOG_LOST */
	uint64_t time; /* CLOCK_BOOTTIME, ns */
	uint64_t value;
	const void *record; /* until the next call; NULL: it is none */
	size_t size;
	const char *path; /* of its owner's cgroup, or NULL; as long as the decoder */
};

/* The next item. Returns 1, 0 at the end, or -EBADMSG. */
int decoder__next(struct decoder *decoder, struct item *item);

#endif
