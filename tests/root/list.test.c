// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `tcpflux list`: every socket once, in its state, with its owner, in whatever namespace it is. */
#include <inttypes.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lists.h"
#include "net.h"
#include "peer.h"
#include "rights.h"
#include "suite.h"
#include "wire.h"

#define PORT   7950
#define NEEDED (RIGHT(CAP_BPF) | RIGHT(CAP_PERFMON))

static const char *text_of(uint64_t number)
{
	char *text;

	must(asprintf(&text, "%" PRIu64, number) > 0);
	suite__defer(free, text);
	return text;
}

static const char *own_pid(void)
{
	return text_of(getpid());
}

static void states(void)
{
	struct pair p = net__pair("127.0.0.1"), over = net__pair("127.0.0.1");
	struct pair half = net__pair("127.0.0.1");
	struct list list;

	close(over.client);
	net__wait_state(over.server, TCP_CLOSE_WAIT);
	close(over.server);
	net__wait_count(over.client_port, TCP_TIME_WAIT, 1);
	close(half.client);
	net__wait_state(half.server, TCP_CLOSE_WAIT);
	net__wait_count(half.client_port, TCP_FIN_WAIT2, 1);

	list = list__run();
	assert_int_equal(list.exit_status, 0);
	assert_socket(&list, p.listener_cookie, "state", "LISTEN", "pid", own_pid(), "owner",
		      "snapshot", "send_q", "4096", "timer", "off", "retransmits", "null", "raddr",
		      "0.0.0.0", "rport", "0", "state_us", "null");
	assert_socket(&list, p.client_cookie, "state", "ESTABLISHED", "pid", own_pid(), "uid", "0",
		      "lport", text_of(p.client_port), "rport", text_of(p.port), "netns",
		      text_of(net__inode()), "retransmits", "0");
	assert_socket(&list, p.server_cookie, "state", "ESTABLISHED", "pid", own_pid());
	assert_socket(&list, over.client_cookie, "state", "TIME_WAIT", "pid", "null", "comm",
		      "null", "uid", "null", "owner", "unknown", "timer", "timewait",
		      "timer_retransmits", "0", "lport", text_of(over.client_port));
	must(list__number(&list, over.client_cookie, "timer_ms") <= 61000);
	must(list__number(&list, over.client_cookie, "timer_ms") > 50000);
	assert_socket(&list, half.client_cookie, "state", "FIN_WAIT2", "pid", "null");
	assert_socket(&list, half.server_cookie, "state", "CLOSE_WAIT", "pid", own_pid());
	must(!list__of(&list, over.server_cookie));
	assert_int_equal(list__count(&list, net__inode()), 8);
}

/* Neither end of these is a whole connection yet. */
static void half_open(void)
{
	struct wire wire = wire__open();
	uint64_t listener = net__cookie(net__listen(WIRE_HOST, PORT));
	int fd = net__socket(AF_INET);
	struct list list;

	wire__half_open(&wire, PORT, 40000);
	net__nonblocking(fd);
	must(net__try_connect(fd, WIRE_PEER, PORT) == EINPROGRESS);

	list = list__run("-D", "40000");
	assert_int_equal(list__count(&list, net__inode()), 1);
	must(strstr(list.out, "\"state\":\"SYN_RECV\"") && strstr(list.out, "\"pid\":null"));
	must(strstr(list.out, "\"raddr\":\"" WIRE_PEER "\",\"rport\":40000"));
	must(strstr(list.out, "\"timer\":\"on\""));
	list = list__run("-i");
	assert_socket(&list, listener, "state", "LISTEN", "recv_q", "0", "bytes_sent", "null");
	assert_socket(&list, net__cookie(fd), "state", "SYN_SENT", "pid", own_pid(), "timer", "on",
		      "lastsnd_ms", "null");
	/* Of the first or, on a slow machine, the second or third time that the SYN is sent. */
	must(list__number(&list, net__cookie(fd), "timer_ms") <= 4100);
}

static void families(void)
{
	struct pair six = net__pair("::1");
	int both = net__listen("::", PORT), client = net__connect("127.0.0.1", PORT);
	uint64_t mapped = net__cookie(net__accept(both));
	struct list list = list__run();

	assert_socket(&list, six.client_cookie, "family", "6", "laddr", "::1", "raddr", "::1");
	assert_socket(&list, net__cookie(both), "family", "6", "laddr", "::", "state", "LISTEN");
	assert_socket(&list, mapped, "family", "4", "laddr", "127.0.0.1", "raddr", "127.0.0.1");
	list = list__run("-4");
	must(list__of(&list, mapped) && list__of(&list, net__cookie(client)));
	assert_int_equal(list__count(&list, net__inode()), 2);
	list = list__run("-6");
	assert_int_equal(list__count(&list, net__inode()), 4);
}

