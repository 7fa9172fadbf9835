// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is logged while it is printed is printed again when the log is read. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "json.h"
#include "load.h"
#include "net.h"
#include "rights.h"
#include "suite.h"
#include "trace.h"

static const struct trace_setup as_json = { .format = "json", .here = true };

static const struct capture *replay(const char *path)
{
	struct trace t = trace__start_with(&as_json, "-r", path);
	const struct capture *c = trace__join(&t, 20);

	if (c->exit_status)
		suite__diag("%s", c->err);
	assert_int_equal(c->exit_status, 0);
	return c;
}

static uint64_t lines_of(const char *text, const char *type)
{
	uint64_t count = 0;

	for (const char *line = text; line && *line; line = json__next(line))
		count += json__member_is(line, "type", type);
	return count;
}

static void assert_same(const char *printed, const char *read)
{
	size_t at = 0, begin = 0;

	for (; printed[at] && printed[at] == read[at]; at++)
		if (printed[at] == '\n')
			begin = at + 1;
	if (!printed[at] && !read[at])
		return;
	suite__diag("printed: %.500s", printed + begin);
	suite__diag("read:    %.500s", read + begin);
	must(!"the same is read");
}

static void run_load(uint64_t connections)
{
	struct load load = load__start(connections);

	load__finish(&load);
}

static off_t size_of(const char *path)
{
	struct stat st;

	must(!stat(path, &st));
	return st.st_size;
}

/* From the start line to the summary, and in at most 14 bytes each. */
static void round_trip(void)
{
	unsigned int connections = suite__patience(1) > 1 ? 150 : 1500; /* of each client */
	const struct capture *printed, *read;
	struct trace t;

	folder__make();
	t = trace__start_with(&as_json, "-N", "self", "-w", folder__file("log"), "-b", "64M");
	run_load(connections);
	printed = trace__stop(&t);
	read = replay(folder__file("log"));
	assert_same(printed->out, read->out);
	must(lines_of(read->out, "transition") > 30 * connections);
	must(size_of(folder__file("log")) < 14 * (off_t)lines_of(read->out, "transition"));
}

/* What was filtered when it was written is so when it is read, in whatever order that made. */
static void round_trip_filtered(void)
{
	const struct capture *printed;
	struct trace t;

	folder__make();
	/* All ports of a client follow one another, from a random one on. */
	net__sysctl("ipv4/ip_local_port_range", "30000 50000");
	t = trace__start_with(&as_json, "-N", "self", "-L", "30000-50000,7900", "-c", "load-client",
			      "-w", folder__file("log"));
	run_load(200);
	printed = trace__stop(&t);
	must(lines_of(printed->out, "transition") > 500);
	assert_same(printed->out, replay(folder__file("log"))->out);
}

/* Losses come at their place, with their times. */
static void round_trip_by_expression(void)
{
	const struct capture *printed;
	struct trace t;

	folder__make();
	t = trace__start_with(&as_json, "-N", "self", "-w", folder__file("log"),
			      "old syn-sent or ( comm load-* sport 7900-7901 ) or life > 1us");
	run_load(50);
	printed = trace__stop(&t);
	must(lines_of(printed->out, "transition") > 200);
	assert_same(printed->out, replay(folder__file("log"))->out);
}

static void round_trip_with_losses(void)
{
	const struct capture *printed;
	struct trace t;

	folder__make();
	t = trace__start_with(&as_json, "-N", "self", "-b", "4K", "-w", folder__file("log"));
	run_load(200);
	printed = trace__stop(&t);
	must(lines_of(printed->out, "loss") > 0);
	assert_same(printed->out, replay(folder__file("log"))->out);
}

/* Then the tracepoint alone is heard, in its own words. */
static void raw_is_chosen_when_read(void)
{
	const struct capture *all, *raw;
	uint64_t rows = 0;
	struct trace t;

	folder__make();
	t = trace__start_with(&as_json, "-N", "self", "-w", folder__file("log"));
	run_load(50);
	all = trace__stop(&t);
	t = trace__start_with(&as_json, "--raw", "-r", folder__file("log"));
	raw = trace__join(&t, 20);
	for (const char *line = raw->out; line && *line; line = json__next(line)) {
		if (!json__member_is(line, "type", "transition"))
			continue;
		must(json__member_is(line, "src", "tracepoint"));
		must(!json__member_is(line, "new", "TIME_WAIT"));
		rows++;
	}
	must(rows >= 51 * LOAD_CLIENTS * 8);
	must(rows < lines_of(all->out, "transition"));
}

/* Several files, each of which begins where the one before it ended; they are given in any order.
 */
