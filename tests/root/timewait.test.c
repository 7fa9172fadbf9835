// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The end of a connection behind its socket: TIME_WAIT, and FIN_WAIT2 of an orphan. */
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "lives.h"
#include "net.h"
#include "wire.h"

#define CONNECTIONS   1000
#define PORT	      7600
#define MS	      1000000ull
#define LONGEST_LIVES 80 /* seconds, of which TIME_WAIT takes a good minute */

static void close_gently(int first, int second)
{
	close(first);
	net__wait_state(second, TCP_CLOSE_WAIT);
	close(second);
}

/* Closes one in one of the ways there are. The rest of it may come later: returns it, or -1. */
static int close_somehow(const struct pair *p, unsigned int way)
{
	switch (way % 6) {
	case 0:
		close_gently(p->client, p->server);
		return -1;
	case 1:
		close_gently(p->server, p->client);
		return -1;
	case 2: /* an orphan waits for it in FIN_WAIT2 */
		close(p->client);
		return p->server;
	case 3: /* a socket waits for it in FIN_WAIT2 */
		must(!shutdown(p->server, SHUT_WR));
		net__wait_state(p->client, TCP_CLOSE_WAIT);
		close(p->client);
		net__wait_state(p->server, TCP_CLOSE);
		close(p->server);
		return -1;
	case 4:
		net__close_by_reset(p->client);
		net__wait_state(p->server, TCP_CLOSE);
		close(p->server);
		return -1;
	default: /* both at once */
		close(p->client);
		close(p->server);
		return -1;
	}
}

/* Every connection, from its beginning to its end, whichever side closes it and how. */
static void whole_lives(void)
{
	static uint64_t cookies[2 * CONNECTIONS];
	static int late[CONNECTIONS];
	struct lives lives = lives__start();
	int listener = net__listen("127.0.0.1", PORT);
	const struct capture *c;

	for (unsigned int i = 0; i < CONNECTIONS; i++) {
		/* Each from a port of its own: one that is used again ends a TIME_WAIT early. */
		uint16_t lport = PORT + 1 + i;
		struct pair p = {
			.client = net__connect_from("127.0.0.1", lport, "127.0.0.1", PORT),
		};

		p.server = net__accept(listener);
		cookies[2 * i] = net__cookie(p.client);
		cookies[2 * i + 1] = net__cookie(p.server);
		late[i] = close_somehow(&p, i);
	}
	for (unsigned int i = 0; i < CONNECTIONS; i++)
		if (late[i] >= 0)
			close(late[i]);
	lives__wait_timewait(LONGEST_LIVES);
	suite__nap_us(100000);
	lives__stop(&lives);
	each_capture(&lives, c)
	{
		if (!lives__see_fin(c))
			continue;
		for (unsigned int i = 0; i < 2 * CONNECTIONS; i++)
			assert_life(c, cookies[i]);
	}
}

