/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The records that the kernel side writes into the ring and the user side decodes: the only file
 * that both include. A record begins with its type, so one switch decodes all of them, and its
 * size is asserted, so neither side can drift from the other.
 */
#ifndef TCPFLUX_EVENT_H
#define TCPFLUX_EVENT_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define OWNER_COMM_LEN 16 /* TASK_COMM_LEN, the terminating NUL included */

enum event_type {
	EVENT_TRANSITION = 1,
	EVENT_STANDIN,
};

/* How the owner of a socket is known. */
enum owner_how {
	OWNER_UNKNOWN,
	OWNER_SELF,	 /* it called connect() or listen(); or first read or closed an older one */
	OWNER_INHERITED, /* it owns the listener; nobody was seen to accept yet */
	OWNER_ACCEPTED,	 /* it was seen to use the accepted socket */
	OWNER_SNAPSHOT,	 /* it had the socket open when tracing started */
};

/* A process. All zero where `owner_how` is OWNER_UNKNOWN. */
struct event_owner {
	__u64 cgroup; /* inode number of its directory in the cgroup v2 hierarchy */
	__u32 pid;    /* thread group, in the initial pid namespace */
	__u32 uid;    /* effective, in the initial user namespace */
	char comm[OWNER_COMM_LEN];
};

/* Flags, at the end of a connection. */
#define EVENT_ENTERS_TIME_WAIT (1 << 0) /* a TIME_WAIT stand-in takes the socket's place */
#define EVENT_FIN_ACKED	       (1 << 1) /* the peer has acknowledged all, the FIN included */

/* One call of the tracepoint sock:inet_sock_set_state, for TCP. Times are CLOCK_BOOTTIME in ns. */
struct event_transition {
	__u8 type; /* EVENT_TRANSITION */
	__u8 old_state;
	__u8 new_state;
	__u8 owner_how;
	__u8 flags;
	__u8 standin; /* state of the stand-in that was seen to take its place; 0: none was */
	__u16 error;  /* sk_err */
	__u32 netns;  /* inode number */
	__u16 lport;  /* host byte order; 0 before connect() has chosen one */
	__u16 rport;  /* host byte order */
	__u64 time;
	__u64 since;	/* when it entered old_state; 0: not known */
	__u64 born;	/* when its first transition happened; 0: before the trace */
	__u64 cookie;	/* what `ss -e` prints as sk: */
	__u64 lost;	/* transitions that the full ring had cost by then, since the start */
	__u8 laddr[16]; /* IPv4 addresses as ::ffff:a.b.c.d */
	__u8 raddr[16];
	struct event_owner owner;
	/* Only at the end of a connection, else 0: */
	__u64 bytes_sent;     /* payload, each byte once */
	__u64 bytes_received; /* payload, each byte once */
	__u32 retransmits;    /* segments */
	__u32 rtt_us;	      /* smoothed; 0: never measured */
};

_Static_assert(sizeof(struct event_transition) == 144, "the wire record changed its size");

/*
 * What is to be told about a stand-in: a small socket in the place of a whole one, which the
 * tracepoint does not show. It is a request (struct request_sock) until the last ACK of the
 * handshake comes, or a struct inet_timewait_sock once the connection is over.
 */
enum standin_phase {
	STANDIN_ALIVE = 1, /* it is in this state, perhaps since just now */
	STANDIN_STOPPED,   /* its timer was stopped */
	STANDIN_EXPIRED,   /* its timer has run out */
};

/* Flags. */
#define STANDIN_FINAL	   (1 << 0) /* gone, whereas a timer that ended may be started again */
#define STANDIN_ACKED	   (1 << 1) /* a request whose last ACK found the accept queue full */
#define STANDIN_UNATTENDED (1 << 2) /* a request whose listener listens no more */

/* A phase of a stand-in. Times as in event_transition. */
struct event_standin {
	__u8 type; /* EVENT_STANDIN */
	__u8 phase;
	__u8 state; /* TCP_NEW_SYN_RECV, TCP_FIN_WAIT2 or TCP_TIME_WAIT */
	__u8 owner_how;
	__u8 flags;
	__u8 retransmits; /* of a request's SYN-ACK */
	__u16 reserved;
	__u32 netns;
	__u16 lport;
	__u16 rport;
	__u64 time;
	__u64 cookie; /* 0: it has none, being from before the trace */
	__u64 lost;
	__u8 laddr[16];
	__u8 raddr[16];
	struct event_owner owner; /* of a request's listener */
};

_Static_assert(sizeof(struct event_standin) == 104, "the wire record changed its size");

#endif
