// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The same expression selects the same sockets for `tcpflux list` as for `ss -tan`. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net.h"
#include "suite.h"
#include "wire.h"

#define PORT 7970

/* What ss can tell apart: families, addresses, ports, and most states. */
static void make_sockets(void)
{
	struct wire wire = wire__open();
	int both, fd;

	net__listen(WIRE_HOST, PORT);
	net__listen("127.0.0.1", 443);
	net__listen("::1", 22);
	both = net__listen("::", PORT + 1);
	net__connect("::1", PORT + 1);
	net__accept(both);
	net__connect("127.0.0.1", 443);
	net__connect_from("127.0.0.2", 40001, "127.0.0.1", 443);
	net__connect_from("127.0.1.3", 40002, "127.0.0.1", 443);
	net__connect("::1", 22);
	for (int i = 0; i < 4; i++) {
		struct pair p = net__pair(i % 2 ? "127.0.0.1" : "::1");

		close(p.client);
		net__wait_state(p.server, TCP_CLOSE_WAIT);
		if (i > 1)
			close(p.server);
	}
	wire__half_open(&wire, PORT, 40000);
	fd = net__socket(AF_INET);
	net__nonblocking(fd);
	must(net__try_connect(fd, WIRE_PEER, PORT) == EINPROGRESS);
}

static const char *const expressions[] = {
	"",
	"state established",
	"state ESTABLISHED",
	"state syn-sent",
	"state syn-recv",
	"state SYN-RECV",
	"state fin-wait-1",
	"state fin-wait-2",
	"state time-wait",
	"state close-wait",
	"state last-ack",
	"state listening",
	"state closing",
	"state all",
	"state connected",
	"state synchronized",
	"state bucket",
	"state big",
	"exclude established",
	"exclude listening",
	"exclude bucket",
	"exclude connected",
	"state established state time-wait",
	"state connected exclude established exclude time-wait",
	"exclude listening state time-wait",
	"sport = :443",
	"sport = 443",
	"sport == :443",
	"sport eq :443",
	"sport :443",
	"sport 443",
	"sport = :https",
	"sport = https",
	"dport = :ssh",
	"sport != :443",
	"sport ne :443",
	"sport neq 443",
	"sport > :443",
	"sport gt 443",
	"sport < 443",
	"sport lt :443",
	"sport >= :443",
	"sport ge :443",
	"sport geq :443",
	"sport <= :443",
	"dport le :443",
	"dport leq :443",
	"dport = *",
	"dport = :*",
	"dport = :0",
	/* Numbers are those of C. */
	"sport = :0673",
	"sport = 0x1BB",
	"dport >= :0x100",
	"src 0177.0.0.1",
	"src 0x7f/010",
	"dport > 0",
	"sport = inet:443",
	"sport inet6::22",
	"dport != inet:443",
	"sport > inet6:1023",
	"dport inet6:*",
	"src 127.0.0.1",
	"src = 127.0.0.1",
	"src 127.0.0.1:443",
	"src 127.0.0.1:https",
	"src 127.0.0.1:*",
	"src :443",
	"src *:443",
	"src *",
	"src any",
	"src 127.0.0.0/8",
	"src 127/8",
	"src 127.0.0/31",
	"src 127.0.0.1/31",
	"src 127.0.0.0/24:443",
	"src 127.0.0.9/255.255.255.0",
	"src 127.0.0.9/255.255:443",
	"src [127.0.0.1]",
	"src [127.0.0.0/24]:443",
	"src [*]:443",
	"src 0.0.0.0/0",
	"src [::1]",
	"src [::1]:22",
	"src [::1]:ssh",
	"src ::/0",
	"src ::1/128",
	"src [::]",
	"src [::]:*",
	"dst [::1]",
	"dst 127.0.0.1",
	"dst 10.77.0.0/16",
	"dst 10.77.0.2",
	"dst 10.77.0.2:40000",
	"dst 10.77.0.2 or dst [::1]",
	"src 127.0.0.1 and dst 127.0.0.2",
	"src 127.0.0.1 && dport = :40001",
	"src 127.0.0.1 & dport = :40001",
	"src 127.0.0.1 dport = :40001",
	"sport = :443 or sport = :22",
	"sport = :443 || sport = :22",
	"sport = :443 | sport = :22",
	"not sport = :443",
	"! sport = :443",
	"not not sport = :443",
	"not src 127.0.0.0/8",
	"not sport = :443 and not dport = :443",
	"! ( sport = :443 or dport = :443 )",
	"( sport = :443 or dport = :443 )",
	"( ( sport = :443 ) or ( ( dport = :443 ) ) )",
	"( sport = :443 or sport = :22 ) and src 127.0.0.1",
	"( sport = :443 or sport = :22 ) src 127.0.0.1",
	/* Without parentheses they are read from left to right, whichever they are. */
	"sport = :22 or sport = :443 and dport > 0",
	"sport = :22 or sport = :443 dport > 0",
	"sport = :22 and src 127.0.0.1 or sport = :443",
	"not sport = :22 or sport = :443 and dport > 0",
	/* States in front are meant for all that follows. */
	"state established ( sport = :443 or dport = :443 )",
	"state established sport = :443 or dport = :443",
	"state listening src 127.0.0.1 or src [::1]",
	"exclude listening sport = :443 or dport = :443",
	"state time-wait state fin-wait-2 src 127.0.0.0/8",
	"state connected src [::1] or dst [::1] and sport > 1023",
};

