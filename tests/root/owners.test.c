// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whose socket it is: never the process that a softirq happened to interrupt. */
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup.h"
#include "expect.h"
#include "json.h"
#include "net.h"
#include "peer.h"

#define PORT 7100

/* What the parent tells a process to do next. It answers with a number, 0 if it has none. */
enum { MOVE, LISTEN, CONNECT, ACCEPT, READ, SEND, CLOSE, CLOSE_LISTENER, END };

/* A process that has at most one listener and one connection, and does what it is told. */
struct actor {
	const char *address; /* to listen on and to connect to */
	int listener, fd;
};

static uint64_t act(struct actor *a, uint64_t order)
{
	switch (order) {
	case MOVE:
		net__enter_new();
		return net__inode();
	case LISTEN:
		a->listener = net__listen(a->address, PORT);
		return net__cookie(a->listener);
	case CONNECT:
		a->fd = net__connect(a->address, PORT);
		return net__cookie(a->fd);
	case ACCEPT:
		a->fd = net__accept(a->listener);
		return net__cookie(a->fd);
	case READ:
		net__recv(a->fd, 1);
		return 0;
	case SEND:
		net__send(a->fd, 1);
		return 0;
	case CLOSE:
		close(a->fd);
		return 0;
	case CLOSE_LISTENER:
		close(a->listener);
		return 0;
	}
	_exit(order == END ? 0 : 1);
}

static void be_actor(const struct peer *parent, const void *arg)
{
	struct actor actor = *(const struct actor *)arg;

	for (;;)
		peer__tell(parent, act(&actor, peer__hear(parent)));
}

static struct peer actor__start(const char *comm, const char *address)
{
	return peer__start(comm, be_actor, &(struct actor){ address, -1, -1 });
}

static void actor__end(const struct peer *actor)
{
	peer__tell(actor, END);
	peer__end(actor);
}

/* The server reads, so it is known from its first read on. Returns the cookies. */
static void talk(const struct peer *server, const struct peer *client, uint64_t *listener,
		 uint64_t *accepted, uint64_t *connected)
{
	*listener = peer__ask(server, LISTEN);
	*connected = peer__ask(client, CONNECT);
	*accepted = peer__ask(server, ACCEPT);
	peer__ask(client, SEND);
	peer__ask(server, READ);
	peer__ask(client, CLOSE);
	peer__ask(server, CLOSE);
	peer__ask(server, CLOSE_LISTENER);
}

static void assert_talk(const struct capture *c, pid_t server, pid_t client, uint64_t listener,
			uint64_t accepted, uint64_t connected)
{
	assert_owner(c, listener, "self", server, "t-server");
	assert_path(c, connected, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
	assert_owner(c, connected, "self", client, "t-client");
	assert_path(c, accepted,
		    "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_owner_entering(c, accepted, "SYN_RECV", "inherited", server, "t-server");
	/* It may be accepted before tcp_child_process() lets it be established. */
	assert_owner_entering(c, accepted, "ESTABLISHED", "inherited accepted", server, "t-server");
	assert_owner_entering(c, accepted, "CLOSE_WAIT", "accepted", server, "t-server");
	assert_owner_entering(c, accepted, "LAST_ACK", "accepted", server, "t-server");
	assert_owner_entering(c, accepted, "CLOSE", "accepted", server, "t-server");
}

static void over_loopback(void)
{
	struct trace t = trace__start();
	struct peer server = actor__start("t-server", "127.0.0.1");
	struct peer client = actor__start("t-client", "127.0.0.1");
	uint64_t listener, accepted, connected;

	talk(&server, &client, &listener, &accepted, &connected);
	actor__end(&server);
	actor__end(&client);
	net__settle();
	assert_talk(trace__stop(&t), server.pid, client.pid, listener, accepted, connected);
}

/* A race of many: whoever is interrupted by the softirq is as likely the peer as not. */
static void over_loopback_often(void)
{
	enum { ROUNDS = 200 };
	static uint64_t accepted[ROUNDS], connected[ROUNDS];
	struct trace t = trace__start();
	struct peer server = actor__start("t-server", "127.0.0.1");
	struct peer client = actor__start("t-client", "127.0.0.1");
	const struct capture *c;
	uint64_t listener = peer__ask(&server, LISTEN);

	for (int i = 0; i < ROUNDS; i++) {
		connected[i] = peer__ask(&client, CONNECT);
		accepted[i] = peer__ask(&server, ACCEPT);
		peer__tell(&client, CLOSE);
		peer__tell(&server, CLOSE);
		peer__hear(&client);
		peer__hear(&server);
	}
	actor__end(&server);
	actor__end(&client);
	net__settle();

	c = trace__stop(&t);
	assert_owner(c, listener, "self", server.pid, "t-server");
	for (int i = 0; i < ROUNDS; i++) {
		assert_owner(c, connected[i], "self", client.pid, "t-client");
		assert_owner_entering(c, accepted[i], "SYN_RECV", "inherited", server.pid,
				      "t-server");
	}
	for (size_t i = 0; i < c->rows.count; i++)
		if (row__is(&c->rows.row[i], LPORT, "7100") &&
		    row__number(&c->rows.row[i], NETNS) == net__inode())
			must((pid_t)row__number(&c->rows.row[i], PID) == server.pid);
}

static void over_veth(void)
{
	struct trace t = trace__start();
	struct peer server = actor__start("t-server", "10.78.0.2");
	struct peer client = actor__start("t-client", "10.78.0.2");
	uint64_t listener, accepted, connected, netns = peer__ask(&server, MOVE);
	char number[24];
	const struct capture *c;
	int here;

	/* The client stays here. Only who is in a namespace can take its devices up. */
	net__veth("veth-here", "veth-there", server.pid);
	net__up("veth-here", "10.78.0.1");
	here = net__join(server.pid);
	net__up("veth-there", "10.78.0.2");
	net__return(here);

	talk(&server, &client, &listener, &accepted, &connected);
	net__settle();
	actor__end(&server);
	actor__end(&client);

	c = trace__stop(&t);
	assert_talk(c, server.pid, client.pid, listener, accepted, connected);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)netns);
	assert_field(c, accepted, NETNS, number);
	assert_field(c, accepted, LADDR, "10.78.0.2");
	assert_field(c, accepted, RADDR, "10.78.0.1");
	snprintf(number, sizeof(number), "%llu", (unsigned long long)net__inode());
	assert_field(c, connected, NETNS, number);
}

