// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "faults.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static const char *const groups[] = {
	[NONE] = "none", [ALLOC] = "alloc", [OWN] = "own",     [BPF] = "bpf",	[SETUP] = "setup",
	[DIAG] = "diag", [READ] = "read",   [WRITE] = "write", [WAIT] = "wait",
};

static struct {
	enum group group;
	unsigned int nth, calls;
	bool all_that_follow;
	int error;
	bool short_writes;
	unsigned int eintr, random;
	long storm_us;
	char log[256];
} faults;

static void report(void)
{
	void *way[32];
	int fd;

	if (!*faults.log)
		return;
	fd = REAL(open)(faults.log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	*faults.log = '\0';
	backtrace_symbols_fd(way, backtrace(way, 32), fd);
	REAL(close)(fd);
}

bool faults__fails(enum group group)
{
	if (group != faults.group)
		return false;
	faults.calls++;
	if (faults.calls < faults.nth || (faults.calls > faults.nth && !faults.all_that_follow))
		return false;
	report();
	errno = faults.error;
	return true;
}

/* In a file whose path has this in it? */
static bool is_within(const void *code, const char *name)
{
	Dl_info info;

	return dladdr(code, &info) && info.dli_fname && strstr(info.dli_fname, name);
}

/*
 * libbpf allocates hundreds of times, which is tested apart; ncurses does not look whether it got
 * what it asked for, or what strdup() did for it.
 */
static bool is_library(const void *caller)
{
	static const char *const names[] = { "/libbpf", "/libelf", "/libncurses", "/libtinfo" };
	void *way[6];
	int depth = 0;

	if (is_within(caller, "/libc."))
		depth = backtrace(way, 6);
	while (depth > 0 && (is_within(way[0], "/libc.") || is_within(way[0], "/faults.so")))
		memmove(way, way + 1, --depth * sizeof(way[0]));
	if (depth > 0)
		caller = way[0];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_within(caller, names[i]))
			return true;
	return false;
}

/* caller: who asks for memory. */
bool faults__no_memory(const void *caller)
{
	return faults__fails(ALLOC) ||
	       (faults.group == OWN && !is_library(caller) && faults__fails(OWN));
}

bool faults__interrupted(void)
{
	/* Not every Nth: that could be the same one of two calls that take turns, for ever. */
	faults.random = faults.random * 1664525 + 1013904223;
	if (!faults.eintr || (faults.random >> 16) % faults.eintr)
		return false;
	report();
	errno = EINTR;
	return true;
}

size_t faults__shortened(size_t size)
{
	static unsigned int few;
	size_t most = 1 + few % 7;

	if (!faults.short_writes || size <= most)
		return size;
	few++;
	return most;
}

static int error_by_name(const char *name)
{
	for (int error = 1; error < 200; error++)
		if (strerrorname_np(error) && !strcmp(strerrorname_np(error), name))
			return error;
	fprintf(stderr, "faults: %s: no errno\n", name);
	exit(125);
}

static void read_fault(const char *text)
{
	char group[16], nth[16], error[32] = "ENOMEM";
	enum group found = WAIT;

	if (sscanf(text, "%15s %15s %31s", group, nth, error) < 2)
		return;
	while (found && strcmp(groups[found], group))
		found--;
	faults.nth = strtoul(nth, NULL, 10);
	faults.all_that_follow = strchr(nth, '+') != NULL;
	faults.error = error_by_name(error);
	faults.group = found;
}

static void on_signal(int number)
{
	(void)number;
}

/*
 * Without SA_RESTART. SIGCHLD too, so that the end of the program behind -- interrupts. Only when
 * the program starts another or waits: not while BPF programs are loaded, which a signal ends
 * (do_check() in kernel/bpf/verifier.c) and libbpf tries five times; tcpflux has no handlers by
 * which this could happen to it.
 */
void faults__start_storm(void)
{
	struct itimerval every = { { 0, faults.storm_us }, { 0, faults.storm_us } };
	struct sigaction action = { .sa_handler = on_signal };

	faults.storm_us = 0;
	if (!every.it_value.tv_usec)
		return;
	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGCHLD, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

static const char *take(const char *name)
{
	const char *value = getenv(name);

	unsetenv(name); /* the string stays where it is */
	return value ?: "";
}

/* The last constructor: it is loaded first. */
__attribute__((constructor)) static void start(void)
{
	void *way[1];

	backtrace(way, 1); /* its first call allocates */
	unsetenv("LD_PRELOAD");
	snprintf(faults.log, sizeof(faults.log), "%s", take("FAULTS_LOG"));
	faults.short_writes = *take("FAULTS_SHORT");
	faults.eintr = strtoul(take("FAULTS_EINTR"), NULL, 10);
	faults.storm_us = strtol(take("FAULTS_STORM"), NULL, 10);
	read_fault(take("FAULTS"));
}
