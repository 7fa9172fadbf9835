/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers for keys: whatever bytes they consist of, from 0 in the order of their first appearance.
 */
#ifndef TCPFLUX_KEYS_H
#define TCPFLUX_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key_entry {
	uint64_t hash;
	size_t at; /* in `bytes` */
	size_t size;
};

/* All zero is an empty one. */
struct keys {
	struct key_entry *entries; /* by number */
	uint32_t count;
	uint32_t room;	   /* for entries */
	uint32_t *slots;   /* number + 1; 0: free */
	size_t slot_count; /* a power of two */
	char *bytes;
	size_t used, allocated; /* of `bytes` */
};

/* The key's number, new or old. 0, -ENOMEM, or -EOVERFLOW: there are too many. */
int keys__number(struct keys *keys, const void *key, size_t size, uint32_t *number);

/* The same if it is there already; else false. */
bool keys__find(const struct keys *keys, const void *key, size_t size, uint32_t *number);

/* The key with this number, aligned for any type; until the next one is added. */
const void *keys__key(const struct keys *keys, uint32_t number);

/*
 * Values for keys, by number: extends a list of *used ones of `size` bytes to the one with this
 * number; new ones are zero. Returns the list, to be freed with free(), or NULL: no memory, and it
 * is as it was.
 */
void *keys__extend(void *list, uint32_t *used, uint32_t number, size_t size);

/* What is kept inside, not the struct. */
void keys__free(struct keys *keys);

#endif
