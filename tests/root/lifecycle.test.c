// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How a trace ends, what it leaves behind, and what it takes while it lasts. */
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bpf.h"
#include "expect.h"
#include "json.h"
#include "net.h"

#define MS	     1000000ull
#define MAX_PROGRAMS 1024

/* 11 transitions of which 3 are of one socket; returns the cookie of that. */
static uint64_t some_traffic(void)
{
	struct pair p = net__pair("127.0.0.1");

	net__close_by_reset(p.client);
	net__wait_state(p.server, 7 /* TCP_CLOSE */);
	close(p.server);
	close(p.listener);
	return p.client_cookie;
}

static struct {
	uint32_t id[MAX_PROGRAMS];
	size_t count;
} programs;

static void remember_programs(void)
{
	programs.count = bpf__program_ids(programs.id, MAX_PROGRAMS);
}

/* The kernel frees a program a little later than its last holder goes. */
static void assert_nothing_left(void)
{
	char name[32] = "";
	uint64_t end = suite__now() + suite__patience(5) * 1000 * MS;

	while (bpf__left_behind(programs.id, programs.count, name, sizeof(name))) {
		if (suite__now() > end) {
			suite__diag("the program %s is still loaded", name);
			must(!"nothing is left in the kernel");
		}
		suite__nap_us(20000);
	}
}

static void ends_by(int signal)
{
	struct trace t;
	const struct capture *c;
	uint64_t cookie;

	remember_programs();
	t = trace__start();
	must(bpf__program_ids((uint32_t[MAX_PROGRAMS]){ 0 }, MAX_PROGRAMS) > 0);
	cookie = some_traffic();
	must(!kill(t.pid, signal));
	c = trace__join(&t, 10);
	assert_int_equal(c->exit_status, 0);
	assert_path(c, cookie, "CLOSE SYN_SENT ESTABLISHED CLOSE");
	must(strstr(c->err, " transitions in "));
	assert_nothing_left();
}

static void sigint(void)
{
	ends_by(SIGINT);
}

static void sigterm(void)
{
	ends_by(SIGTERM);
}

static void sigkill(void)
{
	struct trace t;

	remember_programs();
	t = trace__start();
	some_traffic();
	must(!kill(t.pid, SIGKILL));
	assert_int_equal(trace__join(&t, 10)->exit_status, -1);
	assert_nothing_left();
}

static void duration(void)
{
	uint64_t before = suite__now(), took;
	struct trace t;
	const struct capture *c;

	remember_programs();
	t = trace__start("-d", "300ms");
	c = trace__join(&t, 5);
	took = suite__now() - before;
	assert_int_equal(c->exit_status, 0);
	must(took >= 300 * MS);
	assert_nothing_left();
}

static void count(void)
{
	const struct capture *c;
	struct trace t;

	remember_programs();
	t = trace__start("-n", "7");
	some_traffic();
	some_traffic();
	c = trace__join(&t, 5);
	assert_int_equal(c->exit_status, 0);
	assert_int_equal(c->rows.count, 7);
	assert_int_equal(row__number(&c->rows.row[6], SEQ), 7);
	assert_nothing_left();
}

/* What this very program does when a test makes tcpflux run it. */
static int be_traced(void)
{
	int listener = net__listen("127.0.0.1", 0);

	net__close_by_reset(net__connect("127.0.0.1", net__port(listener)));
	return 5;
}

