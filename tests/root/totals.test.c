// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The numbers that `trace` tells beside its rows: from time to time, when asked, and at the end. */
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "net.h"
#include "numbers.h"
#include "suite.h"

static const struct trace_setup json = { .format = "json", .here = true };

static size_t count_of(const char *text, const char *what)
{
	size_t count = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		count++;
	}
	return count;
}

static size_t rows_of(const struct trace *t, const char *type)
{
	char *text = trace__text(t);
	size_t count = count_of(text, type);

	free(text);
	return count;
}

static bool is_member(const char *text, const char *type, const char *name)
{
	char value[1024];
	const char *line = strstr(text, type);

	return line && json__is_valid(line) && json__member(line, name, value, sizeof(value));
}

/* Sockets from before the start are in them, and stand-ins. */
static void from_time_to_time(void)
{
	struct pair early = net__pair("127.0.0.1"), over;
	struct trace t = trace__start_with(&json, "--totals", "100ms", "-N", "self");
	const struct capture *c;

	numbers__must_agree(&t);
	close(early.listener);
	over = net__pair("127.0.0.1");
	close(over.client);
	net__wait_state(over.server, TCP_CLOSE_WAIT);
	numbers__must_agree(&t);
	close(over.server);
	numbers__must_agree(&t);
	c = trace__stop(&t);
	must(strstr(c->out, "\"old\":\"ESTABLISHED\",\"new\":\"FIN_WAIT1\""));
	must(is_member(c->out, "{\"type\":\"summary\"", "states"));
	assert_int_equal(numbers__of_summary(c, "drift"), 0);
}

static void when_asked(void)
{
	struct trace t = trace__start_with(&json, "--totals", "1h", "-N", "self");
	const struct capture *c;

	must(!kill(t.pid, SIGUSR1));
	wait_until(rows_of(&t, "{\"type\":\"totals\"") == 1);
	c = trace__stop(&t);
	must(is_member(c->out, "{\"type\":\"totals\"", "states"));
	assert_int_equal(count_of(c->out, "{\"type\":\"totals\""), 2);
}

/* Without --totals: what has happened since the start, which is known in any case. */
static void so_far(void)
{
	struct trace t = trace__start_with(&json, "-N", "self"), text;
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	/* What the ring still holds has happened, too. */
	must(!kill(t.pid, SIGUSR1));
	wait_until(rows_of(&t, "{\"type\":\"totals\"") == 1);
	must(rows_of(&t, "{\"type\":\"transition\"") >= 4);
	c = trace__stop(&t);
	must(strstr(strstr(c->out, "{\"type\":\"totals\""), "\"LISTEN\":{\"entered\":1,"));
	must(is_member(c->out, "{\"type\":\"totals\"", "transitions"));
	must(!is_member(c->out, "{\"type\":\"totals\"", "states"));
	close(p.client);

	text = trace__start("-N", "self");
	must(!kill(text.pid, SIGUSR1));
	suite__nap_us(200000);
	c = trace__stop(&text);
	assert_int_equal(c->exit_status, 0);
	assert_int_equal(count_of(c->err, " transitions in "), 2);
}

/* A totals row with this member, and so many established. */
static bool says(const struct trace *t, const char *name, uint64_t key, unsigned int established)
{
	char *text = trace__text(t), row[256], *line = text;
	char pattern[64], states[64];
	bool found = false;

	snprintf(pattern, sizeof(pattern), "\"%s\":%llu,", name, (unsigned long long)key);
	snprintf(states, sizeof(states), "\"ESTABLISHED\":%u,", established);
	while (!found && (line = strstr(line, pattern))) {
		snprintf(row, sizeof(row), "%s", line);
		found = strstr(row, states) != NULL;
		line++;
	}
	free(text);
	return found;
}

/* Was it not 0 in some row? */
static bool has_rate(const char *text, const char *member)
{
	while ((text = strstr(text, member))) {
		text += strlen(member);
		if (strtod(text, NULL) > 0)
			return true;
	}
	return false;
}

/* `share`: of a connection's two ends, how many have this value. */
static void check_by(const char *key, uint64_t value, unsigned int share, const struct pair *p)
{
	struct trace t = trace__start_as(
		&json, (const char *const[]){ "stat", "--by", key, "-N", "self", "100ms", NULL });
	const struct capture *c;
	int client, server;

	wait_until(says(&t, key, value, share));
	client = net__connect("127.0.0.1", p->port);
	server = net__accept(p->listener);
	wait_until(says(&t, key, value, 2 * share));
	net__close_by_reset(client);
	net__wait_state(server, TCP_CLOSE);
	close(server);
	c = trace__stop(&t);
	assert_int_equal(c->exit_status, 0);
	must(has_rate(c->out, "\"opened_passive\":"));
	assert_int_equal(numbers__of_summary(c, "lost"), 0);
	assert_int_equal(numbers__of_summary(c, "transitions"), 6);
}

static void by(void)
{
	struct pair p = net__pair("127.0.0.1");

	check_by("pid", getpid(), 2, &p);
	check_by("netns", net__inode(), 2, &p);
	check_by("lport", p.port, 1, &p);
}

/* Only what an option and an expression ask for: one end of each connection, no listener. */
static void of_some(void)
{
	struct pair p = net__pair("127.0.0.1");
	char port[8];
	struct trace t;
	const struct capture *c;
	int client, server;

	snprintf(port, sizeof(port), "%u", p.port);
	t = trace__start_as(&json, (const char *const[]){ "stat", "-D", port, "-N", "self", "100ms",
							  "exclude", "closed", NULL });
	net__pair("127.0.0.1");
	wait_until(says(&t, "LISTEN", 0, 1));
	client = net__connect("127.0.0.1", p.port);
	server = net__accept(p.listener);
	wait_until(says(&t, "LISTEN", 0, 2));
	net__close_by_reset(client);
	net__wait_state(server, TCP_CLOSE);
	wait_until(rows_of(&t, "\"ESTABLISHED\":1,") > 2);
	c = trace__stop(&t);
	assert_int_equal(c->exit_status, 0);
	must(has_rate(c->out, "\"opened_active\":"));
	must(!has_rate(c->out, "\"opened_passive\":"));
	/* What is closed is excluded: CLOSE to SYN_SENT to ESTABLISHED. */
	assert_int_equal(numbers__of_summary(c, "transitions"), 2);
}

SUITE(TEST(from_time_to_time), TEST(when_asked), TEST(so_far), TEST(by), TEST(of_some))
