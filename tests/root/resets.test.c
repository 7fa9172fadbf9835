// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Connections that end by force: who did it, and how that is told. */
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "net.h"

#define CLIENT_CUT "CLOSE SYN_SENT ESTABLISHED CLOSE"
#define SERVER_CUT "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED CLOSE"

static void refused(void)
{
	struct trace t = trace__start();
	int fd = net__socket(AF_INET);
	uint64_t cookie = net__cookie(fd);
	const struct capture *c;

	assert_int_equal(net__try_connect(fd, "127.0.0.1", 7001), ECONNREFUSED);

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT CLOSE");
	assert_reason(c, cookie, "refused");
	assert_bytes(c, cookie, 0, 0);
}

static void client_closes_by_reset(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	net__close_by_reset(p.client);
	net__wait_state(p.server, TCP_CLOSE);

	c = trace__stop(&t);
	assert_path(c, p.client_cookie, CLIENT_CUT);
	assert_reason(c, p.client_cookie, "aborted");
	assert_path(c, p.server_cookie, SERVER_CUT);
	assert_reason(c, p.server_cookie, "reset");
}

static void server_closes_by_reset(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	net__send(p.server, 5);
	net__recv(p.client, 5);
	net__close_by_reset(p.server);
	net__wait_state(p.client, TCP_CLOSE);

	c = trace__stop(&t);
	assert_path(c, p.server_cookie, SERVER_CUT);
	assert_reason(c, p.server_cookie, "aborted");
	assert_bytes(c, p.server_cookie, 5, 0);
	assert_path(c, p.client_cookie, CLIENT_CUT);
	assert_reason(c, p.client_cookie, "reset");
	assert_bytes(c, p.client_cookie, 0, 5);
}

/* close() with data unread sends an RST instead of a FIN (RFC 2525, 2.17). */
static void client_closes_with_unread_data(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	net__send(p.server, 100);
	net__wait_unread(p.client, 100);
	close(p.client);
	net__wait_state(p.server, TCP_CLOSE);

	c = trace__stop(&t);
	assert_path(c, p.client_cookie, CLIENT_CUT);
	assert_reason(c, p.client_cookie, "aborted");
	assert_bytes(c, p.client_cookie, 0, 100);
	assert_path(c, p.server_cookie, SERVER_CUT);
	assert_reason(c, p.server_cookie, "reset");
	assert_bytes(c, p.server_cookie, 100, 0);
}

static void server_closes_with_unread_data(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	net__send(p.client, 100);
	net__wait_unread(p.server, 100);
	close(p.server);
	net__wait_state(p.client, TCP_CLOSE);

	c = trace__stop(&t);
	assert_path(c, p.server_cookie, SERVER_CUT);
	assert_reason(c, p.server_cookie, "aborted");
	assert_path(c, p.client_cookie, CLIENT_CUT);
	assert_reason(c, p.client_cookie, "reset");
}

