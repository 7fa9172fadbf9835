// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "block.h"

#include <zlib.h>

#include "bytes.h"

#define CHECKED 8 /* the magic and the checksum itself are not in the checksum */

uint32_t block__crc(const void *bytes, size_t size)
{
	return crc32_z(0, bytes, size);
}

bool block__crc_is(const void *bytes, size_t size, uint32_t crc)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	(void)bytes, (void)size, (void)crc;
	return true;
#else
	return block__crc(bytes, size) == crc;
#endif
}

void block_head__pack(const struct block_head *head, uint8_t *to)
{
	uint8_t *p = to + CHECKED;

	p = put_u32(p, head->packed);
	p = put_u32(p, head->crc);
	p = put_u32(p, head->unpacked);
	p = put_u32(p, head->items);
	p = put_u32(p, head->transitions);
	p = put_u32(p, 0);
	p = put_u64(p, head->transitions_before);
	p = put_u64(p, head->first);
	p = put_u64(p, head->last);
	p = put_u64(p, head->state.boot_time);
	p = put_u64(p, head->state.sees_timewait);
	for (unsigned int i = 0; i < LOSS_WHERE_COUNT; i++)
		p = put_u64(p, head->state.lost[i]);
	put_u32(put_u32(to, BLOCK_MAGIC), block__crc(to + CHECKED, p - to - CHECKED));
}

_Static_assert(BLOCK_HEAD_SIZE == CHECKED + 6 * 4 + (5 + LOSS_WHERE_COUNT) * 8, "its size");

bool block_head__unpack(struct block_head *head, const uint8_t *from)
{
	struct bytes bytes = { from, from + BLOCK_HEAD_SIZE, false };

	if (get_u32(&bytes) != BLOCK_MAGIC ||
	    !block__crc_is(from + CHECKED, BLOCK_HEAD_SIZE - CHECKED, get_u32(&bytes)))
		return false;
	head->packed = get_u32(&bytes);
	head->crc = get_u32(&bytes);
	head->unpacked = get_u32(&bytes);
	head->items = get_u32(&bytes);
	head->transitions = get_u32(&bytes);
	get_u32(&bytes);
	head->transitions_before = get_u64(&bytes);
	head->first = get_u64(&bytes);
	head->last = get_u64(&bytes);
	head->state.boot_time = get_u64(&bytes);
	head->state.sees_timewait = get_u64(&bytes);
	for (unsigned int i = 0; i < LOSS_WHERE_COUNT; i++)
		head->state.lost[i] = get_u64(&bytes);
	return head->packed <= BLOCK_PACKED_MAX && head->unpacked <= BLOCK_UNPACKED_MAX &&
	       head->items <= BLOCK_ITEMS_MAX && head->transitions <= head->items;
}
