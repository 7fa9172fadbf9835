// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "names.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct names {
	const char *pattern;
	bool by_time, by_ring;
	uint64_t keep;
	uint64_t number; /* of the file; by time, of those of the same time */
	char base[PATH_MAX];
	char current[PATH_MAX + 24];
	char outdated[PATH_MAX + 24];
	char **kept; /* `keep` places, used in turn */
	uint64_t files;
};

static void make_base(struct names *names, char *base)
{
	time_t now = time(NULL);
	struct tm tm;

	if (!names->by_time || !localtime_r(&now, &tm) ||
	    !strftime(base, PATH_MAX, names->pattern, &tm))
		snprintf(base, PATH_MAX, "%s", names->pattern);
}

static int digits(uint64_t number)
{
	int count = 1;

	while (number /= 10)
		count++;
	return count;
}

static void make_current(struct names *names)
{
	uint64_t number = names->number;
	int width = 1;

	if (names->by_ring) {
		number %= names->keep;
		width = digits(names->keep - 1);
	}
	if (number || names->by_ring)
		snprintf(names->current, sizeof(names->current), "%s%0*" PRIu64, names->base, width,
			 number);
	else
		snprintf(names->current, sizeof(names->current), "%s", names->base);
}

struct names *names__new(const char *pattern, uint64_t size, uint64_t interval_ns, uint64_t keep)
{
	struct names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	names->pattern = pattern;
	names->by_time = interval_ns;
	names->by_ring = keep && size && !interval_ns;
	names->keep = keep;
	names->kept = calloc(keep + 1, sizeof(*names->kept));
	if (!names->kept) {
		free(names);
		return NULL;
	}
	make_base(names, names->base);
	make_current(names);
	return names;
}

void names__free(struct names *names)
{
	if (!names)
		return;
	for (uint64_t i = 0; i < names->keep; i++)
		free(names->kept[i]);
	free(names->kept);
	free(names);
}

const char *names__current(const struct names *names)
{
	return names->current;
}

/* Returns the one that was made `keep` files before the next. */
static const char *keep_current(struct names *names)
{
	char **place;

	if (!names->keep)
		return NULL;
	place = &names->kept[names->files++ % names->keep];
	free(*place);
	*place = strdup(names->current);
	place = &names->kept[names->files % names->keep];
	if (!*place)
		return NULL;
	snprintf(names->outdated, sizeof(names->outdated), "%s", *place);
	return names->outdated;
}

/* What is overwritten now is the newest, and not to be deleted in the old one's turn. */
static void forget_older(struct names *names)
{
	for (uint64_t i = 0; i < names->keep; i++) {
		if (!names->kept[i] || strcmp(names->kept[i], names->current) != 0)
			continue;
		free(names->kept[i]);
		names->kept[i] = NULL;
	}
}

const char *names__next(struct names *names)
{
	const char *outdated = keep_current(names);
	char base[PATH_MAX];

	make_base(names, base);
	names->number++;
	if (strcmp(base, names->base)) {
		memcpy(names->base, base, sizeof(base));
		names->number = 0;
	}
	make_current(names);
	forget_older(names);
	return outdated;
}
