// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "flow.h"

#include <errno.h>

static const struct analysis_options plain = {
	.thresholds = { 5 * S, 30 * S, S, 20000, 3, 100, 100 },
};

TEST(test_nothing)
{
	struct flow flow;
	struct closers closers;

	flow__begin(&flow, &plain);
	flow__finish(&flow);
	analysis__closers(&flow.analysis, &closers);
	assert_true(!closers.here && !closers.peer && !closers.neither);
	assert_true(!flow.analysis.churn.used && !flow.analysis.totals.transitions);
	analysis__free(&flow.analysis);
}

TEST(test_a_client)
{
	struct flow flow;
	struct analysis *a = &flow.analysis;
	struct closers closers;

	flow__begin(&flow, &plain);
	flow__client(&flow, 1, 200 * US, 5 * MS);
	assert_int_equal(a->services.list[0].time_wait, 1);
	flow.now += 60 * S;
	flow__step(&flow, 1, TCP_TIME_WAIT, TCP_CLOSE, 60 * S);
	flow__finish(&flow);
	assert_int_equal(a->totals.transitions, 6);
	assert_int_equal(a->matrix[TCP_SYN_SENT][TCP_ESTABLISHED], 1);
	assert_int_equal(a->churn.total[HAPPENED_ACTIVE], 1);
	assert_int_equal(a->churn.total[HAPPENED_CLOSED], 1);
	assert_int_equal(a->churn.total[HAPPENED_FAILED], 0);
	assert_int_equal(a->connect.max, 200 * US);
	assert_int_equal(a->life.max, 5200 * US);
	assert_int_equal(a->in_state[TCP_ESTABLISHED].max, 5 * MS);
	assert_true(a->in_state[TCP_TIME_WAIT].max == 60 * S);
	assert_int_equal(a->handshake.count, 0);
	assert_int_equal(a->services.list[0].time_wait, 0);
	assert_int_equal(a->services.list[0].time_wait_most, 1);
	assert_int_equal(a->connections.count, 0);
	assert_int_equal(a->open, 0);
	analysis__closers(a, &closers);
	assert_int_equal(closers.here, 1);
	assert_true(a->last - a->first == flow.now);
	analysis__free(a);
}

TEST(test_a_server)
{
	struct flow flow;
	struct analysis *a = &flow.analysis;
	struct closers closers;

	flow__begin(&flow, &plain);
	flow__accept(&flow, 1, 30 * MS);
	flow__step(&flow, 1, TCP_ESTABLISHED, TCP_CLOSE_WAIT, 0);
	flow__step(&flow, 1, TCP_CLOSE_WAIT, TCP_LAST_ACK, 0);
	flow__step(&flow, 1, TCP_LAST_ACK, TCP_CLOSE, 0);
	flow__finish(&flow);
	assert_int_equal(a->handshake.count, 1);
	assert_int_equal(a->handshake.max, 30 * MS);
	assert_int_equal(a->connect.count, 0);
	assert_int_equal(a->churn.total[HAPPENED_PASSIVE], 1);
	assert_int_equal(a->services.list[0].half_open, 0);
	assert_int_equal(a->services.list[0].half_open_most, 1);
	assert_int_equal(a->services.list[0].brief, 1);
	analysis__closers(a, &closers);
	assert_int_equal(closers.peer, 1);
	assert_int_equal(a->connections.count, 0);
	analysis__free(a);
}

/* Two machines count their cookies up from the same number. */
TEST(test_two_hosts)
{
	struct flow flow;
	struct analysis *a = &flow.analysis;

	flow__begin(&flow, &plain);
	flow__accept(&flow, 1, 30 * MS);
	flow.tr.origin = (struct origin){ 1, 1 };
	flow__accept(&flow, 1, 30 * MS);
	flow__step(&flow, 1, TCP_ESTABLISHED, TCP_CLOSE, 0);
	flow__finish(&flow);
	assert_int_equal(a->connections.count, 1);
	assert_int_equal(a->services.used, 2);
	assert_int_equal(a->open, 1);
	analysis__free(a);
}

