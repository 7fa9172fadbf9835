// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * While process 1 has the CPU some kernels run no programs that trace, others run them like any
 * time: in both cases nothing is lost, and nothing told twice.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kcount.h"
#include "load.h"
#include "net.h"
#include "numbers.h"
#include "suite.h"

#define CONNECTIONS_EACH (suite__patience(1) > 1 ? 500 : 5000)

/* Children whose parent has ended are process 1's, who buries them. */
static void leave_orphans(const struct peer *parent, const void *arg)
{
	volatile bool *stop = *(volatile bool *const *)arg;

	(void)parent;
	while (!*stop) {
		pid_t child = fork();

		must(child >= 0);
		if (!child) {
			if (!fork())
				usleep(1000);
			_exit(0);
		}
		must(waitpid(child, NULL, 0) == child);
		usleep(200);
	}
}

static struct {
	struct peer parent;
	volatile bool *stop;
} orphans;

static void keep_process_1_busy(void)
{
	orphans.stop = mmap(NULL, sizeof(*orphans.stop), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(orphans.stop != MAP_FAILED);
	orphans.parent = peer__start("orphans", leave_orphans, &orphans.stop);
}

static void leave_process_1_alone(void)
{
	*orphans.stop = true;
	peer__end(&orphans.parent);
	munmap((void *)orphans.stop, sizeof(*orphans.stop));
}

/*
 * What the kernel counts: of the load while tcpflux runs, and of everybody from before until after
 * that, be it in a namespace that nobody can reach.
 */
struct happened {
	uint64_t at_least, at_most, in_process_1, uncalled;
};

static const struct capture *run(struct trace (*start)(void), struct happened *happened)
{
	struct kcount *in_process_1 = kcount__start_in_init(NULL), *outer = kcount__start(NULL);
	struct trace t = start();
	struct kcount *inner = kcount__start(LOAD_FILTER);
	const struct capture *c;
	struct load load;

	keep_process_1_busy();
	load = load__start(CONNECTIONS_EACH);
	load__finish(&load);
	leave_process_1_alone();
	happened->at_least = kcount__stop(inner);
	happened->uncalled = load__uncalled(CONNECTIONS_EACH, happened->at_least);
	c = trace__stop(&t);
	happened->at_most = kcount__stop(outer);
	happened->in_process_1 = kcount__stop(in_process_1);
	return c;
}

static void assert_complete(const struct happened *happened, uint64_t seen, uint64_t lost)
{
	suite__diag("%llu seen, %llu lost; %llu to %llu happened, %llu of them in process 1; no "
		    "tracepoint was called for %llu",
		    (unsigned long long)seen, (unsigned long long)lost,
		    (unsigned long long)happened->at_least, (unsigned long long)happened->at_most,
		    (unsigned long long)happened->in_process_1,
		    (unsigned long long)happened->uncalled);
	must(seen + lost >= happened->at_least);
	must(seen + lost <= happened->at_most + happened->uncalled);
}

static struct trace start_trace(void)
{
	return trace__start_with(&(struct trace_setup){ .flood = true }, "--raw", "-b", "64M");
}

static void traced(void)
{
	struct happened happened;
	const struct capture *c = run(start_trace, &happened);

	assert_complete(&happened, c->rows.count, capture__lost(c));
	must(capture__lost(c) <= happened.uncalled);
}

static int by_number(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static bool is_owned_by(const struct row *row, const pid_t *pids, size_t count)
{
	pid_t pid = row__is(row, OWNER, "unknown") ? 0 : row__number(row, PID);

	return bsearch(&pid, pids, count, sizeof(pid), by_number);
}

/* With all that a row says, of which trace__stop() looks whether it is consistent. */
static void described(void)
{
	struct kcount *in_process_1 = kcount__start_in_init(LOAD_FILTER);
	struct kcount *kernel = kcount__start(LOAD_FILTER);
	struct trace t = trace__start("-b", "64M");
	pid_t pids[2 * LOAD_CLIENTS];
	const struct capture *c;
	struct load load;

	keep_process_1_busy();
	load = load__start(CONNECTIONS_EACH);
	for (unsigned int i = 0; i < LOAD_CLIENTS; i++) {
		pids[2 * i] = load.client[i].pid;
		pids[2 * i + 1] = load.server[i].pid;
	}
	qsort(pids, 2 * LOAD_CLIENTS, sizeof(*pids), by_number);
	load__finish(&load);
	leave_process_1_alone();
	c = trace__stop(&t);
	suite__diag("%llu in process 1", (unsigned long long)kcount__stop(in_process_1));
	must(capture__lost(c) <= load__uncalled(CONNECTIONS_EACH, kcount__stop(kernel)));
	for (const struct row *row = c->rows.row; row < c->rows.row + c->rows.count; row++) {
		if (row__number(row, NETNS) != net__inode())
			continue;
		if (!is_owned_by(row, pids, 2 * LOAD_CLIENTS) ||
		    (row__is(row, OLD, "FIN_WAIT2") && !row__is(row, NEW, "TIME_WAIT"))) {
			row__print(row);
			must(!"it is so");
		}
	}
}

static struct trace start_stat(void)
{
	return numbers__start();
}

static void counted(void)
{
	struct happened happened;
	const struct capture *c = run(start_stat, &happened);

	assert_complete(&happened, numbers__of_summary(c, "transitions"), 0);
	numbers__must_not_drift(c, happened.uncalled);
}

SUITE(TEST(traced), TEST(described), TEST(counted))
