// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Expressions: what they say, each word of the language alone and joined. */
#include "unit.h"

#include "filter/evaluate.h"
#include "filter/expression.h"

/* A client's connection of nginx that is just established: what all expressions are asked of. */
static const struct transition client = {
	.family = 4,
	.netns = 4026531840,
	.lport = 50000,
	.rport = 443,
	.old_state = TCP_SYN_SENT,
	.new_state = TCP_ESTABLISHED,
	.state_ns = 10000000,
	.life_ns = NOT_KNOWN,
	.laddr = { .s6_addr = { [10] = 0xff, 0xff, 10, 1, 2, 3 } },
	.raddr = { .s6_addr = { [10] = 0xff, 0xff, 192, 0, 2, 1 } },
	.owner = { OWNER_SELF, 812, 33, "/sys.slice/nginx.service", "nginx" },
};

/* A server's over IPv6 that ends by a reset; nothing is known of its owner. */
static const struct transition server = {
	.family = 6,
	.netns = 4026531841,
	.lport = 22,
	.rport = 40000,
	.old_state = TCP_CLOSE_WAIT,
	.new_state = TCP_CLOSE,
	.state_ns = NOT_KNOWN,
	.error = 104,
	.life_ns = 1500000000,
	.laddr = { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } },
	.raddr = { .s6_addr = { 0xfe, 0x80, [15] = 2 } },
};

enum { NEITHER, CLIENT, SERVER, BOTH };

