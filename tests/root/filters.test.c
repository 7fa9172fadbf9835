// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Each filter shows the whole of what matches, and nothing else. */
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "net.h"
#include "peer.h"
#include "wire.h"

#define ACTIVE	    "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT"
#define RAW_PASSIVE "LISTEN SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE"
#define PASSIVE	    "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE"
#define LISTENER    "CLOSE LISTEN CLOSE"
#define NOTHING	    ""

static struct pair visit(const char *address, uint16_t port)
{
	struct pair p = net__pair_at(address, port);

	net__close_in_order(&p);
	net__settle();
	return p;
}

static void assert_pair(const struct capture *c, const struct pair *p, const char *listener,
			const char *server, const char *client)
{
	assert_path(c, p->listener_cookie, listener);
	assert_path(c, p->server_cookie, server);
	assert_path(c, p->client_cookie, client);
}

static void local_port(void)
{
	struct trace t = trace__start("-L", "7401,7410-7419");
	struct pair one = visit("127.0.0.1", 7401), none = visit("127.0.0.1", 7402);
	struct pair first = visit("127.0.0.1", 7410), last = visit("::1", 7419);
	struct pair after = visit("::1", 7420);
	const struct capture *c = trace__stop(&t);

	assert_pair(c, &one, LISTENER, PASSIVE, NOTHING);
	assert_pair(c, &none, NOTHING, NOTHING, NOTHING);
	assert_pair(c, &first, LISTENER, PASSIVE, NOTHING);
	assert_pair(c, &last, LISTENER, PASSIVE, NOTHING);
	assert_pair(c, &after, NOTHING, NOTHING, NOTHING);
	for (size_t i = 0; i < c->rows.count; i++)
		assert_int_equal(row__number(&c->rows.row[i], SEQ), i + 1);
}

/* A client's local port is still 0 at its first transition; that it matches is known later. */
static void local_port_of_a_client(void)
{
	struct trace t;
	struct pair inside, outside;
	const struct capture *c;

	net__sysctl("ipv4/ip_local_port_range", "20000 20099");
	t = trace__start("-L", "20000-20099");
	inside = visit("127.0.0.1", 7403);
	net__sysctl("ipv4/ip_local_port_range", "20100 20199");
	outside = visit("127.0.0.1", 7404);
	c = trace__stop(&t);

	assert_pair(c, &inside, NOTHING, NOTHING, ACTIVE);
	must(row__is(rows__of(&c->rows, inside.client_cookie, NULL), LPORT, "0"));
	assert_pair(c, &outside, NOTHING, NOTHING, NOTHING);
}

/* The same for those that never come to a second transition while they have a chance. */
static void local_port_of_a_refused_client(void)
{
	struct trace t;
	const struct capture *c;
	uint64_t inside, outside;
	int fd;

	net__sysctl("ipv4/ip_local_port_range", "20000 20099");
	t = trace__start("--localport", "20000-20099");
	fd = net__socket(AF_INET);
	inside = net__cookie(fd);
	must(net__try_connect(fd, "127.0.0.1", 7405) == ECONNREFUSED);
	net__sysctl("ipv4/ip_local_port_range", "20100 20199");
	fd = net__socket(AF_INET);
	outside = net__cookie(fd);
	must(net__try_connect(fd, "127.0.0.1", 7405) == ECONNREFUSED);
	c = trace__stop(&t);

	assert_path(c, inside, "CLOSE SYN_SENT CLOSE");
	assert_path(c, outside, NOTHING);
}

/* Here the kernel knows nothing of the local port, and what tells it is left out by its state. */
static void local_port_behind_the_kernel(void)
{
	struct trace t = trace__start("state syn-sent and ( comm nobody or sport != :22 )");
	struct pair p = visit("127.0.0.1", 7408);
	const struct capture *c = trace__stop(&t);

	assert_pair(c, &p, NOTHING, NOTHING, "CLOSE SYN_SENT");
}