/* What became of it between two captures is not known. */
TEST(test_two_captures)
{
	struct flow flow;
	struct analysis *a = &flow.analysis;

	flow__begin(&flow, &plain);
	flow__accept(&flow, 1, 0);
	flow__step(&flow, 1, TCP_ESTABLISHED, TCP_CLOSE_WAIT, 0);
	flow__client(&flow, 2, 0, 0);
	flow.now += 3600 * S;
	flow.tr.origin.capture = 1;
	flow__client(&flow, 3, 0, 0);
	assert_int_equal(a->services.list[1].time_wait_most, 1);
	/* The same connection, heard of again. */
	flow__step(&flow, 1, TCP_CLOSE_WAIT, TCP_LAST_ACK, NOT_KNOWN);
	flow__step(&flow, 1, TCP_LAST_ACK, TCP_CLOSE, 0);
	flow__accept(&flow, 4, 0);
	flow__step(&flow, 4, TCP_ESTABLISHED, TCP_CLOSE_WAIT, 0);
	flow.now += 3600 * S;
	flow.tr.origin.capture = 2;
	flow__client(&flow, 5, 0, 0);
	flow__finish(&flow);
	assert_int_equal(a->programs.used, 0);
	assert_int_equal(a->open, 1);
	analysis__free(a);
}

/* Without requests, the time of the SYN is not known. */
TEST(test_no_request)
{
	struct flow flow;

	flow__begin(&flow, &plain);
	flow__step(&flow, 1, TCP_LISTEN, TCP_SYN_RECV, NOT_KNOWN);
	flow.now += MS;
	flow__step(&flow, 1, TCP_SYN_RECV, TCP_ESTABLISHED, MS);
	flow__finish(&flow);
	assert_int_equal(flow.analysis.handshake.count, 0);
	assert_int_equal(flow.analysis.services.list[0].opened, 1);
	assert_int_equal(flow.analysis.open, 1);
	analysis__free(&flow.analysis);
}

/* Listeners are no connections, and states that do not exist no indices. */
TEST(test_what_is_not_followed)
{
	struct flow flow;

	flow__begin(&flow, &plain);
	flow__step(&flow, 1, TCP_CLOSE, TCP_LISTEN, NOT_KNOWN);
	flow__step(&flow, 1, TCP_LISTEN, TCP_CLOSE, S);
	flow__step(&flow, 2, TCP_ESTABLISHED, TCP_ESTABLISHED, S);
	assert_int_equal(flow.analysis.connections.count, 0);
	flow__step(&flow, 3, 255, 200, S);
	flow__step(&flow, 3, 200, TCP_CLOSE, S);
	assert_int_equal(flow.analysis.connections.count, 0);
	assert_int_equal(flow.analysis.matrix[0][0], 1);
	assert_int_equal(flow.analysis.matrix[0][TCP_CLOSE], 1);
	/* Nobody's cookie */
	flow__step(&flow, 0, TCP_CLOSE, TCP_SYN_SENT, S);
	assert_int_equal(flow.analysis.connections.count, 0);
	flow__finish(&flow);
	analysis__free(&flow.analysis);
}

/* A beginning that was not seen, and an end. */
TEST(test_a_part_of_a_life)
{
	struct flow flow;
	struct analysis *a = &flow.analysis;

	flow__begin(&flow, &plain);
	flow__step(&flow, 1, TCP_LAST_ACK, TCP_CLOSE, MS);
	assert_int_equal(a->churn.total[HAPPENED_CLOSED], 1);
	assert_int_equal(a->connections.count, 0);
	flow__step(&flow, 2, TCP_ESTABLISHED, TCP_CLOSE_WAIT, MS);
	assert_int_equal(a->connections.count, 1);
	flow__step(&flow, 3, TCP_TIME_WAIT, TCP_CLOSE, MS);
	flow__step(&flow, 4, TCP_SYN_SENT, TCP_CLOSE, MS);
	assert_int_equal(a->services.list[0].failed, 1);
	flow__finish(&flow);
	assert_int_equal(a->open, 1);
	analysis__free(a);
}

/* A socket connects again, and leaves two stand-ins with one cookie behind. */
TEST(test_one_cookie_twice)
{
	struct flow flow;
	struct analysis *a = &flow.analysis;

	flow__begin(&flow, &plain);
	flow.tr.lport = 50000;
	flow__client(&flow, 1, MS, MS);
	flow.tr.lport = 50001;
	flow__client(&flow, 1, MS, MS);
	assert_int_equal(a->services.list[0].time_wait, 2);
	flow.tr.lport = 50000;
	flow__step(&flow, 1, TCP_TIME_WAIT, TCP_CLOSE, 60 * S);
	assert_int_equal(a->services.list[0].time_wait, 1);
	flow.tr.lport = 50001;
	flow__step(&flow, 1, TCP_TIME_WAIT, TCP_CLOSE, 60 * S);
	assert_int_equal(a->connections.count, 0);
	assert_int_equal(a->services.list[0].time_wait, 0);
	assert_int_equal(a->connect.count, 2);
	analysis__free(a);
}

