/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is known of a TCP socket at one moment, a stand-in included: what `list` prints. */
#ifndef TCPFLUX_TCP_SOCKET_H
#define TCPFLUX_TCP_SOCKET_H

#include "socket.h"
#include "transition.h"

struct tcp_socket {
	uint64_t cookie;
	uint32_t netns;
	uint16_t lport, rport;
	uint8_t family; /* 4 or 6 */
	uint8_t state;
	struct in6_addr laddr; /* IPv4 as ::ffff:a.b.c.d */
	struct in6_addr raddr;
	struct owner owner;
	int64_t state_ns; /* since it is in this state, or NOT_KNOWN */

	/* Bytes; of a listener, connections that wait for accept(), and how many may. */
	uint32_t recv_q, send_q;

	enum socket_timer timer;   /* SOCKET_TIMER_OFF: the next two mean nothing */
	uint8_t timer_retransmits; /* how often it has run out in vain */
	int64_t timer_ns;	   /* until it runs out; not negative */

	bool carries; /* a whole socket of a connection: what follows is known */
	uint64_t bytes_sent, bytes_received; /* payload, each byte once */
	uint32_t retransmits;		     /* segments */
	uint32_t rtt_us;		     /* smoothed; 0: never measured */
	uint32_t cwnd;			     /* segments */
	/* Since data was sent or received last, or else since it is established; or NOT_KNOWN. */
	int64_t lastsnd_ns, lastrcv_ns;
};

/* Its name as ss has it: off, on, keepalive, timewait, persist; or unknown. */
const char *socket_timer__name(enum socket_timer timer);

#endif
