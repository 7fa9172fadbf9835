// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Connections that end in order, and what is told about them. */
#include <netinet/tcp.h>
#include <unistd.h>

#include "expect.h"
#include "kcount.h"
#include "net.h"

#define MS 1000000ull

static void client_closes_first(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	net__close_in_order(&p);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, p.listener_cookie, "CLOSE LISTEN CLOSE");
	assert_reason(c, p.listener_cookie, "closed");
	assert_path(c, p.client_cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
	assert_reason(c, p.client_cookie, "fin");
	assert_path(c, p.server_cookie,
		    "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_reason(c, p.server_cookie, "fin");
}

static void server_closes_first(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	close(p.server);
	net__wait_state(p.client, TCP_CLOSE_WAIT);
	close(p.client);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, p.client_cookie, "CLOSE SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_reason(c, p.client_cookie, "fin");
	assert_path(c, p.server_cookie,
		    "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
	assert_reason(c, p.server_cookie, "fin");
}

/* What stays of one direction: FIN_WAIT2 receives, CLOSE_WAIT sends. */
static void half_close(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	net__send(p.client, 10);
	must(!shutdown(p.client, SHUT_WR));
	net__wait_state(p.client, TCP_FIN_WAIT2);
	net__recv(p.server, 10);
	net__send(p.server, 70000);
	net__recv(p.client, 70000);
	close(p.server);
	net__wait_state(p.client, TCP_CLOSE);
	close(p.client);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, p.client_cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
	assert_reason(c, p.client_cookie, "fin");
	assert_bytes(c, p.client_cookie, 10, 70000);
	assert_path(c, p.server_cookie,
		    "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_reason(c, p.server_cookie, "fin");
	assert_bytes(c, p.server_cookie, 70000, 10);
}

/* The end of a read side alone changes no state. */
static void shutdown_of_reading(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	must(!shutdown(p.client, SHUT_RD));
	must(!shutdown(p.server, SHUT_RDWR));
	net__wait_state(p.client, TCP_CLOSE_WAIT);
	must(!shutdown(p.client, SHUT_RDWR));
	net__wait_state(p.client, TCP_CLOSE);

	c = trace__stop(&t);
	assert_path(c, p.client_cookie, "CLOSE SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_path(c, p.server_cookie,
		    "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
}

/* A socket that connects to itself opens and closes simultaneously with itself. */
static void self_connect(void)
{
	struct trace t = trace__start();
	int fd = net__connect_from("127.0.0.1", 7001, "127.0.0.1", 7001);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;

	net__send(fd, 100);
	net__recv(fd, 100);
	close(fd);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT");
	assert_reason(c, cookie, "fin");
	assert_bytes(c, cookie, 100, 100);
	assert_owner(c, cookie, "self", getpid(), NULL);
}

static void ipv6(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("::1");
	const struct capture *c;

	net__close_in_order(&p);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, p.client_cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
	assert_path(c, p.server_cookie,
		    "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_field(c, p.client_cookie, FAMILY, "6");
	assert_field(c, p.client_cookie, RADDR, "::1");
	assert_field(c, p.server_cookie, FAMILY, "6");
	assert_field(c, p.server_cookie, LADDR, "::1");
	assert_field(c, p.listener_cookie, FAMILY, "6");
	assert_field(c, p.listener_cookie, LADDR, "::1");
}

/* An IPv6 socket at both ends of an IPv4 connection. */
static void ipv4_mapped(void)
{
	struct trace t = trace__start();
	int listener = net__listen("::", 7002), client, server;
	uint64_t listener_cookie = net__cookie(listener), client_cookie, server_cookie;
	const struct capture *c;

	client = net__connect("::ffff:127.0.0.1", 7002);
	server = net__accept(listener);
	client_cookie = net__cookie(client);
	server_cookie = net__cookie(server);
	close(client);
	net__wait_state(server, TCP_CLOSE_WAIT);
	close(server);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, client_cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
	assert_path(c, server_cookie,
		    "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_field(c, client_cookie, FAMILY, "4");
	assert_field(c, client_cookie, LADDR, "127.0.0.1");
	assert_field(c, client_cookie, RADDR, "127.0.0.1");
	assert_field(c, server_cookie, FAMILY, "4");
	assert_field(c, server_cookie, LADDR, "127.0.0.1");
	assert_field(c, server_cookie, RADDR, "127.0.0.1");
	assert_field(c, listener_cookie, FAMILY, "6");
	assert_field(c, listener_cookie, LADDR, "::");
}

/* --raw: what the tracepoint said, and nothing else. */
static void raw(void)
{
	struct trace t = trace__start("--raw");
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	close(p.client);
	net__wait_state(p.server, TCP_CLOSE_WAIT);
	close(p.server);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, p.client_cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE");
	assert_field(c, p.client_cookie, SRC, "tracepoint");
	assert_field(c, p.client_cookie, INFERRED, "false");
	assert_reason(c, p.client_cookie, "fin");
	assert_path(c, p.server_cookie, "LISTEN SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_field(c, p.server_cookie, SRC, "tracepoint");
}

/* Ports, addresses, namespace and times of a connection, against what the sockets say. */
static void fields(void)
{
	struct trace t = trace__start();
	uint64_t wall = suite__wall(), before = suite__now(), connected, closing, after;
	struct pair p = net__pair("127.0.0.1");
	char port[8], client_port[8], netns[24];
	const struct capture *c;
	const struct row *row;

	connected = suite__now();
	suite__nap_us(20000);
	closing = suite__now();
	must(!shutdown(p.client, SHUT_WR));
	after = suite__now();
	net__wait_state(p.server, TCP_CLOSE_WAIT);
	close(p.server);
	net__wait_state(p.client, TCP_CLOSE);

	c = trace__stop(&t);
	snprintf(port, sizeof(port), "%u", p.port);
	snprintf(client_port, sizeof(client_port), "%u", p.client_port);
	snprintf(netns, sizeof(netns), "%llu", (unsigned long long)net__inode());
	assert_field(c, p.client_cookie, NETNS, netns);
	assert_field(c, p.client_cookie, RPORT, port);
	assert_field(c, p.server_cookie, LPORT, port);
	assert_field(c, p.server_cookie, RPORT, client_port);
	assert_field(c, p.server_cookie, LADDR, "127.0.0.1");
	assert_field(c, p.listener_cookie, LPORT, port);
	row = rows__of(&c->rows, p.client_cookie, NULL);
	must(row && row__is(row, LPORT, "0")); /* connect() has not chosen one yet */
	must(row__time(row) >= wall && row__time(row) <= wall + (connected - before));
	while ((row = rows__of(&c->rows, p.client_cookie, row)))
		must(row__is(row, LPORT, client_port));

	assert_stay(c, p.client_cookie, "ESTABLISHED", closing - connected, after - before);
	assert_stay(c, p.client_cookie, "SYN_SENT", 1, connected - before);
	row = rows__entering(&c->rows, p.client_cookie, "TIME_WAIT");
	must(row__ns(row, LIFE_US) >= closing - connected);
	must(row__ns(row, LIFE_US) <= suite__now() - before);
	/* Loopback is quick; a round-trip time was measured nevertheless. */
	must(!row__is_null(row, RTT_US) && row__number(row, RTT_US) < 1000000);
	must(row__number(row, RETRANSMITS) == 0);
}

/*
 * MPTCP's own sockets fire the tracepoint too, as protocol 262. Their subflows are TCP. What is
 * shown is what tracefs counts of TCP, and plain connections in between are not disturbed.
 */
static void mptcp_noise(void)
{
	int mp_listener = net__mptcp_socket(), mp_client = net__mptcp_socket(), mp_server;
	struct kcount *kernel = kcount__start("(sport == 7003 || dport == 7003)");
	struct trace t = trace__start("--raw");
	const struct capture *c;
	struct pair p;
	uint64_t rows = 0;

	net__listen_on(mp_listener, "127.0.0.1", 7003);
	must(!net__try_connect(mp_client, "127.0.0.1", 7003));
	mp_server = net__accept(mp_listener);
	p = net__pair("127.0.0.1");
	net__send(mp_client, 1000);
	net__recv(mp_server, 1000);
	close(p.client);
	net__wait_state(p.server, TCP_CLOSE_WAIT);
	close(p.server);
	close(mp_client);
	while (recv(mp_server, &(char){ 0 }, 1, 0) > 0)
		;
	close(mp_server);
	close(mp_listener);
	net__settle();

	c = trace__stop(&t);
	for (size_t i = 0; i < c->rows.count; i++)
		rows += row__is(&c->rows.row[i], LPORT, "7003") ||
			row__is(&c->rows.row[i], RPORT, "7003");
	assert_int_equal(rows, kcount__stop(kernel));
	must(rows >= 10);
	assert_path(c, p.client_cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE");
	assert_path(c, p.server_cookie, "LISTEN SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
}

SUITE(TEST(client_closes_first), TEST(server_closes_first), TEST(half_close),
      TEST(shutdown_of_reading), TEST(self_connect), TEST(ipv6), TEST(ipv4_mapped), TEST(raw),
      TEST(fields), TEST(mptcp_noise))
