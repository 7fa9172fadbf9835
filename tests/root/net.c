// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets: what the tests do with TCP. */
#include "net.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "suite.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t parse(union address *a, const char *text, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	if (strchr(text, ':')) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons(port);
		must(inet_pton(AF_INET6, text, &a->v6.sin6_addr) == 1);
		return sizeof(a->v6);
	}
	a->v4.sin_family = AF_INET;
	a->v4.sin_port = htons(port);
	must(inet_pton(AF_INET, text, &a->v4.sin_addr) == 1);
	return sizeof(a->v4);
}

int net__socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);

	must(fd >= 0);
	return fd;
}

int net__mptcp_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);

	if (fd < 0)
		suite__skip("no MPTCP: %s", strerror(errno));
	return fd;
}

static int socket_for(const char *address)
{
	return net__socket(strchr(address, ':') ? AF_INET6 : AF_INET);
}

void net__bind(int fd, const char *address, uint16_t port)
{
	union address a;
	socklen_t len = parse(&a, address, port);

	must(!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)));
	must(!bind(fd, &a.any, len));
}

int net__listen_on(int fd, const char *address, uint16_t port)
{
	net__bind(fd, address, port);
	must(!listen(fd, 4096));
	return fd;
}

int net__listen(const char *address, uint16_t port)
{
	return net__listen_on(socket_for(address), address, port);
}

int net__try_connect(int fd, const char *address, uint16_t port)
{
	union address a;
	socklen_t len = parse(&a, address, port);

	return connect(fd, &a.any, len) ? errno : 0;
}

int net__connect(const char *address, uint16_t port)
{
	int fd = socket_for(address);

	must(!net__try_connect(fd, address, port));
	return fd;
}

int net__connect_from(const char *laddress, uint16_t lport, const char *address, uint16_t port)
{
	int fd = socket_for(address);

	net__bind(fd, laddress, lport);
	must(!net__try_connect(fd, address, port));
	return fd;
}

int net__accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	must(fd >= 0);
	return fd;
}

void net__disconnect(int fd)
{
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	must(!connect(fd, &nobody, sizeof(nobody)));
}

struct pair net__pair_at(const char *address, uint16_t port)
{
	struct pair p;

	p.listener = net__listen(address, port);
	p.port = net__port(p.listener);
	p.listener_cookie = net__cookie(p.listener);
	p.client = net__connect(address, p.port);
	p.client_port = net__port(p.client);
	p.client_cookie = net__cookie(p.client);
	p.server = net__accept(p.listener);
	p.server_cookie = net__cookie(p.server);
	return p;
}

struct pair net__pair(const char *address)
{
	return net__pair_at(address, 0);
}

void net__close_in_order(const struct pair *p)
{
	close(p->client);
	net__wait_state(p->server, TCP_CLOSE_WAIT);
	close(p->server);
	close(p->listener);
}

uint64_t net__cookie(int fd)
{
	uint64_t cookie;

	must(!getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &(socklen_t){ sizeof(cookie) }));
	return cookie;
}

uint16_t net__port(int fd)
{
	union address a;

	must(!getsockname(fd, &a.any, &(socklen_t){ sizeof(a) }));
	return ntohs(a.v4.sin_port); /* at the same place in both families */
}

void net__send(int fd, size_t bytes)
{
	char *data = calloc(1, bytes);

	must(send(fd, data, bytes, MSG_NOSIGNAL) == (ssize_t)bytes);
	free(data);
}

void net__recv(int fd, size_t bytes)
{
	char *data = malloc(bytes);

	must(recv(fd, data, bytes, MSG_WAITALL) == (ssize_t)bytes);
	free(data);
}

void net__nonblocking(int fd)
{
	must(!fcntl(fd, F_SETFL, O_NONBLOCK));
}

void net__close_by_reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	must(!setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)));
	must(!close(fd));
}

static struct tcp_info info_of(int fd)
{
	struct tcp_info info = { 0 };

	must(!getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &(socklen_t){ sizeof(info) }));
	return info;
}

int net__state(int fd)
{
	return info_of(fd).tcpi_state;
}

void net__wait_state(int fd, int state)
{
	wait_until(net__state(fd) == state);
}

/* For a listener, tcp_get_info() has sk_ack_backlog there. */
void net__wait_queued(int listener, unsigned int children)
{
	wait_until(info_of(listener).tcpi_unacked == children);
}

static int unread(int fd)
{
	int bytes = 0;

	must(!ioctl(fd, FIONREAD, &bytes));
	return bytes;
}

void net__wait_unread(int fd, int bytes)
{
	wait_until(unread(fd) == bytes);
}

/* How many sockets of the state are at the port; -1: of any but LISTEN and TIME_WAIT, at any. */
static unsigned int count_in(const char *path, int port, int state)
{
	FILE *file = fopen(path, "re");
	unsigned int count = 0, p, s;
	char line[512];

	if (!file) {
		must(errno == ENOENT); /* a kernel without IPv6 */
		return 0;
	}
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " %*d: %*[^:]:%x %*s %x", &p, &s) == 2)
			count += port < 0 ? s != TCP_LISTEN && s != TCP_TIME_WAIT
					  : (int)p == port && (int)s == state;
	fclose(file);
	return count;
}

static unsigned int count_sockets(int port, int state)
{
	return count_in("/proc/thread-self/net/tcp", port, state) +
	       count_in("/proc/thread-self/net/tcp6", port, state);
}

void net__wait_count(uint16_t port, int state, unsigned int count)
{
	wait_until(count_sockets(port, state) == count);
}

/* A packet that a busy machine has dropped is sent again after a second, then after two, four... */
void net__settle(void)
{
	wait_seconds(40, !count_sockets(-1, -1));
}