static const struct {
	const char *text;
	int holds_for;
} cases[] = {
	{ "", BOTH },
	{ "  \t ", BOTH },

	/* Ports. */
	{ "sport = :50000", CLIENT },
	{ "sport = 50000", CLIENT },
	{ "sport == 50000", CLIENT },
	{ "sport eq 50000", CLIENT },
	{ "sport 50000", CLIENT },
	{ "sport :50000", CLIENT },
	{ "sport=:50000", CLIENT },
	{ "sport != :50000", SERVER },
	{ "sport ne 50000", SERVER },
	{ "sport neq 50000", SERVER },
	{ "sport < 50000", SERVER },
	{ "sport lt 22", NEITHER },
	{ "sport <= 22", SERVER },
	{ "sport le 22", SERVER },
	{ "sport leq 21", NEITHER },
	{ "sport>=50000", CLIENT },
	{ "sport ge 50000", CLIENT },
	{ "sport geq 50001", NEITHER },
	{ "sport > :22", CLIENT },
	{ "sport gt 50000", NEITHER },
	{ "sport < 0", NEITHER },
	{ "sport >= 0", BOTH },
	{ "sport > 65535", NEITHER },
	{ "sport = 0", NEITHER },
	{ "sport = :026", SERVER },
	{ "sport = 0x16", SERVER },
	{ "sport = 0x10-0X1f", SERVER },
	{ "sport = 022", NEITHER },
	{ "sport = :ssh", SERVER },
	{ "dport = https", CLIENT },
	{ "dport = :https", CLIENT },
	{ "dport = 80,443,8000-8999", CLIENT },
	{ "dport != 80,443,8000-8999", SERVER },
	{ "dport = 39999-40001", SERVER },
	{ "dport = *", BOTH },
	{ "dport = :*", BOTH },
	{ "dport != *", NEITHER },
	{ "sport = inet:50000", CLIENT },
	{ "sport inet6::ssh", SERVER },
	{ "sport = inet6:50000", NEITHER },
	{ "sport > inet:22", CLIENT },
	{ "sport != inet6:50000", SERVER },
	{ "not sport inet:50000", SERVER },
	{ "dport inet:*", CLIENT },
	{ "sport 1 or dport inet6:39999-40001", SERVER },

	/* Hosts. */
	{ "src 10.1.2.3", CLIENT },
	{ "src = 10.1.2.3", CLIENT },
	{ "src != 10.1.2.3", SERVER },
	{ "src 10.1.2.4", NEITHER },
	{ "src 10.1.2.3:50000", CLIENT },
	{ "src 10.1.2.3:50001", NEITHER },
	{ "src != 10.1.2.3:50001", BOTH },
	{ "src 10.1.2.3:*", CLIENT },
	{ "src 10.0.0.0/8", CLIENT },
	{ "src 012.0x1.2.3", CLIENT },
	{ "src 10.0.0.0/0x8", CLIENT },
	{ "src 10.1.2.0/255.255.255.254", NEITHER },
	{ "src 10.1.2.2/255.255.255.254", CLIENT },
	{ "src 10.1.0.0/255.255:50000", CLIENT },
	{ "src 192.0.2.1/0.0.0.0", CLIENT },
	{ "src [10.1.2.3]:50000", CLIENT },
	{ "src [10.1.2.0/24]", CLIENT },
	{ "src 10/8", CLIENT },
	{ "src 10.1/16:50000", CLIENT },
	{ "src 10.1.2.2/31", CLIENT },
	{ "src 10.1.2.4/31", NEITHER },
	{ "src 10.1.2.3/32", CLIENT },
	{ "src 0.0.0.0/0", CLIENT },
	{ "src 10.1.2", NEITHER },
	{ "src *", BOTH },
	{ "src any", BOTH },
	{ "src *:22", SERVER },
	{ "src :22", SERVER },
	{ "src :ssh", SERVER },
	{ "src 2001:db8::1", SERVER },
	{ "src [2001:db8::1]", SERVER },
	{ "src [2001:db8::1]:22", SERVER },
	{ "src [2001:db8::1]:ssh", SERVER },
	{ "src [2001:db8::1]:23", NEITHER },
	{ "src 2001:db8::1:22", SERVER },
	{ "src 2001:db8::/32", SERVER },
	{ "src [2001:db8::]/32", SERVER },
	{ "src [2001:db8::/32]", SERVER },
	{ "src [2001:db8::]/32:22", SERVER },
	{ "src [2001:db8::/32]:22", SERVER },
	{ "src 2001:db8::/32:22", SERVER },
	{ "src [::]/0", SERVER },
	{ "src ::/0", SERVER },
	{ "src [::]/64", NEITHER },
	{ "src [::ffff:10.1.2.3]", CLIENT },
	{ "src [::ffff:0:0]/96", CLIENT },
	{ "src inet:*", CLIENT },
	{ "src inet6::22", SERVER },
	{ "src inet:10.1.2.3:50000", CLIENT },
	{ "src inet6:[2001:db8::1]:22", SERVER },
	{ "dst 192.0.2.1", CLIENT },
	{ "dst 192.0.2.0/24", CLIENT },
	{ "dst 192.0.2.1:https", CLIENT },
	{ "dst fe80::/10", SERVER },
	{ "dst [fe80::2]:40000", SERVER },
	{ "dst != 192.0.2.0/24", SERVER },

	/* Joined, from left to right. */
	{ "sport 22 or dport 443", BOTH },
	{ "sport 22 || dport 443", BOTH },
	{ "sport 22 | dport 443", BOTH },
	{ "sport 22 and dport 443", NEITHER },
	{ "sport 22 && dport 443", NEITHER },
	{ "sport 22 & dport 443", NEITHER },
	{ "sport 22 dport 443", NEITHER },
	{ "sport 22 dport 40000", SERVER },
	{ "sport 22 or sport 50000 and dport 443", CLIENT },
	{ "sport 22 or ( sport 50000 and dport 443 )", BOTH },
	{ "sport 22 or sport 50000 dport 443", CLIENT },
	{ "sport 1 and sport 2 or sport 22", SERVER },
	{ "not sport 22", CLIENT },
	{ "! sport 22", CLIENT },
	{ "!sport 22", CLIENT },
	{ "not not sport 22", SERVER },
	{ "!!sport 22", SERVER },
	{ "not sport 22 or sport 22", BOTH },
	{ "not ( sport 22 or sport 50000 )", NEITHER },
	{ "not(sport=22)", CLIENT },
	{ "(sport=:22)", SERVER },
	{ "((sport=22)or((dport=443)))", BOTH },
	{ "(sport=22)(dport=443)", NEITHER },
	{ "(sport=22)&&(dport=40000)", SERVER },

	/* States. */
	{ "state established", CLIENT },
	{ "state = established", CLIENT },
	{ "state ESTABLISHED", CLIENT },
	{ "state estab", CLIENT },
	{ "state TCP_ESTABLISHED", CLIENT },
	{ "state syn-sent", NEITHER },
	{ "state close", SERVER },
	{ "state closed", SERVER },
	{ "state unconnected", SERVER },
	{ "state all", BOTH },
	{ "state connected", CLIENT },
	{ "state synchronized", CLIENT },
	{ "state bucket", NEITHER },
	{ "state big", BOTH },
	{ "exclude established", SERVER },
	{ "excl established", SERVER },
	{ "exclude all", NEITHER },
	{ "state established state closed", BOTH },
	{ "state established and state closed", NEITHER },
	{ "state all exclude closed", CLIENT },
	{ "exclude closed exclude established", NEITHER },
	{ "exclude closed state closed", BOTH },
	{ "not state established", SERVER },
	{ "state established sport 22 or dport 443", CLIENT },
	{ "state established and sport 22 or dport 40000", SERVER },
	{ "( state established sport 22 or dport 443 )", CLIENT },
	{ "sport 50000 state established", CLIENT },
	{ "state established ( sport 22 or dport 40000 )", NEITHER },
	{ "old syn-sent", CLIENT },
	{ "old CLOSE_WAIT", SERVER },
	{ "old != CLOSE_WAIT", CLIENT },
	{ "old synchronized", SERVER },
	{ "new established", CLIENT },
	{ "old close-wait new close", SERVER },

	/* What events have. */
	{ "family inet", CLIENT },
	{ "family inet6", SERVER },
	{ "family 4", CLIENT },
	{ "family = ipv6", SERVER },
	{ "family != 6", CLIENT },
	{ "pid 812", CLIENT },
	{ "pid = 12,800-820", CLIENT },
	{ "pid > 800", CLIENT },
	{ "uid 33", CLIENT },
	{ "uid = root,33", CLIENT },
	{ "uid root", NEITHER },
	{ "comm nginx", CLIENT },
	{ "comm ngin", NEITHER },
	{ "comm ngin*", CLIENT },
	{ "comm = [mn]ginx", CLIENT },
	{ "comm ngin?", CLIENT },
	{ "comm 'nginx'", CLIENT },
	{ "comm \"a (b) or c\"", NEITHER },
	{ "netns 4026531841", SERVER },
	{ "netns != 4026531841", CLIENT },
	{ "cgroup /sys.slice", CLIENT },
	{ "cgroup /sys.slice/", CLIENT },
	{ "cgroup /sys.slice/nginx.service", CLIENT },
	{ "cgroup /sys", NEITHER },
	{ "cgroup /sys.slice/nginx.service/a", NEITHER },
	{ "cgroup /", CLIENT },
	{ "reason reset", SERVER },
	{ "reason RESET", SERVER },
	{ "reason refused", NEITHER },
	{ "reason != refused", SERVER },
	{ "reason ECONNRESET", SERVER },
	{ "reason != econnreset", NEITHER },
	{ "reason EPIPE", SERVER },
	{ "reason econnrefused", NEITHER },
	{ "reason ehostunreach", NEITHER },
	{ "state_time > 9.9ms", CLIENT },
	{ "state_time > 10ms", NEITHER },
	{ "state_time >= 10ms", CLIENT },
	{ "state_time = 10000us", CLIENT },
	{ "state_time < 1", CLIENT },
	{ "life > 1.4s", SERVER },
	{ "life <= 1.500000000s", SERVER },
	{ "life < 1500ms", NEITHER },
	{ "life < 1h", SERVER },

	/* What is not known fulfils no condition, and is not what it is asked to be. */
	{ "pid != 812", NEITHER },
	{ "not pid 812", SERVER },
	{ "comm != x", CLIENT },
	{ "cgroup != /x", CLIENT },
	{ "state_time != 1ms", CLIENT },
	{ "not state_time > 1ms", SERVER },
	{ "not reason reset", CLIENT },
};