/* Its status does not matter. */
static void end_of_program(void)
{
	struct trace_setup setup = { .here = true };
	const struct capture *c;
	struct trace t;
	char self[256] = "";
	size_t mine = 0;

	must(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	remember_programs();
	t = trace__start_with(&setup, "--", self, "--be-traced");
	c = trace__join(&t, 10);
	assert_int_equal(c->exit_status, 0);
	for (size_t i = 0; i < c->rows.count; i++)
		mine += row__number(&c->rows.row[i], NETNS) == net__inode();
	assert_int_equal(mine, 2 + 3 + 4);
	assert_nothing_left();
}

static void closed_pipe(void)
{
	struct trace_setup setup = { 0 };
	const struct capture *c;
	struct trace t;
	char byte;
	int fd[2];

	must(!pipe2(fd, O_CLOEXEC));
	setup.out = fd[1];
	remember_programs();
	t = trace__start_with(&setup);
	close(fd[1]);
	must(read(fd[0], &byte, 1) == 1);
	close(fd[0]);
	some_traffic();
	c = trace__join(&t, 10);
	assert_int_equal(c->exit_status, 0);
	assert_nothing_left();
}

static void full_disk(void)
{
	struct trace_setup setup = { .out = open("/dev/full", O_WRONLY | O_CLOEXEC) };
	const struct capture *c;
	struct trace t;

	must(setup.out > 0);
	remember_programs();
	t = trace__start_with(&setup, "-d", "5s");
	c = trace__join(&t, 10);
	assert_int_equal(c->exit_status, 1);
	must(strstr(c->err, "No space left on device"));
	assert_nothing_left();
}

/* Waits for the next bytes of its output and returns when they came. */
static uint64_t next_output(const struct trace *t, size_t before)
{
	uint64_t end = suite__now() + 2000 * MS;

	while (trace__size(t) == before && suite__now() < end)
		suite__nap_us(100);
	return suite__now();
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* A line comes at most 50 ms after its transition; the median of some, for others may be busy. */
static void latency(void)
{
	enum { ROUNDS = 9 };
	struct trace t = trace__start();
	uint64_t late[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		int fd = net__socket(AF_INET);
		size_t before;
		uint64_t start;

		/* Not to synchronise: the reader is to have gone back to sleep. */
		suite__nap_us(60000);
		before = trace__size(&t);
		start = suite__now();
		net__listen_on(fd, "127.0.0.1", 0);
		late[i] = next_output(&t, before) - start;
		close(fd);
	}
	trace__stop(&t);
	qsort(late, ROUNDS, sizeof(*late), ascending);
	suite__diag("a line comes %.1f ms after its transition (median; %.1f to %.1f)",
		    late[ROUNDS / 2] / 1e6, late[0] / 1e6, late[ROUNDS - 1] / 1e6);
	must(late[ROUNDS / 2] <= 50 * MS);
}

/* Where others use TCP meanwhile, their wake-ups are allowed for. */
static void idle(void)
{
	struct trace t = trace__start();
	uint64_t ticks, allowed;
	size_t lines;

	suite__nap_us(200000); /* what it does at its start */
	ticks = trace__cpu_ticks(&t);
	lines = trace__lines(&t);
	suite__nap_us(10000000);
	ticks = trace__cpu_ticks(&t) - ticks;
	allowed = 1 + (trace__lines(&t) - lines) / 50;
	trace__stop(&t);
	suite__diag("%llu ticks in 10 s", (unsigned long long)ticks);
	must(ticks <= allowed);
}

/* As in a container: little memory may be locked, and that can't be changed. */
static void confine_memory(void)
{
	struct rlimit little = { 65536, 65536 };

	must(!setrlimit(RLIMIT_MEMLOCK, &little));
	must(!prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE, 0, 0, 0));
	must(!prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0));
}

static void little_lockable_memory(void)
{
	struct trace_setup setup = { .before_exec = confine_memory };
	struct trace t = trace__start_with(&setup);
	uint64_t cookie = some_traffic();

	assert_path(trace__stop(&t), cookie, "CLOSE SYN_SENT ESTABLISHED CLOSE");
}

static void quiet(void)
{
	struct trace t = trace__start("-q");
	uint64_t cookie = some_traffic();
	const struct capture *c = trace__stop(&t);

	assert_path(c, cookie, "CLOSE SYN_SENT ESTABLISHED CLOSE");
	assert_string_equal(c->err, "");
}

static void verbose(void)
{
	struct trace t = trace__start("-v");
	const struct capture *c = trace__stop(&t);

	must(*c->err);
}

/* JSON begins with `start` and ends with `summary`. */
static void json_frame(void)
{
	struct trace_setup setup = { .format = "json" };
	struct trace t = trace__start_with(&setup);
	const struct capture *c;
	const char *line, *last;

	some_traffic();
	c = trace__stop(&t);
	must(json__member_is(c->out, "type", "start"));
	for (line = last = c->out; line; line = json__next(line)) {
		must(json__is_valid(line));
		last = line;
	}
	must(json__member_is(last, "type", "summary"));
	must(json__member_is(last, "lost", "0"));
}

/* Several at a time do not disturb one another. */
static void side_by_side(void)
{
	struct trace t[3];
	uint64_t cookie;

	for (int i = 0; i < 3; i++)
		t[i] = trace__start();
	cookie = some_traffic();
	for (int i = 0; i < 3; i++)
		assert_path(trace__stop(&t[i]), cookie, "CLOSE SYN_SENT ESTABLISHED CLOSE");
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		TEST(sigint),
		TEST(sigterm),
		TEST(sigkill),
		TEST(duration),
		TEST(count),
		TEST(end_of_program),
		TEST(closed_pipe),
		TEST(full_disk),
		TEST(latency),
		TEST(idle),
		TEST(little_lockable_memory),
		TEST(quiet),
		TEST(verbose),
		TEST(json_frame),
		TEST(side_by_side),
	};

	if (argc == 2 && !strcmp(argv[1], "--be-traced"))
		return be_traced();
	return suite__main(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
