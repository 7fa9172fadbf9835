// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "reach.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* A process that moves while /proc is read may be missed, and its namespace with it: look again. */
#define LOOKS 2

static int add_keys(int map, struct cookies *cookies)
{
	uint64_t key = 0; /* is no cookie: what is not there comes before the first */
	int err = 0;

	while (!err && !bpf_map_get_next_key(map, &key, &key))
		err = cookies__add(cookies, key);
	return err;
}

/* Keeps those that are not in `others`. */
static void subtract(struct cookies *cookies, const struct cookies *others)
{
	size_t kept = 0;

	for (size_t i = 0; i < cookies->count; i++)
		if (!cookies__contain(others, cookies->list[i]))
			cookies->list[kept++] = cookies->list[i];
	cookies->count = kept;
}

static void move(uint64_t cookie, int from, int to)
{
	bpf_map_update_elem(to, &cookie, &(__u8){ 1 }, BPF_ANY);
	bpf_map_delete_elem(from, &cookie);
}

/* Is it one of which nothing has been heard? */
static bool add(uint64_t cookie, int seen, int gone)
{
	__u8 there;

	if (bpf_map_lookup_elem(gone, &cookie, &there))
		return !bpf_map_update_elem(seen, &cookie, &(__u8){ 1 }, BPF_NOEXIST);
	move(cookie, gone, seen);
	return false;
}

int reach__update(struct census *census, int seen, int gone, struct reach_changes *changes)
{
	struct cookies missing = {}, reached = {};
	int err;

	*changes = (struct reach_changes){};
	/* In this order: what is seen later may not be reached yet. */
	err = add_keys(seen, &missing);
	for (int i = 0; i < LOOKS && !err && (missing.count || !i); i++) {
		err = census__cookies(census, &reached);
		subtract(&missing, &reached);
	}
	for (size_t i = 0; i < missing.count && !err; i++)
		move(missing.list[i], seen, gone);
	for (size_t i = 0; i < reached.count && !err; i++)
		changes->found |= add(reached.list[i], seen, gone);
	changes->gone = missing.count;
	free(missing.list);
	free(reached.list);
	return err;
}
