// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Half-open connections, from the SYN to the last ACK, or to another end. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "kcount.h"
#include "lives.h"
#include "net.h"
#include "wire.h"

#define PORT 7700
#define MS   1000000ull

/* A slow machine takes its time for fewer. */
#define FLOOD	     (suite__patience(1) > 1 ? 20000u : 100000u)
#define PER_ADDRESS  50000
#define RESIDENT_MAX (200ull << 20) /* of which the ring is 64 MB, mapped twice */

/* The cookie of the connection from this port, as its first row has it; 0: there is none. */
static uint64_t cookie_of(const struct capture *c, uint16_t peer_port)
{
	for (size_t i = 0; i < c->rows.count; i++)
		if (row__number(&c->rows.row[i], RPORT) == peer_port &&
		    row__number(&c->rows.row[i], NETNS) == net__inode())
			return c->rows.row[i].cookie;
	return 0;
}

/* The handshake begins with the SYN, however long the last ACK takes. */
static void completed(void)
{
	struct wire wire = wire__open();
	int listener = net__listen(WIRE_HOST, PORT), server;
	struct lives lives = lives__start();
	const struct capture *c;
	uint64_t cookie;

	wire__half_open(&wire, PORT, 40000);
	suite__nap_us(200000);
	wire__send(&wire, ACK, 0);
	server = net__accept(listener);
	cookie = net__cookie(server);
	suite__nap_us(50000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		const struct row *row = rows__of(&c->rows, cookie, NULL);

		assert_path(c, cookie, "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED");
		assert_stay(c, cookie, "NEW_SYN_RECV", 200 * MS, 1000 * MS);
		must(row__is(row, SRC, "request") && row__is(row, RPORT, "40000"));
		must(row__is(row, LADDR, WIRE_HOST) && row__is(row, RADDR, WIRE_PEER));
	}
}

/* Nobody answers the SYN-ACK. It belongs to the listener's owner, found at the start. */
static void times_out(void)
{
	struct wire wire = wire__open();
	struct lives lives;
	const struct capture *c;

	net__sysctl("ipv4/tcp_synack_retries", "1");
	net__listen(WIRE_HOST, PORT);
	lives = lives__start();
	wire__half_open(&wire, PORT, 40000);
	suite__nap_us(3500000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		uint64_t cookie = cookie_of(c, 40000);

		assert_path(c, cookie, "LISTEN NEW_SYN_RECV CLOSE");
		assert_field(c, cookie, SRC, "request");
		assert_field(c, cookie, INFERRED, "false");
		assert_reason(c, cookie, "timeout");
		assert_stay(c, cookie, "NEW_SYN_RECV", 2900 * MS, 4000 * MS);
		assert_owner(c, cookie, "inherited", getpid(), NULL);
		must(row__number(rows__entering(&c->rows, cookie, "CLOSE"), RETRANSMITS) == 1);
	}
}

static void is_reset(void)
{
	struct wire wire = wire__open();
	struct lives lives = lives__start();
	const struct capture *c;

	net__listen(WIRE_HOST, PORT);
	wire__half_open(&wire, PORT, 40000);
	wire__send(&wire, RST, 0);
	suite__nap_us(100000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		uint64_t cookie = cookie_of(c, 40000);

		assert_path(c, cookie, "LISTEN NEW_SYN_RECV CLOSE");
		assert_reason(c, cookie, "reset");
		assert_owner(c, cookie, "inherited", getpid(), NULL);
	}
}

/*
 * The last ACK, of port 40003, comes when the accept queue is full. A backlog of 2 lets three
 * connections wait for accept(), and two be half open at the same time.
 */
static struct lives overflow_queue(void)
{
	struct wire wire = wire__open(), last;
	int listener = net__listen(WIRE_HOST, PORT);
	struct lives lives;

	must(!listen(listener, 2));
	lives = lives__start();
	for (uint16_t port = 40000; port < 40002; port++) {
		wire__half_open(&wire, PORT, port);
		wire__send(&wire, ACK, 0);
	}
	wire__half_open(&wire, PORT, 40002);
	last = wire;
	wire__half_open(&last, PORT, 40003);
	wire__send(&wire, ACK, 0);
	wire__send(&last, ACK, 0);
	return lives;
}

/* The request waits, and is given up. */
static void overflow(void)
{
	struct lives lives;
	const struct capture *c;

	net__sysctl("ipv4/tcp_synack_retries", "1");
	lives = overflow_queue();
	suite__nap_us(3500000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		assert_path(c, cookie_of(c, 40002), "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED");
		assert_path(c, cookie_of(c, 40003), "LISTEN NEW_SYN_RECV CLOSE");
		assert_reason(c, cookie_of(c, 40003), "ENOBUFS");
	}
}

/* It is reset by this side, whose peer has done nothing. */
static void overflow_aborts(void)
{
	struct lives lives;
	const struct capture *c;

	net__sysctl("ipv4/tcp_abort_on_overflow", "1");
	lives = overflow_queue();
	suite__nap_us(100000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		assert_path(c, cookie_of(c, 40003), "LISTEN NEW_SYN_RECV CLOSE");
		assert_reason(c, cookie_of(c, 40003), "ENOBUFS");
	}
}

/*
 * Where the listener waits for data (TCP_DEFER_ACCEPT), the last ACK of the handshake is kept back
 * as one is that finds the accept queue full; which is not why these end.
 */
