// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The numbers of `tcpflux stat` are those of a walk over all sockets, whatever happened before. */
#include <linux/capability.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kcount.h"
#include "load.h"
#include "net.h"
#include "numbers.h"
#include "rights.h"
#include "suite.h"
#include "wire.h"

#define LISTENERS  20
#define PAIRS	   100
#define TIME_WAITS 30
#define HALF_OPEN  5
#define PORT	   7300

/* Transitions; a slow machine takes its time for fewer. */
#define ENOUGH (suite__patience(1) > 1 ? 30000 : 900000)

/* Sockets of every state, of which some are not the processes' any more. */
struct crowd {
	struct wire wire;
	int listener[LISTENERS];
	struct pair pair[PAIRS];
	struct pair half_closed; /* CLOSE_WAIT and FIN_WAIT2 */
	struct pair orphaned;	 /* CLOSE_WAIT and an orphan's FIN_WAIT2 */
	int syn_sent, closing;
};

static void leave_time_wait(const char *address)
{
	struct pair p = net__pair(address);

	net__close_in_order(&p);
}

/* The peer is a TUN device that acknowledges nothing any more. */
static void open_on_wire(struct crowd *crowd)
{
	struct wire *wire = &crowd->wire;
	int fd;

	fd = wire__connected(wire, 80); /* FIN_WAIT1 */
	close(fd);
	wire__expect(wire, FIN | ACK);
	fd = wire__connected(wire, 81); /* LAST_ACK */
	wire__send(wire, FIN | ACK, 0);
	net__wait_state(fd, TCP_CLOSE_WAIT);
	close(fd);
	wire__expect(wire, FIN | ACK);
	crowd->closing = wire__connected(wire, 82);
	must(!shutdown(crowd->closing, SHUT_WR));
	wire__expect(wire, FIN | ACK);
	wire__send_ack(wire, FIN | ACK, 0, wire->ack - 1);
	net__wait_state(crowd->closing, TCP_CLOSING);
	crowd->syn_sent = net__socket(AF_INET);
	net__nonblocking(crowd->syn_sent);
	must(net__try_connect(crowd->syn_sent, WIRE_PEER, 83) == EINPROGRESS);
	wire__drain(wire);
	for (int i = 0; i < HALF_OPEN; i++)
		wire__half_open(wire, PORT, 40000 + i);
}

/* All but what takes a peer that keeps silent. */
static void crowd__open(struct crowd *crowd)
{
	for (int i = 1; i < LISTENERS; i++)
		crowd->listener[i] = net__listen(i % 2 ? "127.0.0.1" : "::1", PORT + i);
	for (int i = 0; i < PAIRS; i++) {
		crowd->pair[i] = net__pair(i % 2 ? "127.0.0.1" : "::1");
		close(crowd->pair[i].listener);
	}
	for (int i = 0; i < TIME_WAITS; i++)
		leave_time_wait(i % 2 ? "127.0.0.1" : "::1");
	crowd->half_closed = net__pair("127.0.0.1");
	must(!shutdown(crowd->half_closed.client, SHUT_WR));
	net__wait_state(crowd->half_closed.client, TCP_FIN_WAIT2);
	crowd->orphaned = net__pair("127.0.0.1");
	close(crowd->orphaned.client);
	/* The ACK may be delayed. */
	net__wait_count(crowd->orphaned.client_port, TCP_FIN_WAIT2, 1);
}

static void crowd__open_on_wire(struct crowd *crowd)
{
	crowd->wire = wire__open();
	crowd->listener[0] = net__listen(WIRE_HOST, PORT);
	open_on_wire(crowd);
}

/* Are there some in each state? */
static void crowd__must_be_there(void)
{
	struct numbers there = numbers__walked();

	for (int state = 1; state < NUMBERS_STATES; state++)
		must(there.state[state] || state == TCP_CLOSE);
	must(there.state[TCP_FIN_WAIT2] == 2 && there.state[TCP_CLOSE_WAIT] == 2);
	must(there.state[TCP_SYN_RECV] == HALF_OPEN);
}

static void crowd__close(struct crowd *crowd)
{
	close(crowd->half_closed.server);
	close(crowd->orphaned.server);
	close(crowd->half_closed.client);
	for (int i = 0; i < PAIRS; i++) {
		close(crowd->pair[i].client);
		close(crowd->pair[i].server);
	}
	/* The first one has half-open connections. */
	for (int i = 0; i < LISTENERS; i += 2)
		close(crowd->listener[i]);
	close(crowd->half_closed.listener);
	close(crowd->orphaned.listener);
	close(crowd->syn_sent);
	close(crowd->closing);
}

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

