// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every transition is printed or counted as lost: against the kernel's own count of the event. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "json.h"
#include "kcount.h"
#include "load.h"
#include "net.h"

/* Transitions; a slow machine takes its time for fewer. */
#define ENOUGH		 (suite__patience(1) > 1 ? 30000 : 300000)
#define CONNECTIONS_EACH (ENOUGH / 9 / LOAD_CLIENTS)

/* So many transitions are more than a pipe, a buffer and a ring of 64K have room for. */
#define OVERFLOWING 10000

static unsigned int setting(const char *name, unsigned int otherwise)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 10) : otherwise;
}

/*
 * Losses can't be told apart, so everybody's transitions count. Two counts are taken, one from
 * before the trace until after it, one within. Where nobody else uses TCP they are equal, and so
 * the traced number must be; somebody else's transitions at the edges widen the gap.
 */
static void assert_between(uint64_t inner, uint64_t seen, uint64_t outer)
{
	if (inner != outer)
		suite__diag("others use TCP: the kernel counted %llu to %llu",
			    (unsigned long long)inner, (unsigned long long)outer);
	if (seen < inner || seen > outer)
		suite__diag("seen %llu, the kernel counted %llu to %llu", (unsigned long long)seen,
			    (unsigned long long)inner, (unsigned long long)outer);
	must(seen >= inner && seen <= outer);
}

static bool is_of_load(const struct row *row)
{
	uint64_t lport = row__number(row, LPORT), rport = row__number(row, RPORT);

	return (lport >= LOAD_PORT && lport < LOAD_PORT + LOAD_CLIENTS) ||
	       (rport >= LOAD_PORT && rport < LOAD_PORT + LOAD_CLIENTS);
}

/*
 * CPUs write by themselves, and are put in order. A program that is interrupted between its reading
 * of the clock and its record is behind whoever interrupted it, which is rare; less so where a CPU
 * is emulated and stands still while the others go on.
 */
static void assert_in_order(const struct rows *rows, size_t one_in)
{
	uint64_t latest = 0;
	size_t late = 0;

	for (size_t i = 0; i < rows->count; i++) {
		uint64_t time = row__time(&rows->row[i]);

		if (time < latest)
			late++;
		else
			latest = time;
	}
	if (late)
		suite__diag("%zu of %zu rows are late", late, rows->count);
	must(late <= suite__patience(rows->count / one_in));
}

/* Of which kinds there are how many, to see what is missing. */
static void print_kinds(const struct rows *rows)
{
	struct {
		const char *old, *new;
		unsigned long count;
	} kinds[32] = { 0 };
	size_t n = 0, k;

	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->row[i];

		if (!is_of_load(row))
			continue;
		for (k = 0; k < n; k++)
			if (row__is(row, OLD, kinds[k].old) && row__is(row, NEW, kinds[k].new))
				break;
		must(k < sizeof(kinds) / sizeof(*kinds));
		kinds[k].old = row->field[OLD];
		kinds[k].new = row->field[NEW];
		kinds[k].count++;
		n = k == n ? n + 1 : n;
	}
	for (k = 0; k < n; k++)
		suite__diag("%s -> %s: %lu", kinds[k].old, kinds[k].new, kinds[k].count);
}

/* What an earlier load has left behind may end before or after the trace, and is no row then. */
static void complete_once(size_t late_one_in)
{
	struct kcount *kernel = kcount__start(LOAD_FILTER), *in_init = kcount__start_in_init(NULL);
	struct trace_setup setup = { .flood = true };
	struct trace t = trace__start_with(&setup, "--raw", "-b", "64M");
	uint64_t inner, outer, hidden, uncalled, lost, rows = 0;
	uint64_t before = kcount__so_far(kernel);
	struct load load = load__start(CONNECTIONS_EACH);
	const struct capture *c;

	load__finish(&load);
	inner = kcount__so_far(kernel) - before;
	c = trace__stop(&t);
	outer = kcount__stop(kernel);
	hidden = kcount__stop(in_init);
	uncalled = load__uncalled(CONNECTIONS_EACH, inner);
	lost = capture__lost(c);
	for (size_t i = 0; i < c->rows.count; i++)
		rows += is_of_load(&c->rows.row[i]);
	if (rows != outer || lost) {
		suite__diag("%llu to %llu happened, %llu printed, %llu lost as tcpflux says; BPF "
			    "may not have seen %llu, no tracepoint was called for %llu",
			    (unsigned long long)inner, (unsigned long long)outer,
			    (unsigned long long)rows, (unsigned long long)lost,
			    (unsigned long long)hidden, (unsigned long long)uncalled);
		print_kinds(&c->rows);
	}
	must(inner >= ENOUGH);
	must(rows <= outer && rows + lost >= inner);
	must(lost <= hidden + uncalled);
	assert_in_order(&c->rows, late_one_in);
}

