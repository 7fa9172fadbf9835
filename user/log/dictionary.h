/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers things in the order in which they come first: what repeats is said by its number. */
#ifndef TCPFLUX_LOG_DICTIONARY_H
#define TCPFLUX_LOG_DICTIONARY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct dictionary {
	uint64_t *keys;	      /* `words` of each */
	uint32_t *places;     /* open addressing: a key's number plus one, or 0 */
	unsigned int words;   /* of a key */
	unsigned int bits;    /* of the number of places */
	uint32_t count, most; /* of keys; there are at least twice as many places */
	uint64_t seed;	      /* who chooses the keys can't choose where they collide */
};

/* For `most` keys of so many words of eight bytes. 0, -ENOMEM. */
int dictionary__init(struct dictionary *dictionary, unsigned int words, uint32_t most);
void dictionary__free(struct dictionary *dictionary); /* safe on zeros */
void dictionary__clear(struct dictionary *dictionary);

static inline uint64_t dictionary__hash(const struct dictionary *d, const uint64_t *key,
					unsigned int words)
{
	uint64_t hash = d->seed;

	for (unsigned int i = 0; i < words; i++) {
		hash = (hash ^ key[i]) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 32;
	}
	return hash * 0x9e3779b97f4a7c15ull;
}

/*
 * The key's number; *added: it is new. words: as the dictionary has them, for the compiler to know.
 * There must be room, see `most`.
 */
static inline uint32_t dictionary__number(struct dictionary *d, const void *key, unsigned int words,
					  bool *added)
{
	uint32_t mask = (1u << d->bits) - 1, place, number;
	uint64_t copy[8];

	memcpy(copy, key, words * sizeof(*copy));
	place = dictionary__hash(d, copy, words) >> (64 - d->bits);
	while ((number = d->places[place])) {
		if (!memcmp(&d->keys[(number - 1) * words], copy, words * sizeof(*copy))) {
			*added = false;
			return number - 1;
		}
		place = (place + 1) & mask;
	}
	*added = true;
	memcpy(&d->keys[d->count * words], copy, words * sizeof(*copy));
	d->places[place] = ++d->count;
	return d->count - 1;
}

#endif
