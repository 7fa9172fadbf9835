// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The numbers of `tcpflux stat` are those of a walk over all sockets, whatever happened before. */
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "crowd.h"
#include "kcount.h"
#include "load.h"
#include "net.h"
#include "numbers.h"
#include "suite.h"

#define PORT 7300

/* Transitions; a slow machine takes its time for fewer. */
#define ENOUGH (suite__patience(1) > 1 ? 30000 : 900000)

/* All there is was there before. */
static void found_at_the_start(void)
{
	static struct crowd crowd;
	struct trace t;

	crowd__open_on_wire(&crowd);
	crowd__open(&crowd);
	crowd__must_be_there();
	t = numbers__start("-N", "self");
	numbers__must_agree(&t);
	/* The first census has gone ahead of others' work; what comes then does not. */
	must(getpriority(PRIO_PROCESS, t.pid) == getpriority(PRIO_PROCESS, 0));
	crowd__close(&crowd);
	numbers__must_agree(&t);
	numbers__must_not_drift(trace__stop(&t), 0);
}

static void counted(void)
{
	static struct crowd crowd;
	struct trace t = numbers__start("-N", "self");

	crowd__open_on_wire(&crowd);
	crowd__open(&crowd);
	crowd__must_be_there();
	numbers__must_agree(&t);
	crowd__close(&crowd);
	numbers__must_agree(&t);
	numbers__must_not_drift(trace__stop(&t), 0);
}

/* With what was there before, and is there afterwards. */
static void churn(void)
{
	static struct crowd crowd;
	struct kcount *kernel, *in_init;
	const struct capture *c;
	uint64_t count, hidden, transitions, lost;
	struct load load;
	struct trace t;

	crowd__open(&crowd);
	t = numbers__start("-N", "self");
	kernel = kcount__start(LOAD_FILTER);
	in_init = kcount__start_in_init(LOAD_FILTER);
	load = load__start(ENOUGH / 9 / LOAD_CLIENTS);
	for (int i = 0; i < LOAD_CLIENTS; i++) {
		peer__end(&load.client[i]);
		peer__end(&load.server[i]);
	}
	suite__nap_us(200000);
	count = kcount__stop(kernel);
	hidden = kcount__stop(in_init);
	if (!hidden)
		numbers__must_agree(&t);
	c = trace__stop(&t);
	transitions = numbers__of_summary(c, "transitions");
	lost = numbers__of_summary(c, "lost");
	suite__diag("%llu transitions happened, %llu were counted, %llu lost; BPF may not have "
		    "seen %llu",
		    (unsigned long long)count, (unsigned long long)transitions,
		    (unsigned long long)lost, (unsigned long long)hidden);
	must(transitions + lost >= count - hidden);
	must(transitions <= count + 10); /* on the wire, too, connections end */
	numbers__must_not_drift(c, hidden);
}

/*
 * Where softirqs interrupt lanes much more often, one must not take another's mark for its own.
 * What the kernel calls no tracepoint for only a census can tell.
 */
static void steered(void)
{
	const uint64_t each = ENOUGH / 9 / LOAD_CLIENTS;
	struct kcount *outer = kcount__start(NULL), *inner;
	struct trace t = numbers__start();
	uint64_t at_least, at_most, uncalled, transitions;
	const struct capture *c;
	struct load load;

	inner = kcount__start(LOAD_FILTER);
	net__steer_packets();
	load = load__start(each);
	load__finish(&load);
	at_least = kcount__stop(inner);
	uncalled = load__uncalled(each, at_least);
	c = trace__stop(&t);
	at_most = kcount__stop(outer);
	transitions = numbers__of_summary(c, "transitions");
	suite__diag(
		"%llu to %llu happened, %llu were counted, %llu lost; drift %llu; no tracepoint "
		"was called for %llu",
		(unsigned long long)at_least, (unsigned long long)at_most,
		(unsigned long long)transitions, (unsigned long long)numbers__of_summary(c, "lost"),
		(unsigned long long)numbers__of_summary(c, "drift"), (unsigned long long)uncalled);
	must(transitions >= at_least && transitions <= at_most);
	must(!numbers__of_summary(c, "lost"));
	numbers__must_not_drift(c, uncalled);
}

/* The first census and the last are taken while sockets open and close. */
static void census_during_churn(void)
{
	int rounds = suite__patience(1) > 1 ? 2 : 5;
	static struct crowd crowd;
	struct load load;

	crowd__open(&crowd);
	load = load__start(UINT64_MAX);
	for (int i = 0; i < rounds; i++) {
		struct kcount *in_init = kcount__start_in_init(LOAD_FILTER);
		struct trace t = numbers__start("-N", "self");
		const struct capture *c;

		suite__nap_us(300000);
		c = trace__stop(&t);
		must(numbers__of_summary(c, "transitions") > 1000);
		numbers__must_not_drift(c, kcount__stop(in_init));
	}
	*load.stop = 1;
	for (int i = 0; i < LOAD_CLIENTS; i++) {
		peer__end(&load.client[i]);
		peer__end(&load.server[i]);
	}
}

/* Its subflows are TCP, and are counted once. */
static void mptcp(void)
{
	int listener = net__mptcp_socket(), early = net__mptcp_socket(), late = net__mptcp_socket();
	int early_server, late_server;
	struct trace t;

	net__listen_on(listener, "127.0.0.1", PORT);
	must(!net__try_connect(early, "127.0.0.1", PORT));
	early_server = net__accept(listener);
	t = numbers__start("-N", "self");
	must(!net__try_connect(late, "127.0.0.1", PORT));
	late_server = net__accept(listener);
	numbers__must_agree(&t);
	close(early);
	close(late_server);
	numbers__must_agree(&t);
	close(early_server);
	close(late);
	close(listener);
	numbers__must_agree(&t);
	numbers__must_not_drift(trace__stop(&t), 0);
}

/* An orphan that comes from MPTCP's listener, whose peer has yet to close. */
static void mptcp_orphan(void)
{
	int listener = net__mptcp_socket(), client;
	struct trace t;

	net__listen_on(listener, "127.0.0.1", PORT);
	client = net__connect("127.0.0.1", PORT);
	t = numbers__start("-N", "self");
	close(net__accept(listener));
	net__wait_count(PORT, TCP_FIN_WAIT2, 1);
	numbers__must_agree(&t);
	close(client);
	numbers__must_agree(&t);
	numbers__must_not_drift(trace__stop(&t), 0);
}

/* Nothing is lost meanwhile: nothing waits to be read. */
static void stopped(void)
{
	struct kcount *in_init = kcount__start_in_init(LOAD_FILTER);
	struct trace t = numbers__start("-N", "self");
	uint64_t hidden;
	struct load load;

	must(!kill(t.pid, SIGSTOP));
	load = load__start(1000);
	load__finish(&load);
	hidden = kcount__stop(in_init);
	must(!kill(t.pid, SIGCONT));
	if (!hidden)
		numbers__must_agree(&t);
	numbers__must_not_drift(trace__stop(&t), hidden);
}

SUITE(TEST(found_at_the_start), TEST(counted), TEST(churn), TEST(steered),
      TEST(census_during_churn), TEST(mptcp), TEST(mptcp_orphan), TEST(stopped))
