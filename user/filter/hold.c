// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "hold.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>

/*
 * Every one of them leaves with the next transition of its socket, after two minutes at most, when
 * connect() gives up. Only if that transition was lost does it stay; hence a limit.
 */
#define HELD_MAX 65536

struct hold {
	void *tree; /* of struct transition by cookie, see tsearch(3) */
	size_t count;
};

struct hold *hold__new(void)
{
	return calloc(1, sizeof(struct hold));
}

void hold__free(struct hold *hold)
{
	if (hold)
		tdestroy(hold->tree, free);
	free(hold);
}

static int by_cookie(const void *a, const void *b)
{
	const struct transition *x = a, *y = b;

	return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

int hold__put(struct hold *hold, const struct transition *tr)
{
	struct transition *copy, **found = tfind(tr, &hold->tree, by_cookie);

	if (found) {
		**found = *tr;
		return 0;
	}
	if (hold->count >= HELD_MAX)
		return -ENOSPC;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *tr;
	if (!tsearch(copy, &hold->tree, by_cookie)) {
		free(copy);
		return -ENOMEM;
	}
	hold->count++;
	return 0;
}

bool hold__take(struct hold *hold, uint64_t cookie, struct transition *tr)
{
	struct transition key = { .cookie = cookie };
	struct transition *kept, **found = tfind(&key, &hold->tree, by_cookie);

	if (!found)
		return false;
	kept = *found;
	*tr = *kept;
	tdelete(&key, &hold->tree, by_cookie);
	free(kept);
	hold->count--;
	return true;
}
