// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whose listener a connection comes from, where several processes listen on one port. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "expect.h"
#include "net.h"
#include "peer.h"

#define PORT 7600

struct seat {
	const char *address; /* NULL: the kernel chooses, also the port, when it listens already */
	uint16_t port;
	bool transparent, mptcp;
};

enum { ACCEPT = 1, END };

static int take_seat(const struct seat *seat)
{
	int fd = seat->mptcp ? net__mptcp_socket() : net__socket(AF_INET);

	if (seat->address)
		net__listen_on(fd, seat->address, seat->port);
	else
		must(!listen(fd, 5));
	if (seat->transparent)
		must(!setsockopt(fd, SOL_IP, IP_TRANSPARENT, &(int){ 1 }, sizeof(int)));
	return fd;
}

/* Tells its port, and the cookie of each connection that it is to accept. */
static void be_server(const struct peer *parent, const void *arg)
{
	int listener = take_seat(arg);

	peer__tell(parent, net__port(listener));
	while (peer__hear(parent) != END) {
		int fd = net__accept(listener);

		peer__tell(parent, net__cookie(fd));
		net__recv(fd, 1);
		close(fd);
	}
}

struct server {
	struct seat seat;
	struct peer peer;
	uint64_t child; /* cookie */
};

static struct server start_server(const struct seat *seat)
{
	struct server s = { *seat, peer__start("t-server", be_server, seat), 0 };

	s.seat.port = peer__hear(&s.peer);
	return s;
}

/* The owner is known before the connection is accepted: only the listener's can be. */
static void visit(struct server *s)
{
	int fd = net__connect(s->seat.address ?: "127.0.0.1", s->seat.port);

	s->child = peer__ask(&s->peer, ACCEPT);
	net__send(fd, 1);
	close(fd);
}

static void end_server(const struct server *s)
{
	peer__tell(&s->peer, END);
	peer__end(&s->peer);
}

static void assert_inherited(const struct capture *c, const struct server *s)
{
	assert_owner_entering(c, s->child, "SYN_RECV", "inherited", s->peer.pid, "t-server");
	/* It may be accepted before tcp_child_process() lets it be established. */
	assert_owner_entering(c, s->child, "ESTABLISHED", "inherited accepted", s->peer.pid,
			      "t-server");
}

static const struct seat first = { .address = "127.0.0.1", .port = PORT },
			 second = { .address = "127.0.0.2", .port = PORT },
			 third = { .address = "127.0.0.3", .port = PORT };

/* Whoever comes first goes first, too; the others must not be taken for the one that comes then. */
static void take_turns(const struct trace *t, struct server *a, struct server *b)
{
	const struct capture *seen;
	struct server c;

	visit(a);
	visit(b);
	end_server(a);
	c = start_server(&third);
	visit(&c);
	visit(b);
	end_server(b);
	visit(&c);
	end_server(&c);
	net__settle();

	seen = trace__stop(t);
	assert_inherited(seen, a);
	assert_inherited(seen, b);
	assert_inherited(seen, &c);
}

static void one_port(void)
{
	struct trace t = trace__start();
	struct server a = start_server(&first), b = start_server(&second);

	take_turns(&t, &a, &b);
}

static void one_port_before(void)
{
	struct server a = start_server(&first), b = start_server(&second);
	struct trace t = trace__start();

	take_turns(&t, &a, &b);
}

/* By TPROXY its children may be for the other's port. */
static void transparent(void)
{
	struct seat seat = second;
	struct trace t = trace__start();
	struct server a, b;
	const struct capture *seen;

	seat.transparent = true;
	a = start_server(&seat);
	b = start_server(&first);
	visit(&a);
	visit(&b);
	end_server(&a);
	end_server(&b);
	net__settle();

	seen = trace__stop(&t);
	assert_inherited(seen, &a);
	assert_inherited(seen, &b);
}

/* Whose it is nobody knows, as no walk over open files finds it; but not the other's. */
static void unknown_neighbour(void)
{
	struct seat seat = second;
	struct server a, b;
	struct trace t;
	const struct capture *seen;

	close(net__mptcp_socket()); /* or skip */
	seat.mptcp = true;
	a = start_server(&seat);
	t = trace__start();
	b = start_server(&first);
	visit(&a);
	visit(&b);
	end_server(&a);
	end_server(&b);
	net__settle();

	seen = trace__stop(&t);
	assert_owner_entering(seen, a.child, "SYN_RECV", "unknown", 0, NULL);
	assert_inherited(seen, &b);
}

static void unbound(void)
{
	struct trace t = trace__start();
	struct server s = start_server(&(struct seat){ .port = 0 });
	const struct capture *seen;

	visit(&s);
	end_server(&s);
	net__settle();

	seen = trace__stop(&t);
	assert_inherited(seen, &s);
}

/* So many that some of them come to the same place in the kernel side's table. */
#define CROWD_MAX 4000
#define CROWD	  (suite__patience(1) > 1 ? 1000 : CROWD_MAX)

static void be_crowd(const struct peer *parent, const void *arg)
{
	static int fd[2 * CROWD_MAX];
	int listener = net__listen("127.0.0.1", PORT);

	(void)arg;
	must(!setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 2 * CROWD_MAX + 64, 2 * CROWD_MAX + 64 }));
	for (int i = 0; i < CROWD; i++) {
		fd[2 * i] = net__connect("127.0.0.1", PORT);
		fd[2 * i + 1] = net__accept(listener);
	}
	for (int i = 0; i < 2 * CROWD; i++)
		close(fd[i]);
	peer__tell(parent, 0);
}

static void crowd(void)
{
	struct trace t = trace__start();
	struct peer peer = peer__start("t-crowd", be_crowd, NULL);
	const struct capture *c;
	size_t rows = 0;

	peer__hear(&peer);
	peer__end(&peer);
	net__settle();

	c = trace__stop(&t);
	assert_int_equal(capture__lost(c), 0);
	for (size_t i = 0; i < c->rows.count; i++) {
		const struct row *row = &c->rows.row[i];

		if (row__number(row, NETNS) != net__inode())
			continue;
		must((pid_t)row__number(row, PID) == peer.pid);
		must(row__is(row, OLD, "CLOSE") || row__is(row, OLD, "LISTEN") ||
		     !row__is_null(row, STATE_US));
		rows++;
	}
	/* A listener's two, a client's five, a child's six. */
	must(rows >= 2 + (5 + 6) * (size_t)CROWD);
}

SUITE(TEST(one_port), TEST(one_port_before), TEST(transparent), TEST(unknown_neighbour),
      TEST(unbound), TEST(crowd))
