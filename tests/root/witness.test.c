// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * While process 1 has the CPU some kernels run no BPF programs, others run them like any time: in
 * both cases nothing is told twice, and what isn't told is counted.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kcount.h"
#include "load.h"
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

static void make_load(void)
{
	struct load load;

	keep_process_1_busy();
	load = load__start(CONNECTIONS_EACH);
	load__finish(&load);
	leave_process_1_alone();
}

static void traced(void)
{
	struct kcount *in_process_1 = kcount__start_in_init(NULL), *outer = kcount__start(NULL);
	struct trace t = trace__start_with(&(struct trace_setup){ .flood = true }, "--raw");
	struct kcount *inner = kcount__start(NULL);
	uint64_t at_least, at_most, hidden, seen;
	const struct capture *c;

	make_load();
	at_least = kcount__stop(inner);
	c = trace__stop(&t);
	at_most = kcount__stop(outer);
	hidden = kcount__stop(in_process_1);
	seen = c->rows.count + capture__lost(c);
	suite__diag("%zu printed, %llu lost; %llu to %llu happened, %llu of them in process 1",
		    c->rows.count, (unsigned long long)capture__lost(c),
		    (unsigned long long)at_least, (unsigned long long)at_most,
		    (unsigned long long)hidden);
	must(seen >= at_least && seen <= at_most);
	must(capture__lost(c) <= hidden);
}

static void counted(void)
{
	struct kcount *in_process_1 = kcount__start_in_init(NULL), *outer = kcount__start(NULL);
	struct trace t = numbers__start();
	struct kcount *inner = kcount__start(NULL);
	uint64_t at_least, at_most, hidden, seen;
	const struct capture *c;

	make_load();
	at_least = kcount__stop(inner);
	c = trace__stop(&t);
	at_most = kcount__stop(outer);
	hidden = kcount__stop(in_process_1);
	seen = numbers__of_summary(c, "transitions");
	suite__diag("%llu counted; %llu to %llu happened, %llu of them in process 1",
		    (unsigned long long)seen, (unsigned long long)at_least,
		    (unsigned long long)at_most, (unsigned long long)hidden);
	must(seen >= at_least && seen <= at_most);
	numbers__must_not_drift(c, 0);
}

SUITE(TEST(traced), TEST(counted))