/* FIN_WAIT2 lasts until the peer's FIN comes, whoever represents the socket meanwhile. */
static void orphan(void)
{
	struct lives lives = lives__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	net__send(p.client, 5);
	net__recv(p.server, 5);
	close(p.client);
	net__wait_state(p.server, TCP_CLOSE_WAIT);
	/* The ACK may be delayed. */
	net__wait_count(p.client_port, TCP_FIN_WAIT2, 1);
	suite__nap_us(300000);
	close(p.server);
	net__settle();
	suite__nap_us(50000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		if (!lives__see_fin(c))
			continue;
		assert_path(c, p.client_cookie,
			    "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
		assert_stay(c, p.client_cookie, "FIN_WAIT2", 250 * MS, 1000 * MS);
		assert_reason(c, p.client_cookie, "fin");
		assert_bytes(c, p.client_cookie, 5, 0);
		assert_owner(c, p.client_cookie, "self", getpid(), NULL);
		assert_field(c, p.client_cookie, INFERRED, "false");
	}
}

/* The peer never closes, and the kernel loses patience. */
static void orphan_times_out(void)
{
	struct pair p;
	struct lives lives;
	const struct capture *c;

	net__sysctl("ipv4/tcp_fin_timeout", "1");
	lives = lives__start();
	p = net__pair("127.0.0.1");
	close(p.client);
	/* Counted when it begins; an emulated CPU may be away for as long as it lasts. */
	wait_until(net__counter("TWKilled"));
	lives__wait_timewait(10);
	suite__nap_us(50000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		assert_path(c, p.client_cookie,
			    "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE");
		assert_stay(c, p.client_cookie, "FIN_WAIT2", 900 * MS, 3000 * MS);
		assert_reason(c, p.client_cookie, "timeout");
		assert_field(c, p.client_cookie, INFERRED, "false");
	}
}

/* Data for a socket that nobody reads any more is answered by a reset. */
static void orphan_is_reset(void)
{
	struct lives lives = lives__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	close(p.client);
	net__wait_state(p.server, TCP_CLOSE_WAIT);
	suite__nap_us(100000); /* for the FIN's delayed ACK */
	net__send(p.server, 5);
	wait_until(net__state(p.server) == TCP_CLOSE);
	suite__nap_us(50000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		assert_path(c, p.client_cookie,
			    "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE");
		assert_reason(c, p.client_cookie, "reset");
	}
}

/* Connected and closed; its FIN is on the wire. Returns its cookie. */
static uint64_t make_orphan(struct wire *wire)
{
	int fd = wire__connected(wire, PORT);
	uint64_t cookie = net__cookie(fd);

	close(fd);
	wire__expect(wire, FIN | ACK);
	return cookie;
}

/* Here it comes with the very segment that acknowledges the FIN: no stand-in is made at all. */
static void orphan_is_aborted(void)
{
	struct wire wire = wire__open();
	struct lives lives = lives__start();
	uint64_t cookie = make_orphan(&wire);
	const struct capture *c;

	wire__send(&wire, PSH | ACK, 6);
	net__settle();
	suite__nap_us(50000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		assert_path(c, cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE");
		assert_field(c, cookie, SRC, "tracepoint");
		assert_field(c, cookie, INFERRED, "false");
	}
}

/* A new connection takes the port pair of one in TIME_WAIT, which ends thereby. */
static void port_pair_is_reused(void)
{
	struct lives lives = lives__start();
	int listener = net__listen("127.0.0.1", PORT), client, server;
	const struct capture *c;
	uint64_t first, second;

	client = net__connect_from("127.0.0.1", PORT + 1, "127.0.0.1", PORT);
	server = net__accept(listener);
	first = net__cookie(server);
	close_gently(server, client);
	net__settle();
	/* Its timestamp must be a later one. */
	suite__nap_us(10000);
	net__connect_from("127.0.0.1", PORT + 1, "127.0.0.1", PORT);
	server = net__accept(listener);
	second = net__cookie(server);
	suite__nap_us(50000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		assert_path(
			c, first,
			"LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT "
			"CLOSE");
		assert_reason(c, first, "closed");
		assert_path(c, second, "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED");
	}
}

/* `ss -K`, and the end of the namespace. */
static void cut_short(void)
{
	struct lives lives = lives__start();
	struct pair killed = net__pair("127.0.0.1"), left = net__pair("127.0.0.1");
	const struct capture *c;
	int error;

	close_gently(killed.client, killed.server);
	close_gently(left.client, left.server);
	net__settle();
	error = net__kill_between(killed.client_port, killed.port, killed.client_cookie);
	close(killed.listener);
	close(left.listener);
	net__enter_new();
	suite__nap_us(suite__patience(1) * 1000000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		if (!error) /* the kernel was built with it */
			assert_path(
				c, killed.client_cookie,
				"CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE");
		assert_path(c, left.client_cookie,
			    "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE");
		assert_reason(c, left.client_cookie, "closed");
	}
}

/* There are too many already: the connection just ends. */
static void too_many(void)
{
	struct pair first, second;
	struct lives lives;
	const struct capture *c;

	net__sysctl("ipv4/tcp_max_tw_buckets", "1");
	lives = lives__start();
	first = net__pair("127.0.0.1");
	close_gently(first.client, first.server);
	net__settle();
	second = net__pair("127.0.0.1");
	close_gently(second.client, second.server);
	net__settle();

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		if (lives__see_fin(c))
			assert_path(c, first.client_cookie,
				    "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
		assert_path(c, second.client_cookie,
			    "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE");
		assert_field(c, second.client_cookie, INFERRED, "false");
	}
}

/* A second FIN starts the timer of TIME_WAIT again, which is no end. */
static void fin_comes_again(void)
{
	struct wire wire = wire__open();
	struct lives lives = lives__start();
	uint64_t cookie = make_orphan(&wire);
	const struct capture *c;

	wire__send(&wire, FIN | ACK, 0);
	net__settle();
	suite__nap_us(1000000);
	wire.seq--;
	wire__send(&wire, FIN | ACK, 0);
	suite__nap_us(50000);

	lives__stop(&lives);
	each_capture(&lives, c)
		assert_path(c, cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
}

SUITE(TEST(orphan), TEST(orphan_times_out), TEST(orphan_is_reset), TEST(orphan_is_aborted),
      TEST(port_pair_is_reused), TEST(cut_short), TEST(too_many), TEST(fin_comes_again),
      TEST(whole_lives))
