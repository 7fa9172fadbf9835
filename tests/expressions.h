/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random expressions and random transitions. An expression is made together with what it means:
 * while its text is written, it is decided for all transitions at once, a bit each. That shares
 * nothing with how the program reads and judges it.
 */
#ifndef TESTS_EXPRESSIONS_H
#define TESTS_EXPRESSIONS_H

#include <arpa/inet.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "decision.h"
#include "transition.h"

#define FIRST_NETNS 4026531840u

/* For each of the expressions; a multiple of 64. */
#ifndef EVENTS
#define EVENTS 64
#endif

static const char *const comms[] = { "nginx", "ngrok", "curl", "" };
static const char *const cgroups[] = { "/", "/sys.slice", "/sys.slice/a", "/sys.slicer" };
static const char *const addresses[] = { "10.0.0.1",	"10.0.0.2",	 "10.1.0.1", "192.168.1.7",
					 "2001:db8::1", "2001:db8:1::2", "::",	     "::1" };
static const int errors[] = { 0, 111, 104, 110, 103, 113 };

struct event {
	struct transition tr;
	bool ipv6;
	const char *local, *remote;
};

static uint64_t seed = 0x9e3779b97f4a7c15;

/* Less than `limit`; the same in every run (xorshift64). */
static unsigned int below(unsigned int limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 20) % limit;
}

#define MEMBERS(list) (sizeof(list) / sizeof((list)[0]))
#define ANY_OF(list)  ((list)[below(MEMBERS(list))])

static struct in6_addr address_of(const char *text)
{
	char mapped[64];
	struct in6_addr address;

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
	assert_int_equal(inet_pton(AF_INET6, mapped, &address), 1);
	return address;
}

static struct event random_event(void)
{
	struct event e = { .ipv6 = below(2) };

	e.local = addresses[(e.ipv6 ? 4 : 0) + below(4)];
	e.remote = addresses[(e.ipv6 ? 4 : 0) + below(4)];
	e.tr = (struct transition){
		.family = e.ipv6 ? 6 : 4,
		.netns = FIRST_NETNS + below(3),
		.lport = below(6),
		.rport = below(6),
		.old_state = 1 + below(12),
		.new_state = below(50) ? 1 + below(12) : 99,
		.state_ns = below(4) ? (int64_t)below(6) * 1000 : NOT_KNOWN,
		.life_ns = below(4) ? (int64_t)below(6) * 1000 : NOT_KNOWN,
		.error = ANY_OF(errors),
		.complete = below(2),
		.laddr = address_of(e.local),
		.raddr = address_of(e.remote),
		.owner = {
			.how = below(4) ? OWNER_SELF : OWNER_UNKNOWN,
			.pid = 1 + below(6),
			.uid = below(6),
			.cgroup = below(4) ? ANY_OF(cgroups) : NULL,
		},
	};
	strcpy(e.tr.owner.comm, ANY_OF(comms));
	return e;
}

static struct event events[EVENTS];
static char text[65536], *end;
static bool beyond_kernel; /* there is something in the text that it can't decide */

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end += vsnprintf(end, text + sizeof(text) - end, format, args);
	va_end(args);
	assert_true(end < text + sizeof(text) - 1);
}

/* Some of the events. */
struct set {
	uint64_t bits[EVENTS / 64];
};

static bool set__has(const struct set *set, unsigned int event)
{
	return set->bits[event / 64] >> event % 64 & 1;
}

static struct set others(struct set set)
{
	for (size_t i = 0; i < MEMBERS(set.bits); i++)
		set.bits[i] = ~set.bits[i];
	return set;
}

static struct set both(struct set a, struct set b)
{
	for (size_t i = 0; i < MEMBERS(a.bits); i++)
		a.bits[i] &= b.bits[i];
	return a;
}

static struct set either(struct set a, struct set b)
{
	return others(both(others(a), others(b)));
}

/* Those for which it holds. */
#define WHERE(condition)                                                                           \
	({                                                                                         \
		struct set set_ = { { 0 } };                                                       \
		for (int i_ = 0; i_ < EVENTS; i_++) {                                              \
			const struct event *e = &events[i_];                                       \
			const struct transition *tr = &e->tr;                                      \
			(void)tr;                                                                  \
			set_.bits[i_ / 64] |= (uint64_t)((condition) != 0) << i_ % 64;             \
		}                                                                                  \
		set_;                                                                              \
	})

enum { EQ, NE, LT, GT, LE, GE };
static const char *const signs[][4] = { { "", "=", "==", "eq" },     { "!=", "ne", "neq", "!=" },
					{ "<", "lt", "<", "lt" },    { ">", "gt", ">", "gt" },
					{ "<=", "le", "leq", "<=" }, { ">=", "ge", "geq", ">=" } };