/* TCPFLUX_ROUNDS: how often. */
static void complete(void)
{
	for (unsigned int i = setting("TCPFLUX_ROUNDS", 1); i; i--)
		complete_once(1000);
}

static void complete_where_steered(void)
{
	net__steer_packets();
	complete_once(200);
}

/*
 * Only the servers' rows. What is left out is marked, too, and a mark that is left over must not be
 * taken for that of another connection.
 */
static void complete_where_filtered(void)
{
	struct kcount *kernel = kcount__start("sport >= 7900 && sport < 7904");
	struct kcount *both_ends = kcount__start(LOAD_FILTER);
	struct trace_setup setup = { .flood = true };
	struct trace t = trace__start_with(&setup, "--raw", "-b", "64M",
					   "sport >= :7900 and sport < :7904");
	const struct capture *c;
	uint64_t happened, uncalled;
	struct load load;

	net__steer_packets();
	load = load__start(CONNECTIONS_EACH);
	load__finish(&load);
	c = trace__stop(&t);
	happened = kcount__stop(kernel);
	uncalled = load__uncalled(CONNECTIONS_EACH, kcount__stop(both_ends));
	suite__diag("%llu happened, %zu printed, %llu lost; no tracepoint was called for %llu",
		    (unsigned long long)happened, c->rows.count,
		    (unsigned long long)capture__lost(c), (unsigned long long)uncalled);
	must(c->rows.count == happened && capture__lost(c) <= uncalled);
}

/* What a JSON stream holds. */
struct tally {
	uint64_t transitions, lost, losses, by_probes;
	uint64_t summary_transitions, summary_lost;
	bool loss_between; /* a loss with transitions before and after it */
};

static uint64_t number_of(const char *line, const char *name)
{
	char text[32];

	must(json__member(line, name, text, sizeof(text)));
	return strtoull(text, NULL, 10);
}

/*
 * Its lines are in the order of their times, a loss too; a seq counts what is printed. Only every
 * hundredth transition is looked at more closely, for the sake of time.
 */
static struct tally tally__taken(const char *text)
{
	char time[40], last[40] = "";
	struct tally y = { 0 };

	for (const char *line = text; line; line = json__next(line)) {
		bool loss = json__member_is(line, "type", "loss");

		if (json__member_is(line, "type", "transition")) {
			y.loss_between |= y.losses && y.transitions;
			if (y.transitions++ % 100)
				continue;
		}
		must(json__is_valid(line));
		if (json__member_is(line, "type", "summary")) {
			y.summary_transitions = number_of(line, "transitions");
			y.summary_lost = number_of(line, "lost");
			must(!json__next(line));
			continue;
		}
		must(json__member(line, "time", time, sizeof(time)));
		must(!loss || strcmp(time, last) >= 0);
		snprintf(last, sizeof(last), "%s", time);
		if (!loss)
			continue;
		must(number_of(line, "count") > 0);
		if (json__member_is(line, "where", "probe"))
			y.by_probes += number_of(line, "count");
		else
			must(json__member_is(line, "where", "ring"));
		y.lost += number_of(line, "count");
		y.losses++;
	}
	return y;
}

/* What the kernel counted meanwhile; hidden: where it may run no BPF programs. */
struct counted {
	uint64_t inner, hidden, outer;
};

static void assert_tally(const struct tally *y, const struct counted *counted)
{
	suite__diag("%llu printed, %llu lost in %llu places", (unsigned long long)y->transitions,
		    (unsigned long long)y->lost, (unsigned long long)y->losses);
	must(y->lost > 0);
	must(y->loss_between);
	must(y->by_probes <= counted->hidden);
	must(y->summary_transitions == y->transitions);
	must(y->summary_lost == y->lost);
	assert_between(counted->inner, y->transitions + y->lost, counted->outer);
}

/* Until so many more transitions have happened. */
static void await_transitions(const struct kcount *kernel, uint64_t more)
{
	uint64_t enough = kcount__so_far(kernel) + more;

	wait_until(kcount__so_far(kernel) >= enough);
}

/* Traces an endless load, and lets `disturb` do its worst in the middle. */
static void survive(struct trace *t,
		    void (*disturb)(const struct trace *t, const struct kcount *kernel),
		    struct counted *counted)
{
	struct kcount *inner = kcount__start(NULL);
	struct load load = load__start(UINT64_MAX);

