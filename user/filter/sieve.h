/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What stands between a source and whoever wants only some of its transitions. */
#ifndef TCPFLUX_SIEVE_H
#define TCPFLUX_SIEVE_H

#include "filter.h"
#include "hold.h"

struct sieve {
	const struct filter *filter;
	struct hold *hold;
	struct transition_handler next; /* it gets what passes, and every loss */
};

/* filter stays the caller's. 0 or -ENOMEM; free it in any case. */
int sieve__init(struct sieve *sieve, const struct filter *filter,
		const struct transition_handler *next);
void sieve__free(struct sieve *sieve);

/* What a source is to deliver to. */
struct transition_handler sieve__handler(struct sieve *sieve);

#endif
