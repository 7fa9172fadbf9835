/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What stands in front of each block: what it has, and what had been before. */
#ifndef TCPFLUX_LOG_BLOCK_H
#define TCPFLUX_LOG_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../transition.h"
#include "format.h"

/* What a block's items build on. Times are CLOCK_BOOTTIME in ns. */
struct log_state {
	uint64_t boot_time;		 /* the wall clock when CLOCK_BOOTTIME was 0 */
	uint64_t sees_timewait;		 /* see stream__sees_timewait(); UINT64_MAX: never */
	uint64_t lost[LOSS_WHERE_COUNT]; /* since the start */
};

struct block_head {
	uint32_t packed;	     /* bytes that follow, */
	uint32_t crc;		     /* their checksum, */
	uint32_t unpacked;	     /* and their size without the compression */
	uint32_t items;		     /* the records among them included */
	uint32_t transitions;	     /* those of the tracepoint */
	uint64_t transitions_before; /* in all blocks of this capture */
	uint64_t first, last;	     /* the earliest and the latest time of an item */
	struct log_state state;	     /* before the first item */
};

/* The checksum of a log: CRC-32 as in zlib. A fuzzer, which could not guess it, has any. */
uint32_t block__crc(const void *bytes, size_t size);
bool block__crc_is(const void *bytes, size_t size, uint32_t crc);

/* to, from: BLOCK_HEAD_SIZE bytes. unpack tells whether they are the head of a block. */
void block_head__pack(const struct block_head *head, uint8_t *to);
bool block_head__unpack(struct block_head *head, const uint8_t *from);

#endif