static bool compare(int sign, int64_t a, int64_t b)
{
	switch (sign) {
	case EQ:
		return a == b;
	case NE:
		return a != b;
	case LT:
		return a < b;
	case GT:
		return a > b;
	case LE:
		return a <= b;
	default:
		return a >= b;
	}
}

static int put_sign(int limit)
{
	int sign = below(limit);

	put(" %s ", ANY_OF(signs[sign]));
	return sign;
}

static struct set port(int n)
{
	static const char *const families[] = { "", "", "inet:", "inet6:" };
	const char *family = ANY_OF(families);
	bool local = below(2);
	int sign;

	put("%s", local ? "sport" : "dport");
	sign = put_sign(6);
	put("%s%s%d", family, below(2) ? ":" : "", n);
	return WHERE((!*family || e->ipv6 == !strcmp(family, "inet6:")) &&
		     compare(sign, local ? tr->lport : tr->rport, n));
}

static struct set number(void)
{
	int sign, n = below(7);
	bool first = below(2);

	switch (below(5)) {
	case 0:
		return port(n);
	case 1:
		put("%s", first ? "pid" : "uid");
		sign = put_sign(6);
		put("%d", n);
		return WHERE(tr->owner.how != OWNER_UNKNOWN &&
			     compare(sign, first ? tr->owner.pid : tr->owner.uid, n));
	case 2:
		put("state_time");
		sign = put_sign(6);
		put("%dus", n);
		return WHERE(tr->state_ns >= 0 && compare(sign, tr->state_ns, n * 1000));
	case 3:
		put("life");
		sign = put_sign(6);
		put("0.00000%d", n);
		return WHERE((tr->new_state == TCP_CLOSE || tr->new_state == TCP_TIME_WAIT) &&
			     tr->life_ns >= 0 && compare(sign, tr->life_ns, n * 1000));
	default:
		put("pid");
		sign = put_sign(2);
		put("%d,%d-%d", n + 1, n + 3, n + 4);
		return WHERE(tr->owner.how != OWNER_UNKNOWN &&
			     (tr->owner.pid == n + 1u || tr->owner.pid == n + 3u ||
			      tr->owner.pid == n + 4u) == (sign == EQ));
	}
}

static struct set host(void)
{
	static const struct {
		const char *text;
		bool ipv6;
		const char *begin; /* of those addresses that are in it */
	} nets[] = {
		{ "10.0.0.0/24", false, "10.0.0." },
		{ "10/8", false, "10." },
		{ "10.0.0.1", false, "10.0.0.1" },
		{ "0.0.0.0/0", false, "" },
		{ "2001:db8::/32", true, "2001:" },
		{ "[2001:db8:1::]/48", true, "2001:db8:1:" },
		{ "::/0", true, "" },
		{ "[::1]", true, "::1" },
	};
	bool local = below(2);
	int net = below(MEMBERS(nets)), port = below(4) ? -1 : (int)below(6), sign;
	struct set set;

	put("%s", local ? "src" : "dst");
	sign = put_sign(2);
	put("%s", nets[net].text);
	if (port >= 0)
		put(":%d", port);
	set = WHERE(
		e->ipv6 == nets[net].ipv6 &&
		!strncmp(local ? e->local : e->remote, nets[net].begin, strlen(nets[net].begin)) &&
		(port < 0 || port == (local ? tr->lport : tr->rport)));
	return sign == EQ ? set : others(set);
}

static struct set words(void)
{
	static const char *const reasons[] = { "refused", "reset", "timeout",
					       "aborted", "fin",   "EHOSTUNREACH" };
	const char *word;
	int sign;

	beyond_kernel = true;
	switch (below(4)) {
	case 0:
		put("comm");
		sign = put_sign(2);
		put("ng*");
		return WHERE(tr->owner.how != OWNER_UNKNOWN &&
			     (tr->owner.comm[0] == 'n') == (sign == EQ));
	case 1:
		word = below(2) ? "curl" : "nginx";
		put("comm");
		sign = put_sign(2);
		put(below(2) ? "%s" : "'%s'", word);
		return WHERE(tr->owner.how != OWNER_UNKNOWN &&
			     !strcmp(tr->owner.comm, word) == (sign == EQ));
	case 2:
		put("cgroup");
		sign = put_sign(2);
		put("/sys.slice");
		return WHERE(tr->owner.how != OWNER_UNKNOWN && tr->owner.cgroup &&
			     (!strcmp(tr->owner.cgroup, "/sys.slice") ||
			      !strcmp(tr->owner.cgroup, "/sys.slice/a")) == (sign == EQ));
	default:
		word = ANY_OF(reasons);
		put("reason");
		sign = put_sign(2);
		put("%s", word);
		return WHERE((tr->new_state == TCP_CLOSE || tr->new_state == TCP_TIME_WAIT) &&
			     !strcmp(transition__reason(tr), word) == (sign == EQ));
	}
}

