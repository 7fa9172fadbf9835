/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How many connections came and went, over time. */
#ifndef TCPFLUX_CHURN_H
#define TCPFLUX_CHURN_H

#include <stdint.h>

/* What a transition is to the connection. */
enum happening {
	HAPPENED_NOTHING,
	HAPPENED_ACTIVE,  /* connect() succeeded */
	HAPPENED_PASSIVE, /* a listener's handshake was completed */
	HAPPENED_CLOSED,  /* it was open, and is in CLOSE or TIME_WAIT now */
	HAPPENED_FAILED,  /* it is over and was never open */
	HAPPENINGS,
};

enum happening happening_of(unsigned int old_state, unsigned int new_state);

/*
 * Buckets of equal width, from the first transition on. When time has run out of them, they are
 * merged two by two, and are twice as wide.
 */
#define CHURN_BUCKETS 256

struct churn {
	uint64_t start; /* ns since the epoch */
	uint64_t width; /* ns; 0: nothing has happened yet */
	uint32_t used;	/* buckets, up to the last time that was seen */
	uint64_t count[CHURN_BUCKETS][HAPPENINGS];
	uint64_t total[HAPPENINGS];
};

/* Something happened, or HAPPENED_NOTHING, at this time, ns since the epoch. All zero is new. */
void churn__add(struct churn *churn, uint64_t time, enum happening what);

#endif
