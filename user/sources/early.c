// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "early.h"

#include <stdlib.h>
#include <string.h>

/* Rather are some lost, which is told, than that the machine runs out of memory. */
#define EARLY_MAX (256u << 20)

/* A record has its size in front, and begins at a multiple of that, as in the ring. */
#define ALIGNED(size) (((size) + sizeof(size_t) - 1) / sizeof(size_t) * sizeof(size_t))

bool early__reserve(struct early *early, size_t size)
{
	size_t wanted = early->used + size;
	char *bytes;

	if (wanted <= early->size)
		return true;
	if (wanted > EARLY_MAX)
		return false;
	bytes = realloc(early->bytes, 2 * wanted);
	if (!bytes)
		return false;
	early->bytes = bytes;
	early->size = 2 * wanted;
	return true;
}

bool early__keep(struct early *early, const void *record, size_t size)
{
	char *at = early->bytes + early->used;

	memcpy(at, &size, sizeof(size));
	memcpy(at + sizeof(size), record, size);
	early->used += sizeof(size) + ALIGNED(size);
	return early->size - early->used >= sizeof(size) + EARLY_RECORD_MAX;
}

int early__take(struct early *early, int (*take)(void *ctx, const void *record, size_t size),
		void *ctx)
{
	while (early->taken < early->used) {
		char *at = early->bytes + early->taken;
		size_t size;
		int err;

		memcpy(&size, at, sizeof(size));
		early->taken += sizeof(size) + ALIGNED(size);
		err = take(ctx, at + sizeof(size), size);
		if (err)
			return err;
	}
	early__free(early);
	return 0;
}

void early__free(struct early *early)
{
	free(early->bytes);
	*early = (struct early){};
}