/* What has no end in the stream does not fill the table. */
TEST(test_ends_that_are_missing)
{
	struct flow flow;
	struct loss loss = { .count = 1 };

	flow__begin(&flow, &plain);
	for (uint64_t cookie = 1; cookie <= 300000; cookie++) {
		flow__client(&flow, 2 * cookie, 10 * MS, 10 * MS);
		flow__step(&flow, 2 * cookie + 1, TCP_LISTEN, TCP_NEW_SYN_RECV, NOT_KNOWN);
		flow.now += 100 * MS;
	}
	/* 15 minutes of requests, at 8 a second */
	assert_in_range(flow.analysis.connections.slot_count, 8192, 32768);
	for (uint64_t cookie = 1; cookie <= 300000; cookie++) {
		flow__step(&flow, cookie << 32, TCP_SYN_SENT, TCP_ESTABLISHED, NOT_KNOWN);
		flow.now += S;
		loss.time = FLOW_START + flow.now;
		analysis__loss(&flow.analysis, &loss);
	}
	assert_in_range(flow.analysis.connections.slot_count, 8192, 32768);
	assert_int_equal(flow.analysis.totals.lost, 300000);
	analysis__free(&flow.analysis);
}

static int count_ended(void *ctx, const struct connection *connection, const struct transition *tr)
{
	unsigned int *count = ctx;

	assert_true(connection->cookie == tr->cookie);
	return ++*count == 3 ? -EIO : 0;
}

TEST(test_ended)
{
	unsigned int count = 0;
	struct analysis_options options = plain;
	struct transition last = { .cookie = 3, .old_state = TCP_LAST_ACK, .new_state = TCP_CLOSE };
	struct flow flow;

	options.ended = count_ended;
	options.ctx = &count;
	flow__begin(&flow, &options);
	flow__client(&flow, 1, MS, MS);
	flow__step(&flow, 1, TCP_TIME_WAIT, TCP_CLOSE, S);
	flow__refused(&flow, 2, ECONNREFUSED);
	assert_int_equal(count, 2);
	assert_int_equal(analysis__transition(&flow.analysis, &last), -EIO);
	analysis__free(&flow.analysis);
}

/* Whatever states follow each other: numbers may be odd, but nothing breaks. */
TEST(test_anything)
{
	static const struct analysis_options options = {
		.by = { GROUP_COMM, GROUP_LPORT },
		.by_count = 2,
	};
	uint64_t seed = 88172645463325252;
	struct flow flow;

	flow__begin(&flow, &options);
	for (unsigned int i = 0; i < 500000; i++) {
		uint64_t random = unit__random(&seed);

		flow.now += random % S;
		flow.tr.lport = random >> 40 & 3;
		flow.tr.error = random >> 44 & 127;
		flow.tr.inferred = random >> 52 & 1;
		flow.tr.owner.how = random >> 53 & 1;
		flow__step(&flow, random >> 32 & 63, random >> 10 & 15, random >> 20 & 15,
			   (int64_t)unit__random(&seed));
	}
	for (uint32_t i = 0; i < flow.analysis.services.names.count; i++)
		assert_in_range(flow.analysis.services.list[i].half_open, 0, 64);
	for (uint32_t i = 0; i < flow.analysis.groups.names.count; i++)
		assert_in_range(flow.analysis.groups.list[i].open, 0, 64);
	flow__finish(&flow);
	analysis__free(&flow.analysis);
}

RUN(cmocka_unit_test(test_nothing), cmocka_unit_test(test_a_client),
    cmocka_unit_test(test_a_server), cmocka_unit_test(test_two_hosts),
    cmocka_unit_test(test_two_captures), cmocka_unit_test(test_no_request),
    cmocka_unit_test(test_what_is_not_followed), cmocka_unit_test(test_a_part_of_a_life),
    cmocka_unit_test(test_one_cookie_twice), cmocka_unit_test(test_ends_that_are_missing),
    cmocka_unit_test(test_ended), cmocka_unit_test(test_anything))
