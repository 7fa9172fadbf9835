// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "flow.h"

#include <errno.h>

static const struct group *group(const struct flow *flow, uint32_t number)
{
	assert_in_range(number, 0, flow->analysis.groups.names.count - 1);
	return &flow->analysis.groups.list[number];
}

static const struct group_name *name(const struct flow *flow, uint32_t number)
{
	return groups__name(&flow->analysis.groups, number);
}

TEST(test_by_program)
{
	static const struct analysis_options options = { .by = { GROUP_COMM }, .by_count = 1 };
	struct flow flow;

	flow__begin(&flow, &options);
	flow.tr.bytes_sent = 100;
	flow.tr.bytes_received = 1000;
	flow.tr.retransmits = 1;
	flow__client(&flow, 1, MS, 2 * MS);
	flow__program(&flow, 8, "wget");
	flow__client(&flow, 2, 2 * MS, 3 * MS);
	flow__refused(&flow, 3, ECONNREFUSED);
	flow__program(&flow, 9, "curl"); /* another process of the first */
	flow__client(&flow, 4, 3 * MS, 4 * MS);
	flow__finish(&flow);
	assert_int_equal(flow.analysis.groups.names.count, 2);
	assert_string_equal(name(&flow, 0)->comm, "curl");
	assert_int_equal(name(&flow, 0)->pid, 0);
	assert_int_equal(group(&flow, 0)->connections, 2);
	assert_int_equal(group(&flow, 0)->active, 2);
	assert_int_equal(group(&flow, 0)->closed, 2);
	assert_int_equal(group(&flow, 0)->bytes_sent, 200);
	assert_int_equal(group(&flow, 0)->bytes_received, 2000);
	assert_int_equal(group(&flow, 0)->retransmits, 2);
	assert_int_equal(group(&flow, 0)->connect.max, 3 * MS);
	assert_int_equal(group(&flow, 0)->life.max, 7 * MS);
	assert_int_equal(group(&flow, 0)->open_most, 1);
	assert_int_equal(reasons__count(&group(&flow, 0)->ended, "fin"), 2);
	assert_string_equal(name(&flow, 1)->comm, "wget");
	assert_int_equal(group(&flow, 1)->failed, 1);
	assert_int_equal(group(&flow, 1)->closed, 1);
	assert_int_equal(reasons__count(&group(&flow, 1)->why_failed, "refused"), 1);
	assert_int_equal(reasons__count(&group(&flow, 1)->why_failed, "timeout"), 0);
	analysis__free(&flow.analysis);
}

/* Accepted by a worker, a connection is the worker's, and no more the listener's. */
TEST(test_a_connection_moves)
{
	static const struct analysis_options options = { .by = { GROUP_PID }, .by_count = 1 };
	struct flow flow;

	flow__begin(&flow, &options);
	for (uint64_t cookie = 1; cookie <= 3; cookie++)
		flow__accept(&flow, cookie, MS);
	flow__program(&flow, 8, "worker");
	flow__step(&flow, 1, TCP_ESTABLISHED, TCP_CLOSE_WAIT, MS);
	flow__step(&flow, 2, TCP_ESTABLISHED, TCP_CLOSE_WAIT, MS);
	assert_int_equal(group(&flow, 0)->open, 1);
	assert_int_equal(group(&flow, 1)->open, 2);
	flow__step(&flow, 1, TCP_CLOSE_WAIT, TCP_CLOSE, MS);
	assert_int_equal(group(&flow, 1)->open, 1);
	flow__finish(&flow);
	assert_int_equal(group(&flow, 0)->connections, 1);
	assert_int_equal(group(&flow, 0)->left, 1);
	assert_int_equal(group(&flow, 0)->open_most, 3);
	assert_int_equal(group(&flow, 1)->connections, 2);
	assert_int_equal(group(&flow, 1)->passive, 2);
	assert_int_equal(group(&flow, 1)->left, 1);
	assert_int_equal(group(&flow, 1)->closed, 1);
	assert_int_equal(group(&flow, 1)->open_most, 2);
	assert_int_equal(group(&flow, 1)->handshake.count, 2);
	analysis__free(&flow.analysis);
}

TEST(test_several_keys)
{
	static const struct analysis_options options = {
		.by = { GROUP_RPORT, GROUP_RADDR, GROUP_LPORT, GROUP_NETNS },
		.by_count = 4,
	};
	struct flow flow;

	flow__begin(&flow, &options);
	flow.tr.rport = 80;
	flow.tr.lport = 1;
	flow__client(&flow, 1, MS, MS);
	flow.tr.rport = 443;
	flow__client(&flow, 2, MS, MS);
	flow.tr.netns = 2;
	flow__client(&flow, 3, MS, MS);
	flow__client(&flow, 4, MS, MS);
	flow__finish(&flow);
	assert_int_equal(flow.analysis.groups.names.count, 3);
	assert_int_equal(name(&flow, 2)->rport, 443);
	assert_int_equal(name(&flow, 2)->lport, 1);
	assert_int_equal(name(&flow, 2)->netns, 2);
	assert_int_equal(name(&flow, 2)->family, 4);
	assert_int_equal(group(&flow, 2)->connections, 2);
	analysis__free(&flow.analysis);
}

TEST(test_cgroups)
{
	static const struct analysis_options options = { .by = { GROUP_CGROUP }, .by_count = 1 };
	const struct groups *groups;
	struct flow flow;

	flow__begin(&flow, &options);
	groups = &flow.analysis.groups;
	flow.tr.owner.cgroup = "/a";
	flow__client(&flow, 1, MS, MS);
	flow.tr.owner.cgroup = "/b";
	flow__client(&flow, 2, MS, MS);
	flow.tr.owner.cgroup = NULL;
	flow__client(&flow, 3, MS, MS);
	flow.tr.owner.how = OWNER_UNKNOWN;
	flow__client(&flow, 4, MS, MS);
	flow__finish(&flow);
	assert_int_equal(groups->names.count, 4);
	assert_string_equal(groups__cgroup(groups, name(&flow, 0)), "/a");
	assert_string_equal(groups__cgroup(groups, name(&flow, 1)), "/b");
	assert_null(groups__cgroup(groups, name(&flow, 2)));
	assert_null(groups__cgroup(groups, name(&flow, 3)));
	assert_true(name(&flow, 2)->owned && !name(&flow, 3)->owned);
	analysis__free(&flow.analysis);
}

/* More kinds of reasons than there is room for are counted all the same. */
TEST(test_reasons)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };
	struct reasons reasons = {};
	uint64_t sum = 0;

	for (unsigned int i = 0; i < 100; i++)
		reasons__add(&reasons, names[i % COUNT(names)]);
	assert_int_equal(reasons__count(&reasons, "a"), 10);
	assert_int_equal(reasons__count(&reasons, "j"), 0);
	for (unsigned int i = 0; reasons.kind[i].name; i++)
		sum += reasons.kind[i].count;
	assert_int_equal(sum, 100);
	assert_int_equal(reasons__count(&reasons, "other"), 30);
}

RUN(cmocka_unit_test(test_by_program), cmocka_unit_test(test_a_connection_moves),
    cmocka_unit_test(test_several_keys), cmocka_unit_test(test_cgroups),
    cmocka_unit_test(test_reasons))
