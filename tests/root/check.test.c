// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* `tcpflux check`: it says what is there, goes as far as it can, and sees a connection. */
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf.h"
#include "rights.h"
#include "suite.h"

#define LIMIT_SECONDS 30
#define NEEDED	      (RIGHT(CAP_BPF) | RIGHT(CAP_PERFMON))

static struct {
	char out[8192], err[8192];
	int status;
} result;

static void read_back(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	must(n >= 0);
	text[n] = '\0';
	close(fd);
}

/* Runs it in this test's network namespace. */
static void check(void (*before_exec)(void), const char *option)
{
	const char *program = getenv("TCPFLUX") ?: "build/tcpflux";
	int out = memfd_create("standard output", MFD_CLOEXEC);
	int err = memfd_create("standard error", MFD_CLOEXEC), status;
	pid_t pid;

	must(out >= 0 && err >= 0);
	fflush(stdout);
	pid = fork();
	must(pid >= 0);
	if (!pid) {
		suite__in_child();
		must(dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0);
		if (before_exec)
			before_exec();
		execl(program, program, "check", option, NULL);
		_exit(127);
	}
	suite__adopt(pid);
	status = suite__reap(pid, LIMIT_SECONDS);
	read_back(out, result.out, sizeof(result.out));
	read_back(err, result.err, sizeof(result.err));
	must(WIFEXITED(status));
	result.status = WEXITSTATUS(status);
}

/* The line that begins with `name`, which is cut out. */
static const char *line(const char *name)
{
	static char text[256];
	const char *p = result.out;
	size_t len = strlen(name);

	while (p && (strncmp(p, name, len) || p[len] != ' '))
		p = (p = strchr(p, '\n')) ? p + 1 : NULL;
	if (!p)
		suite__diag("there is no line for %s: %s%s", name, result.out, result.err);
	must(p);
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(p, "\n"), p);
	return text;
}

static void assert_line(const char *name, const char *value, const char *verdict)
{
	const char *text = line(name), *end = text + strlen(text) - strlen(verdict);
	bool right = strstr(text, value) && end > text && !strcmp(end, verdict);

	if (!right)
		suite__diag("not \"%s\" and \"%s\": %s", value, verdict, text);
	must(right);
}

static void assert_seen(void)
{
	assert_line("self-test", " 12 of 12 transitions, 2 of 2 owners ", " ok");
	assert_int_equal(result.status, 0);
	assert_string_equal(result.err, "");
}

static void works(void)
{
	struct utsname system;

	check(NULL, NULL);
	uname(&system);
	assert_line("kernel", system.release, " ok");
	assert_line("BTF", " /sys/kernel/btf/vmlinux ", " ok");
	assert_line("CAP_BPF", " yes ", " ok");
	assert_line("CAP_PERFMON", " yes ", " ok");
	assert_line("ring buffer", " 16M ", " ok");
	assert_line("probe transition", " on ", " ok");
	assert_line("probe snapshot", " on ", " ok");
	line("probe accept");
	line("BPF JIT");
	assert_seen();
	must(!strstr(result.out, "It ran in this network namespace"));
	must(strstr(result.out, "\ntcpflux works here"));
}

static void verbose(void)
{
	check(NULL, "-v");
	assert_line("self-test", "12 of 12", " ok");
	assert_int_equal(result.status, 0);
}

static void leaves_nothing_behind(void)
{
	uint32_t id[1024];
	size_t count = bpf__program_ids(id, 1024);
	char name[32] = "";

	check(NULL, NULL);
	wait_until(!bpf__left_behind(id, count, name, sizeof(name)));
	must(waitpid(-1, NULL, WNOHANG) < 0);
}

static void keep_two(void)
{
	rights__keep(0, NEEDED);
}

static void two_capabilities_suffice(void)
{
	check(keep_two, NULL);
	assert_line("CAP_SYSLOG", " no, ", " ok");
	assert_seen();
}

static void keep_bpf(void)
{
	rights__keep(0, RIGHT(CAP_BPF));
}

/* All else is told, too. */
static void without_perfmon(void)
{
	check(keep_bpf, NULL);
	assert_int_equal(result.status, 1);
	assert_string_equal(result.err, "");
	assert_line("kernel", "", " ok");
	assert_line("CAP_BPF", " yes ", " ok");
	assert_line("CAP_PERFMON", " no ", " MISSING");
	assert_line("self-test", " not run ", " not known");
	must(strstr(result.out, "\ntcpflux does not work here"));
}

static void refuse_namespaces(void)
{
	rights__refuse(SYS_unshare);
}

static void without_a_namespace(void)
{
	check(refuse_namespaces, NULL);
	assert_seen();
	must(strstr(result.out, "It ran in this network namespace"));
}

SUITE(TEST(works), TEST(verbose), TEST(leaves_nothing_behind), TEST(two_capabilities_suffice),
      TEST(without_perfmon), TEST(without_a_namespace))
