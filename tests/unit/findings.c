// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "flow.h"

#include <errno.h>

#include "analysis/findings.h"

static const struct analysis_options plain = {
	.thresholds = { .close_wait_ns = 5 * S,
			.fin_wait_ns = 30 * S,
			.slow_connect_ns = S,
			.time_wait = 50,
			.failed = 3,
			.half_open = 10,
			.brief = 10 },
};

static struct flow flow;
static struct findings findings;

static int begin(void **state)
{
	(void)state;
	flow__begin(&flow, &plain);
	return 0;
}

static int end(void **state)
{
	(void)state;
	findings__free(&findings);
	analysis__free(&flow.analysis);
	return 0;
}

static void expect(size_t count)
{
	flow__finish(&flow);
	assert_int_equal(findings__make(&findings, &flow.analysis), 0);
	assert_int_equal(findings.count, count);
}

static void expect_one(enum finding_kind kind, const char *evidence)
{
	char text[512];

	expect(1);
	assert_int_equal(findings.list[0].kind, kind);
	finding__evidence(&findings.list[0], text, sizeof(text));
	assert_string_equal(text, evidence);
}

/* The stream goes on for so long. */
static void wait_for(uint64_t ns)
{
	flow.now += ns;
	flow__step(&flow, 1000, TCP_CLOSE, TCP_LISTEN, NOT_KNOWN);
}

TEST(test_quiet)
{
	flow__refused(&flow, 1, ECONNREFUSED);
	flow__refused(&flow, 2, ECONNREFUSED);
	for (uint64_t cookie = 3; cookie < 40; cookie++)
		flow__client(&flow, cookie, MS, 2 * MS);
	flow__accept(&flow, 50, MS);
	flow__step(&flow, 50, TCP_ESTABLISHED, TCP_CLOSE_WAIT, 10 * MS);
	wait_for(4 * S);
	expect(0);
}

/* One after another, looks say what is so now, and count nothing twice. */
static void look(uint64_t ns, const char *evidence)
{
	char text[512] = "";

	flow.now += ns;
	assert_int_equal(analysis__look(&flow.analysis, FLOW_START + flow.now), 0);
	findings__free(&findings);
	assert_int_equal(findings__make(&findings, &flow.analysis), 0);
	assert_int_equal(findings.count, evidence != NULL);
	if (evidence)
		finding__evidence(&findings.list[0], text, sizeof(text));
	assert_string_equal(text, evidence ?: "");
}

TEST(test_looks)
{
	flow__accept(&flow, 1, MS);
	flow__step(&flow, 1, TCP_ESTABLISHED, TCP_CLOSE_WAIT, MS);
	look(4 * S, NULL);
	assert_int_equal(flow.analysis.open, 1);
	look(S, "1 socket, up to 5.00s, 1 of them still there now");
	look(S, "1 socket, up to 6.00s, 1 of them still there now");
	flow__step(&flow, 1, TCP_CLOSE_WAIT, TCP_CLOSE, 6 * S);
	look(S, "1 socket, up to 6.00s, 0 of them still there now");
	assert_int_equal(flow.analysis.open, 0);
	analysis__forget_past(&flow.analysis);
	look(S, NULL);
}

/* What is half open stays so when the past is forgotten, and ends as it should. */
TEST(test_forget_past)
{
	for (uint64_t cookie = 1; cookie <= 12; cookie++)
		flow__step(&flow, cookie, TCP_LISTEN, TCP_NEW_SYN_RECV, NOT_KNOWN);
	look(2 * S, "12 of 12 handshakes, 12 half open at once, 12 still now");
	analysis__forget_past(&flow.analysis);
	look(S, "12 of 12 handshakes, 12 half open at once, 12 still now");
	for (uint64_t cookie = 1; cookie <= 12; cookie++)
		flow__step(&flow, cookie, TCP_NEW_SYN_RECV, TCP_SYN_RECV, 3 * S);
	look(S, NULL);
}

/* Where there are too many services, the connections of further ones are nobody's. */
TEST(test_many_services)
{
	flow.analysis.options.services_most = 2;
	for (uint16_t port = 1; port <= 5; port++) {
		flow.tr.rport = port;
		for (unsigned int i = 0; i < 3; i++)
			flow__refused(&flow, 10 * port + i, ECONNREFUSED);
	}
	assert_int_equal(flow.analysis.services.used, 2);
	expect(2);
}

TEST(test_close_wait)
{
	flow__accept(&flow, 1, MS);
	flow__accept(&flow, 2, MS);
	flow__program(&flow, 9, "leaky");
	flow__step(&flow, 1, TCP_ESTABLISHED, TCP_CLOSE_WAIT, 10 * MS);
	flow__step(&flow, 2, TCP_ESTABLISHED, TCP_CLOSE_WAIT, 10 * MS);
	flow.now += 6 * S;
	flow__step(&flow, 2, TCP_CLOSE_WAIT, TCP_LAST_ACK, 6 * S);
	flow.now += S;
	flow__step(&flow, 2, TCP_LAST_ACK, TCP_CLOSE, S);
	expect_one(FINDING_CLOSE_WAIT, "2 sockets, up to 7.00s, 1 of them still there at the end");
	assert_string_equal(findings.list[0].comm, "leaky");
}

