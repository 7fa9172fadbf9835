// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "numbers.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "ss.h"
#include "suite.h"

#define PATIENCE_NS 5000000000ull

static const char *const names[NUMBERS_STATES] = {
	[TCP_ESTABLISHED] = "ESTABLISHED", [TCP_SYN_SENT] = "SYN_SENT",
	[TCP_SYN_RECV] = "SYN_RECV",	   [TCP_FIN_WAIT1] = "FIN_WAIT1",
	[TCP_FIN_WAIT2] = "FIN_WAIT2",	   [TCP_TIME_WAIT] = "TIME_WAIT",
	[TCP_CLOSE_WAIT] = "CLOSE_WAIT",   [TCP_LAST_ACK] = "LAST_ACK",
	[TCP_LISTEN] = "LISTEN",	   [TCP_CLOSING] = "CLOSING",
};

struct numbers numbers__walked(void)
{
	FILE *ss = popen("ss -tanH", "re");
	struct numbers numbers = { 0 };
	char line[1024];

	must(ss);
	while (fgets(line, sizeof(line), ss)) {
		int state = ss__state(line);

		must(state);
		if (state != TCP_CLOSE)
			numbers.state[state]++;
	}
	must(!pclose(ss));
	return numbers;
}

static uint64_t number(const char *line, const char *name)
{
	char text[32];

	must(json__member(line, name, text, sizeof(text)));
	return strtoull(text, NULL, 10);
}

/* Of the last whole row. */
static struct numbers said(const struct trace *trace)
{
	char *text = trace__text(trace), *line = NULL;
	struct numbers numbers = { 0 };
	char states[1024];

	for (char *p = text; p && strchr(p, '\n'); p = strchr(p, '\n') + 1)
		if (json__member_is(p, "type", "totals"))
			line = p;
	must(line && json__is_valid(line));
	must(json__member(line, "states", states, sizeof(states)));
	for (int state = 0; state < NUMBERS_STATES; state++)
		if (names[state])
			numbers.state[state] = number(states, names[state]);
	free(text);
	return numbers;
}

/* Two more rows: the last one has begun after the call. */
static struct numbers said_next(const struct trace *trace)
{
	size_t lines = trace__lines(trace);

	wait_until(trace__lines(trace) >= lines + 2);
	return said(trace);
}

static void tell(const struct numbers *said, const struct numbers *walked)
{
	for (int state = 0; state < NUMBERS_STATES; state++)
		if (said->state[state] != walked->state[state])
			suite__diag("%s: %llu said, %llu are there", names[state],
				    (unsigned long long)said->state[state],
				    (unsigned long long)walked->state[state]);
}

void numbers__must_agree(const struct trace *trace)
{
	uint64_t end = suite__now() + suite__patience(1) * PATIENCE_NS;
	struct numbers before, now, after;

	do {
		before = numbers__walked();
		now = said_next(trace);
		after = numbers__walked();
		if (!memcmp(&before, &now, sizeof(now)) && !memcmp(&after, &now, sizeof(now)))
			return;
	} while (suite__now() < end);
	tell(&now, &after);
	must(!"the numbers agree");
}

uint64_t numbers__of_summary(const struct capture *capture, const char *name)
{
	const char *line = strstr(capture->out, "{\"type\":\"summary\"");

	must(line && !json__next(line) && json__is_valid(line));
	return number(line, name);
}

void numbers__must_not_drift(const struct capture *c, uint64_t hidden)
{
	uint64_t drift = numbers__of_summary(c, "drift");

	if (drift)
		suite__diag("drift %llu; BPF may not have seen %llu: %s", (unsigned long long)drift,
			    (unsigned long long)hidden, c->err);
	must(drift <= 2 * hidden);
	must(hidden || numbers__of_summary(c, "lost") == 0);
}
