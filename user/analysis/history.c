// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "history.h"

#include <stddef.h>

void history__add(struct history *history, const struct opened *events, uint64_t ns)
{
	struct opened since = {
		.active = events->active - history->before.active,
		.passive = events->passive - history->before.passive,
		.closed = events->closed - history->before.closed,
		.failed = events->failed - history->before.failed,
	};

	if (!ns)
		return;
	history->rates[history->count++ % HISTORY_MAX] = opened__rates(&since, ns);
	history->before = *events;
}

void history__begin_anew(struct history *history, const struct opened *events)
{
	history->before = *events;
}

const struct opened *history__at(const struct history *history, uint32_t ago)
{
	if (ago >= history->count || ago >= HISTORY_MAX)
		return NULL;
	return &history->rates[(history->count - 1 - ago) % HISTORY_MAX];
}