static void be_client(const struct peer *parent, const void *arg)
{
	int fd = net__connect("127.0.0.1", *(const uint16_t *)arg);

	peer__tell(parent, net__cookie(fd));
	peer__hear(parent);
}

/* A condition that holds for all processes of the test. */
static const char *own_cgroup(void)
{
	char line[512], *text;
	FILE *file = fopen("/proc/self/cgroup", "re");

	must(file);
	do
		must(fgets(line, sizeof(line), file));
	while (strncmp(line, "0::", 3));
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	must(asprintf(&text, "cgroup = %s", line + 3) > 0);
	suite__defer(free, text);
	return text;
}

static void two_processes(void)
{
	int listener = net__listen("127.0.0.1", PORT);
	struct peer peer = peer__start("l-client", be_client, &(uint16_t){ PORT });
	uint64_t client = peer__hear(&peer), server;
	struct list list = list__run();

	/* Nobody has it before it is accepted. */
	assert_int_equal(list__count(&list, net__inode()), 3);
	assert_socket(&list, net__cookie(listener), "recv_q", "1", "pid", own_pid());
	must(strstr(list.out, "\"pid\":null"));
	server = net__cookie(net__accept(listener));
	list = list__run();
	assert_socket(&list, client, "pid", text_of(peer.pid), "comm", "l-client", "lport",
		      text_of(list__number(&list, server, "rport")));
	assert_socket(&list, server, "pid", own_pid());

	list = list__run("-p", text_of(peer.pid));
	must(list__of(&list, client) && list__count(&list, net__inode()) == 1);
	list = list__run("-c", "l-client", "-D", text_of(PORT));
	must(list__of(&list, client) && list__count(&list, net__inode()) == 1);
	list = list__run("cgroup /no/such/cgroup");
	assert_int_equal(list__count(&list, net__inode()), 0);
	list = list__run(own_cgroup(), "comm l-*");
	must(list__of(&list, client) && list__count(&list, net__inode()) == 1);
	list = list__run("-L", text_of(PORT), "-N", text_of(net__inode()));
	must(list__count(&list, net__inode()) == 2 && !list__of(&list, client));
	peer__tell(&peer, 0);
	peer__end(&peer);
}

/* A process has MPTCP's socket open, and ss names it for the TCP one behind that. */
static void mptcp(void)
{
	int listener = net__mptcp_socket(), client = net__mptcp_socket(), server;
	struct list list;

	net__listen_on(listener, "127.0.0.1", PORT);
	must(!net__try_connect(client, "127.0.0.1", PORT));
	server = net__accept(listener);
	must(server >= 0);

	list = list__run("-p", own_pid(), "-N", text_of(net__inode()));
	assert_int_equal(list__count(&list, net__inode()), 3);
	list = list__run("-p", own_pid(), "state", "listening");
	assert_int_equal(list__count(&list, net__inode()), 1);
}

/* What the kernel keeps in the place of a socket that comes from MPTCP's listener. */
static void mptcp_standins(void)
{
	struct wire wire = wire__open();
	int listener = net__mptcp_socket(), client, server;
	uint64_t cookie;
	struct list list;

	net__listen_on(listener, WIRE_HOST, PORT);
	wire__half_open(&wire, PORT, 40000);
	client = net__connect(WIRE_HOST, PORT);
	server = net__accept(listener);
	cookie = net__cookie(server);
	close(server);
	net__wait_state(client, TCP_CLOSE_WAIT);
	close(client);
	net__wait_count(PORT, TCP_TIME_WAIT, 1);

	list = list__run("-L", text_of(PORT));
	assert_int_equal(list__count(&list, net__inode()), 3);
	assert_socket(&list, cookie, "state", "TIME_WAIT", "timer", "timewait");
	must(strstr(list.out, "\"rport\":40000,\"state\":\"SYN_RECV\""));
}

static void be_elsewhere(const struct peer *parent, const void *arg)
{
	struct pair pair;

	(void)arg;
	net__enter_new();
	pair = net__pair("127.0.0.1");
	peer__tell(parent, pair.client_cookie);
	peer__tell(parent, net__inode());
	peer__hear(parent);
}