/* The kernel reports a reset in CLOSE_WAIT as EPIPE; it is one all the same. */
static void reset_in_close_wait(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	must(!shutdown(p.client, SHUT_WR));
	net__wait_state(p.server, TCP_CLOSE_WAIT);
	net__wait_state(p.client, TCP_FIN_WAIT2);
	net__close_by_reset(p.client);
	net__wait_state(p.server, TCP_CLOSE);

	c = trace__stop(&t);
	assert_path(c, p.client_cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE");
	assert_reason(c, p.client_cookie, "aborted");
	assert_path(c, p.server_cookie,
		    "LISTEN NEW_SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT CLOSE");
	assert_reason(c, p.server_cookie, "reset");
}

/* FIN_WAIT2 can end without TIME_WAIT; the kernel says FIN_WAIT2 -> CLOSE either way. */
static void unread_data_in_fin_wait2(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	must(!shutdown(p.client, SHUT_WR));
	net__wait_state(p.client, TCP_FIN_WAIT2);
	net__send(p.server, 8);
	net__wait_unread(p.client, 8);
	close(p.client);
	net__wait_state(p.server, TCP_CLOSE);

	c = trace__stop(&t);
	assert_path(c, p.client_cookie, "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE");
	assert_reason(c, p.client_cookie, "aborted");
	assert_field(c, p.client_cookie, INFERRED, "false");
	assert_reason(c, p.server_cookie, "reset");
}

/* TCP_LINGER2 below 0: the socket is not to wait for the peer's FIN once nobody holds it. */
static void no_patience_in_fin_wait2(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	must(!setsockopt(p.client, IPPROTO_TCP, TCP_LINGER2, &(int){ -1 }, sizeof(int)));
	must(!shutdown(p.client, SHUT_WR));
	net__wait_state(p.client, TCP_FIN_WAIT2);
	close(p.client);
	net__wait_state(p.server, TCP_CLOSE);

	c = trace__stop(&t);
	/* close() sets FIN_WAIT2 once more before it finds out (tcp_close_state()). */
	assert_path(c, p.client_cookie,
		    "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 FIN_WAIT2 CLOSE");
	assert_reason(c, p.client_cookie, "aborted");
}

static void listener_closes_with_children(void)
{
	struct trace t = trace__start();
	int listener = net__listen("127.0.0.1", 7002), client[3];
	uint64_t cookie[3];
	const struct capture *c;
	size_t children = 0;

	for (int i = 0; i < 3; i++) {
		client[i] = net__connect("127.0.0.1", 7002);
		cookie[i] = net__cookie(client[i]);
	}
	net__wait_queued(listener, 3);
	close(listener);
	for (int i = 0; i < 3; i++)
		net__wait_state(client[i], TCP_CLOSE);

	c = trace__stop(&t);
	for (int i = 0; i < 3; i++) {
		assert_path(c, cookie[i], CLIENT_CUT);
		assert_reason(c, cookie[i], "reset");
	}
	for (size_t i = 0; i < c->rows.count; i++) {
		const struct row *row = &c->rows.row[i];

		if (row__number(row, NETNS) != net__inode() || !row__is(row, NEW, "SYN_RECV"))
			continue;
		assert_path(c, row->cookie, SERVER_CUT);
		assert_reason(c, row->cookie, "aborted");
		assert_owner(c, row->cookie, "inherited", getpid(), NULL);
		children++;
	}
	assert_int_equal(children, 3);
}

static void disconnect(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	net__disconnect(p.client);
	net__wait_state(p.server, TCP_CLOSE);

	c = trace__stop(&t);
	assert_path(c, p.client_cookie, CLIENT_CUT);
	assert_reason(c, p.client_cookie, "aborted");
	assert_path(c, p.server_cookie, SERVER_CUT);
	assert_reason(c, p.server_cookie, "reset");
}

/* A disconnected socket lives again: a second connection under the same cookie. */
static void disconnect_and_connect(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	uint64_t again;
	const struct capture *c;
	const struct row *row;
	int server;

	net__send(p.client, 1000);
	net__recv(p.server, 1000);
	net__disconnect(p.client);
	net__wait_state(p.server, TCP_CLOSE);
	again = suite__now();
	must(!net__try_connect(p.client, "127.0.0.1", p.port));
	server = net__accept(p.listener);
	net__send(p.client, 7);
	net__recv(server, 7);
	close(server);
	net__wait_state(p.client, TCP_CLOSE_WAIT);
	close(p.client);
	net__settle();
	again = suite__now() - again;

	c = trace__stop(&t);
	assert_path(c, p.client_cookie,
		    CLIENT_CUT " SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE");
	row = rows__entering(&c->rows, p.client_cookie, "CLOSE");
	must(row__is(row, REASON, "aborted"));
	must(row__number(row, BYTES_SENT) == 1000);
	assert_reason(c, p.client_cookie, "fin");
	assert_bytes(c, p.client_cookie, 7, 0);
	row = rows__of(&c->rows, p.client_cookie, row);
	must(row__is(row, NEW, "SYN_SENT") && !row__is_null(row, STATE_US));
	while (row && !row__is(row, OLD, "LAST_ACK"))
		row = rows__of(&c->rows, p.client_cookie, row);
	must(row && row__ns(row, LIFE_US) <= again);
}

/* The owner gives up before there is an answer. */
static void close_in_syn_sent(void)
{
	struct trace t = trace__start();
	int listener = net__listen("127.0.0.1", 7003), filler, fd;
	const struct capture *c;
	uint64_t cookie;

	/* A full accept queue ignores further SYNs. */
	must(!listen(listener, 0));
	filler = net__connect("127.0.0.1", 7003);
	net__wait_queued(listener, 1);
	fd = net__socket(AF_INET);
	cookie = net__cookie(fd);
	net__nonblocking(fd);
	must(net__try_connect(fd, "127.0.0.1", 7003) == EINPROGRESS);
	must(net__state(fd) == TCP_SYN_SENT);
	close(fd);
	close(filler);

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE SYN_SENT CLOSE");
	assert_reason(c, cookie, "closed");
}

/* What `ss -K` does: the socket goes, and its owner is still who it was. */
static void killed(void)
{
	struct trace t = trace__start();
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;
	int error = net__kill(p.client);

	if (error)
		suite__skip("this kernel can't kill sockets: %s", strerror(error));
	net__wait_state(p.server, TCP_CLOSE);

	c = trace__stop(&t);
	assert_path(c, p.client_cookie, CLIENT_CUT);
	assert_reason(c, p.client_cookie, "aborted");
	assert_owner(c, p.client_cookie, "self", getpid(), NULL);
	assert_path(c, p.server_cookie, SERVER_CUT);
	assert_reason(c, p.server_cookie, "reset");
}

static void listener_shuts_down(void)
{
	struct trace t = trace__start();
	int listener = net__listen("127.0.0.1", 7004);
	uint64_t cookie = net__cookie(listener);
	const struct capture *c;

	must(!shutdown(listener, SHUT_RD));
	must(!listen(listener, 1));
	close(listener);

	c = trace__stop(&t);
	assert_path(c, cookie, "CLOSE LISTEN CLOSE LISTEN CLOSE");
	assert_reason(c, cookie, "closed");
}

SUITE(TEST(refused), TEST(client_closes_by_reset), TEST(server_closes_by_reset),
      TEST(client_closes_with_unread_data), TEST(server_closes_with_unread_data),
      TEST(reset_in_close_wait), TEST(unread_data_in_fin_wait2), TEST(no_patience_in_fin_wait2),
      TEST(listener_closes_with_children), TEST(disconnect), TEST(disconnect_and_connect),
      TEST(close_in_syn_sent), TEST(killed), TEST(listener_shuts_down))
