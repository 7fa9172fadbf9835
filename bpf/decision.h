/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The part of a filter that the kernel can decide, as the user side writes it and the kernel side,
 * and tests, run it. A program is conditions on one field each that jump forward, to one another or
 * to the verdict. What it drops is sure not to pass: where it is not known what a field will be in
 * the row that the user side makes, the condition is open, and jumps to where more may pass.
 */
#ifndef TCPFLUX_DECISION_H
#define TCPFLUX_DECISION_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#include <stdbool.h>
#endif

enum filter_field {
	/* Sets of what it may be, a bit each. */
	FILTER_OLD,
	FILTER_NEW,
	FILTER_FAMILY, /* bit 4, bit 6 */
	/* Numbers. */
	FILTER_LPORT,
	FILTER_RPORT,
	FILTER_PID,
	FILTER_UID,
	FILTER_NETNS,
	FILTER_STATE_TIME, /* ns */
	FILTER_LIFE,	   /* ns */
	/* Addresses. */
	FILTER_LADDR,
	FILTER_RADDR,
	FILTER_FIELDS
};

#define FILTER_BIT(field) (1u << (field))
#define FILTER_OWNER	  (FILTER_BIT(FILTER_PID) | FILTER_BIT(FILTER_UID))
#define FILTER_ADDRESSES                                                                           \
	(FILTER_BIT(FILTER_FAMILY) | FILTER_BIT(FILTER_LADDR) | FILTER_BIT(FILTER_RADDR))
#define FILTER_TIMES (FILTER_BIT(FILTER_STATE_TIME) | FILTER_BIT(FILTER_LIFE))

/*
 * What the states are in any of the rows that are about a request, and its child's first; and about
 * TIME_WAIT and the like, and the last of its socket.
 */
#define FILTER_STATE(state) (1u << (state))
#define FILTER_REQUEST_OLD  (FILTER_STATE(TCP_LISTEN) | FILTER_STATE(TCP_NEW_SYN_RECV))
#define FILTER_REQUEST_NEW                                                                         \
	(FILTER_STATE(TCP_NEW_SYN_RECV) | FILTER_STATE(TCP_SYN_RECV) | FILTER_STATE(TCP_CLOSE))
#define FILTER_TIMEWAIT_OLD                                                                        \
	(FILTER_STATE(TCP_FIN_WAIT2) | FILTER_STATE(TCP_CLOSING) | FILTER_STATE(TCP_TIME_WAIT))
#define FILTER_TIMEWAIT_NEW (FILTER_STATE(TCP_TIME_WAIT) | FILTER_STATE(TCP_CLOSE))

/* Where a condition jumps to: another one, by its number, or a verdict. */
#define FILTER_NODES 64
#define FILTER_PASS  0xfe
#define FILTER_DROP  0xff

struct filter_node {
	__u8 field;
	__u8 in, out; /* where to go if the field's value is one of those, or not */
	__u8 unknown; /* if it has none */
	__u8 open;    /* if it may be any */
	__u8 only_ipv6;
	__u16 reserved;
	union {
		__u64 set;
		struct {
			__u64 first, last; /* first <= last */
		} range;
		struct {
			__u64 value[2], mask[2]; /* network byte order */
		} network;
	};
};

_Static_assert(sizeof(struct filter_node) == 40, "what both sides agree on changed its size");

struct filter_program {
	__u8 entry;   /* where it begins; FILTER_PASS: there is no filter */
	__u8 count;   /* of its nodes */
	__u16 fields; /* a bit each: those that it asks for */
	__u32 reserved;
	struct filter_node nodes[FILTER_NODES];
};

_Static_assert(sizeof(struct filter_program) == 8 + FILTER_NODES * 40,
	       "what both sides agree on changed its size");

union filter_address {
	__u64 bits[2];
	__u32 words[4]; /* network byte order, IPv4 as ::ffff:a.b.c.d */
};

#define FILTER_SETS    (FILTER_FAMILY + 1)
#define FILTER_NUMBERS (FILTER_LIFE - FILTER_LPORT + 1)

/* What is known of a connection, or of a row about it. */
struct filter_facts {
	__u32 sets[FILTER_SETS];
	__u16 unknown, open; /* a bit for each field, but for sets */
	__u64 numbers[FILTER_NUMBERS];
	union filter_address addresses[2];
};

