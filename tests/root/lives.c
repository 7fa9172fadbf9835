// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "lives.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

#define S 1000000000ull

/*
 * TCP_TIMEWAIT_LEN, and what the timer wheel adds (calc_wheel_index()): an eighth at most, and a
 * bit for an emulated machine.
 */
#define TIME_WAIT_MIN (60 * S - S / 10)
#define TIME_WAIT_MAX (68 * S)

struct lives lives__start(void)
{
	return (struct lives){ .tracer = {
				       trace__start("-b", "64M"),
				       trace__start("-b", "64M", "--no-fentry"),
			       } };
}

void lives__stop(struct lives *lives)
{
	for (size_t i = 0; i < LIVES_TRACERS; i++)
		lives->capture[i] = trace__stop(&lives->tracer[i]);
}

bool lives__see_fin(const struct capture *capture)
{
	return !strstr(capture->err, "probe timewait: FIN_WAIT2");
}

unsigned int lives__timewait(void)
{
	FILE *stat = fopen("/proc/self/net/sockstat", "re");
	unsigned int count = 0;
	char line[256];
	bool found = false;

	must(stat);
	while (fgets(line, sizeof(line), stat))
		found |= sscanf(line, "TCP: inuse %*u orphan %*u tw %u", &count) == 1;
	fclose(stat);
	must(found);
	return count;
}

void lives__wait_timewait(unsigned int seconds)
{
	uint64_t end = suite__now() + seconds * S;

	while (lives__timewait()) {
		must(suite__now() < end);
		suite__nap_us(10000);
	}
}

static bool is_edge(const struct row *row)
{
	static const char *const edges[] = {
		"CLOSE SYN_SENT",	"LISTEN NEW_SYN_RECV",	 "NEW_SYN_RECV SYN_RECV",
		"NEW_SYN_RECV CLOSE",	"SYN_SENT ESTABLISHED",	 "SYN_SENT CLOSE",
		"SYN_RECV ESTABLISHED", "ESTABLISHED FIN_WAIT1", "ESTABLISHED CLOSE_WAIT",
		"ESTABLISHED CLOSE",	"FIN_WAIT1 FIN_WAIT2",	 "FIN_WAIT1 CLOSING",
		"FIN_WAIT2 TIME_WAIT",	"CLOSING TIME_WAIT",	 "CLOSE_WAIT LAST_ACK",
		"CLOSE_WAIT CLOSE",	"LAST_ACK CLOSE",	 "TIME_WAIT CLOSE",
	};
	char edge[64];

	snprintf(edge, sizeof(edge), "%.20s %.20s", row->field[OLD], row->field[NEW]);
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		if (!strcmp(edge, edges[i]))
			return true;
	return false;
}

/* NULL, or what is wrong. */
static const char *wrong_with(const struct row *before, const struct row *row)
{
	if (!before && !row__is(row, OLD, "CLOSE") && !row__is(row, NEW, "NEW_SYN_RECV"))
		return "no beginning";
	if (before && strcmp(before->field[NEW], row->field[OLD]))
		return "a gap";
	if (before && row__time(before) > row__time(row))
		return "not in the order of time";
	if (!is_edge(row))
		return "not in the diagram";
	if (row__is(row, INFERRED, "true"))
		return "inferred";
	if (row__is(row, OWNER, "unknown"))
		return "nobody's";
	if (before &&
	    row__ns(row, STATE_US) / 1000 != (row__time(row) - row__time(before)) / 1000 &&
	    row__ns(row, STATE_US) / 1000 + 1 != (row__time(row) - row__time(before)) / 1000)
		return "a wrong time in its state";
	if (row__is(row, OLD, "TIME_WAIT") &&
	    (row__ns(row, STATE_US) < TIME_WAIT_MIN || row__ns(row, STATE_US) > TIME_WAIT_MAX))
		return "a wrong time in TIME_WAIT";
	return NULL;
}

void lives__check(const struct capture *capture, uint64_t cookie, const char *file, int line)
{
	const struct row *before = NULL, *row = NULL;
	const char *wrong = NULL;

	while (!wrong && (row = rows__of(&capture->rows, cookie, before))) {
		wrong = wrong_with(before, row);
		before = row;
	}
	if (!wrong && (!before || !row__is(before, NEW, "CLOSE")))
		wrong = "no end";
	if (!wrong)
		return;
	suite__diag("socket %llu: %s; %.200s", (unsigned long long)cookie, wrong, capture->err);
	for (row = NULL; (row = rows__of(&capture->rows, cookie, row));)
		row__print(row);
	suite__fail_at(file, line);
}
