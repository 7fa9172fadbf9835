/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The record that the walk over all sockets writes for each of them. The user side reads them one
 * behind the other, with no lengths in between: its size is asserted, and its first byte tells
 * whether the reader is still in step.
 */
#ifndef TCPFLUX_SOCKET_RECORD_H
#define TCPFLUX_SOCKET_RECORD_H

#include "event.h"

#define SOCKET_RECORD 0x53 /* its type */

/* What a socket waits for, numbered as the kernel's netlink and ss have it. */
enum socket_timer {
	SOCKET_TIMER_OFF,
	SOCKET_TIMER_ON, /* to send again; of a request, its SYN-ACK */
	SOCKET_TIMER_KEEPALIVE,
	SOCKET_TIMER_TIMEWAIT, /* the end of a stand-in */
	SOCKET_TIMER_PERSIST,  /* to probe a closed window */
};

/* Flags. */
#define SOCKET_CARRIES (1 << 0) /* a whole socket of a connection: what it carried is known */

/* Ticks are jiffies, whose length the user side knows (clock_getres() of a coarse clock). */
struct socket_record {
	__u8 type;  /* SOCKET_RECORD */
	__u8 state; /* of a stand-in, the one that ss shows */
	__u8 owner_how;
	__u8 flags;
	__u16 lport; /* host byte order */
	__u16 rport;
	__u32 netns;  /* inode number */
	__u32 recv_q; /* bytes; of a listener, connections that wait for accept() */
	__u32 send_q; /* bytes; of a listener, how many of them may wait */
	__u8 timer;
	__u8 timer_retransmits; /* how often it has run out in vain */
	__u16 reserved;
	__s32 timer_ticks; /* until it runs out; negative: it is late */
	__u32 retransmits; /* segments; this one and all below only if SOCKET_CARRIES */
	__u64 cookie;
	__u8 laddr[16]; /* IPv4 addresses as ::ffff:a.b.c.d */
	__u8 raddr[16];
	struct event_owner owner;
	__u64 bytes_sent;     /* payload, each byte once */
	__u64 bytes_received; /* payload, each byte once */
	__u32 rtt_us;	      /* smoothed; 0: never measured */
	__u32 cwnd;	      /* segments */
	__u32 sent_ticks;     /* since data was sent last, or else since it is established */
	__u32 received_ticks;
};

_Static_assert(sizeof(struct socket_record) == 136, "the wire record changed its size");

#endif
