// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What of an expression the kernel gets to decide. That it decides right is for differential.c to
 * find out.
 */
#include "unit.h"

#include <stdlib.h>

#include "filter/expression.h"
#include "filter/pushdown.h"

static struct pushdown pushed(const char *text)
{
	struct tree *tree = tree__new();
	struct expression_error error;
	struct pushdown pushdown;

	assert_non_null(tree);
	assert_int_equal(expression__parse(text, ABOUT_TRANSITIONS, tree, &error), 0);
	assert_int_equal(pushdown__compile(&pushdown, tree), 0);
	tree__free(tree);
	return pushdown;
}

/* How many conditions it has about connections, and about rows; 0: everything passes. */
static const struct {
	const char *text;
	int connections, rows;
} cases[] = {
	{ "", 0, 0 },
	{ "sport = :443", 1, 1 },
	{ "sport = :80,443,8000-8999", 3, 3 },
	{ "family inet and dport != :443", 2, 2 },
	{ "netns 4026531840 or dport < 1024", 2, 2 },
	{ "src 10.0.0.0/8", 1, 1 },
	{ "src 10.0.0.1:443 or dst [2001:db8::]/32", 3, 3 },
	{ "pid 5", 0, 1 },
	{ "uid != 0", 0, 1 },
	{ "state close-wait", 0, 1 },
	{ "old syn-sent state_time > 200ms", 0, 2 },
	{ "life < 1s", 0, 1 },
	{ "sport = :443 pid 5", 1, 2 },
	{ "sport = :443 or pid 5", 0, 2 },

	/* What it knows nothing of may be fulfilled, and may be not. */
	{ "comm nginx", 0, 0 },
	{ "comm nginx*", 0, 0 },
	{ "cgroup /a", 0, 0 },
	{ "reason fin", 0, 0 },
	{ "not comm nginx", 0, 0 },
	{ "comm nginx sport = :443", 1, 1 },
	{ "sport = :443 comm nginx", 1, 1 },
	{ "comm nginx or sport = :443", 0, 0 },
	{ "sport = :443 or comm nginx", 0, 0 },
	{ "not ( comm nginx or sport = :443 )", 1, 1 },
	{ "not ( comm nginx and sport = :443 )", 0, 0 },
	{ "( comm nginx or sport = :443 ) dport = :80", 1, 1 },
	{ "comm nginx and sport = :443 or dport = :80", 2, 2 },
	{ "comm nginx or sport = :443 and dport = :80", 1, 1 },
	{ "not ( not ( comm nginx ) or sport = :443 ) and pid 5", 1, 2 },
};

TEST(test_conditions)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pushdown p = pushed(cases[i].text);

		if (p.connections.count != cases[i].connections || p.rows.count != cases[i].rows)
			fail_msg("%s: %d, %d", cases[i].text, p.connections.count, p.rows.count);
		assert_int_equal(p.connections.entry, p.connections.count ? 0 : FILTER_PASS);
		assert_int_equal(p.rows.entry, p.rows.count ? 0 : FILTER_PASS);
	}
}

TEST(test_fields)
{
	struct pushdown p = pushed("sport = :443 pid 5 comm nginx");

	assert_int_equal(p.connections.fields, FILTER_BIT(FILTER_LPORT));
	assert_int_equal(p.rows.fields, FILTER_BIT(FILTER_LPORT) | FILTER_BIT(FILTER_PID));
}

/* The user side waits for a local port also where the kernel does not decide by it. */
TEST(test_local_port)
{
	struct pushdown p = pushed("state syn-sent ( comm nginx or sport = :443 )");

	assert_int_equal(p.rows.count, 1);
	assert_int_equal(p.rows.fields, FILTER_BIT(FILTER_NEW) | FILTER_BIT(FILTER_LPORT));
	p = pushed("comm nginx or sport = :443");
	assert_int_equal(p.rows.fields, 0);
}

/* Rows of which states are about requests, about TIME_WAIT, or about neither. */
TEST(test_standins)
{
	static const struct {
		const char *text;
		bool requests, timewaits;
	} wanted[] = {
		{ "", true, true },
		{ "sport = :443 pid 5", true, true },
		{ "state close-wait", false, false },
		{ "state established or old syn-sent", false, false },
		{ "state time-wait", false, true },
		{ "old fin-wait-2", false, true },
		{ "old time-wait dport = :443", false, true },
		{ "state new-syn-recv", true, false },
		{ "new syn-recv", true, false },
		{ "old listening", true, false },
		{ "state closed", true, true },
		{ "state close-wait or comm nginx", true, true },
		{ "not ( exclude close-wait )", false, false },
	};

	for (size_t i = 0; i < COUNT(wanted); i++) {
		struct pushdown p = pushed(wanted[i].text);

		if (p.requests != wanted[i].requests || p.timewaits != wanted[i].timewaits)
			fail_msg("%s: %d, %d", wanted[i].text, p.requests, p.timewaits);
	}
}

TEST(test_strangers)
{
	assert_false(pushed("pid 5").strangers);
	assert_false(pushed("pid != 5").strangers);
	assert_false(pushed("sport = :443 or uid 0").strangers);
	assert_true(pushed("not pid 5").strangers);
	assert_true(pushed("sport = :443 or not uid 0").strangers);
	assert_true(pushed("not ( pid != 5 )").strangers);
	assert_false(pushed("not not pid 5").strangers);
}

/* Forward, or the kernel would refuse it. */
TEST(test_jumps)
{
	struct pushdown p = pushed("( sport 1 or dport 2 ) not ( src 10/8 pid 1,2 or old listen )");

	assert_int_equal(p.rows.count, 6);
	for (unsigned int i = 0; i < p.rows.count; i++) {
		const struct filter_node *node = &p.rows.nodes[i];

		assert_true(node->in > i && node->out > i && node->unknown > i && node->open > i);
	}
}

/* As many as there is room for, and one more. */
TEST(test_too_large)
{
	struct pushdown p;
	char text[1024], *end;

	for (int count = FILTER_NODES; count <= FILTER_NODES + 1; count++) {
		end = stpcpy(text, "sport = 1");
		for (int i = 1; i < count; i++)
			end += sprintf(end, ",%d", 1 + 2 * i);
		p = pushed(text);
		assert_int_equal(p.too_large, count > FILTER_NODES);
		assert_int_equal(p.rows.count, p.too_large ? 0 : FILTER_NODES);
		assert_int_equal(p.connections.entry, p.too_large ? FILTER_PASS : 0);
	}
}

/* Far more than there will ever be room for. */
TEST(test_huge)
{
	static char text[60000];
	char *end = stpcpy(text, "sport 1");

	while (end < text + sizeof(text) - 20)
		end = stpcpy(end, " or sport 1");
	assert_true(pushed(text).too_large);
}

RUN(cmocka_unit_test(test_conditions), cmocka_unit_test(test_fields),
    cmocka_unit_test(test_local_port), cmocka_unit_test(test_standins),
    cmocka_unit_test(test_strangers), cmocka_unit_test(test_jumps),
    cmocka_unit_test(test_too_large), cmocka_unit_test(test_huge))
