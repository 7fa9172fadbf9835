// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MIN 64

/* Groups lie one behind the other; places say by a key's hash where: a number from 1, or 0. */
struct groups {
	enum group_by by;
	struct group *group;
	uint32_t *places;
	size_t count, size; /* of groups; of places, a power of two and twice as many at least */
};

static int grow(struct groups *groups);

struct groups *groups__new(enum group_by by)
{
	struct groups *groups = calloc(1, sizeof(*groups));

	if (!groups)
		return NULL;
	groups->by = by;
	if (!grow(groups))
		return groups;
	groups__free(groups);
	return NULL;
}

void groups__free(struct groups *groups)
{
	if (!groups)
		return;
	free(groups->group);
	free(groups->places);
	free(groups);
}

/* Where this key is, or would be. */
static uint32_t *place_of(const struct groups *groups, uint64_t key)
{
	size_t i = key * 0x9e3779b97f4a7c15 >> 32;

	for (;; i++) {
		uint32_t *place = &groups->places[i & (groups->size - 1)];

		if (!*place || groups->group[*place - 1].key == key)
			return place;
	}
}

static int grow(struct groups *groups)
{
	size_t size = groups->size ? 2 * groups->size : PLACES_MIN;
	uint32_t *places = calloc(size, sizeof(*places));
	struct group *group = realloc(groups->group, size / 2 * sizeof(*group));

	if (group)
		groups->group = group;
	if (!places || !group) {
		free(places);
		return -ENOMEM;
	}
	free(groups->places);
	groups->places = places;
	groups->size = size;
	for (size_t i = 0; i < groups->count; i++)
		*place_of(groups, group[i].key) = i + 1;
	return 0;
}

/* NULL if there is no memory. */
static struct group *group_of(struct groups *groups, uint64_t key)
{
	uint32_t *place = place_of(groups, key);
	struct group *group;

	if (*place)
		return &groups->group[*place - 1];
	if (groups->count == groups->size / 2) {
		if (grow(groups))
			return NULL;
		place = place_of(groups, key);
	}
	group = &groups->group[groups->count];
	*group = (struct group){ .key = key };
	*place = ++groups->count;
	return group;
}

static uint64_t key_of(enum group_by by, uint32_t netns, uint16_t lport, const struct owner *owner)
{
	switch (by) {
	case GROUP_BY_NETNS:
		return netns;
	case GROUP_BY_LPORT:
		return lport;
	case GROUP_BY_PID:
		return owner->how == OWNER_UNKNOWN ? 0 : owner->pid;
	case GROUP_BY_NOTHING:
		break;
	}
	return 0;
}

static void note_owner(struct group *group, const struct owner *owner)
{
	if (owner->how == OWNER_UNKNOWN)
		return;
	group->owner = *owner;
	group->owner.cgroup = NULL;
}

int groups__add_socket(struct groups *groups, const struct tcp_socket *socket)
{
	uint64_t key = key_of(groups->by, socket->netns, socket->lport, &socket->owner);
	struct group *group = group_of(groups, key);

	if (!group)
		return -ENOMEM;
	note_owner(group, &socket->owner);
	group->sockets++;
	/* A half-open connection, as ss has it. */
	group->states[socket->state == TCP_NEW_SYN_RECV ? TCP_SYN_RECV : socket->state]++;
	return 0;
}

int groups__add_transition(struct groups *groups, const struct transition *tr)
{
	struct opened opened = {};
	struct group *group;

	opened__add(&opened, tr->old_state, tr->new_state, 1);
	if (!opened__sum(&opened))
		return 0;
	group = group_of(groups, key_of(groups->by, tr->netns, tr->lport, &tr->owner));
	if (!group)
		return -ENOMEM;
	note_owner(group, &tr->owner);
	opened__add(&group->opened, tr->old_state, tr->new_state, 1);
	return 0;
}

static int by_size(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	uint64_t events = opened__sum(&x->opened), others = opened__sum(&y->opened);

	if (x->sockets != y->sockets)
		return x->sockets < y->sockets ? 1 : -1;
	if (events != others)
		return events < others ? 1 : -1;
	return x->key < y->key ? -1 : x->key > y->key;
}

size_t groups__sorted(struct groups *groups, const struct group **sorted)
{
	qsort(groups->group, groups->count, sizeof(*groups->group), by_size);
	memset(groups->places, 0, groups->size * sizeof(*groups->places));
	for (size_t i = 0; i < groups->count; i++)
		*place_of(groups, groups->group[i].key) = i + 1;
	*sorted = groups->group;
	return groups->count;
}

void groups__clear(struct groups *groups)
{
	groups->count = 0;
	memset(groups->places, 0, groups->size * sizeof(*groups->places));
}