static struct tree *parse(const char *text)
{
	struct expression_error error;
	struct tree *tree = tree__new();

	assert_non_null(tree);
	if (expression__parse(text, ABOUT_TRANSITIONS, tree, &error))
		fail_msg("%s: %s at %zu", text, error.problem, error.at);
	return tree;
}

static bool holds(const struct tree *tree, const struct transition *tr)
{
	return evaluate(tree, tr, &tr->lport) == TRUTH_YES;
}

TEST(test_what_they_say)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tree *tree = parse(cases[i].text);
		int found = (holds(tree, &client) ? CLIENT : 0) |
			    (holds(tree, &server) ? SERVER : 0);

		if (found != cases[i].holds_for)
			fail_msg("%s: %d, not %d", cases[i].text, found, cases[i].holds_for);
		tree__free(tree);
	}
}

TEST(test_state_names)
{
	static const struct {
		const char *names[8];
		int state;
	} rows[] = {
		{ { "established", "estab", "ESTABLISHED", "Established" }, TCP_ESTABLISHED },
		{ { "syn-sent", "SYN_SENT", "synsent", "Syn-Sent" }, TCP_SYN_SENT },
		{ { "syn-recv", "SYN_RECV", "synrecv", "syn-rcv", "SYN_RCVD" }, TCP_SYN_RECV },
		{ { "fin-wait-1", "FIN_WAIT1", "FIN-WAIT-1", "fin_wait_1", "finwait1" },
		  TCP_FIN_WAIT1 },
		{ { "fin-wait-2", "FIN_WAIT2", "finwait2" }, TCP_FIN_WAIT2 },
		{ { "time-wait", "TIME_WAIT", "timewait", "TIME-WAIT" }, TCP_TIME_WAIT },
		{ { "close", "closed", "CLOSE", "CLOSED", "unconnected", "UNCONN" }, TCP_CLOSE },
		{ { "close-wait", "CLOSE_WAIT", "closewait" }, TCP_CLOSE_WAIT },
		{ { "last-ack", "LAST_ACK", "lastack" }, TCP_LAST_ACK },
		{ { "listen", "listening", "LISTEN", "LISTENING" }, TCP_LISTEN },
		{ { "closing", "CLOSING" }, TCP_CLOSING },
		{ { "new-syn-recv", "NEW_SYN_RECV" }, TCP_NEW_SYN_RECV },
	};
	char text[64];

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t j = 0; rows[i].names[j]; j++) {
			struct tree *tree;

			snprintf(text, sizeof(text), "new %s", rows[i].names[j]);
			tree = parse(text);
			for (int state = 0; state < 256; state++) {
				struct transition tr = client;

				tr.new_state = state;
				if (holds(tree, &tr) != (state == rows[i].state))
					fail_msg("%s: %d", text, state);
			}
			tree__free(tree);
		}
	}
}

