/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Namespaces and TCP sockets for tests. Everything either works or fails the test. Addresses are
 * written as text; one with a colon is IPv6. No call sleeps where there is a state to wait for.
 */
#ifndef TESTS_ROOT_NET_H
#define TESTS_ROOT_NET_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/* A new network namespace for the calling process, with lo up. */
void net__enter_new(void);
/* The inode number of the calling process's network namespace. */
uint64_t net__inode(void);
/* A descriptor of the calling process's network namespace, to return to. */
int net__this(void);
/* Enters the namespace of another process; returns a descriptor of the one left. */
int net__join(pid_t pid);
void net__return(int left);
/* Makes the calling process's namespace known as /run/netns/NAME until the test is over. */
void net__name_this(const char *name);
/* Writes a file below /proc/sys/net, which shows the caller's namespace. */
void net__sysctl(const char *name, const char *value);
/*
 * From now on the packets of this namespace's lo are spread over all CPUs (RPS), as those of a
 * network card are: softirqs interrupt whatever runs there.
 */
void net__steer_packets(void);
/* One of TcpExt's counters of the caller's namespace, as /proc/net/netstat calls it. */
uint64_t net__counter(const char *name);
/* A network device of this namespace: sets its address and takes it up; or takes it down. */
void net__up(const char *device, const char *ipv4);
void net__down(const char *device);
/* A pair of devices, `here` in this namespace and `there` in that of process `pid`. */
void net__veth(const char *here, const char *there, pid_t pid);

int net__socket(int family);
/* MPTCP's, whose subflows are TCP; skips the test where there is none. */
int net__mptcp_socket(void);
/* A listener; port 0: any. */
int net__listen(const char *address, uint16_t port);
int net__listen_on(int fd, const char *address, uint16_t port);
int net__connect(const char *address, uint16_t port);
int net__connect_from(const char *laddress, uint16_t lport, const char *address, uint16_t port);
/* connect() on a socket that exists. Returns 0 or an errno. */
int net__try_connect(int fd, const char *address, uint16_t port);
void net__bind(int fd, const char *address, uint16_t port);
int net__accept(int listener);
/* connect() to AF_UNSPEC: the socket is as good as new. */
void net__disconnect(int fd);

/* A listener and one connection to it. The cookies outlive the descriptors. */
struct pair {
	int listener, client, server;
	uint16_t port, client_port;
	uint64_t listener_cookie, client_cookie, server_cookie;
};

struct pair net__pair(const char *address);
struct pair net__pair_at(const char *address, uint16_t port);
/* The client first, then the server, at last the listener. */
void net__close_in_order(const struct pair *pair);

uint64_t net__cookie(int fd);
uint16_t net__port(int fd);
void net__send(int fd, size_t bytes);
void net__recv(int fd, size_t bytes);
void net__nonblocking(int fd);
/* close() sends an RST. */
void net__close_by_reset(int fd);

int net__state(int fd);
void net__wait_state(int fd, int state);

/* Until so many children are in a listener's queue: each once its client's last ACK has come. */
void net__wait_queued(int listener, unsigned int children);
/* Until `bytes` wait in the receive queue. */
void net__wait_unread(int fd, int bytes);
/* Until this namespace has `count` sockets in `state` whose local port is `port`. */
void net__wait_count(uint16_t port, int state, unsigned int count);
/* Until nothing but listeners and TIME_WAIT is left in this namespace. */
void net__settle(void);
/* Destroys another's socket as `ss -K` does. Returns 0 or an errno. */
int net__kill(int fd);
/* The same for whatever there is between two ports of 127.0.0.1. */
int net__kill_between(uint16_t lport, uint16_t rport, uint64_t cookie);

#endif
