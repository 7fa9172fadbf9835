// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN  64
#define VALUES_MIN 16
#define ALIGN	   8 /* of keys in `bytes` */

/* Two odd numbers without a pattern in their bits. */
#define MIX_A 0x9e3779b97f4a7c15ull
#define MIX_B 0xd6e8feb86659fd93ull

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * MIX_A;
	return (hash ^ (hash >> 32)) * MIX_B;
}

static uint64_t hash_of(const char *key, size_t size)
{
	uint64_t hash = size, word;

	for (; size >= sizeof(word); key += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, key, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, key, size);
	hash = mix(hash, word);
	return hash ^ (hash >> 32);
}

const void *keys__key(const struct keys *keys, uint32_t number)
{
	return keys->bytes + keys->entries[number].at;
}

/* The slot that has the key, or the free one where it belongs. */
static uint32_t *probe(const struct keys *keys, uint64_t hash, const void *key, size_t size)
{
	size_t mask = keys->slot_count - 1, i = hash & mask;

	for (; keys->slots[i]; i = (i + 1) & mask) {
		const struct key_entry *entry = &keys->entries[keys->slots[i] - 1];

		if (entry->hash == hash && entry->size == size &&
		    !memcmp(keys->bytes + entry->at, key, size))
			break;
	}
	return &keys->slots[i];
}

/* At most half of the slots are taken. */
static int grow_slots(struct keys *keys)
{
	size_t count = keys->slot_count ? 2 * keys->slot_count : SLOTS_MIN;
	uint32_t *slots = calloc(count, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (uint32_t number = 0; number < keys->count; number++) {
		size_t i = keys->entries[number].hash & (count - 1);

		while (slots[i])
			i = (i + 1) & (count - 1);
		slots[i] = number + 1;
	}
	free(keys->slots);
	keys->slots = slots;
	keys->slot_count = count;
	return 0;
}

static int grow_entries(struct keys *keys)
{
	uint32_t room = keys->room ? 2 * keys->room : SLOTS_MIN / 2;
	struct key_entry *entries = reallocarray(keys->entries, room, sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	keys->entries = entries;
	keys->room = room;
	return 0;
}

static int grow_bytes(struct keys *keys, size_t size)
{
	size_t allocated = 2 * (keys->used + size);
	char *bytes = realloc(keys->bytes, allocated);

	if (!bytes)
		return -ENOMEM;
	keys->bytes = bytes;
	keys->allocated = allocated;
	return 0;
}

static int append(struct keys *keys, uint64_t hash, const void *key, size_t size)
{
	size_t padded = (size + ALIGN - 1) / ALIGN * ALIGN;

	if (keys->count == UINT32_MAX / 4)
		return -EOVERFLOW;
	if (keys->count == keys->room && grow_entries(keys))
		return -ENOMEM;
	/* Never nothing: what has no bytes has a place, too. */
	if (keys->used + padded >= keys->allocated && grow_bytes(keys, padded + 1))
		return -ENOMEM;
	keys->entries[keys->count++] = (struct key_entry){ hash, keys->used, size };
	memcpy(keys->bytes + keys->used, key, size);
	keys->used += padded;
	return 0;
}

int keys__number(struct keys *keys, const void *key, size_t size, uint32_t *number)
{
	uint64_t hash = hash_of(key, size);
	uint32_t *slot;
	int err;

	if (keys->count >= keys->slot_count / 2 && grow_slots(keys))
		return -ENOMEM;
	slot = probe(keys, hash, key, size);
	if (!*slot) {
		err = append(keys, hash, key, size);
		if (err)
			return err;
		*slot = keys->count;
	}
	*number = *slot - 1;
	return 0;
}

bool keys__find(const struct keys *keys, const void *key, size_t size, uint32_t *number)
{
	const uint32_t *slot = keys->count ? probe(keys, hash_of(key, size), key, size) : NULL;

	if (!slot || !*slot)
		return false;
	*number = *slot - 1;
	return true;
}

/* Room is doubled whenever it is full; what is not used yet is not touched. */
void *keys__extend(void *list, uint32_t *used, uint32_t number, size_t size)
{
	for (; *used <= number; ++*used) {
		bool full = !*used || (*used >= VALUES_MIN && !(*used & (*used - 1)));

		if (full) {
			void *larger = reallocarray(list, *used ? 2 * *used : VALUES_MIN, size);

			if (!larger)
				return NULL;
			list = larger;
		}
		memset((char *)list + *used * size, 0, size);
	}
	return list;
}

void keys__free(struct keys *keys)
{
	free(keys->entries);
	free(keys->slots);
	free(keys->bytes);
	*keys = (struct keys){};
}
