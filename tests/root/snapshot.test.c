// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets that are older than the trace: whose they are is found out, since when is not. */
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "expect.h"
#include "net.h"
#include "peer.h"

#define PORT	    7200
#define CONNECTIONS 500 /* in each of two namespaces */

struct place {
	bool elsewhere; /* in a namespace of its own */
	pid_t in;	/* or in that of this process */
};

static void take_place(const struct place *place)
{
	struct rlimit files = { CONNECTIONS + 100, CONNECTIONS + 100 };

	must(!setrlimit(RLIMIT_NOFILE, &files));
	if (place->elsewhere)
		net__enter_new();
	else if (place->in)
		net__join(place->in);
}

static void be_server(const struct peer *parent, const void *arg)
{
	int fd[CONNECTIONS], listener;

	take_place(arg);
	listener = net__listen("127.0.0.1", PORT);
	peer__tell(parent, net__inode());
	for (int i = 0; i < CONNECTIONS; i++)
		fd[i] = net__accept(listener);
	peer__tell(parent, 0);
	peer__hear(parent);
	for (int i = 0; i < CONNECTIONS; i++) {
		net__wait_state(fd[i], TCP_CLOSE_WAIT);
		close(fd[i]);
	}
	close(listener);
	net__settle();
	peer__tell(parent, 0);
}

static void be_client(const struct peer *parent, const void *arg)
{
	int fd[CONNECTIONS];

	take_place(arg);
	for (int i = 0; i < CONNECTIONS; i++)
		fd[i] = net__connect("127.0.0.1", PORT);
	peer__tell(parent, 0);
	peer__hear(parent);
	for (int i = 0; i < CONNECTIONS; i++)
		close(fd[i]);
}

/* Two processes with all their connections between them. */
struct village {
	struct peer server, client;
	uint64_t netns;
};

static struct village village__found(bool elsewhere)
{
	struct village v;

	v.server = peer__start("t-server", be_server, &(struct place){ elsewhere, 0 });
	v.netns = peer__hear(&v.server);
	v.client = peer__start("t-client", be_client, &(struct place){ false, v.server.pid });
	peer__hear(&v.client);
	peer__hear(&v.server);
	return v;
}

static void village__leave(const struct village *v)
{
	peer__tell(&v->client, 0);
	peer__end(&v->client);
	peer__ask(&v->server, 0);
	peer__end(&v->server);
}

static bool is_right(const struct row *row, const struct village *v)
{
	bool server = row__is(row, LPORT, "7200");

	return row__is(row, OWNER, "snapshot") &&
	       (pid_t)row__number(row, PID) == (server ? v->server.pid : v->client.pid) &&
	       row__is(row, COMM, server ? "t-server" : "t-client") && row__is_null(row, LIFE_US);
}

static void assert_village(const struct capture *c, const struct village *v)
{
	/* FIN_WAIT1, FIN_WAIT2, TIME_WAIT; CLOSE_WAIT, LAST_ACK, CLOSE; and the listener. */
	size_t expected = CONNECTIONS * 6 + 1, right = 0, known = 0;

	for (size_t i = 0; i < c->rows.count; i++) {
		const struct row *row = &c->rows.row[i];

		/* Their namespace goes, and with it what is left in TIME_WAIT: sooner or later. */
		if (row__number(row, NETNS) != v->netns || row__is(row, OLD, "TIME_WAIT"))
			continue;
		known += !row__is_null(row, STATE_US);
		if (is_right(row, v))
			right++;
		else
			row__print(row);
	}
	assert_int_equal(right, expected);
	/* All but the first transition of each socket. */
	assert_int_equal(known, CONNECTIONS * 4);
}

static void thousand_connections(void)
{
	struct village here = village__found(false), elsewhere = village__found(true);
	struct trace t = trace__start_with(&(struct trace_setup){ .here = true });
	const struct capture *c;

	village__leave(&here);
	village__leave(&elsewhere);

	c = trace__stop(&t);
	must(here.netns != elsewhere.netns);
	assert_village(c, &here);
	assert_village(c, &elsewhere);
}

/* What is known of an old listener is known of its new children. */
static void old_listener(void)
{
	int listener = net__listen("127.0.0.1", PORT), client, server;
	uint64_t listening = net__cookie(listener), cookie;
	struct trace t = trace__start();
	const struct capture *c;

	client = net__connect("127.0.0.1", PORT);
	server = net__accept(listener);
	cookie = net__cookie(server);
	net__send(client, 1);
	net__recv(server, 1);
	close(client);
	net__wait_state(server, TCP_CLOSE_WAIT);
	close(server);
	close(listener);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, listening, "LISTEN CLOSE");
	assert_owner(c, listening, "snapshot", getpid(), NULL);
	assert_path(c, cookie,
		    "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_owner_entering(c, cookie, "SYN_RECV", "inherited", getpid(), NULL);
	assert_owner_entering(c, cookie, "CLOSE_WAIT", "accepted", getpid(), NULL);
	must(!row__is_null(rows__entering(&c->rows, cookie, "CLOSE"), LIFE_US));
}

/* Old and in nobody's hands yet: no process has it open, so none is named until one uses it. */
static void old_unaccepted(void)
{
	int listener = net__listen("127.0.0.1", PORT), client, server;
	struct trace t;
	const struct capture *c;
	uint64_t cookie;

	client = net__connect("127.0.0.1", PORT);
	net__wait_queued(listener, 1);
	t = trace__start();
	close(client);
	net__wait_count(PORT, TCP_CLOSE_WAIT, 1);
	server = net__accept(listener);
	cookie = net__cookie(server);
	close(server);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, cookie, "ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_owner_entering(c, cookie, "CLOSE_WAIT", "unknown", 0, "");
	must((pid_t)row__number(rows__entering(&c->rows, cookie, "LAST_ACK"), PID) == getpid());
}

/* A socket that is old but closed is as good as new. */
static void old_but_closed(void)
{
	int listener = net__listen("127.0.0.1", PORT), fd = net__socket(AF_INET);
	uint64_t cookie = net__cookie(fd);
	struct trace t = trace__start();
	const struct capture *c;

	net__bind(fd, "127.0.0.1", 0);
	must(!net__try_connect(fd, "127.0.0.1", PORT));
	net__close_by_reset(fd);
	close(listener);

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT ESTABLISHED CLOSE");
	assert_owner(c, cookie, "self", getpid(), NULL);
	must(!row__is_null(rows__entering(&c->rows, cookie, "CLOSE"), LIFE_US));
}

SUITE(TEST(thousand_connections), TEST(old_listener), TEST(old_unaccepted), TEST(old_but_closed))
