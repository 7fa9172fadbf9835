// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Makes TCP connections over loopback as fast as it can, to measure what tracing costs them, and
 * to give tests plenty of transitions: as many server as client processes share one listener;
 * each client opens one connection after the other, sends and receives BYTES, and closes first. Few
 * connections with many EXCHANGES are the opposite: traffic without any transition.
 *
 * A client waits for the server's close before it goes on. So there are never more than CLIENTS
 * connections, the listener's queue can't overflow (a dropped SYN costs a second), and all is over
 * in the kernel when the program ends. It costs two context switches a connection.
 *
 * The closing side leaves a TIME_WAIT behind that blocks its port towards that destination. Each
 * client therefore goes round SPREAD addresses of 127.0.0.0/8, which are there without being
 * configured: 28,000 ports times SPREAD times CLIENTS in a minute. IPv6 has only ::1; there the
 * kernel reuses a port after a second (net.ipv4.tcp_tw_reuse is 2, loopback only, by default).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SPREAD = 64, MAX_CLIENTS = 200, MAX_BYTES = 1 << 20 };

struct options {
	long connections; /* of all clients together */
	long clients;
	long port; /* 0: the kernel chooses */
	long bytes;
	long exchanges;
	bool ipv6;
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static const char usage[] =
	"usage: churn [-6] [-b BYTES] [-c CONNECTIONS] [-j CLIENTS] [-n EXCHANGES] [-p PORT]\n"
	"Makes TCP connections over loopback; each client closes first.\n"
	"  -6              over IPv6\n"
	"  -b BYTES        each side sends so many on every connection (default: 0)\n"
	"  -c CONNECTIONS  how many, all clients together (default: 50000)\n"
	"  -j CLIENTS      processes that connect, and as many that accept (default: 4)\n"
	"  -n EXCHANGES    how often they do so on every connection (default: 1)\n"
	"  -p PORT         where the server listens (default: the kernel chooses)\n";

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
	int error = errno;
	va_list args;

	fprintf(stderr, "churn: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ": %s\n", strerror(error));
	exit(1);
}

static long number(char option, const char *text, long min, long max)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < min || value > max) {
		fprintf(stderr, "churn: -%c %s: not a number from %ld to %ld\n", option, text, min,
			max);
		exit(2);
	}
	return value;
}

static void parse(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "6b:c:hj:n:p:")) != -1) {
		switch (c) {
		case '6':
			o->ipv6 = true;
			break;
		case 'b':
			o->bytes = number(c, optarg, 0, MAX_BYTES);
			break;
		case 'c':
			o->connections = number(c, optarg, 1, 1000000000);
			break;
		case 'j':
			o->clients = number(c, optarg, 1, MAX_CLIENTS);
			break;
		case 'n':
			o->exchanges = number(c, optarg, 1, 1000000000);
			break;
		case 'p':
			o->port = number(c, optarg, 0, 65535);
			break;
		default:
			fputs(usage, c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : 2);
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		exit(2);
	}
}

static socklen_t address_size(const union address *a)
{
	return a->any.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

/* Listens on every loopback address; `server` becomes the address it got. */
static int listen_at(union address *server, const struct options *o)
{
	socklen_t size;
	int fd, on = 1;

	memset(server, 0, sizeof(*server));
	if (o->ipv6) {
		server->v6.sin6_family = AF_INET6;
		server->v6.sin6_addr = in6addr_loopback;
		server->v6.sin6_port = htons(o->port);
	} else {
		server->v4.sin_family = AF_INET;
		server->v4.sin_addr.s_addr = htonl(INADDR_ANY);
		server->v4.sin_port = htons(o->port);
	}
	size = address_size(server);
	fd = socket(server->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		die("SO_REUSEADDR");
	if (bind(fd, &server->any, size))
		die("bind to port %ld", o->port);
	if (listen(fd, MAX_CLIENTS))
		die("listen");
	if (getsockname(fd, &server->any, &size))
		die("getsockname");
	return fd;
}

static void send_all(int fd, const char *buffer, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = send(fd, buffer, bytes, MSG_NOSIGNAL);

		if (n < 0)
			die("send");
		bytes -= n;
	}
}

/* Less than `bytes` is an error: the peer must not close first. */
static void receive_all(int fd, char *buffer, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = recv(fd, buffer, bytes, MSG_WAITALL);

		if (n < 0)
			die("receive");
		if (n == 0) {
			errno = ECONNABORTED;
			die("receive: %zu bytes missing", bytes);
		}
		bytes -= n;
	}
}

