// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tallies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MIN 64

/* Tallies lie one behind the other; places say by a key's hash where: a number from 1, or 0. */
struct tallies {
	enum tally_by by;
	struct tally *tally;
	uint32_t *places;
	size_t count, size; /* of tallies; of places, a power of two and twice as many at least */
};

static int grow(struct tallies *tallies);

struct tallies *tallies__new(enum tally_by by)
{
	struct tallies *tallies = calloc(1, sizeof(*tallies));

	if (!tallies)
		return NULL;
	tallies->by = by;
	if (!grow(tallies))
		return tallies;
	tallies__free(tallies);
	return NULL;
}

void tallies__free(struct tallies *tallies)
{
	if (!tallies)
		return;
	free(tallies->tally);
	free(tallies->places);
	free(tallies);
}

/* Where this key is, or would be. */
static uint32_t *place_of(const struct tallies *tallies, uint64_t key)
{
	size_t i = key * 0x9e3779b97f4a7c15 >> 32;

	for (;; i++) {
		uint32_t *place = &tallies->places[i & (tallies->size - 1)];

		if (!*place || tallies->tally[*place - 1].key == key)
			return place;
	}
}

static int grow(struct tallies *tallies)
{
	size_t size = tallies->size ? 2 * tallies->size : PLACES_MIN;
	uint32_t *places = calloc(size, sizeof(*places));
	struct tally *tally = realloc(tallies->tally, size / 2 * sizeof(*tally));

	if (tally)
		tallies->tally = tally;
	if (!places || !tally) {
		free(places);
		return -ENOMEM;
	}
	free(tallies->places);
	tallies->places = places;
	tallies->size = size;
	for (size_t i = 0; i < tallies->count; i++)
		*place_of(tallies, tally[i].key) = i + 1;
	return 0;
}

/* NULL if there is no memory. */
static struct tally *tally_of(struct tallies *tallies, uint64_t key)
{
	uint32_t *place = place_of(tallies, key);
	struct tally *tally;

	if (*place)
		return &tallies->tally[*place - 1];
	if (tallies->count == tallies->size / 2) {
		if (grow(tallies))
			return NULL;
		place = place_of(tallies, key);
	}
	tally = &tallies->tally[tallies->count];
	*tally = (struct tally){ .key = key };
	*place = ++tallies->count;
	return tally;
}

static uint64_t key_of(enum tally_by by, uint32_t netns, uint16_t lport, const struct owner *owner)
{
	switch (by) {
	case TALLY_BY_NETNS:
		return netns;
	case TALLY_BY_LPORT:
		return lport;
	case TALLY_BY_PID:
		return owner->how == OWNER_UNKNOWN ? 0 : owner->pid;
	case TALLY_BY_NOTHING:
		break;
	}
	return 0;
}

static void note_owner(struct tally *tally, const struct owner *owner)
{
	if (owner->how == OWNER_UNKNOWN)
		return;
	tally->owner = *owner;
	tally->owner.cgroup = NULL;
}

int tallies__add_socket(struct tallies *tallies, const struct tcp_socket *socket)
{
	uint64_t key = key_of(tallies->by, socket->netns, socket->lport, &socket->owner);
	struct tally *tally = tally_of(tallies, key);

	if (!tally)
		return -ENOMEM;
	note_owner(tally, &socket->owner);
	tally->sockets++;
	/* A half-open connection, as ss has it. */
	tally->states[socket->state == TCP_NEW_SYN_RECV ? TCP_SYN_RECV : socket->state]++;
	return 0;
}

int tallies__add_transition(struct tallies *tallies, const struct transition *tr)
{
	struct opened opened = {};
	struct tally *tally;

	opened__add(&opened, tr->old_state, tr->new_state, 1);
	if (!opened__sum(&opened))
		return 0;
	tally = tally_of(tallies, key_of(tallies->by, tr->netns, tr->lport, &tr->owner));
	if (!tally)
		return -ENOMEM;
	note_owner(tally, &tr->owner);
	opened__add(&tally->opened, tr->old_state, tr->new_state, 1);
	return 0;
}

static int by_size(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;
	uint64_t events = opened__sum(&x->opened), others = opened__sum(&y->opened);

	if (x->sockets != y->sockets)
		return x->sockets < y->sockets ? 1 : -1;
	if (events != others)
		return events < others ? 1 : -1;
	return x->key < y->key ? -1 : x->key > y->key;
}

size_t tallies__sorted(struct tallies *tallies, const struct tally **sorted)
{
	/* All together are there also if they are none; there is room. */
	if (tallies->by == TALLY_BY_NOTHING)
		tally_of(tallies, 0);
	qsort(tallies->tally, tallies->count, sizeof(*tallies->tally), by_size);
	memset(tallies->places, 0, tallies->size * sizeof(*tallies->places));
	for (size_t i = 0; i < tallies->count; i++)
		*place_of(tallies, tallies->tally[i].key) = i + 1;
	*sorted = tallies->tally;
	return tallies->count;
}

void tallies__clear(struct tallies *tallies)
{
	tallies->count = 0;
	memset(tallies->places, 0, tallies->size * sizeof(*tallies->places));
}
