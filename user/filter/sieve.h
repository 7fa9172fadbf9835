/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Hands on what a filter lets through, in the order in which that is known. */
#ifndef TCPFLUX_SIEVE_H
#define TCPFLUX_SIEVE_H

#include "filter.h"
#include "hold.h"

struct sieve {
	const struct filter *filter;
	struct hold *hold;
	const struct transition_handler *next;
};

/* filter stays the caller's. Returns 0 or -ENOMEM. */
int sieve__init(struct sieve *sieve, const struct filter *filter);
void sieve__free(struct sieve *sieve); /* safe on zeros */

/* What a source delivers to; `next` gets what is left, and all losses. */
struct transition_handler sieve__handler(struct sieve *sieve);
void sieve__deliver_to(struct sieve *sieve, const struct transition_handler *next);

#endif
