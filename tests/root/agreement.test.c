// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `tcpflux list` says what others say of the same sockets: /proc/net/tcp, and ss. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lists.h"
#include "net.h"
#include "peer.h"
#include "ss.h"
#include "suite.h"
#include "wire.h"

#define PORT	7960
#define BACKLOG 4096 /* of all listeners here */

/* One of every kind; more of those that are hashed by their ports. */
static void make_sockets(void)
{
	struct wire wire = wire__open();
	int listener = net__listen(WIRE_HOST, PORT), both = net__listen("::", PORT + 1), fd;

	for (int i = 0; i < 20; i++) {
		struct pair p = net__pair(i % 2 ? "127.0.0.1" : "::1"),
			    over = net__pair("127.0.0.1");

		must(!setsockopt(p.client, SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 }, sizeof(int)));
		net__send(p.client, 100 + i);
		net__wait_unread(p.server, 100 + i);
		close(over.client);
		net__wait_state(over.server, TCP_CLOSE_WAIT);
		if (i % 2)
			close(over.server);
		close(over.listener);
	}
	net__connect("127.0.0.1", PORT + 1);
	net__accept(both);
	net__connect("127.0.0.1", PORT + 1); /* waits for accept() */
	wire__half_open(&wire, PORT, 40000);
	fd = net__socket(AF_INET);
	net__nonblocking(fd);
	must(net__try_connect(fd, WIRE_PEER, PORT) == EINPROGRESS);
	must(listener >= 0);
	suite__nap_us(300000); /* delayed ACKs */
}

/* Sockets in a form that all can be brought into: words of `list -o json`, a line each. */
#define LINES 256
struct lines {
	char text[LINES][256];
	size_t count;
};

__attribute__((format(printf, 2, 3))) static void add(struct lines *lines, const char *format, ...)
{
	va_list args;

	must(lines->count < LINES);
	va_start(args, format);
	vsnprintf(lines->text[lines->count++], sizeof(*lines->text), format, args);
	va_end(args);
}