/* One that a process is in, and one that is only mounted. */
static void namespaces(void)
{
	struct pair here = net__pair("127.0.0.1");
	uint64_t netns = net__inode(), mounted, named;
	struct peer peer = peer__start("l-elsewhere", be_elsewhere, NULL);
	uint64_t there = peer__hear(&peer), other = peer__hear(&peer);
	int left = net__join(peer.pid);
	struct list list;

	net__enter_new();
	named = net__cookie(net__listen("127.0.0.1", PORT));
	mounted = net__inode();
	net__name_this("tcpflux list");
	net__return(left);

	list = list__run();
	assert_socket(&list, here.client_cookie, "netns", text_of(netns));
	assert_socket(&list, there, "netns", text_of(other), "comm", "l-elsewhere");
	assert_socket(&list, named, "netns", text_of(mounted), "pid", own_pid());
	assert_int_equal(list__count(&list, netns), 3);
	assert_int_equal(list__count(&list, other), 3);
	assert_int_equal(list__count(&list, mounted), 1);
	list = list__run("-N", "tcpflux list");
	must(list__of(&list, named) && !list__count(&list, netns) && !list__count(&list, other));
	list = list__run_as(&(struct list_setup){ .here = true }, "-N", "self", NULL);
	must(list__of(&list, here.client_cookie) && !list__count(&list, other));
	peer__tell(&peer, 0);
	peer__end(&peer);
}

static void *live_on(void *arg)
{
	const struct peer *parent = arg;

	wait_until(access("/proc/self/ns/net", F_OK));
	peer__tell(parent, net__inode());
	peer__hear(parent);
	_exit(0);
}

/* The first thread ends, and with it what /proc/PID says of the namespace; the process goes on. */
static void be_headless(const struct peer *parent, const void *arg)
{
	pthread_t thread;

	(void)arg;
	net__enter_new();
	net__listen("127.0.0.1", PORT);
	must(!pthread_create(&thread, NULL, live_on, (void *)parent));
	syscall(SYS_exit, 0);
}

static void first_thread_ended(void)
{
	struct peer peer = peer__start("l-headless", be_headless, NULL);
	uint64_t netns = peer__hear(&peer);
	struct list list = list__run("-p", text_of(peer.pid));

	assert_int_equal(list__count(&list, netns), 1);
	peer__tell(&peer, 0);
	peer__end(&peer);
}

/* The kernel's buffer is full several times; what did not fit is written again. */
static void many(void)
{
	enum { PAIRS = 600 };
	struct rlimit files = { 4096, 4096 };
	int listener = net__listen("127.0.0.1", PORT);
	struct list list;
	size_t owned = 0;

	must(!setrlimit(RLIMIT_NOFILE, &files));
	for (int i = 0; i < PAIRS; i++) {
		net__connect("127.0.0.1", PORT);
		net__accept(listener);
	}
	list = list__run("-p", own_pid());
	for (const char *line = list.out; line; line = json__next(line))
		owned += json__member_is(line, "owner", "snapshot");
	assert_int_equal(list__count(&list, net__inode()), 2 * PAIRS + 1);
	assert_int_equal(owned, 2 * PAIRS + 1);
}

static void information(void)
{
	struct pair p = net__pair("127.0.0.1");
	struct list list;

	must(!setsockopt(p.client, SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 }, sizeof(int)));
	net__send(p.client, 5000);
	net__wait_unread(p.server, 5000);
	suite__nap_us(100000);
	list = list__run("-i");
	assert_socket(&list, p.client_cookie, "bytes_sent", "5000", "bytes_received", "0", "recv_q",
		      "0", "send_q", "0", "timer", "keepalive", "timer_retransmits", "0");
	assert_socket(&list, p.server_cookie, "bytes_sent", "0", "bytes_received", "5000", "recv_q",
		      "5000", "timer", "off", "timer_ms", "null");
	must(list__number(&list, p.client_cookie, "cwnd") >= 2);
	must(list__number(&list, p.client_cookie, "rtt_us") > 0);
	must(list__number(&list, p.client_cookie, "lastsnd_ms") >= 90);
	must(list__number(&list, p.client_cookie, "lastsnd_ms") < 60000);
	must(list__number(&list, p.client_cookie, "timer_ms") > 7000000);
	must(list__number(&list, p.client_cookie, "timer_ms") <= 7200000);
}