/* ss has no NEW_SYN_RECV: to it, all that is half open is in SYN-RECV. */
TEST(test_half_open)
{
	struct transition tr = client;
	struct tree *tree = parse("state syn-recv"), *exact = parse("new syn-recv");

	tr.new_state = TCP_NEW_SYN_RECV;
	assert_true(holds(tree, &tr));
	assert_false(holds(exact, &tr));
	tr.new_state = TCP_SYN_RECV;
	assert_true(holds(tree, &tr));
	assert_true(holds(exact, &tr));
	tree__free(tree);
	tree__free(exact);
}

/* Until connect() has chosen the local port, what depends on it is open, and nothing else is. */
TEST(test_local_port_not_chosen_yet)
{
	static const struct {
		const char *text;
		enum truth truth;
	} rows[] = {
		{ "sport 50000", TRUTH_OPEN },
		{ "not sport 50000", TRUTH_OPEN },
		{ "sport != 50000", TRUTH_OPEN },
		{ "src 10.1.2.3:50000", TRUTH_OPEN },
		{ "src != 10.1.2.3:50000", TRUTH_OPEN },
		{ "src 10.1.2.4:50000", TRUTH_NO },
		{ "sport 50000 and dport 443", TRUTH_OPEN },
		{ "sport 50000 and dport 444", TRUTH_NO },
		{ "dport 444 and sport 50000", TRUTH_NO },
		{ "sport 50000 or dport 443", TRUTH_YES },
		{ "sport 50000 or dport 444", TRUTH_OPEN },
		{ "dport 443 or sport 50000", TRUTH_YES },
		{ "not ( sport 50000 and dport 444 )", TRUTH_YES },
		{ "sport 1 or sport 2 and dport 443", TRUTH_OPEN },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tree *tree = parse(rows[i].text);

		if (evaluate(tree, &client, NULL) != rows[i].truth)
			fail_msg("%s", rows[i].text);
		tree__free(tree);
	}
}

RUN(cmocka_unit_test(test_what_they_say), cmocka_unit_test(test_state_names),
    cmocka_unit_test(test_half_open), cmocka_unit_test(test_local_port_not_chosen_yet))
