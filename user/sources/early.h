/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records that have come when nobody could take them yet: kept, in their order, so that the ring
 * stays empty. */
#ifndef TCPFLUX_EARLY_H
#define TCPFLUX_EARLY_H

#include <stdbool.h>
#include <stddef.h>

struct early {
	char *bytes;
	size_t used, size, taken;
};

/* Makes room for so many more bytes of records. False: there is none. */
bool early__reserve(struct early *early, size_t size);

/* Keeps a copy of a record, at most EARLY_RECORD_MAX. Is there still room for another one? */
#define EARLY_RECORD_MAX 512
bool early__keep(struct early *early, const void *record, size_t size);

/*
 * Hands them over, one by one, and keeps none. Returns 0 or take's negative return, after which
 * the next call goes on behind that record.
 */
int early__take(struct early *early, int (*take)(void *ctx, const void *record, size_t size),
		void *ctx);

void early__free(struct early *early);

#endif