/* The parent listens, its four children accept. */
static void be_master(const struct peer *parent, const void *arg)
{
	struct actor actor = { "127.0.0.1", net__listen("127.0.0.1", PORT), -1 };
	struct peer worker[4];

	(void)arg;
	for (int i = 0; i < 4; i++)
		worker[i] = peer__start("t-worker", be_actor, &actor);
	for (int i = 0; i < 4; i++)
		peer__tell(parent, worker[i].pid);
	/* An order is 16 times the worker's number plus what the worker is to do. */
	for (uint64_t order; (order = peer__hear(parent)) != END;)
		peer__tell(parent, peer__ask(&worker[order / 16], order % 16));
	for (int i = 0; i < 4; i++)
		actor__end(&worker[i]);
}

/* Does this kernel let accept() itself be seen, and not only what is done with the socket? */
static bool accept_is_seen(void)
{
	struct trace_setup setup = { .format = "json" };
	struct trace t = trace__start_with(&setup, "-d", "1ms");
	const struct capture *c = trace__join(&t, 10);
	const char *probes = strstr(c->out, "\"probes\":");

	return json__member_is(probes + strlen("\"probes\":"), "accept", "on");
}

static void prefork(void)
{
	bool seen = accept_is_seen();
	struct trace t = trace__start();
	struct peer master = peer__start("t-master", be_master, NULL);
	const struct capture *c;
	uint64_t child[4];
	pid_t worker[4];
	int client[4];

	for (int i = 0; i < 4; i++)
		worker[i] = peer__hear(&master);
	for (int i = 0; i < 4; i++) {
		client[i] = net__connect("127.0.0.1", PORT);
		child[i] = peer__ask(&master, 16 * i + ACCEPT);
	}
	/* Workers 0 and 1 read before the client closes. */
	for (int i = 0; i < 2; i++) {
		net__send(client[i], 1);
		peer__ask(&master, 16 * i + READ);
		close(client[i]);
		net__wait_count(PORT, TCP_ESTABLISHED, 3 - i);
		peer__ask(&master, 16 * i + CLOSE);
	}
	/* Worker 2 does not, worker 3 closes first. */
	close(client[2]);
	net__wait_count(PORT, TCP_ESTABLISHED, 1);
	peer__ask(&master, 16 * 2 + CLOSE);
	peer__ask(&master, 16 * 3 + CLOSE);
	close(client[3]);
	net__settle();
	peer__tell(&master, END);
	peer__end(&master);

	c = trace__stop(&t);
	for (int i = 0; i < 4; i++) {
		assert_owner_entering(c, child[i], "SYN_RECV", "inherited", master.pid, "t-master");
		assert_owner_entering(c, child[i], "ESTABLISHED", "inherited", master.pid,
				      "t-master");
	}
	for (int i = 0; i < 2; i++) {
		assert_owner_entering(c, child[i], "CLOSE_WAIT", "accepted", worker[i], "t-worker");
		assert_owner_entering(c, child[i], "LAST_ACK", "accepted", worker[i], "t-worker");
		assert_owner_entering(c, child[i], "CLOSE", "accepted", worker[i], "t-worker");
	}
	if (seen)
		assert_owner_entering(c, child[2], "CLOSE_WAIT", "accepted", worker[2], "t-worker");
	else
		assert_owner_entering(c, child[2], "CLOSE_WAIT", "inherited", master.pid,
				      "t-master");
	assert_owner_entering(c, child[2], "LAST_ACK", "accepted", worker[2], "t-worker");
	assert_owner_entering(c, child[2], "CLOSE", "accepted", worker[2], "t-worker");
	assert_owner_entering(c, child[3], "FIN_WAIT1", "accepted", worker[3], "t-worker");
	assert_owner_entering(c, child[3], "TIME_WAIT", "accepted", worker[3], "t-worker");
}

