// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "programs.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 16

static bool grow(struct programs *programs)
{
	uint32_t room = programs->room ? 2 * programs->room : ROOM_MIN;
	struct program *list = reallocarray(programs->list, room, sizeof(*list));

	if (!list)
		return false;
	memset(list + programs->room, 0, (room - programs->room) * sizeof(*list));
	programs->list = list;
	programs->room = room;
	return true;
}

struct program *programs__get(struct programs *programs, const char *comm)
{
	uint32_t number;

	if (keys__number(&programs->names, comm, strlen(comm) + 1, &number))
		return NULL;
	if (number >= programs->room && !grow(programs))
		return NULL;
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
