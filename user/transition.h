/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What flows through the program: a transition, or a gap where transitions were lost. Everything
 * behind the sources sees these and cannot tell where they came from.
 */
#ifndef TCPFLUX_TRANSITION_H
#define TCPFLUX_TRANSITION_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "state.h"

#define NOT_KNOWN (-1) /* for durations */

enum transition_src {
	SRC_TRACEPOINT,
	SRC_TIMEWAIT, /* the stand-in that is left when a connection is over */
	SRC_REQUEST,  /* the one that is there before the handshake is */
};

struct owner {
	enum owner_how how; /* OWNER_UNKNOWN: nothing below is known */
	uint32_t pid;
	uint32_t uid;
	const char *cgroup; /* path, or NULL; belongs to the source */
	char comm[OWNER_COMM_LEN];
};

/* Where logs are merged: numbers from 0, by the first log that has it. A kernel is one of each. */
struct origin {
	uint16_t boot; /* of which machine ever: there cookies and network namespaces are unique */
	uint16_t capture; /* between two of them things may have happened that nobody tells */
};

struct transition {
	uint64_t time;	  /* ns since the epoch, UTC */
	uint64_t seq;	  /* from 1, in the order of the output; 0: not numbered yet */
	uint64_t cookie;  /* unique in its boot, as is netns */
	int64_t state_ns; /* time spent in old_state, or NOT_KNOWN */
	uint32_t netns;
	uint16_t lport, rport;
	uint8_t family; /* 4 or 6 */
	uint8_t old_state, new_state;
	struct origin origin;
	enum transition_src src;
	bool inferred;	       /* concluded, not seen */
	bool enters_time_wait; /* a stand-in takes this socket's place */
	bool complete; /* at the end: all acknowledged, the FIN included; or timer ran out */
	bool counted;  /* at the end: bytes, retransmits and rtt are known */
	struct in6_addr laddr; /* IPv4 as ::ffff:a.b.c.d */
	struct in6_addr raddr;
	struct owner owner;

	/* At the end of a connection only, see transition__is_end(). */
	uint16_t error;	     /* sk_err */
	int64_t life_ns;     /* since its first transition, or NOT_KNOWN */
	uint64_t bytes_sent; /* payload, each byte once */
	uint64_t bytes_received;
	uint32_t retransmits; /* segments */
	uint32_t rtt_us;      /* smoothed; 0: never measured */
};

enum loss_where {
	LOSS_RING,  /* the ring buffer was full */
	LOSS_PROBE, /* all lanes were skipped by the kernel */
	LOSS_LOG,   /* a log could not be written, or is damaged */
	LOSS_WHERE_COUNT
};

struct loss {
	uint64_t time; /* when it was noticed, ns since the epoch, UTC */
	uint64_t count;
	enum loss_where where;
};

/* What a source delivers to. Both are called in the order of the stream. */
struct transition_handler {
	/* May change the transition; a negative return stops the source. */
	int (*transition)(void *ctx, struct transition *tr);
	void (*loss)(void *ctx, const struct loss *loss);
	void *ctx;
};

/* The other way round, too. A kernel counts cookies up, and not as far as 2^48. */
static inline uint64_t origin__socket(struct origin origin, uint64_t cookie)
{
	return cookie ^ (uint64_t)origin.boot << 48;
}

/* Does this transition end the connection, as far as its processes are concerned? */
bool transition__is_end(const struct transition *tr);

/*
 * Why the connection ended, one of the words of the interface or an errno's name; NULL if this
 * transition is not an end.
 */
const char *transition__reason(const struct transition *tr);

/* Turns a CLOSE that leaves a TIME_WAIT stand-in behind into the TIME_WAIT that ss will show. */
void transition__infer(struct transition *tr);

const char *owner_how__name(enum owner_how how);
const char *transition_src__name(enum transition_src src);
const char *loss_where__name(enum loss_where where);

#endif
