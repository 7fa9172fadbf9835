// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "dictionary.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

int dictionary__init(struct dictionary *d, unsigned int words, uint32_t most)
{
	*d = (struct dictionary){ .words = words, .bits = 1, .most = most };
	while (1u << d->bits < 2 * most)
		d->bits++;
	/* Without randomness it is as fast with everybody who means no harm. */
	if (getrandom(&d->seed, sizeof(d->seed), GRND_NONBLOCK) < 0)
		d->seed = 0;
	d->keys = malloc((size_t)most * words * sizeof(*d->keys));
	d->places = calloc((size_t)1 << d->bits, sizeof(*d->places));
	return d->keys && d->places ? 0 : -ENOMEM;
}

void dictionary__free(struct dictionary *d)
{
	free(d->keys);
	free(d->places);
	*d = (struct dictionary){};
}

void dictionary__clear(struct dictionary *d)
{
	if (!d->count)
		return;
	d->count = 0;
	memset(d->places, 0, sizeof(*d->places) << d->bits);
}
