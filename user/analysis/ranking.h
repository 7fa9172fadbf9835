/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rows of a table at one moment, in the order that somebody wants. */
#ifndef TCPFLUX_RANKING_H
#define TCPFLUX_RANKING_H

#include "table.h"

enum rank_by {
	RANK_NAME,
	RANK_OPEN,
	RANK_OPENED,
	RANK_FAILED,
	RANK_CONNECT_P50,
	RANK_CONNECT_P99,
	RANK_LIFE_P50,
	RANK_LIFE_P99,
	RANKS,
};

/* By enum rank_by, but for the name; rates are in thousandths a second, times in ns or NO_VALUE. */
#define NO_VALUE UINT64_MAX

struct ranked {
	struct row_key key;
	uint64_t value[RANKS];
	uint64_t total; /* connections that there were: who is equal otherwise is not by that */
};

/* All zero is an empty one. */
struct ranking {
	struct ranked *list;
	uint32_t count, room;
};

/* What there is in the table now, but for rows that never had anything. 0 or -ENOMEM. */
int ranking__take(struct ranking *ranking, const struct table *table);

/* The greatest first, or names from the first on; or the other way round. */
void ranking__sort(struct ranking *ranking, enum rank_by by, bool reverse);

void ranking__free(struct ranking *ranking);

#endif
