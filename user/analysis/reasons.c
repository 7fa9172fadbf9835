// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "reasons.h"

#include <string.h>

static unsigned int find(const struct reasons *reasons, const char *name)
{
	unsigned int i = 0;

	while (i < REASON_KINDS && reasons->kind[i].name && strcmp(reasons->kind[i].name, name))
		i++;
	return i;
}

void reasons__add(struct reasons *reasons, const char *name)
{
	unsigned int i = find(reasons, name);

	if (i == REASON_KINDS)
		reasons->kind[--i].name = "other";
	else
		reasons->kind[i].name = name;
	reasons->kind[i].count++;
}

uint64_t reasons__count(const struct reasons *reasons, const char *name)
{
	unsigned int i = find(reasons, name);

	return i < REASON_KINDS && reasons->kind[i].name ? reasons->kind[i].count : 0;
}