/* These members of all that is listed. */
static void read_list(const struct list *list, const char *const *members, struct lines *lines)
{
	char text[sizeof(*lines->text)], *end;

	must(*list->out);
	for (const char *line = list->out; line; line = json__next(line)) {
		end = text;
		for (size_t i = 0; members[i]; i++) {
			must(json__member(line, members[i], end, text + sizeof(text) - 2 - end));
			end = stpcpy(end + strlen(end), members[i + 1] ? " " : "");
		}
		add(lines, "%s", text);
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void assert_same(struct lines *expected, struct lines *listed)
{
	size_t i = 0, j = 0, wrong = 0;

	qsort(expected->text, expected->count, sizeof(*expected->text), compare);
	qsort(listed->text, listed->count, sizeof(*listed->text), compare);
	while (i < expected->count || j < listed->count) {
		int order = i == expected->count ? 1
			    : j == listed->count ? -1
						 : strcmp(expected->text[i], listed->text[j]);
		wrong += order != 0;
		if (order < 0)
			suite__diag("not listed: %s", expected->text[i]);
		else if (order > 0)
			suite__diag("only listed: %s", listed->text[j]);
		i += order <= 0;
		j += order >= 0;
	}
	must(expected->count > 60);
	assert_int_equal(wrong, 0);
}

/* An address in /proc: words of this machine's byte order, in hexadecimal. */
static void read_address(const char *hex, char *text)
{
	struct in6_addr address = IN6ADDR_ANY_INIT;
	size_t words = strcspn(hex, ":") / 8;

	for (size_t i = 0; i < words; i++)
		must(sscanf(hex + 8 * i, "%8x", &address.s6_addr32[i]) == 1);
	if (words == 1)
		inet_ntop(AF_INET, &address, text, INET6_ADDRSTRLEN);
	else if (IN6_IS_ADDR_V4MAPPED(&address))
		inet_ntop(AF_INET, &address.s6_addr32[3], text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, &address, text, INET6_ADDRSTRLEN);
}

/* By the kernel's numbers. */
static const char *const states[] = { "",	    "ESTABLISHED", "SYN_SENT",	"SYN_RECV",
				      "FIN_WAIT1",  "FIN_WAIT2",   "TIME_WAIT", "CLOSE",
				      "CLOSE_WAIT", "LAST_ACK",	   "LISTEN",	"CLOSING" };
static const char *const timers[] = { "off", "on", "keepalive", "timewait", "persist" };

static void read_proc_line(const char *line, struct lines *lines)
{
	char lhex[64], rhex[64], laddr[INET6_ADDRSTRLEN], raddr[INET6_ADDRSTRLEN];
	unsigned int state, send_q, recv_q, timer, retransmits, lport, rport;

	if (sscanf(line, " %*d: %63s %63s %x %x:%x %x:%*x %x", lhex, rhex, &state, &send_q, &recv_q,
		   &timer, &retransmits) != 7)
		return;
	must(sscanf(strchr(lhex, ':'), ":%x", &lport) == 1);
	must(sscanf(strchr(rhex, ':'), ":%x", &rport) == 1);
	must(state < 12 && timer < 5);
	read_address(lhex, laddr);
	read_address(rhex, raddr);
	/* It does not tell how many may wait for accept(). */
	if (state == TCP_LISTEN)
		send_q = BACKLOG;
	add(lines, "%s %u %s %u %s %u %u %s", laddr, lport, raddr, rport, states[state], recv_q,
	    send_q, timers[timer]);
}

static void read_proc(const char *path, struct lines *lines)
{
	FILE *file = fopen(path, "re");
	char line[512];

	if (!file) {
		must(errno == ENOENT); /* a kernel without IPv6 */
		return;
	}
	while (fgets(line, sizeof(line), file))
		read_proc_line(line, lines);
	fclose(file);
}

static void as_proc(void)
{
	static const char *const members[] = { "laddr",	 "lport",  "raddr", "rport", "state",
					       "recv_q", "send_q", "timer", NULL };
	struct list_setup here = { .here = true };
	struct lines proc = { .count = 0 }, listed = { .count = 0 };
	struct list list;

	make_sockets();
	list = list__run_as(&here, "-N", "self", NULL);
	read_proc("/proc/thread-self/net/tcp", &proc);
	read_proc("/proc/thread-self/net/tcp6", &proc);
	read_list(&list, members, &listed);
	assert_same(&proc, &listed);
}

/* [::ffff:127.0.0.1]:80 is IPv4's, and ss writes * for what is not given. */
static void read_endpoint(char *word, char *address, char *port)
{
	char *colon = strrchr(word, ':');

	must(colon);
	*colon = '\0';
	strcpy(port, strcmp(colon + 1, "*") ? colon + 1 : "0");
	if (*word == '[') {
		word++;
		word[strlen(word) - 1] = '\0';
	}
	word[strcspn(word, "%")] = '\0';
	if (!strncmp(word, "::ffff:", 7))
		word += 7;
	strcpy(address, strcmp(word, "*") ? word : "::");
}

static void read_ss_line(const char *line, struct lines *lines)
{
	char local[80], remote[80], laddr[80], lport[80], raddr[80], rport[80];
	const char *pid = strstr(line, "pid="), *cookie = strstr(line, " sk:");
	unsigned int recv_q, send_q;
	char owner[16] = "null";

	must(cookie);
	must(sscanf(line, "%*s %u %u %79s %79s", &recv_q, &send_q, local, remote) == 4);
	read_endpoint(local, laddr, lport);
	read_endpoint(remote, raddr, rport);
	if (pid)
		snprintf(owner, sizeof(owner), "%d", atoi(pid + strlen("pid=")));
	add(lines, "%llu %s %u %u %s %s %s %s %s", strtoull(cookie + strlen(" sk:"), NULL, 16),
	    states[ss__state(line)], recv_q, send_q, laddr, lport, raddr, rport, owner);
}

static void as_ss(void)
{
	static const char *const members[] = { "cookie", "state", "recv_q", "send_q", "laddr",
					       "lport",	 "raddr", "rport",  "pid",    NULL };
	struct list_setup here = { .here = true };
	struct lines said = { .count = 0 }, listed = { .count = 0 };
	struct list list;
	char line[1024];
	FILE *ss;

	make_sockets();
	list = list__run_as(&here, "-N", "self", NULL);
	ss = popen("ss -tanpeH", "re");
	must(ss);
	while (fgets(line, sizeof(line), ss))
		read_ss_line(line, &said);
	must(!pclose(ss));
	read_list(&list, members, &listed);
	assert_same(&said, &listed);
}

SUITE(TEST(as_proc), TEST(as_ss))