static void rotated(void)
{
	const char *arguments[16] = { "trace", "-r" };
	const struct capture *printed;
	static char path[10][512];
	size_t files = 0, first = 2;
	struct trace t;

	folder__make();
	t = trace__start_with(&as_json, "-N", "self", "-w", folder__file("log"), "-C", "40K");
	run_load(1000);
	printed = trace__stop(&t);
	for (; files < 10; files++) {
		snprintf(path[files], sizeof(path[0]), files ? "%s/log%zu" : "%s/log",
			 folder__path(), files);
		if (access(path[files], F_OK))
			break;
	}
	must(files > 2 && files < 10);
	while (files)
		arguments[first++] = path[--files];
	t = trace__start_as(&as_json, arguments);
	assert_same(printed->out, trace__join(&t, 20)->out);
}

/* Moved away, it is begun anew. */
static void reopened(void)
{
	const struct capture *printed, *read;
	struct trace t;

	folder__make();
	t = trace__start_with(&as_json, "-N", "self", "-w", folder__file("log"));
	run_load(10);
	must(!rename(folder__file("log"), folder__file("log.1")));
	must(!kill(t.pid, SIGHUP));
	wait_until(!access(folder__file("log"), F_OK));
	run_load(10);
	/* It is still there: nothing happens. */
	must(!kill(t.pid, SIGHUP));
	run_load(10);
	printed = trace__stop(&t);
	t = trace__start_with(&as_json, "-r", folder__file("log"), folder__file("log.1"));
	read = trace__join(&t, 20);
	assert_same(printed->out, read->out);
}

/* A disk that has room again later. */
static void full_disk(void)
{
	const struct capture *printed, *read;
	const char *line, *message, *last = NULL;
	struct trace t;

	folder__make();
	must(!mount("none", folder__path(), "tmpfs", 0, "size=32k"));
	t = trace__start_with(&as_json, "-N", "self", "-w", folder__file("log"), "-b", "64M");
	run_load(600);
	suite__nap_us(600000);
	must(!mount("none", folder__path(), "tmpfs", MS_REMOUNT, "size=64m"));
	run_load(20);
	must(!kill(t.pid, SIGINT));
	printed = trace__join(&t, 20);
	assert_int_equal(printed->exit_status, 1);
	message = strstr(printed->err, "No space left on device");
	must(message && !strstr(message + 1, "No space left on device"));
	read = replay(folder__file("log"));
	/* What is small may have found room before the rest did. */
	must(lines_of(read->out, "loss") > 0);
	for (line = read->out; line && *line; line = json__next(line))
		if (json__member_is(line, "type", "loss"))
			last = line;
	must(json__member_is(last, "where", "log"));
	must(lines_of(last, "transition") > 20 * LOAD_CLIENTS);
	must(lines_of(read->out, "transition") < lines_of(printed->out, "transition"));
}

static void vanished_folder(void)
{
	const struct capture *printed;
	struct trace t;

	folder__make();
	t = trace__start_with(&as_json, "-N", "self", "-w", folder__file("log"));
	must(!unlink(folder__file("log")) && !rmdir(folder__path()));
	run_load(20);
	must(!kill(t.pid, SIGINT));
	printed = trace__join(&t, 20);
	assert_int_equal(printed->exit_status, 1);
	must(strstr(printed->err, "/log: No such file or directory\n"));
	must(lines_of(printed->out, "transition") > 20 * LOAD_CLIENTS);
}

static void become_nobody(void)
{
	rights__become(NOBODY);
	/* A set-user-ID program does not let itself be searched. */
	must(!setenv("LSAN_OPTIONS", "detect_leaks=0", 1));
}

/* Set-user-ID gives the right to trace, and none to files. */
static void files_as_the_caller(void)
{
	char copy[512], own[512];
	const char *before = getenv("TCPFLUX") ?: "build/tcpflux";
	const struct trace_setup nobody = {
		.format = "json",
		.here = true,
		.before_exec = become_nobody,
	};
	struct stat st;
	struct trace t;

	folder__make();
	must(!chmod(folder__path(), 01777));
	snprintf(copy, sizeof(copy), "cp %s %s/tcpflux && chmod 4755 %s/tcpflux", before,
		 folder__path(), folder__path());
	must(!system(copy)); /* NOLINT(bugprone-command-processor) */
	snprintf(copy, sizeof(copy), "%s/tcpflux", folder__path());
	snprintf(own, sizeof(own), "%s/log", folder__path());
	if (!rights__can_execute(NOBODY, copy))
		suite__skip("nobody may not execute %s", copy);
	must(!setenv("TCPFLUX", copy, 1));
	t = trace__start_with(&nobody, "-N", "self", "-w", own);
	must(!setenv("TCPFLUX", before, 1));
	run_load(10);
	trace__stop(&t);
	must(!stat(own, &st));
	assert_int_equal(st.st_uid, NOBODY);
	must(lines_of(replay(own)->out, "transition") > 10 * LOAD_CLIENTS);
}

SUITE(TEST(round_trip), TEST(round_trip_filtered), TEST(round_trip_by_expression),
      TEST(round_trip_with_losses), TEST(raw_is_chosen_when_read), TEST(rotated), TEST(reopened),
      TEST(full_disk), TEST(vanished_folder), TEST(files_as_the_caller))