#define MAX_SOCKETS 64
struct cookies {
	uint64_t cookie[MAX_SOCKETS];
	size_t count;
};

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void add(struct cookies *cookies, uint64_t cookie)
{
	must(cookies->count < MAX_SOCKETS);
	cookies->cookie[cookies->count++] = cookie;
	qsort(cookies->cookie, cookies->count, sizeof(cookie), compare);
}

/* The sockets that a command prints, each behind `mark`, for the expression's words. */
static struct cookies printed_by(const char *command, const char *mark, int base,
				 const char *expression)
{
	struct cookies cookies = { .count = 0 };
	char script[1024], line[4096];
	const char *found;
	FILE *out;

	/* Without globbing: * is a word of its own. */
	snprintf(script, sizeof(script), "set -f; e='%s'; exec %s $e", expression, command);
	out = popen(script, "re");
	must(out);
	while (fgets(line, sizeof(line), out)) {
		found = strstr(line, mark);
		must(found);
		add(&cookies, strtoull(found + strlen(mark), NULL, base));
	}
	if (pclose(out)) {
		suite__diag("%s %s: failed", command, expression);
		suite__fail_at(__FILE__, __LINE__);
	}
	return cookies;
}

static struct cookies by_ss(const char *expression)
{
	return printed_by("ss -tanHe", " sk:", 16, expression);
}

static struct cookies by_list(const char *expression)
{
	return printed_by("\"${TCPFLUX:-build/tcpflux}\" list -q -o json -N self",
			  "\"cookie\":", 10, expression);
}

static bool same(const struct cookies *a, const struct cookies *b)
{
	return a->count == b->count && !memcmp(a->cookie, b->cookie, a->count * sizeof(*a->cookie));
}

static void as_ss(void)
{
	size_t wrong = 0, some = 0, all;

	make_sockets();
	all = by_ss("").count;
	must(all > 20);
	/* On an emulated machine not all of them: there is one kernel side for all. */
	for (size_t i = 0; i < sizeof(expressions) / sizeof(*expressions);
	     i += suite__patience(1)) {
		struct cookies said = by_ss(expressions[i]), listed = by_list(expressions[i]);

		some += said.count && said.count < all;
		if (same(&said, &listed))
			continue;
		/* The kernel may have ended a stand-in in between. */
		said = by_ss(expressions[i]);
		if (same(&said, &listed))
			continue;
		suite__diag("not as ss: %s", expressions[i]);
		wrong++;
	}
	assert_int_equal(wrong, 0);
	must(some * suite__patience(1) > 60);
}

SUITE(TEST(as_ss))