/* Effective, not real; and of the moment of connect(). */
static void be_nobody(const struct peer *parent, const void *arg)
{
	int fd;

	(void)arg;
	must(!syscall(SYS_setresuid, -1, 65534, -1));
	fd = net__connect("127.0.0.1", PORT);
	peer__tell(parent, net__cookie(fd));
	net__close_by_reset(fd);
}

static void uid(void)
{
	struct trace t = trace__start();
	int listener = net__listen("127.0.0.1", PORT);
	struct peer nobody = peer__start("t-nobody", be_nobody, NULL);
	uint64_t cookie = peer__hear(&nobody), listening = net__cookie(listener);
	const struct capture *c;

	peer__end(&nobody);
	close(listener);

	c = trace__stop(&t);
	assert_owner(c, cookie, "self", nobody.pid, "t-nobody");
	assert_field(c, cookie, UID, "65534");
	assert_field(c, listening, UID, "0");
}

static void be_member(const struct peer *parent, const void *arg)
{
	int listener;

	cgroup__enter(arg);
	listener = net__listen("127.0.0.1", PORT);
	peer__tell(parent, net__cookie(listener));
	close(listener);
}

static void trace_cgroup(const struct trace_setup *setup)
{
	struct cgroup group = cgroup__new("tcpflux-test");
	struct trace t = trace__start_with(setup);
	struct peer member = peer__start("t-member", be_member, &group);
	uint64_t cookie = peer__hear(&member);
	const struct capture *c;

	peer__end(&member);

	c = trace__stop(&t);
	assert_owner(c, cookie, "self", member.pid, "t-member");
	assert_field(c, cookie, CGROUP, group.name);
}

static void cgroup(void)
{
	trace_cgroup(&(struct trace_setup){ 0 });
}

/* As `ip netns exec` does, after which no cgroup2 is mounted. */
static void cover_sys(void)
{
	must(!unshare(CLONE_NEWNS) && !mount("", "/", NULL, MS_PRIVATE | MS_REC, NULL));
	must(!umount2("/sys", MNT_DETACH) && !mount("sysfs", "/sys", "sysfs", 0, NULL));
}

static void unmounted_cgroup(void)
{
	trace_cgroup(&(struct trace_setup){ .before_exec = cover_sys });
}

static void *listen_as_thread(void *listener)
{
	must(!pthread_setname_np(pthread_self(), "a-thread"));
	*(int *)listener = net__listen("127.0.0.1", PORT);
	return NULL;
}

static void be_threaded(const struct peer *parent, const void *arg)
{
	pthread_t thread;
	int listener;

	(void)arg;
	must(!pthread_create(&thread, NULL, listen_as_thread, &listener));
	must(!pthread_join(thread, NULL));
	peer__tell(parent, net__cookie(listener));
	close(listener);
}

/* The process's name, not the thread's. */
static void thread(void)
{
	struct trace t = trace__start();
	struct peer threaded = peer__start("t-process", be_threaded, NULL);
	uint64_t cookie = peer__hear(&threaded);

	peer__end(&threaded);
	assert_owner(trace__stop(&t), cookie, "self", threaded.pid, "t-process");
}

/* A descriptor that another process inherits and closes last: its owner is still who made it. */
static void inherited_descriptor(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	struct actor actor = { "127.0.0.1", -1, p.client };
	struct peer heir = peer__start("t-heir", be_actor, &actor);
	const struct capture *c;

	close(p.client);
	must(net__state(p.server) == TCP_ESTABLISHED);
	peer__ask(&heir, CLOSE);
	net__wait_state(p.server, TCP_CLOSE_WAIT);
	actor__end(&heir);

	c = trace__stop(&t);
	assert_owner(c, p.client_cookie, "self", getpid(), NULL);
}

SUITE(TEST(over_loopback), TEST(over_loopback_often), TEST(over_veth), TEST(prefork), TEST(uid),
      TEST(cgroup), TEST(unmounted_cgroup), TEST(thread), TEST(inherited_descriptor))