/* A connection that hangs is shown at once where its own port makes no difference. */
static void local_port_that_does_not_matter(void)
{
	struct trace ports = trace__start("sport = :7409 or dport = :7409");
	struct trace rows = trace__start("( sport = :7409 or dport = :7409 ) and new syn-sent");
	struct wire wire = wire__open();
	int fd = net__socket(AF_INET);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;

	net__nonblocking(fd);
	must(net__try_connect(fd, WIRE_PEER, 7409) == EINPROGRESS);
	wire__expect(&wire, SYN);

	c = trace__stop(&ports);
	assert_path(c, cookie, "CLOSE SYN_SENT");
	c = trace__stop(&rows);
	assert_path(c, cookie, "CLOSE SYN_SENT");
}

static void remote_port(void)
{
	struct trace t = trace__start("-D", "7406");
	struct pair match = visit("127.0.0.1", 7406), none = visit("127.0.0.1", 7407);
	const struct capture *c = trace__stop(&t);

	assert_pair(c, &match, NOTHING, NOTHING, ACTIVE);
	assert_pair(c, &none, NOTHING, NOTHING, NOTHING);
}

/* A client and a server of different connections, without the last transition, which is excluded.
 */
static void expression(void)
{
	struct trace t = trace__start("( dport = :7490 or src [::1]:7491 )", "and", "exclude",
				      "closed");
	struct pair v4 = visit("127.0.0.1", 7490), v6 = visit("::1", 7491);
	const struct capture *c = trace__stop(&t);

	assert_pair(c, &v4, NOTHING, NOTHING, ACTIVE);
	assert_pair(c, &v6, "CLOSE LISTEN",
		    "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK", NOTHING);
}

static void family(void)
{
	struct trace four = trace__start("-4"), six = trace__start("-6");
	struct pair v4 = visit("127.0.0.1", 7408), v6 = visit("::1", 7409);
	int listener = net__listen("::", 7421), fd = net__connect("::ffff:127.0.0.1", 7421);
	uint64_t listening = net__cookie(listener), mapped = net__cookie(fd);
	const struct capture *c;

	net__close_by_reset(fd);
	close(listener);

	c = trace__stop(&four);
	assert_pair(c, &v4, LISTENER, PASSIVE, ACTIVE);
	assert_pair(c, &v6, NOTHING, NOTHING, NOTHING);
	assert_path(c, mapped, "CLOSE SYN_SENT ESTABLISHED CLOSE");
	assert_path(c, listening, NOTHING);

	c = trace__stop(&six);
	assert_pair(c, &v4, NOTHING, NOTHING, NOTHING);
	assert_pair(c, &v6, LISTENER, PASSIVE, ACTIVE);
	assert_path(c, mapped, NOTHING);
	assert_path(c, listening, LISTENER);
}

static void connect_when_told(const struct peer *parent, const void *arg)
{
	int fd;

	(void)arg;
	fd = net__connect("127.0.0.1", peer__hear(parent));
	peer__tell(parent, net__cookie(fd));
	net__close_by_reset(fd);
}

static void pid(void)
{
	struct peer one = peer__start("t-one", connect_when_told, NULL);
	struct peer two = peer__start("t-two", connect_when_told, NULL);
	int listener = net__listen("127.0.0.1", 7422);
	uint64_t cookie_one, cookie_two;
	const struct capture *c;
	struct trace t;
	char list[32];

	snprintf(list, sizeof(list), "%d,%d", one.pid, getpid());
	t = trace__start("-p", list);
	cookie_one = peer__ask(&one, 7422);
	cookie_two = peer__ask(&two, 7422);
	peer__end(&one);
	peer__end(&two);
	close(listener);
	net__settle();
	c = trace__stop(&t);

	assert_path(c, cookie_one, "CLOSE SYN_SENT ESTABLISHED CLOSE");
	assert_path(c, cookie_two, NOTHING);
	for (size_t i = 0; i < c->rows.count; i++) {
		pid_t seen = row__number(&c->rows.row[i], PID);

		must(seen == one.pid || seen == getpid());
	}
	must(c->rows.count >= 3 + 1 + 2 * 3); /* the client's, the listener's, two children's */
}

