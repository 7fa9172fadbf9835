// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random expressions and random transitions: what the program says of them, and what a second
 * reading says that shares nothing with it. An expression is made together with what it means:
 * while its text is written, it is decided for all transitions at once, a bit each.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdlib.h>

#include "filter/evaluate.h"
#include "filter/expression.h"

#define EXPRESSIONS 100000
#define FIRST_NETNS 4026531840u
#define EVENTS	    32 /* for each of the expressions */

/* Instead of the C library's: there is no host of any name, and nobody is asked. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **found)
{
	(void)name, (void)service, (void)hints, (void)found;
	return EAI_NONAME;
}

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

static unsigned int below(unsigned int limit)
{
	return unit__random(&seed) >> 20 & 0xfffff ? (unit__random(&seed) >> 20) % limit : 0;
}

#define ANY_OF(list) ((list)[below(COUNT(list))])

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

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end += vsnprintf(end, text + sizeof(text) - end, format, args);
	va_end(args);
	assert_true(end < text + sizeof(text) - 1);
}

/* Those of all events for which it holds. */
#define WHERE(condition)                                                                           \
	({                                                                                         \
		uint32_t set_ = 0;                                                                 \
		for (int i_ = 0; i_ < EVENTS; i_++) {                                              \
			const struct event *e = &events[i_];                                       \
			const struct transition *tr = &e->tr;                                      \
			(void)tr;                                                                  \
			set_ |= (uint32_t)((condition) != 0) << i_;                                \
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

static uint32_t number(void)
{
	int sign, n = below(7);
	bool first = below(2);

	switch (below(5)) {
	case 0:
		put("%s", first ? "sport" : "dport");
		sign = put_sign(6);
		put("%s%d", below(2) ? ":" : "", n);
		return first ? WHERE(compare(sign, tr->lport, n))
			     : WHERE(compare(sign, tr->rport, n));
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

static uint32_t host(void)
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
	int net = below(COUNT(nets)), port = below(4) ? -1 : (int)below(6), sign;
	uint32_t set;

	put("%s", local ? "src" : "dst");
	sign = put_sign(2);
	put("%s", nets[net].text);
	if (port >= 0)
		put(":%d", port);
	set = WHERE(
		e->ipv6 == nets[net].ipv6 &&
		!strncmp(local ? e->local : e->remote, nets[net].begin, strlen(nets[net].begin)) &&
		(port < 0 || port == (local ? tr->lport : tr->rport)));
	return sign == EQ ? set : ~set;
}

static uint32_t words(void)
{
	static const char *const reasons[] = { "refused", "reset", "timeout",
					       "aborted", "fin",   "EHOSTUNREACH" };
	const char *word;
	int sign;

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

static uint32_t states(void)
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

static uint32_t condition(void)
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

static uint32_t chain(int depth);

static uint32_t term(int depth)
{
	uint32_t set;

	if (!below(4)) {
		put("%s ", below(2) ? "not" : "!");
		return ~term(depth);
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

static uint32_t chain(int depth)
{
	static const char *const joints[] = { " and ", " && ", " & ", " ", " or ", " || ", " | " };
	uint32_t set = term(depth);

	while (below(3)) {
		unsigned int joint = below(COUNT(joints));

		put("%s", joints[joint]);
		set = joint < 4 ? set & term(depth) : set | term(depth);
	}
	return set;
}

static void check_one(uint32_t expected)
{
	struct tree *tree = tree__new();
	struct expression_error error;

	assert_non_null(tree);
	if (expression__parse(text, ABOUT_TRANSITIONS, tree, &error))
		fail_msg("%s: %s at %zu", text, error.problem, error.at);
	for (int i = 0; i < EVENTS; i++) {
		const struct transition *tr = &events[i].tr;
		enum truth truth = evaluate(tree, tr, &tr->lport);

		if (truth != (expected >> i & 1 ? TRUTH_YES : TRUTH_NO))
			fail_msg("%s: %d for transition %d", text, truth, i);
		/* Without the port it may be open, but not the opposite. */
		if (TRUTH_YES - evaluate(tree, tr, NULL) == truth && truth != TRUTH_OPEN)
			fail_msg("%s: without a port the opposite for transition %d", text, i);
	}
	tree__free(tree);
}

TEST(test_as_the_second_reading_says)
{
	uint64_t yes = 0;

	for (int i = 0; i < EXPRESSIONS; i++) {
		uint32_t expected;

		if (i % 100 == 0)
			for (int j = 0; j < EVENTS; j++)
				events[j] = random_event();
		end = text;
		expected = chain(3);
		yes += __builtin_popcount(expected);
		check_one(expected);
	}
	/* Both are about as frequent. */
	assert_true(yes > (uint64_t)EXPRESSIONS * EVENTS / 4);
	assert_true(yes < (uint64_t)EXPRESSIONS * EVENTS * 3 / 4);
}

/* Whatever the words are: an answer, or an error with its place in the text. */
TEST(test_random_words)
{
	static const char *const tokens[] = {
		"sport", "src", "state", "established", "(",	 ")",	    "not",  "and",
		"or",	 "=",	"!=",	 "80",		"[::1]", ":80",	    "10/8", "comm",
		"a*",	 "'",	"<",	 "pid",		"life",	 "1s",	    "*",    "\"",
		"old",	 "!",	"/",	 ",",		":",	 "exclude", "]",    "inet:"
	};

	for (int i = 0; i < EXPRESSIONS; i++) {
		struct expression_error error = {};
		struct tree *tree = tree__new();

		end = text;
		for (int count = below(12); count >= 0; count--)
			put("%s%s", ANY_OF(tokens), below(2) ? " " : "");
		assert_non_null(tree);
		if (expression__parse(text, ABOUT_TRANSITIONS, tree, &error)) {
			assert_non_null(error.problem);
			assert_true(error.at <= strlen(text));
		} else {
			(void)evaluate(tree, &events[0].tr, NULL);
		}
		tree__free(tree);
	}
}

RUN(cmocka_unit_test(test_as_the_second_reading_says), cmocka_unit_test(test_random_words))
