/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The items of a block, as columns. What the block has said of a socket is not said again: who it
 * is, since when it has been in its state. Whatever the members' values, none is lost.
 */
#ifndef TCPFLUX_LOG_ENCODER_H
#define TCPFLUX_LOG_ENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

struct encoder;

/* NULL if there is no memory. */
struct encoder *encoder__new(void);
void encoder__free(struct encoder *encoder); /* safe on NULL */

/* Begins a block. lost: as in the records before. */
void encoder__begin(struct encoder *encoder, uint64_t lost);

/* Each adds an item; only if not encoder__is_full(). path: of the owner's cgroup, or NULL. */
void encoder__transition(struct encoder *encoder, const struct event_transition *event,
			 const char *path);
void encoder__standin(struct encoder *encoder, const struct event_standin *event, const char *path);
/* type: one of enum log_item_type; where: 0 but for LOG_LOST. */
void encoder__note(struct encoder *encoder, uint8_t type, uint8_t where, uint64_t time,
		   uint64_t value);

bool encoder__is_full(const struct encoder *encoder);

/* What is in the block so far. Times are CLOCK_BOOTTIME in ns. */
struct encoded {
	uint32_t items, transitions;
	uint64_t first, last; /* the earliest and the latest time */
};

const struct encoded *encoder__encoded(const struct encoder *encoder);

/* Copies the columns to `to`, of BLOCK_UNPACKED_MAX bytes. Returns how many they are. */
size_t encoder__finish(const struct encoder *encoder, uint8_t *to);

#endif