/* An owner who has the socket no more is not named again. */
static void watch(void)
{
	struct pair p = net__pair("127.0.0.1");
	const char *here = text_of(net__inode());
	struct trace trace;
	struct list list = { 0 };
	int out;

	trace = list__start(&(struct list_setup){ 0 }, &out, "-N", here, "--watch", "100ms", NULL);
	wait_until(list__has_printed(out, "\"ESTABLISHED\""));
	must(!(rights__of(trace.pid, "CapEff") &
	       ~(RIGHT(CAP_SYS_ADMIN) | RIGHT(CAP_SYS_PTRACE) | RIGHT(CAP_BPF))));
	close(p.client);
	net__wait_count(p.client_port, TCP_FIN_WAIT2, 1);
	wait_until(list__has_printed(out, "\"FIN_WAIT2\""));
	must(!kill(trace.pid, SIGINT));
	assert_int_equal(trace__join(&trace, 10)->exit_status, 0);
	for (list.out = list__read(out); *list.out; list.out = json__next(list.out) ?: "")
		if (json__member_is(list.out, "state", "FIN_WAIT2"))
			break;
	must(json__member_is(list.out, "pid", "null") && strstr(list.out, "\"time\":\""));
	must(json__member_is(list.out, "lport", text_of(p.client_port)));
	close(out);
}

/* There come more sockets than the table of their owners has had room for. */
static void watch_growing(void)
{
	enum { PAIRS = 1100 };
	struct rlimit files = { 4096, 4096 };
	int listener = net__listen("127.0.0.1", PORT), out;
	struct trace trace;

	must(!setrlimit(RLIMIT_NOFILE, &files));
	trace = list__start(&(struct list_setup){ 0 }, &out, "-p", own_pid(), "--watch", "500ms",
			    NULL);
	wait_until(list__count_latest(out) == 1);
	for (int i = 0; i < PAIRS; i++) {
		net__connect("127.0.0.1", PORT);
		net__accept(listener);
	}
	wait_until(list__count_latest(out) == 2 * PAIRS + 1);
	must(!kill(trace.pid, SIGINT));
	assert_int_equal(trace__join(&trace, 10)->exit_status, 0);
	close(out);
}

static void keep_two(void)
{
	rights__keep(0, NEEDED);
}

static void without_sys_admin(void)
{
	struct list_setup setup = { .here = true, .before_exec = keep_two };
	struct pair p = net__pair("127.0.0.1");
	struct list list = list__run_as(&setup, NULL);
	char other[16];

	assert_int_equal(list.exit_status, 0);
	assert_string_equal(list.err, "tcpflux: only this network namespace is listed: "
				      "CAP_SYS_ADMIN missing\n");
	assert_socket(&list, p.client_cookie, "state", "ESTABLISHED", "pid", own_pid());
	list = list__run_as(&setup, "-N", "self", NULL);
	assert_string_equal(list.err, "");
	assert_int_equal(list__count(&list, net__inode()), 3);
	snprintf(other, sizeof(other), "%" PRIu64, net__inode() - 1);
	list = list__run_as(&setup, "-N", other, NULL);
	assert_int_equal(list.exit_status, 1);
	assert_string_equal(list.err, "tcpflux: -N: not permitted: CAP_SYS_ADMIN missing; run it "
				      "as root\n");
}

static void refuse_setns(void)
{
	rights__refuse(SYS_setns);
}

static void without_setns(void)
{
	struct list_setup setup = { .here = true, .before_exec = refuse_setns };
	struct pair p = net__pair("127.0.0.1");
	struct list list = list__run_as(&setup, NULL);

	assert_int_equal(list.exit_status, 0);
	must(strstr(list.err, "tcpflux: network namespaces that may not be entered: "));
	assert_socket(&list, p.client_cookie, "state", "ESTABLISHED", "pid", own_pid());
	assert_int_equal(list__count(&list, net__inode()), 3);
}

static void hostile_names(void)
{
	static const char *const names[] = { "\033[31mred", "a\"b\\c,d", "new\nline", "\xff\xfe" };
	int listener = net__listen("127.0.0.1", PORT);
	char old[16];

	prctl(PR_GET_NAME, old);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct list list, text;

		prctl(PR_SET_NAME, names[i]);
		list = list__run("-L", text_of(PORT));
		/* Text does not tell others' namespaces from this one. */
		text = list__run_as(&(struct list_setup){ .format = "text", .here = true }, "-L",
				    text_of(PORT), "-N", "self", NULL);
		prctl(PR_SET_NAME, old);
		assert_int_equal(list__count(&list, net__inode()), 1);
		assert_socket(&list, net__cookie(listener), "pid", own_pid());
		for (const char *p = text.out; *p; p++)
			must(*p == '\n' || (*p >= ' ' && *p < 0x7f));
		must(strchr(strchr(text.out, '\n') + 1, '\n')[1] == '\0');
	}
}

SUITE(TEST(states), TEST(half_open), TEST(families), TEST(two_processes), TEST(mptcp),
      TEST(mptcp_standins), TEST(namespaces), TEST(first_thread_ended), TEST(many),
      TEST(information), TEST(watch), TEST(watch_growing), TEST(without_sys_admin),
      TEST(without_setns), TEST(hostile_names))
