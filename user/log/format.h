/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a log consists of on disk, for its writer and its reader: doc/tcpflux-log.5 describes it.
 * Numbers are little-endian.
 */
#ifndef TCPFLUX_LOG_FORMAT_H
#define TCPFLUX_LOG_FORMAT_H

#include <stdint.h>

#define LOG_MAGIC      "\x89TFX\r\n\x1a\n"
#define LOG_MAGIC_SIZE 8
#define LOG_VERSION    1

#define BLOCK_MAGIC	   0x4b4c4254u /* "TBLK" */
#define BLOCK_HEAD_SIZE	   96
#define BLOCK_ITEMS_MAX	   65536      /* that a reader has to take; */
#define BLOCK_UNPACKED_MAX (4u << 20) /* and so many bytes; */
#define BLOCK_PACKED_MAX   (5u << 20) /* and as many compressed */
#define LOG_PATH_MAX	   4096	      /* of a cgroup, in bytes */

/* Items of a block besides the records of event.h, which have their own types. */
enum log_item_type {
	LOG_SETTLE = 16, /* stand-ins that have ended for long have done so; */
	LOG_SETTLE_ALL,	 /* and all that have begun to */
	LOG_LOST,	 /* so many were lost in some place, since the start */
	LOG_BOOT_TIME,	 /* the wall clock when CLOCK_BOOTTIME was 0: it was set */
	LOG_TIMEWAIT,	 /* no stand-in escapes notice from then on */
};

/* An item's members of which there are few combinations: it names one of the block's kinds. */
#define KIND_SMALL 6
#define KIND_SIZE  11 /* on disk */

struct log_kind {
	uint8_t type;
	uint8_t small[KIND_SMALL];
	uint16_t extra;
	uint16_t said; /* which members stand in the columns, the others being as expected */
};

/* What is in `small`. */
enum { TRANSITION_OLD, TRANSITION_NEW, TRANSITION_HOW, TRANSITION_FLAGS, TRANSITION_STANDIN };
enum { PHASE_PHASE, PHASE_STATE, PHASE_HOW, PHASE_FLAGS, PHASE_RETRANSMITS };
#define LOST_WHERE 0

/* Bits of `said`. */
enum {
	SAID_SOCKET = 1 << 0, /* the first record of its socket in this block */
	SAID_NETNS = 1 << 1,
	SAID_LPORT = 1 << 2,
	SAID_RPORT = 1 << 3,
	SAID_LADDR = 1 << 4,
	SAID_RADDR = 1 << 5,
	SAID_OWNER = 1 << 6,
	SAID_SINCE = 1 << 7,
	SAID_BORN = 1 << 8,
	SAID_LOST = 1 << 9,
	SAID_SENT = 1 << 10,
	SAID_RECEIVED = 1 << 11,
	SAID_RETRANSMITS = 1 << 12,
	SAID_RTT = 1 << 13,
	SAID_ALL = (1 << 14) - 1,
};

/* A block's columns, each with its length in front, in this order. */
enum log_column {
	COLUMN_KINDS,	  /* KIND_SIZE bytes each */
	COLUMN_ADDRESSES, /* 16 bytes each */
	COLUMN_OWNERS,	  /* see log_owner_size */
	COLUMN_KIND,	  /* of every item: its number among the kinds */
	COLUMN_TIME,	  /* of every item: since the one before, signed */
	COLUMN_SOCKET,	  /* how many sockets ago this one was new; not for a new one */
	COLUMN_COOKIE,	  /* of a new one: since the one before, signed */
	COLUMN_NETNS,
	COLUMN_LPORT, /* two bytes */
	COLUMN_RPORT, /* two bytes */
	COLUMN_ADDRESS,
	COLUMN_OWNER,
	COLUMN_SINCE, /* before the record's time, signed */
	COLUMN_BORN,  /* the same */
	COLUMN_LOST,  /* since the last record, signed */
	COLUMN_SENT,
	COLUMN_RECEIVED,
	COLUMN_RETRANSMITS,
	COLUMN_RTT,
	COLUMN_VALUE, /* of an item that is no record */
	COLUMN_COUNT,
};

/* In front of an owner's path, which has its length plus one before it; 0: no path is known. */
#define LOG_OWNER_SIZE 32

#endif
