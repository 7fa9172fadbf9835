// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What happens is logged, and what was logged is reported. */
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "net.h"
#include "suite.h"
#include "trace.h"

static const struct trace_setup as_json = { .format = "json", .here = true };

static char path[64];

static void remove_log(void *arg)
{
	(void)arg;
	unlink(path);
}

static struct trace start_logging(void)
{
	int fd;

	strcpy(path, "/tmp/tcpflux-report.XXXXXX");
	fd = mkstemp(path);
	must(fd >= 0);
	close(fd);
	suite__defer(remove_log, NULL);
	return trace__start_with(&as_json, "-N", "self", "-w", path, "--force");
}

static const struct capture *report(const char *by)
{
	struct trace t = trace__start_as(&as_json,
					 (const char *const[]){ "report", path, "--by", by, NULL });
	const struct capture *c = trace__join(&t, 20);

	assert_int_equal(c->exit_status, 0);
	assert_string_equal(c->err, "");
	for (const char *line = c->out; line && *line; line = json__next(line))
		must(json__is_valid(line));
	return c;
}

/* The line of this type, the first that has this member. */
static const char *find(const struct capture *c, const char *type, const char *name,
			const char *value)
{
	const char *line = c->out;

	while (line && *line &&
	       !(json__member_is(line, "type", type) && json__member_is(line, name, value)))
		line = json__next(line);
	if (!line || !*line)
		suite__diag("%s", c->out);
	must(line && *line);
	return line;
}

static void connections(void)
{
	struct trace t = start_logging();
	const struct capture *c;

	for (unsigned int i = 0; i < 5; i++) {
		struct pair p = net__pair("127.0.0.1");

		net__send(p.client, 100);
		net__recv(p.server, 100);
		close(p.client);
		net__wait_state(p.server, TCP_CLOSE_WAIT);
		close(p.server);
		close(p.listener);
	}
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(net__try_connect(net__socket(AF_INET), "127.0.0.1", 7001),
				 ECONNREFUSED);
	net__settle();
	trace__stop(&t);

	c = report("rport,raddr");
	find(c, "churn", "opened_active", "5");
	find(c, "churn", "opened_passive", "5");
	find(c, "churn", "closed", "10");
	find(c, "churn", "failed", "3");
	find(c, "churn", "open", "0");
	find(c, "percentiles", "of", "connect");
	must(json__member_is(find(c, "percentiles", "of", "handshake"), "count", "5"));
	must(json__member_is(find(c, "percentiles", "state", "CLOSE_WAIT"), "count", "5"));
	must(json__member_is(find(c, "finding", "finding", "connect_failed"), "port", "7001"));
	must(json__member_is(find(c, "group", "failed", "3"), "connections", "3"));
	must(json__member_is(find(c, "group", "bytes_sent", "100"), "closed", "1"));
}

static void nothing(void)
{
	struct trace t = start_logging();
	const struct capture *c;

	trace__stop(&t);
	c = report("comm");
	find(c, "capture", "transitions", "0");
	must(!strstr(c->out, "\"finding\""));
}

SUITE(TEST(connections), TEST(nothing))