static struct set states(void)
{
	static const char *const names[] = {
		"",	     "established", "SYN_SENT",	   "syn-recv",	 "fin-wait-1",
		"FIN_WAIT2", "time-wait",   "closed",	   "close-wait", "last-ack",
		"listening", "closing",	    "NEW_SYN_RECV"
	};
	int state = 1 + below(12), other = 1 + below(12);

	switch (below(4)) {
	case 0:
		put("old %s", names[state]);
		return WHERE(tr->old_state == state);
	case 1:
		put("new != %s", names[state]);
		return WHERE(tr->new_state != state);
	case 2:
		put("state connected exclude %s", names[other]);
		return WHERE(tr->new_state != TCP_CLOSE && tr->new_state != TCP_LISTEN &&
			     tr->new_state <= 12 && tr->new_state != other &&
			     !(other == TCP_SYN_RECV && tr->new_state == TCP_NEW_SYN_RECV));
	default:
		put("state %s", names[state]);
		return WHERE(tr->new_state == state ||
			     (state == TCP_SYN_RECV && tr->new_state == TCP_NEW_SYN_RECV));
	}
}

static struct set condition(void)
{
	unsigned int n = below(3);
	int sign;

	switch (below(6)) {
	case 0:
		return states();
	case 1:
		return host();
	case 2:
		return words();
	case 3:
		put("family %s", n ? "inet" : "6");
		return WHERE(e->ipv6 == !n);
	case 4:
		put("netns");
		sign = put_sign(2);
		put("%u", FIRST_NETNS + n);
		return WHERE((tr->netns == FIRST_NETNS + n) == (sign == EQ));
	default:
		return number();
	}
}

static struct set chain(int depth);

static struct set term(int depth)
{
	struct set set;

	if (!below(4)) {
		put("%s ", below(2) ? "not" : "!");
		return others(term(depth));
	}
	if (depth && !below(3)) {
		put("( ");
		set = chain(depth - 1);
		put(" )");
		return set;
	}
	/* Without parentheses, states would be one with others, or hold for all that follows. */
	put("( ");
	set = condition();
	put(" )");
	return set;
}

static struct set chain(int depth)
{
	static const char *const joints[] = { " and ", " && ", " & ", " ", " or ", " || ", " | " };
	struct set set = term(depth);

	while (below(3)) {
		unsigned int joint = below(MEMBERS(joints));

		put("%s", joints[joint]);
		set = joint < 4 ? both(set, term(depth)) : either(set, term(depth));
	}
	return set;
}

/* All that is known of a transition, as the kernel would know it. */
static struct filter_facts facts_of(const struct transition *tr)
{
	bool is_end = tr->new_state == TCP_CLOSE || tr->new_state == TCP_TIME_WAIT;
	struct filter_facts facts = {};
	const struct {
		enum filter_field field;
		int64_t value; /* negative: there is none */
	} numbers[] = {
		{ FILTER_LPORT, tr->lport },
		{ FILTER_RPORT, tr->rport },
		{ FILTER_PID, tr->owner.how != OWNER_UNKNOWN ? (int64_t)tr->owner.pid : -1 },
		{ FILTER_UID, tr->owner.how != OWNER_UNKNOWN ? (int64_t)tr->owner.uid : -1 },
		{ FILTER_NETNS, tr->netns },
		{ FILTER_STATE_TIME, tr->state_ns },
		{ FILTER_LIFE, is_end ? tr->life_ns : -1 },
	};

	facts.sets[FILTER_OLD] = tr->old_state < 32 ? 1u << tr->old_state : 0;
	facts.sets[FILTER_NEW] = tr->new_state < 32 ? 1u << tr->new_state : 0;
	facts.sets[FILTER_FAMILY] = 1u << tr->family;
	for (size_t i = 0; i < MEMBERS(numbers); i++) {
		filter_facts__set_number(&facts, numbers[i].field, numbers[i].value);
		if (numbers[i].value < 0)
			facts.unknown |= FILTER_BIT(numbers[i].field);
	}
	memcpy(&facts.addresses[0], &tr->laddr, sizeof(tr->laddr));
	memcpy(&facts.addresses[1], &tr->raddr, sizeof(tr->raddr));
	return facts;
}

/* The same, but that some of it may yet be anything. */
static struct filter_facts blurred(const struct filter_facts *facts)
{
	struct filter_facts open = *facts;

	for (int field = FILTER_SETS; field < FILTER_FIELDS; field++)
		open.open |= !below(4) << field;
	for (int set = 0; set < FILTER_SETS; set++)
		if (facts->sets[set] && !below(3))
			open.sets[set] |= below(1u << 13);
	return open;
}

static void renew_events(void)
{
	for (int i = 0; i < EVENTS; i++)
		events[i] = random_event();
}

/* Writes the text of one. Returns those events for which it holds. */
static struct set renew_expression(void)
{
	end = text;
	beyond_kernel = false;
	return chain(3);
}

#endif