static void deferred(void)
{
	struct wire wire = wire__open();
	int listener = net__socket(AF_INET);
	struct lives lives;
	const struct capture *c;

	net__sysctl("ipv4/tcp_synack_retries", "1");
	must(!setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &(int){ 1 }, sizeof(int)));
	net__listen_on(listener, WIRE_HOST, PORT);
	lives = lives__start();
	wire__half_open(&wire, PORT, 40000);
	wire__send(&wire, ACK, 0);
	wire__send(&wire, RST, 0);
	wire__half_open(&wire, PORT, 40001);
	wire__send(&wire, ACK, 0);
	suite__nap_us(3500000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		assert_path(c, cookie_of(c, 40000), "LISTEN NEW_SYN_RECV CLOSE");
		assert_reason(c, cookie_of(c, 40000), "reset");
		assert_path(c, cookie_of(c, 40001), "LISTEN NEW_SYN_RECV CLOSE");
		assert_reason(c, cookie_of(c, 40001), "timeout");
	}
}

static void listener_closes(void)
{
	struct wire wire = wire__open();
	struct lives lives = lives__start();
	int listener = net__listen(WIRE_HOST, PORT);
	const struct capture *c;

	wire__half_open(&wire, PORT, 40000);
	close(listener);
	suite__nap_us(1500000);

	lives__stop(&lives);
	each_capture(&lives, c)
	{
		uint64_t cookie = cookie_of(c, 40000);

		assert_path(c, cookie, "LISTEN NEW_SYN_RECV CLOSE");
		assert_reason(c, cookie, "closed");
	}
}

/* A SYN cookie leaves no request behind: the connection begins with its last ACK. */
static void syn_cookie(void)
{
	struct wire wire = wire__open();
	struct lives lives;
	const struct capture *c;
	int listener;

	net__sysctl("ipv4/tcp_syncookies", "2");
	lives = lives__start();
	listener = net__listen(WIRE_HOST, PORT);
	wire__half_open(&wire, PORT, 40000);
	wire__send(&wire, ACK, 0);
	net__accept(listener);
	suite__nap_us(50000);

	lives__stop(&lives);
	each_capture(&lives, c) assert_path(c, cookie_of(c, 40000), "LISTEN SYN_RECV ESTABLISHED");
}

static uint64_t resident(pid_t pid)
{
	unsigned long long pages = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	file = fopen(path, "re");
	must(file && fscanf(file, "%*u %llu", &pages) == 1);
	fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

static void send_flood(struct wire *wire)
{
	wire->host_port = PORT;
	for (unsigned int i = 0; i < FLOOD; i++) {
		wire->peer = htonl(ntohl(inet_addr(WIRE_PEER)) + i / PER_ADDRESS);
		wire->peer_port = 10000 + i % PER_ADDRESS;
		wire__send(wire, SYN, 0);
		if (i % 100 == 0)
			wire__drain(wire);
	}
}

/*
 * 100,000 SYNs that nobody follows up: each is there, and each has its end. Their timers expire on
 * whatever thread has the CPU; for those of process 1 see kcount__start_in_init().
 */
static void flood(void)
{
	struct kcount *in_init = kcount__watch_init();
	struct trace_setup setup = { .flood = true, .here = true };
	struct wire wire = wire__open();
	uint64_t begun = 0, ended = 0, most = 0, count, hidden, until;
	int listener = net__listen(WIRE_HOST, PORT);
	const struct capture *c;
	struct trace t;

	net__sysctl("core/somaxconn", "300000");
	net__sysctl("ipv4/tcp_max_syn_backlog", "300000");
	net__sysctl("ipv4/tcp_syncookies", "0");
	net__sysctl("ipv4/tcp_synack_retries", "1");
	must(!listen(listener, 300000));
	t = trace__start_with(&setup, "-b", "64M", "-N", "self");
	send_flood(&wire);
	count = FLOOD - net__counter("ListenDrops");
	until = suite__now() + suite__patience(60) * 1000 * MS;
	while (suite__now() < until && trace__lines(&t) < 1 + 2 * count) {
		wire__drain(&wire);
		most = resident(t.pid) > most ? resident(t.pid) : most;
		suite__nap_us(100000);
	}
	c = trace__stop(&t);
	hidden = kcount__end(in_init);
	for (size_t i = 0; i < c->rows.count; i++) {
		begun += row__is(&c->rows.row[i], NEW, "NEW_SYN_RECV");
		ended += row__is(&c->rows.row[i], OLD, "NEW_SYN_RECV") &&
			 row__is(&c->rows.row[i], REASON, "timeout");
	}
	suite__diag("%llu requests: %llu begun, %llu ended, %llu lost, %llu MB resident; BPF may "
		    "not have seen %llu ends",
		    (unsigned long long)count, (unsigned long long)begun, (unsigned long long)ended,
		    (unsigned long long)capture__lost(c), (unsigned long long)most >> 20,
		    (unsigned long long)hidden);
	must(count > FLOOD / 2);
	assert_int_equal(begun, count);
	must(ended <= count && ended + hidden >= count);
	assert_int_equal(capture__lost(c), 0);
	must(most < RESIDENT_MAX);
}

SUITE(TEST(completed), TEST(times_out), TEST(is_reset), TEST(overflow), TEST(overflow_aborts),
      TEST(deferred), TEST(listener_closes), TEST(syn_cookie), TEST(flood))
