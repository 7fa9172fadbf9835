// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Half-open connections in the numbers of `tcpflux stat`: they are in the queues of listeners. */
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "net.h"
#include "numbers.h"
#include "peer.h"
#include "suite.h"
#include "wire.h"

#define PORT 7300

/* More than the table of those that may have half-open connections has room for. */
#define TOO_MANY 33000
#define HOLDERS	 2

static void be_holder(const struct peer *parent, const void *arg)
{
	struct rlimit limit;
	char address[32];

	must(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = limit.rlim_max;
	must(!setrlimit(RLIMIT_NOFILE, &limit));
	for (unsigned int i = 0; i < TOO_MANY / HOLDERS; i++) {
		snprintf(address, sizeof(address), "127.1.%u.%u", i / 250, 1 + i % 250);
		net__listen(address, *(const unsigned int *)arg);
	}
	peer__tell(parent, 0);
	peer__hear(parent);
}

static void too_many_listeners(void)
{
	struct peer holder[HOLDERS];
	const struct capture *c;
	struct trace t;

	if (suite__patience(1) > 1)
		suite__skip("%d listeners take too long here", TOO_MANY);
	for (int i = 0; i < HOLDERS; i++)
		holder[i] = peer__start("holder", be_holder, &(unsigned int){ PORT + i });
	for (int i = 0; i < HOLDERS; i++)
		peer__hear(&holder[i]);
	t = numbers__start("-v", "-N", "self");
	numbers__must_agree(&t);
	for (int i = 0; i < HOLDERS; i++) {
		peer__tell(&holder[i], 0);
		peer__end(&holder[i]);
	}
	c = trace__stop(&t);
	must(strstr(c->err, ": 232 listeners too many"));
	numbers__must_not_drift(c, 0);
}

/* Half-open connections of a listener that has closed before the start, until their next timer. */
static void listener_gone_before(void)
{
	struct wire wire = wire__open();
	int listener = net__listen(WIRE_HOST, PORT);
	const struct capture *c;
	struct trace t;

	wire__half_open(&wire, PORT, 40000);
	wire__expect(&wire, SYN | ACK); /* sent again: the next time takes two seconds */
	close(listener);
	t = numbers__start("-N", "self");
	c = trace__stop(&t);
	if (numbers__walked().state[TCP_SYN_RECV])
		must(strstr(c->out, "\"SYN_RECV\":1,"));
	else
		suite__skip("too slow");
	numbers__must_not_drift(c, 0);
}

/* Enough to get the memory of a listener that has gone. */
#define HEIRS 400

/* A namespace that does not count, where listeners have half-open connections. */
static void be_heir(const struct peer *parent, const void *arg)
{
	struct wire wire;

	(void)arg;
	net__enter_new();
	wire = wire__open();
	for (int i = 0; i < HEIRS; i++) {
		net__listen(WIRE_HOST, PORT + i);
		wire__half_open(&wire, PORT + i, 40000);
	}
	peer__tell(parent, 0);
	peer__hear(parent);
}

/* Nobody looks while a listener that had half-open connections becomes another namespace's. */
static void listener_gone_unseen(void)
{
	struct wire wire = wire__open();
	struct trace t = numbers__start("-N", "self");
	struct peer heir;
	cpu_set_t one;
	int listener;

	/* What is freed is taken again on the same one. */
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	must(!sched_setaffinity(0, sizeof(one), &one));
	listener = net__listen(WIRE_HOST, PORT);
	wire__half_open(&wire, PORT, 40000);
	must(!kill(t.pid, SIGSTOP));
	close(listener);
	wait_until(!numbers__walked().state[TCP_SYN_RECV]);
	suite__nap_us(200000);
	heir = peer__start("heir", be_heir, NULL);
	peer__hear(&heir);
	must(!kill(t.pid, SIGCONT));
	numbers__must_agree(&t);
	peer__tell(&heir, 0);
	peer__end(&heir);
	numbers__must_not_drift(trace__stop(&t), 0);
}

SUITE(TEST(too_many_listeners), TEST(listener_gone_before), TEST(listener_gone_unseen))