static void comm(void)
{
	struct peer one = peer__start("t-one", connect_when_told, NULL);
	struct peer two = peer__start("t-two", connect_when_told, NULL);
	int listener = net__listen("127.0.0.1", 7423);
	struct trace t = trace__start("-c", "t-two");
	uint64_t cookie_one = peer__ask(&one, 7423), cookie_two = peer__ask(&two, 7423);
	const struct capture *c;

	peer__end(&one);
	peer__end(&two);
	close(listener);
	net__settle();
	c = trace__stop(&t);

	assert_path(c, cookie_one, NOTHING);
	assert_path(c, cookie_two, "CLOSE SYN_SENT ESTABLISHED CLOSE");
	assert_int_equal(c->rows.count, 3);
}

/* The same in two namespaces, of which only this one is asked for in three ways. */
static void namespaces(void)
{
	struct trace by_name, by_inode, by_self;
	struct trace_setup here = { .here = true };
	struct pair mine, other;
	char name[32], inode[24];

	snprintf(name, sizeof(name), "tcpflux-test-%d", getpid());
	snprintf(inode, sizeof(inode), "%llu", (unsigned long long)net__inode());
	net__name_this(name);
	by_name = trace__start("-N", name);
	by_inode = trace__start("--netns", inode);
	by_self = trace__start_with(&here, "-N", "self");
	mine = visit("127.0.0.1", 7424);
	net__enter_new();
	other = visit("127.0.0.1", 7424);

	for (int i = 0; i < 3; i++) {
		const struct trace *t = (const struct trace *[]){ &by_name, &by_inode,
								  &by_self }[i];
		const struct capture *c = trace__stop(t);

		assert_pair(c, &mine, LISTENER, PASSIVE, ACTIVE);
		assert_pair(c, &other, NOTHING, NOTHING, NOTHING);
		assert_int_equal(c->rows.count, 2 + 6 + 5);
	}
}

/* All conditions hold at once. */
static void together(void)
{
	char self[16];
	const struct capture *c;
	struct pair match, none, six;
	struct trace t;

	snprintf(self, sizeof(self), "%d", getpid());
	t = trace__start("-4", "-L", "7425", "-p", self, "--raw");
	match = visit("127.0.0.1", 7425);
	none = visit("127.0.0.1", 7426);
	six = visit("::1", 7425);
	c = trace__stop(&t);

	assert_pair(c, &match, LISTENER, RAW_PASSIVE, NOTHING);
	assert_pair(c, &none, NOTHING, NOTHING, NOTHING);
	assert_pair(c, &six, NOTHING, NOTHING, NOTHING);
}

/* A stand-in is found by its socket's cookie, for which nobody else has asked. */
static void time_wait_of_strangers(void)
{
	const struct trace_setup filtered = { .flood = true };
	struct trace t = trace__start_with(&filtered, "state", "time-wait");
	int listener = net__listen("127.0.0.1", 7450);
	const struct capture *c;
	size_t found = 0;

	for (int i = 0; i < 10; i++) {
		int client = net__connect("127.0.0.1", 7450), server = net__accept(listener);

		close(client);
		net__wait_state(server, TCP_CLOSE_WAIT);
		close(server);
	}
	net__settle();
	c = trace__stop(&t);
	for (size_t i = 0; i < c->rows.count; i++) {
		const struct row *row = &c->rows.row[i];

		if (row__number(row, NETNS) != net__inode())
			continue;
		must(row__is(row, OLD, "FIN_WAIT2") && row__is(row, NEW, "TIME_WAIT"));
		must(row__is(row, OWNER, "self") && row__number(row, PID) == (unsigned)getpid());
		found++;
	}
	assert_int_equal(found, 10);
}

SUITE(TEST(local_port), TEST(local_port_of_a_client), TEST(local_port_of_a_refused_client),
      TEST(local_port_behind_the_kernel), TEST(local_port_that_does_not_matter), TEST(remote_port),
      TEST(expression), TEST(family), TEST(pid), TEST(comm), TEST(namespaces), TEST(together),
      TEST(time_wait_of_strangers))
