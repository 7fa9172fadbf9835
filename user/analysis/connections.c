// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Open addressing: a connection is at, or soon behind, the slot where its cookie belongs. */
#include "connections.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BITS_MIN   10
#define CACHE_LINE 64

static struct connection *allocate(size_t count)
{
	struct connection *slots = aligned_alloc(CACHE_LINE, count * sizeof(*slots));

	if (slots)
		memset(slots, 0, count * sizeof(*slots));
	return slots;
}

int connections__init(struct connections *connections, connection_gone_fn *gone, void *ctx)
{
	*connections = (struct connections){
		.slots = allocate(1u << BITS_MIN),
		.slot_count = 1u << BITS_MIN,
		.shift = 64 - BITS_MIN,
		.gone = gone,
		.ctx = ctx,
	};
	return connections->slots ? 0 : -ENOMEM;
}

void connections__free(struct connections *connections)
{
	free(connections->slots);
	*connections = (struct connections){};
}

/* Cookies are counted up in blocks: multiplied so, neighbours are far from each other. */
static size_t home(const struct connections *connections, uint64_t cookie)
{
	return (cookie * 0x9e3779b97f4a7c15ull) >> connections->shift;
}

static size_t behind(const struct connections *connections, size_t i)
{
	return (i + 1) & (connections->slot_count - 1);
}

/* The slot that has it, or the free one where it would be. */
static struct connection *probe(const struct connections *connections, uint64_t cookie)
{
	size_t i = home(connections, cookie);

	while (connections->slots[i].cookie && connections->slots[i].cookie != cookie)
		i = behind(connections, i);
	return &connections->slots[i];
}

struct connection *connections__find(const struct connections *connections, uint64_t cookie)
{
	struct connection *found = cookie ? probe(connections, cookie) : NULL;

	return found && found->cookie ? found : NULL;
}

void connection__init(struct connection *connection, uint64_t cookie)
{
	*connection = (struct connection){
		.cookie = cookie,
		.setup_ns = NOT_KNOWN,
		.service = NO_NUMBER,
		.group = NO_NUMBER,
	};
}

static void drop_gone(struct connections *connections)
{
	for (size_t i = 0; i < connections->slot_count; i++) {
		struct connection *connection = &connections->slots[i];

		if (!connection->cookie || !connections->gone(connections->ctx, connection))
			continue;
		connection->cookie = 0;
		connections->count--;
	}
}

/*
 * Without those that are gone; with twice the slots if that leaves more than half of them taken.
 * -ENOMEM leaves holes behind: nothing more is to be looked up then.
 */
static int rebuild(struct connections *connections)
{
	struct connections old = *connections;

	drop_gone(connections);
	if (connections->count > old.slot_count / 2) {
		connections->slot_count *= 2;
		connections->shift--;
	}
	connections->slots = allocate(connections->slot_count);
	if (!connections->slots) {
		old.count = connections->count;
		*connections = old;
		return -ENOMEM;
	}
	for (size_t i = 0; i < old.slot_count; i++)
		if (old.slots[i].cookie)
			*probe(connections, old.slots[i].cookie) = old.slots[i];
	free(old.slots);
	return 0;
}

struct connection *connections__add(struct connections *connections, uint64_t cookie)
{
	struct connection *connection;

	/* At most three quarters are taken. */
	if (connections->count >= connections->slot_count / 4 * 3 && rebuild(connections))
		return NULL;
	connection = probe(connections, cookie);
	connection__init(connection, cookie);
	connections->count++;
	return connection;
}

/* Whoever was pushed behind this slot moves up, so that no search ends too early. */
void connections__remove(struct connections *connections, struct connection *connection)
{
	size_t mask = connections->slot_count - 1, hole = connection - connections->slots;

	for (size_t i = behind(connections, hole); connections->slots[i].cookie;
	     i = behind(connections, i)) {
		size_t wanted = home(connections, connections->slots[i].cookie);

		if (((i - wanted) & mask) < ((i - hole) & mask))
			continue;
		connections->slots[hole] = connections->slots[i];
		hole = i;
	}
	connections->slots[hole].cookie = 0;
	connections->count--;
}

struct connection *connections__next(const struct connections *connections,
				     const struct connection *previous)
{
	size_t i = previous ? previous - connections->slots + 1 : 0;

	while (i < connections->slot_count && !connections->slots[i].cookie)
		i++;
	return i < connections->slot_count ? &connections->slots[i] : NULL;
}
