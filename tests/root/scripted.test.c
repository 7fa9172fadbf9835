// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What happens when segments cross, vanish or lie: the peer is a script at a TUN device. */
#include <fcntl.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "expect.h"
#include "net.h"
#include "wire.h"

#define PORT 7000

/* Starts a connect() that is not answered yet; the SYN has been read. */
static int connecting(struct wire *wire)
{
	int fd = net__socket(AF_INET);

	net__nonblocking(fd);
	must(net__try_connect(fd, WIRE_PEER, PORT) == EINPROGRESS);
	wire__expect(wire, SYN);
	return fd;
}

static void simultaneous_open(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int fd = connecting(&wire);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;

	wire__send(&wire, SYN, 0);
	wire__expect(&wire, SYN | ACK);
	wire__send(&wire, ACK, 0);
	net__wait_state(fd, TCP_ESTABLISHED);
	close(fd);
	wire__expect(&wire, FIN | ACK);
	wire__send(&wire, FIN | ACK, 0);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT");
	assert_reason(c, cookie, "fin");
	assert_owner(c, cookie, "self", getpid(), NULL);
}

/* Both FINs cross: CLOSING, and the last ACK leads to TIME_WAIT. */
static void simultaneous_close(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int fd = wire__connected(&wire, PORT);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;
	struct segment fin;

	net__send(fd, 30);
	wire__expect(&wire, ACK);
	wire__send(&wire, ACK, 50);
	net__recv(fd, 50);
	close(fd);
	fin = wire__expect(&wire, FIN | ACK);
	wire__send_ack(&wire, FIN | ACK, 0, fin.seq);
	wire__expect(&wire, ACK);
	wire__send(&wire, ACK, 0);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT");
	assert_reason(c, cookie, "fin");
	assert_bytes(c, cookie, 30, 50);
}

/* CLOSING that is cut off never was in TIME_WAIT. */
static void reset_by_this_side_in_closing(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int fd = wire__connected(&wire, PORT);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;
	struct segment fin;

	must(!shutdown(fd, SHUT_WR));
	fin = wire__expect(&wire, FIN | ACK);
	wire__send_ack(&wire, FIN | ACK, 0, fin.seq);
	net__wait_state(fd, TCP_CLOSING);
	net__close_by_reset(fd);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 CLOSING CLOSE");
	assert_reason(c, cookie, "aborted");
}

/* The peer's FIN was in, but ours was not acknowledged yet: not an end in order. */
static void reset_by_this_side_in_last_ack(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int fd = wire__connected(&wire, PORT);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;

	wire__send(&wire, FIN | ACK, 0);
	net__wait_state(fd, TCP_CLOSE_WAIT);
	must(!shutdown(fd, SHUT_WR));
	net__wait_state(fd, TCP_LAST_ACK);
	net__close_by_reset(fd);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_reason(c, cookie, "aborted");
}

static void reset_by_peer_in_last_ack(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int fd = wire__connected(&wire, PORT);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;

	wire__send(&wire, FIN | ACK, 0);
	net__wait_state(fd, TCP_CLOSE_WAIT);
	wire__expect(&wire, ACK);
	close(fd);
	wire__expect(&wire, FIN | ACK);
	wire__send(&wire, RST, 0);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_reason(c, cookie, "reset");
}

static void refused_by_peer(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int fd = connecting(&wire);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;

	wire__send(&wire, RST | ACK, 0);
	net__wait_state(fd, TCP_CLOSE);

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT CLOSE");
	assert_reason(c, cookie, "refused");
}

/* An error without a word of its own is called by its name. */
static void unreachable(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int fd = connecting(&wire);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;

	wire__send_unreachable(&wire, ICMP_HOST_UNREACH);
	net__wait_state(fd, TCP_CLOSE);

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT CLOSE");
	assert_reason(c, cookie, "EHOSTUNREACH");
}

static void set_timeout(int fd, unsigned int ms)
{
	must(!setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms)));
}