/* A process in a namespace of its own, which ends with it. */
static void be_elsewhere(const struct peer *parent, const void *arg)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));

	(void)arg;
	must(crowd);
	net__enter_new();
	crowd__open(crowd);
	/* The namespace stays, unreachable, as long as what ends on the wire. */
	if (!access("/dev/net/tun", F_OK))
		crowd__open_on_wire(crowd);
	peer__tell(parent, 0);
	peer__hear(parent);
}

/* One namespace goes whose sockets were there at the start, and one that came since. */
static void namespaces(void)
{
	struct kcount *in_init = kcount__start_in_init(NULL);
	struct peer early = peer__start("early", be_elsewhere, NULL), late;
	struct trace t;

	peer__hear(&early);
	t = numbers__start();
	late = peer__start("late", be_elsewhere, NULL);
	peer__hear(&late);
	peer__tell(&early, 0);
	peer__end(&early);
	peer__tell(&late, 0);
	peer__end(&late);
	suite__nap_us(500000);
	numbers__must_not_drift(trace__stop(&t), kcount__stop(in_init));
}

/* The only one that counts goes, and leaves sockets that end on the wire. */
static void only_namespace(void)
{
	struct kcount *in_init = kcount__start_in_init(NULL);
	struct peer peer = peer__start("only", be_elsewhere, NULL);
	char inode[16];
	struct trace t;
	int left;

	peer__hear(&peer);
	left = net__join(peer.pid);
	snprintf(inode, sizeof(inode), "%llu", (unsigned long long)net__inode());
	net__return(left);
	t = numbers__start("-N", inode);
	peer__tell(&peer, 0);
	peer__end(&peer);
	suite__nap_us(500000);
	numbers__must_not_drift(trace__stop(&t), kcount__stop(in_init));
}

/*
 * In a namespace without processes, which only a device keeps, something has been left behind. It
 * ends, and has never been in the numbers.
 */
static void unreachable(void)
{
	struct kcount *in_init = kcount__start_in_init(NULL), *kernel;
	int home = net__this();
	struct wire wire;
	struct trace t;

	net__enter_new();
	wire = wire__open();
	close(wire__connected(&wire, PORT));
	wire__expect(&wire, FIN | ACK);
	net__return(home);
	t = numbers__start();
	kernel = kcount__start("dport == 7300 && newstate == 7");
	wire__send(&wire, RST | ACK, 0);
	wait_until(kcount__so_far(kernel) == 1);
	numbers__must_not_drift(trace__stop(&t), kcount__stop(in_init));
}

static void unable_to_enter(void)
{
	rights__keep(0, RIGHT(CAP_BPF) | RIGHT(CAP_PERFMON));
}

static pid_t contained;

static void pass_on(int signal)
{
	kill(contained, signal);
}

/* The child, in a PID namespace of its own, is who becomes tcpflux. */
static void in_container(void)
{
	int status;

	must(!unshare(CLONE_NEWPID | CLONE_NEWNS));
	must(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	contained = fork();
	must(contained >= 0);
	if (!contained) {
		must(!prctl(PR_SET_PDEATHSIG, SIGKILL));
		must(!mount("proc", "/proc", "proc", 0, NULL));
		return;
	}
	signal(SIGINT, pass_on);
	must(waitpid(contained, &status, 0) == contained);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* What can't be found by a walk must not be counted either, whenever it begins. */
static void out_of_reach_for(void (*before_exec)(void), const char *notice)
{
	struct kcount *in_init = kcount__start_in_init(NULL);
	const struct trace_setup setup = { .format = "json",
					   .here = true,
					   .before_exec = before_exec };
	const struct capture *c;
	struct trace t = trace__start_as(&setup, (const char *const[]){ "stat", "100ms", NULL });
	struct peer peer = peer__start("elsewhere", be_elsewhere, NULL);
	struct pair here = net__pair("127.0.0.1");

	peer__hear(&peer);
	numbers__must_agree(&t);
	close(here.listener);
	numbers__must_agree(&t);
	c = trace__stop(&t);
	numbers__must_not_drift(c, kcount__stop(in_init));
	must(strstr(c->err, notice));
	peer__tell(&peer, 0);
	peer__end(&peer);
}

static void out_of_reach(void)
{
	out_of_reach_for(unable_to_enter, " namespaces or processes can't be looked at\n");
}

static void out_of_container(void)
{
	out_of_reach_for(in_container, "census: only of processes in this PID namespace\n");
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
      TEST(census_during_churn), TEST(mptcp), TEST(mptcp_orphan), TEST(namespaces),
      TEST(only_namespace), TEST(unreachable), TEST(out_of_reach), TEST(out_of_container),
      TEST(stopped))
