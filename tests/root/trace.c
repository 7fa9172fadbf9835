// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "trace.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net.h"
#include "suite.h"

/* Where the kernel's own threads wait for the CPU, it may take minutes to attach a trampoline. */
#define READY_SECONDS 60
#define STOP_SECONDS  20
#define MAX_ARGUMENTS 32

static const char *program(void)
{
	const char *path = getenv("TCPFLUX");

	return path ?: "build/tcpflux";
}

static _Noreturn void become(const struct trace_setup *setup, int out, int err, char **argv)
{
	suite__in_child();
	if (!setup->here)
		must(!setns(suite__home_netns(), CLONE_NEWNET));
	must(dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0);
	signal(SIGPIPE, SIG_DFL);
	if (setup->before_exec)
		setup->before_exec();
	execv(argv[0], argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static char *read_all(int fd)
{
	struct stat st;
	char *text;

	must(!fstat(fd, &st));
	text = malloc(st.st_size + 1);
	must(text);
	for (off_t at = 0; at < st.st_size;) {
		ssize_t n = pread(fd, text + at, st.st_size - at, at);

		must(n > 0);
		at += n;
	}
	text[st.st_size] = '\0';
	return text;
}

char *trace__text(const struct trace *trace)
{
	return read_all(trace->out);
}

size_t trace__size(const struct trace *trace)
{
	struct stat st;

	must(!fstat(trace->out, &st));
	return st.st_size;
}

struct read_lines {
	off_t size;
	size_t count;
};

/* Is asked often: no line is read twice. */
size_t trace__lines(const struct trace *trace)
{
	struct read_lines *lines = trace->lines;
	char part[65536];
	ssize_t n;

	while ((n = pread(trace->out, part, sizeof(part), lines->size)) > 0) {
		for (char *p = part; (p = memchr(p, '\n', part + n - p)); p++)
			lines->count++;
		lines->size += n;
	}
	must(!n);
	return lines->count;
}

static bool has_ended(pid_t pid)
{
	siginfo_t info = { 0 };

	must(!waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT));
	return info.si_pid == pid;
}

/* The header row, or JSON's start line, comes when all probes are attached. */
static void wait_ready(const struct trace *trace)
{
	uint64_t end = suite__now() + suite__patience(READY_SECONDS) * 1000000000ull;

	while (!trace__size(trace)) {
		bool over = has_ended(trace->pid) || suite__now() > end;

		/* What is only read may be printed, and over, in no time. */
		if (over && !trace__size(trace)) {
			suite__diag("%s %s: %s", program(),
				    has_ended(trace->pid) ? "ended" : "did not start in time",
				    read_all(trace->err));
			must(!"tcpflux starts");
		}
		suite__poll_nap();
	}
}

struct trace trace__start_as(const struct trace_setup *setup, const char *const *arguments)
{
	const char *format = setup->format ?: "csv";
	char *argv[MAX_ARGUMENTS] = { (char *)program(), (char *)arguments[0], "-o",
				      (char *)format };
	struct trace trace = { .out = -1, .csv = !strcmp(format, "csv"), .flood = setup->flood };
	int out = setup->out;

	for (size_t i = 1; arguments[i]; i++) {
		must(i + 4 < MAX_ARGUMENTS);
		argv[i + 3] = (char *)arguments[i];
		trace.raw |= !strcmp(arguments[i], "--raw");
	}
	if (!out)
		out = trace.out = memfd_create("standard output", MFD_CLOEXEC);
	trace.err = memfd_create("standard error", MFD_CLOEXEC);
	trace.lines = calloc(1, sizeof(*trace.lines));
	must(out >= 0 && trace.err >= 0 && trace.lines);
	suite__defer(free, trace.lines);
	fflush(stdout);
	trace.pid = fork();
	must(trace.pid >= 0);
	if (!trace.pid)
		become(setup, out, trace.err, argv);
	suite__adopt(trace.pid);
	if (trace.out >= 0)
		wait_ready(&trace);
	return trace;
}

static void forget(void *arg)
{
	struct capture *capture = arg;

	rows__free(&capture->rows);
	free(capture->out);
	free(capture->err);
	free(capture);
}

static bool is_complete(const struct capture *capture)
{
	return capture->exit_status == 0 && !capture__lost(capture);
}

struct capture *trace__join(const struct trace *trace, int seconds)
{
	int status = suite__reap(trace->pid, seconds);
	struct capture *capture = calloc(1, sizeof(*capture));
	const char *wrong;

	must(capture);
	suite__defer(forget, capture);
	capture->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	capture->err = read_all(trace->err);
	close(trace->err);
	if (trace->out < 0)
		return capture;
	capture->out = read_all(trace->out);
	close(trace->out);
	if (!trace->csv || !*capture->out)
		return capture;
	capture->rows = rows__parse(strdup(capture->out));
	if (trace->flood || !is_complete(capture))
		return capture;
	wrong = rows__contradiction(&capture->rows, net__inode(), trace->raw);
	if (wrong) {
		suite__diag("rows contradict one another: %s; %.200s", wrong, capture->err);
		must(!"rows are consistent");
	}
	return capture;
}

struct capture *trace__stop(const struct trace *trace)
{
	struct capture *capture;

	must(!kill(trace->pid, SIGINT));
	capture = trace__join(trace, STOP_SECONDS);
	if (capture->exit_status)
		suite__diag("exit status %d, standard error: %s", capture->exit_status,
			    capture->err);
	must(capture->exit_status == 0);
	return capture;
}

uint64_t trace__cpu_ticks(const struct trace *trace)
{
	unsigned long long user, system;
	char path[64], line[512], *p;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", trace->pid);
	file = fopen(path, "re");
	must(file && fgets(line, sizeof(line), file));
	fclose(file);
	/* Behind the name in parentheses, which may hold anything; utime is field 14. */
	p = strrchr(line, ')');
	must(p && sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
			 &system) == 2);
	return user + system;
}

/* The last line: "1234 transitions in 1.023 s, 0 lost". */
static uint64_t lost_in_text(const char *err)
{
	unsigned long long lost = 0;
	const char *p = err;

	while ((p = strstr(p, " transitions in "))) {
		p += strlen(" transitions in ");
		if (sscanf(p, "%*s s, %llu lost", &lost) == 1)
			return lost;
	}
	return 0;
}

uint64_t capture__lost(const struct capture *capture)
{
	unsigned long long lost = 0;
	const char *summary = strstr(capture->out, "\"type\":\"summary\"");

	if (!summary)
		return lost_in_text(capture->err);
	summary = strstr(summary, "\"lost\":");
	must(summary && sscanf(summary, "\"lost\":%llu", &lost) == 1);
	return lost;
}