_Static_assert(sizeof(struct filter_facts) == 104, "what both sides agree on changed its size");

static inline void filter_facts__set_number(struct filter_facts *facts, enum filter_field field,
					    __u64 number)
{
	facts->numbers[field - FILTER_LPORT] = number;
}

/* The third word of ::ffff:a.b.c.d */
#define FILTER_MAPPED (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0xffff0000 : 0xffff)

static inline bool filter_address__is_mapped(const union filter_address *address)
{
	return !address->bits[0] && address->words[2] == FILTER_MAPPED;
}

static inline bool filter_node__has_address(const volatile struct filter_node *node,
					    const union filter_address *address)
{
	return (address->bits[0] & node->network.mask[0]) == node->network.value[0] &&
	       (address->bits[1] & node->network.mask[1]) == node->network.value[1] &&
	       !(node->only_ipv6 && filter_address__is_mapped(address));
}

/* Of a set it may be open, too, whether what it will be is one of the node's. */
static inline __u8 filter_node__judge_set(const volatile struct filter_node *node, __u32 possible)
{
	__u32 set = node->set;

	if (!(possible & set))
		return node->out;
	return possible & ~set ? node->open : node->in;
}

static inline __u8 filter_node__judge_number(const volatile struct filter_node *node, __u64 number)
{
	/* At once: either comparison alone goes now this way, now that. */
	bool in = number - node->range.first <= node->range.last - node->range.first;

	return in ? node->in : node->out;
}

static inline __u8 filter_node__judge_address(const volatile struct filter_node *node,
					      const union filter_address *address)
{
	return filter_node__has_address(node, address) ? node->in : node->out;
}

static inline __u8 filter_node__judge(const volatile struct filter_node *node,
				      const struct filter_facts *facts)
{
	__u8 field = node->field;

	if (field < FILTER_SETS)
		return filter_node__judge_set(node, facts->sets[field]);
	if (facts->open & FILTER_BIT(field))
		return node->open;
	if (facts->unknown & FILTER_BIT(field))
		return node->unknown;
	if (field < FILTER_LADDR)
		return filter_node__judge_number(node, facts->numbers[field - FILTER_LPORT]);
	return filter_node__judge_address(node, &facts->addresses[field == FILTER_RADDR]);
}

/* May it pass? In the kernel the verifier knows the program, and so where it jumps to. */
static inline bool filter_program__run(const volatile struct filter_program *program,
				       const struct filter_facts *facts)
{
	__u8 at = program->entry;

	while (at < FILTER_NODES)
		at = filter_node__judge(&program->nodes[at], facts);
	return at == FILTER_PASS;
}

/* The same of what is known of a connection alone, and without going by numbers to its facts. */
static inline __u8 filter_node__judge_connection(const volatile struct filter_node *node,
						 const struct filter_facts *facts)
{
	__u8 field = node->field;

	if (field == FILTER_FAMILY)
		return filter_node__judge_set(node, facts->sets[FILTER_FAMILY]);
	if (facts->open & FILTER_BIT(field))
		return node->open;
	if (field == FILTER_LPORT)
		return filter_node__judge_number(node, facts->numbers[0]);
	if (field == FILTER_RPORT)
		return filter_node__judge_number(node, facts->numbers[1]);
	if (field == FILTER_NETNS)
		return filter_node__judge_number(node, facts->numbers[FILTER_NETNS - FILTER_LPORT]);
	if (field == FILTER_LADDR)
		return filter_node__judge_address(node, &facts->addresses[0]);
	return filter_node__judge_address(node, &facts->addresses[1]);
}

#define FILTER_FIRST 4 /* so often the loop below is unrolled */

/*
 * The first conditions of a program about connections, written one behind the other. In the kernel
 * the verifier leaves of each only what its field needs, and the facts lie in registers: where two
 * conditions decide, it took 20 ns less than a call of filter_program__run() with facts in memory.
 * Returns where to go on, or a verdict.
 */
static inline __u8 filter_program__begin(const volatile struct filter_program *program,
					 const struct filter_facts *facts)
{
	__u8 at = program->entry;

#pragma GCC unroll 4
	for (__u8 i = 0; i < FILTER_FIRST; i++)
		if (at == i)
			at = filter_node__judge_connection(&program->nodes[i], facts);
	return at;
}

#endif