static void connect_timeout(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int fd = net__socket(AF_INET);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;
	const struct row *row;

	(void)wire; /* nobody reads it */
	set_timeout(fd, 200);
	must(!setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &(int){ 1 }, sizeof(int)));
	assert_int_equal(net__try_connect(fd, WIRE_PEER, PORT), ETIMEDOUT);

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT CLOSE");
	assert_reason(c, cookie, "timeout");
	row = rows__entering(&c->rows, cookie, "CLOSE");
	must(row__number(row, RETRANSMITS) >= 1);
	must(row__number(row, BYTES_SENT) == 0);
}

/* Data that is never acknowledged. */
static void established_timeout(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int fd = wire__connected(&wire, PORT);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;
	const struct row *row;

	set_timeout(fd, 300);
	net__send(fd, 100);
	net__wait_state(fd, TCP_CLOSE);
	close(fd);

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT ESTABLISHED CLOSE");
	assert_reason(c, cookie, "timeout");
	row = rows__entering(&c->rows, cookie, "CLOSE");
	must(row__number(row, RETRANSMITS) >= 1);
	assert_bytes(c, cookie, 100, 0); /* retransmissions are not payload */
}

/* The owner is gone, and so is the peer. */
static void fin_wait1_timeout(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int fd = wire__connected(&wire, PORT);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;

	set_timeout(fd, 300);
	close(fd);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 CLOSE");
	assert_reason(c, cookie, "timeout");
}

/* Data lost once and sent again: payload counts once. */
static void retransmission(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int fd = wire__connected(&wire, PORT);
	uint64_t cookie = net__cookie(fd);
	struct segment first, again;
	const struct capture *c;
	const struct row *row;

	net__send(fd, 500);
	first = wire__expect(&wire, ACK);
	again = wire__expect(&wire, ACK);
	must(first.payload == 500 && again.payload == 500 && first.seq == again.seq);
	wire__send(&wire, FIN | ACK, 0);
	net__wait_state(fd, TCP_CLOSE_WAIT);
	wire__expect(&wire, ACK);
	close(fd);
	wire__expect(&wire, FIN | ACK);
	wire__send(&wire, ACK, 0);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_reason(c, cookie, "fin");
	assert_bytes(c, cookie, 500, 0);
	row = rows__entering(&c->rows, cookie, "CLOSE");
	must(row__number(row, RETRANSMITS) == 1);
}

/* A half-open connection, whose last ACK never comes, is no transition (yet). */
static void half_open(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int listener = net__listen(WIRE_HOST, PORT);
	uint64_t cookie = net__cookie(listener);
	const struct capture *c;

	wire__half_open(&wire, PORT, 40000);
	wire__send(&wire, RST, 0);
	net__settle();
	close(listener);

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE LISTEN CLOSE");
	for (size_t i = 0; i < c->rows.count; i++)
		must(row__number(&c->rows.row[i], NETNS) != net__inode() ||
		     !row__is(&c->rows.row[i], NEW, "SYN_RECV"));
}

/* The last ACK, data and FIN in one segment. */
static void all_in_one_segment(void)
{
	struct wire wire = wire__open();
	struct trace t = trace__start();
	int listener = net__listen(WIRE_HOST, PORT), server;
	const struct capture *c;
	uint64_t cookie;

	wire__half_open(&wire, PORT, 40001);
	wire__send(&wire, FIN | ACK, 20);
	server = net__accept(listener);
	cookie = net__cookie(server);
	net__wait_state(server, TCP_CLOSE_WAIT);
	net__recv(server, 20);
	wire__expect(&wire, ACK);
	close(server);
	wire__expect(&wire, FIN | ACK);
	wire__send(&wire, ACK, 0);
	net__settle();

	c = trace__stop(&t);
	assert_path(c, cookie,
		    "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	assert_reason(c, cookie, "fin");
	assert_bytes(c, cookie, 0, 20);
}

SUITE(TEST(simultaneous_open), TEST(simultaneous_close), TEST(reset_by_this_side_in_closing),
      TEST(reset_by_this_side_in_last_ack), TEST(reset_by_peer_in_last_ack), TEST(refused_by_peer),
      TEST(unreachable), TEST(connect_timeout), TEST(established_timeout), TEST(fin_wait1_timeout),
      TEST(retransmission), TEST(half_open), TEST(all_in_one_segment))
