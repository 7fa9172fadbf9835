// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whenever tcpflux is killed, its log has all but the last second. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"
#include "json.h"
#include "load.h"
#include "net.h"
#include "suite.h"
#include "trace.h"

#define S 1000000000ull

static unsigned int setting(const char *name, unsigned int otherwise)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 10) : otherwise;
}

static const struct trace_setup as_json = { .format = "json", .here = true };

static uint64_t time_of(const char *line)
{
	unsigned int hours, minutes;
	double seconds;
	char time[40];

	must(json__member(line, "time", time, sizeof(time)));
	must(sscanf(time + 11, "%u:%u:%lf", &hours, &minutes, &seconds) == 3);
	return (hours * 3600ull + minutes * 60ull) * S + (uint64_t)(seconds * 1e9);
}

/* What is in the log are the first rows of those that were printed, and the last second may lack.
 */
static void assert_prefix(const char *printed, const char *read)
{
	const char *last = NULL, *next = printed;

	for (; next && read && *read && *next; next = json__next(next), read = json__next(read)) {
		size_t size = strcspn(next, "\n");

		/* It was killed while it wrote the row, or the log has more than was written. */
		if (!next[size] || json__member_is(read, "type", "summary"))
			break;
		if (strncmp(next, read, size + 1)) {
			suite__diag("printed: %.*s", (int)size, next);
			suite__diag("read:    %.*s", (int)strcspn(read, "\n"), read);
			must(!"it is what was printed");
		}
		last = next;
	}
	/* The next that lacks, to the last that was printed. */
	if (!next || !strchr(next, '\n') || !last)
		return;
	for (last = next; (read = json__next(last)) && *read && strchr(read, '\n');)
		last = read;
	if (time_of(last) >= time_of(next) + suite__patience(1) * S)
		suite__diag("not in the log: %.300s\nto: %.300s", next, last);
	must(time_of(last) < time_of(next) + suite__patience(1) * S);
}

/* What replay() gives, but to be freed at once: there may be many. */
static char *replay_text(const char *path)
{
	struct trace_setup setup = as_json;
	struct trace t;
	char *text;

	setup.out = memfd_create("rows", MFD_CLOEXEC);
	must(setup.out >= 0);
	t = trace__start_with(&setup, "-r", path);
	assert_int_equal(trace__join(&t, 20)->exit_status, 0);
	t.out = setup.out;
	text = trace__text(&t);
	close(t.out);
	return text;
}

static void kill_once(uint64_t *seed)
{
	struct load load;
	char *printed, *read;
	struct trace t;

	t = trace__start_with(&as_json, "-N", "self", "-w", folder__file("log"), "--force");
	load = load__start(UINT64_MAX);
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	suite__nap_us(10000 + (*seed >> 33) % 1300000);
	must(!kill(t.pid, SIGKILL));
	assert_int_equal(WTERMSIG(suite__reap(t.pid, 10)), SIGKILL);
	*load.stop = 1;
	load__finish(&load);
	printed = trace__text(&t);
	read = replay_text(folder__file("log"));
	assert_prefix(printed, read);
	free(read);
	free(printed);
	close(t.out);
	close(t.err);
}

/* TCPFLUX_KILLS: how often. */
static void killed(void)
{
	uint64_t seed = suite__now();

	folder__make();
	/* A slow machine takes its time for fewer. */
	for (unsigned int i = setting("TCPFLUX_KILLS", suite__patience(1) > 1 ? 3 : 10); i; i--) {
		alarm(suite__patience(100));
		kill_once(&seed);
	}
}

SUITE(TEST(killed))
