// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "programs.h"

#include <stdlib.h>
#include <string.h>

struct program *programs__get(struct programs *programs, const char *comm)
{
	struct program *list;
	uint32_t number;

	if (keys__number(&programs->names, comm, strlen(comm) + 1, &number))
		return NULL;
	list = keys__extend(programs->list, &programs->used, number, sizeof(*list));
	if (!list)
		return NULL;
	programs->list = list;
	return &programs->list[number];
}

const char *programs__name(const struct programs *programs, uint32_t number)
{
	return keys__key(&programs->names, number);
}

void programs__free(struct programs *programs)
{
	keys__free(&programs->names);
	free(programs->list);
	*programs = (struct programs){};
}

void stuck__add(struct stuck *stuck, uint64_t ns, bool still)
{
	stuck->count++;
	stuck->still += still;
	if (ns > stuck->longest)
		stuck->longest = ns;
}

void stuck__forget_still(struct stuck *stuck)
{
	stuck->count -= stuck->still;
	stuck->still = 0;
}
