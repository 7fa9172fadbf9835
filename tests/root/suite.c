// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "suite.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bpf.h"
#include "kcount.h"
#include "net.h"

#define TEST_LIMIT_SECONDS 120
#define MAX_CHILDREN	   64
#define MAX_DEFERRED	   1024

static struct {
	bool in_child;
	int home_netns;
	const char *unavailable; /* why no test can run; NULL: they can */
	struct CMUnitTest *tests, *running;
	size_t started;
	jmp_buf leave;
	pid_t child[MAX_CHILDREN];
	size_t children;
	struct {
		void (*undo)(void *arg);
		void *arg;
	} deferred[MAX_DEFERRED];
	size_t deferrals;
} suite;

uint64_t suite__now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

uint64_t suite__wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

unsigned int suite__patience(unsigned int seconds)
{
	const char *factor = getenv("TEST_PATIENCE");

	return factor && atoi(factor) > 0 ? seconds * atoi(factor) : seconds;
}

void suite__nap_us(unsigned int us)
{
	nanosleep(&(struct timespec){ us / 1000000, us % 1000000 * 1000L }, NULL);
}

void suite__poll_nap(void)
{
	suite__nap_us(suite__patience(300));
}

int suite__home_netns(void)
{
	return suite.home_netns;
}

void suite__diag(const char *format, ...)
{
	char *text = NULL, *rest;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		abort();
	va_end(ap);
	rest = text;
	for (char *line; (line = strsep(&rest, "\n"));)
		if (*line)
			printf("# %s\n", line);
	fflush(stdout);
	free(text);
}

_Noreturn void suite__fail_at(const char *file, int line)
{
	_fail(file, line);
	abort(); /* _fail() jumps, but does not say so to the compiler */
}

_Noreturn void suite__broken(const char *what, int error, const char *file, int line)
{
	if (suite.in_child) {
		dprintf(STDERR_FILENO, "# child %d: %s:%d: failed: %s (%s)\n", getpid(), file, line,
			what, strerror(error));
		_exit(99);
	}
	suite__diag("failed: %s (errno %d, %s)", what, error, strerror(error));
	suite__fail_at(file, line);
}

_Noreturn void suite__skip(const char *format, ...)
{
	char *reason = NULL, *line = NULL;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&reason, format, ap) < 0)
		abort();
	va_end(ap);
	/*
	 * cmocka 1.1.5 prints a skip as "not ok 3 # SKIP name", without a reason. A test that
	 * passes under the name "name # SKIP reason" is what TAP calls skipped.
	 */
	if (asprintf(&line, "%s # SKIP %s", suite.running->name, reason) < 0)
		abort();
	free(reason);
	suite.running->name = line;
	longjmp(suite.leave, 1);
}

void suite__defer(void (*undo)(void *arg), void *arg)
{
	must(suite.deferrals < MAX_DEFERRED);
	suite.deferred[suite.deferrals].undo = undo;
	suite.deferred[suite.deferrals++].arg = arg;
}

void suite__in_child(void)
{
	suite.in_child = true;
	suite.children = 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void suite__adopt(pid_t pid)
{
	must(suite.children < MAX_CHILDREN);
	suite.child[suite.children++] = pid;
}

static void forget_child(pid_t pid)
{
	for (size_t i = 0; i < suite.children; i++)
		if (suite.child[i] == pid)
			suite.child[i] = suite.child[--suite.children];
}

int suite__reap(pid_t pid, int seconds)
{
	uint64_t end = suite__now() + suite__patience(seconds) * 1000000000ull;
	int status = 0;
	pid_t got;

	while (!(got = waitpid(pid, &status, WNOHANG))) {
		if (suite__now() > end)
			suite__broken("child ends in time", ETIMEDOUT, __FILE__, __LINE__);
		suite__poll_nap();
	}
	must(got == pid);
	forget_child(pid);
	return status;
}

static void hung(int signal)
{
	static const char message[] = "Bail out! a test hangs\n";

	(void)signal;
	if (write(STDOUT_FILENO, message, sizeof(message) - 1) < 0)
		_exit(2);
	_exit(1);
}

static void run_one(void **state)
{
	const struct test *test = *state;

	if (setjmp(suite.leave))
		return;
	if (suite.unavailable)
		suite__skip("%s", suite.unavailable);
	net__enter_new();
	test->run();
}

static int set_up(void **state)
{
	(void)state;
	suite.running = &suite.tests[suite.started++];
	alarm(suite__patience(TEST_LIMIT_SECONDS));
	return 0;
}

/* After a failure, children, descriptors and deferred work are left over. */
static int tear_down(void **state)
{
	(void)state;
	alarm(0);
	while (suite.children) {
		pid_t pid = suite.child[--suite.children];

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	setns(suite.home_netns, CLONE_NEWNET);
	syscall(SYS_close_range, suite.home_netns + 1, ~0u, 0);
	while (suite.deferrals) {
		suite.deferrals--;
		suite.deferred[suite.deferrals].undo(suite.deferred[suite.deferrals].arg);
	}
	return 0;
}

static const char *why_unavailable(void)
{
	static char reason[160];

	if (geteuid())
		return "needs root";
	if (bpf__why_unavailable(reason, sizeof(reason)))
		return reason;
	if (unshare(CLONE_NEWNET)) {
		snprintf(reason, sizeof(reason), "no network namespaces: %s", strerror(errno));
		return reason;
	}
	return NULL;
}

int suite__main(const struct test *tests, size_t count, int argc, char **argv)
{
	struct CMUnitTest *all = calloc(count, sizeof(*all));
	struct kcount *init = NULL;
	uint64_t hidden;
	size_t n = 0;
	int failed;

	for (size_t i = 0; i < count; i++)
		if (argc < 2 || strstr(tests[i].name, argv[1]))
			all[n++] = (struct CMUnitTest){ tests[i].name, run_one, set_up, tear_down,
							(void *)&tests[i] };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, hung);
	/* The descriptors above this one are closed after each test. */
	suite.home_netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	suite.unavailable = why_unavailable();
	suite.tests = all;
	if (!suite.unavailable)
		init = kcount__watch_init();
	failed = _cmocka_run_group_tests("root", all, n, NULL, NULL);
	hidden = kcount__end(init);
	/* What a trace misses where BPF is kept from these: tests/run.sh may try again. */
	if (failed && hidden)
		suite__diag("process 1 had %llu transitions and ends of stand-ins",
			    (unsigned long long)hidden);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