	disturb(t, inner);
	*load.stop = 1;
	load__finish(&load);
	counted->inner = kcount__stop(inner);
}

/* TCPFLUX_STOPPED: for how many seconds at least. */
static void stop_reader(const struct trace *t, const struct kcount *kernel)
{
	size_t lines = trace__lines(t);

	wait_until(trace__lines(t) > lines + 1000);
	must(!kill(t->pid, SIGSTOP));
	suite__nap_us(setting("TCPFLUX_STOPPED", 0) * 1000000);
	await_transitions(kernel, OVERFLOWING);
	must(!kill(t->pid, SIGCONT));
	lines = trace__lines(t);
	wait_until(trace__lines(t) > lines + 2000);
}

static void stopped_reader(void)
{
	struct kcount *in_init = kcount__start_in_init(NULL), *outer = kcount__start(NULL);
	struct trace t = trace__start_with(&(struct trace_setup){ .format = "json" }, "--raw", "-b",
					   "64K");
	const struct capture *c;
	struct tally tally;
	struct counted counted;

	survive(&t, stop_reader, &counted);
	c = trace__stop(&t);
	counted.outer = kcount__stop(outer);
	counted.hidden = kcount__stop(in_init);
	tally = tally__taken(c->out);
	assert_tally(&tally, &counted);
}

static struct {
	int fd;
	char *text;
	size_t size;
} pipe_end;

/* Takes what there is; returns false at the end of the file. */
static bool drain_pipe(void)
{
	ssize_t n;

	pipe_end.text = realloc(pipe_end.text, pipe_end.size + 65537);
	must(pipe_end.text);
	n = read(pipe_end.fd, pipe_end.text + pipe_end.size, 65536);
	must(n >= 0 || errno == EAGAIN);
	pipe_end.size += n > 0 ? n : 0;
	pipe_end.text[pipe_end.size] = '\0';
	return n;
}

static void leave_pipe(const struct trace *t, const struct kcount *kernel)
{
	size_t until;

	(void)t;
	await_transitions(kernel, OVERFLOWING);
	until = pipe_end.size + 2000000;
	while (pipe_end.size < until)
		must(drain_pipe());
	/* From now on it is read as long as the load lasts, by the loop in unread_pipe(). */
}

/* Standard output is a pipe that nobody reads for a while. */
static void unread_pipe(void)
{
	struct kcount *in_init = kcount__start_in_init(NULL), *outer = kcount__start(NULL);
	struct trace_setup setup = { .format = "json" };
	const struct capture *c;
	struct tally tally;
	struct trace t;
	struct counted counted;
	int fd[2];

	must(!pipe2(fd, O_CLOEXEC));
	setup.out = fd[1];
	t = trace__start_with(&setup, "--raw", "-b", "64K");
	close(fd[1]);
	pipe_end.fd = fd[0];
	drain_pipe(); /* the start line: it traces */
	survive(&t, leave_pipe, &counted);
	must(!kill(t.pid, SIGINT));
	while (drain_pipe())
		;
	c = trace__join(&t, 20);
	counted.outer = kcount__stop(outer);
	counted.hidden = kcount__stop(in_init);
	assert_int_equal(c->exit_status, 0);
	tally = tally__taken(pipe_end.text);
	free(pipe_end.text);
	assert_tally(&tally, &counted);
}

static void fail_on_loss(void)
{
	struct trace t = trace__start("--fail-on-loss", "-b", "4K");
	const struct capture *c;

	must(!kill(t.pid, SIGSTOP));
	for (int i = 0; i < 100; i++) {
		struct pair p = net__pair("127.0.0.1");

		net__close_by_reset(p.client);
		close(p.server);
		close(p.listener);
	}
	net__settle();
	must(!kill(t.pid, SIGCONT));
	must(!kill(t.pid, SIGINT));
	c = trace__join(&t, 20);
	assert_int_equal(c->exit_status, 3);
	must(capture__lost(c) > 0);
	/* 8 transitions a round, its listener's two included; others may have made some as well. */
	must(c->rows.count + capture__lost(c) >= 800);
}

static void no_loss_no_failure(void)
{
	struct trace t = trace__start("--fail-on-loss");
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	net__close_by_reset(p.client);
	net__wait_state(p.server, 7);
	c = trace__stop(&t);
	assert_int_equal(capture__lost(c), 0);
}

SUITE(TEST(complete), TEST(complete_where_steered), TEST(complete_where_filtered),
      TEST(stopped_reader), TEST(unread_pipe), TEST(fail_on_loss), TEST(no_loss_no_failure))
