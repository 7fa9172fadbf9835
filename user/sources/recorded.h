/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One capture of those that logs are of: its files in their order, through one stream. */
#ifndef TCPFLUX_RECORDED_H
#define TCPFLUX_RECORDED_H

#include <stdbool.h>
#include <stdint.h>

#include "../log/reader.h"
#include "../transition.h"

struct recorded;

/* NULL if there is no memory. */
struct recorded *recorded__new(bool raw, struct origin origin);
void recorded__free(struct recorded *recorded); /* safe on NULL; of its files, too */

/*
 * Takes one of its files, in any order. Returns 0, -EEXIST if it has the file already, -EXDEV if
 * the file is another capture's, or -ENOMEM; the file stays the caller's then.
 */
int recorded__add(struct recorded *recorded, struct reader *reader);

void recorded__deliver_to(struct recorded *recorded, const struct transition_handler *handler);

/* What comes next, by the wall clock, ns since the epoch. Returns 1, 0 at the end, or -errno. */
int recorded__peek(struct recorded *recorded, uint64_t *time);

/* Delivers it. Returns 0, the handler's negative return, or a negative errno. */
int recorded__deliver(struct recorded *recorded);

/* Of its first file. */
const struct log_head *recorded__head(const struct recorded *recorded);

/* When it started, and of the last item so far; ns since the epoch, by the clock as it is then. */
uint64_t recorded__started(const struct recorded *recorded);
uint64_t recorded__ended(const struct recorded *recorded);

#endif