TEST(test_ports)
{
	for (uint64_t cookie = 1; cookie <= 49; cookie++)
		flow__client(&flow, cookie, MS, 2 * MS);
	flow__step(&flow, 1, TCP_TIME_WAIT, TCP_CLOSE, 60 * S);
	flow.tr.rport = 443; /* another service */
	flow__client(&flow, 50, MS, 2 * MS);
	flow.tr.rport = 0;
	flow__client(&flow, 51, MS, 2 * MS);
	flow__client(&flow, 52, MS, 2 * MS);
	expect_one(FINDING_PORTS,
		   "50 sockets in TIME_WAIT at once, 0 of 51 connects found no free port");
	assert_int_equal(findings.list[0].where->port, 0);
}

/* A connect() without a port did not fail at the other end. */
TEST(test_no_port)
{
	flow.tr.lport = 0;
	flow__refused(&flow, 1, 0);
	expect_one(FINDING_PORTS,
		   "0 sockets in TIME_WAIT at once, 1 of 1 connects found no free port");
}

TEST(test_connect)
{
	flow.tr.rport = 81;
	flow__refused(&flow, 1, ECONNREFUSED);
	flow__refused(&flow, 2, ECONNREFUSED);
	flow__refused(&flow, 3, ETIMEDOUT);
	flow__client(&flow, 4, MS, 2 * MS);
	expect_one(FINDING_CONNECT, "3 of 4 connects: refused 2, timeout 1");
	assert_int_equal(findings.list[0].where->port, 81);
	assert_int_equal(findings.list[0].where->role, ROLE_ACTIVE);
}

TEST(test_half_open)
{
	flow.tr.lport = 80;
	for (uint64_t cookie = 1; cookie <= 8; cookie++)
		flow__step(&flow, cookie, TCP_LISTEN, TCP_NEW_SYN_RECV, NOT_KNOWN);
	flow.tr.error = ETIMEDOUT;
	for (uint64_t cookie = 1; cookie <= 6; cookie++)
		flow__step(&flow, cookie, TCP_NEW_SYN_RECV, TCP_CLOSE, 63 * S);
	for (uint64_t cookie = 11; cookie <= 12; cookie++)
		flow__step(&flow, cookie, TCP_LISTEN, TCP_NEW_SYN_RECV, NOT_KNOWN);
	flow__accept(&flow, 20, MS);
	wait_for(S);
	/* These have only just begun. */
	for (uint64_t cookie = 31; cookie <= 39; cookie++)
		flow__step(&flow, cookie, TCP_LISTEN, TCP_NEW_SYN_RECV, NOT_KNOWN);
	expect_one(FINDING_HALF_OPEN,
		   "10 of 20 handshakes, 13 half open at once, 4 still at the end: "
		   "timeout 6");
	assert_int_equal(findings.list[0].where->port, 80);
	assert_int_equal(findings.list[0].where->role, ROLE_PASSIVE);
}

TEST(test_brief)
{
	for (uint64_t cookie = 1; cookie <= 9; cookie++)
		flow__client(&flow, cookie, 2 * MS, 2 * MS);
	for (uint64_t cookie = 10; cookie <= 19; cookie++)
		flow__client(&flow, cookie, 2 * MS, MS);
	expect_one(FINDING_BRIEF, "10 of 19 connections");
}

TEST(test_fin_wait)
{
	flow__step(&flow, 1, TCP_ESTABLISHED, TCP_FIN_WAIT1, S);
	flow__step(&flow, 1, TCP_FIN_WAIT1, TCP_FIN_WAIT2, MS);
	wait_for(31 * S);
	expect_one(FINDING_FIN_WAIT, "1 socket, up to 31.0s, 1 of them still there at the end");
	assert_string_equal(findings.list[0].comm, "curl");
}

TEST(test_slow)
{
	flow__client(&flow, 1, 3 * S, S);
	flow__client(&flow, 2, S - 1, S);
	flow__client(&flow, 3, S, S);
	expect_one(FINDING_SLOW, "2 of 3 connects, up to 3.00s");
}

/* By their kind, the worst first. */
TEST(test_order)
{
	for (uint64_t cookie = 1; cookie <= 3; cookie++)
		flow__refused(&flow, cookie, ECONNREFUSED);
	flow.tr.rport = 81;
	for (uint64_t cookie = 1; cookie <= 4; cookie++)
		flow__refused(&flow, cookie, ECONNREFUSED);
	flow__step(&flow, 5, TCP_ESTABLISHED, TCP_CLOSE_WAIT, S);
	wait_for(10 * S);
	expect(3);
	assert_int_equal(findings.list[0].kind, FINDING_CLOSE_WAIT);
	assert_int_equal(findings.list[1].where->port, 81);
	assert_int_equal(findings.list[2].where->port, 0);
	for (enum finding_kind kind = 0; kind < FINDING_KINDS; kind++)
		assert_true(*finding_kind__name(kind) && *finding_kind__title(kind) &&
			    *finding_kind__meaning(kind));
}

#define FOUND(test) cmocka_unit_test_setup_teardown(test, begin, end)

RUN(FOUND(test_quiet), FOUND(test_looks), FOUND(test_forget_past), FOUND(test_many_services),
    FOUND(test_close_wait), FOUND(test_ports), FOUND(test_no_port), FOUND(test_connect),
    FOUND(test_half_open), FOUND(test_brief), FOUND(test_fin_wait), FOUND(test_slow),
    FOUND(test_order))