static void await_eof(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, 0);

	if (n < 0)
		die("wait for the other side's close");
	if (n > 0) {
		errno = EPROTO;
		die("data where the end was due");
	}
}

static void serve(int listener, const struct options *o, char *buffer)
{
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0 && errno == EINVAL)
			exit(0); /* the parent has shut the listener down */
		if (fd < 0)
			die("accept");
		for (long i = 0; i < o->exchanges; i++) {
			receive_all(fd, buffer, o->bytes);
			send_all(fd, buffer, o->bytes);
		}
		await_eof(fd);
		close(fd);
	}
}

static void connect_once(const union address *server, const struct options *o, char *buffer)
{
	int fd = socket(server->any.sa_family, SOCK_STREAM, 0);

	if (fd < 0)
		die("socket");
	if (connect(fd, &server->any, address_size(server)))
		die("connect");
	for (long i = 0; i < o->exchanges; i++) {
		send_all(fd, buffer, o->bytes);
		receive_all(fd, buffer, o->bytes);
	}
	if (shutdown(fd, SHUT_WR))
		die("shutdown");
	await_eof(fd);
	close(fd);
}

static void run_client(union address server, const struct options *o, long index, char *buffer)
{
	long count = o->connections / o->clients + (index < o->connections % o->clients);

	for (long i = 0; i < count; i++) {
		if (!o->ipv6) /* 127.1.client.1 and following */
			server.v4.sin_addr.s_addr = htonl(0x7f010000 | (index << 8) |
							  (i % SPREAD + 1));
		connect_once(&server, o, buffer);
	}
	exit(0);
}

/* Without this a client that failed would leave the others behind, and its server waiting. */
static void end_children(const pid_t *pids, long count)
{
	for (long i = 0; i < count; i++)
		if (pids[i] > 0)
			kill(pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
}

/* In the child: 0. No child outlives its parent, whatever ends that. */
static pid_t fork_child(void)
{
	pid_t parent = getpid(), child = fork();

	if (child < 0)
		die("fork"); /* the others die with this process */
	if (child > 0)
		return child;
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	return 0;
}

/* Makes wait() return with EINTR, so that an interrupted parent ends its children. */
static void interrupt(int number)
{
	(void)number;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = interrupt }; /* not SA_RESTART */

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Waits until `count` of the children in `pids` have ended well; one that failed has said why. */
static bool reap(pid_t *pids, long children, long count)
{
	int status;

	while (count > 0) {
		pid_t child = wait(&status);

		for (long i = 0; i < children; i++)
			if (pids[i] == child)
				pids[i] = 0;
		if (child < 0 || status != 0)
			return false;
		count--;
	}
	return true;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/*
 * Seconds of CPU time of the children that have ended, softirqs on their CPUs included. The
 * scheduler counts it in nanoseconds, and other load on the machine changes it less than the rate.
 */
static double cpu_time(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Runs everything and sets the seconds from the first connection to the last. */
static bool churn(const struct options *o, pid_t *pids, double *elapsed)
{
	char *buffer = calloc(1, o->bytes + 1);
	union address server;
	int listener = listen_at(&server, o);
	bool ok;

	if (!buffer)
		die("buffer");
	for (long i = 0; i < o->clients; i++) {
		pids[i] = fork_child();
		if (pids[i] == 0)
			serve(listener, o, buffer);
	}
	*elapsed = now();
	for (long i = 0; i < o->clients; i++) {
		pids[o->clients + i] = fork_child();
		if (pids[o->clients + i] == 0)
			run_client(server, o, i, buffer);
	}
	ok = reap(pids, 2 * o->clients, o->clients); /* the clients end first */
	*elapsed = now() - *elapsed;
	/* Servers in accept() get EINVAL. */
	ok = ok && !shutdown(listener, SHUT_RDWR) && reap(pids, 2 * o->clients, o->clients);
	close(listener);
	free(buffer);
	return ok;
}

int main(int argc, char **argv)
{
	struct options o = { .connections = 50000, .clients = 4, .exchanges = 1 };
	pid_t pids[2 * MAX_CLIENTS] = { 0 };
	double elapsed;

	parse(&o, argc, argv);
	catch_signals();
	if (!churn(&o, pids, &elapsed)) {
		end_children(pids, 2 * o.clients);
		fprintf(stderr, "churn: failed\n");
		return 1;
	}
	printf("connections %ld seconds %.3f rate %.0f cpu_us %.3f\n", o.connections, elapsed,
	       o.connections / elapsed, cpu_time() * 1e6 / o.connections);
	if (fflush(stdout))
		die("standard output");
	return 0;
}
