// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What rights tracing needs, that it gives them up, and whose rights the program behind -- has. */
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf.h"
#include "expect.h"
#include "net.h"
#include "rights.h"

#define NEEDED (RIGHT(CAP_BPF) | RIGHT(CAP_PERFMON))

static const char *program(void)
{
	return getenv("TCPFLUX") ?: "build/tcpflux";
}

static void need_reachable(const char *path)
{
	if (!rights__can_execute(NOBODY, path))
		suite__skip("nobody may not execute %s", path);
}

/* A connection, of which all is this process's. */
static void assert_sees_connection(const struct trace *t)
{
	struct pair p = net__pair("127.0.0.1");
	const struct capture *c;

	net__close_by_reset(p.client);
	net__wait_state(p.server, TCP_CLOSE);
	close(p.server);
	close(p.listener);
	c = trace__stop(t);
	assert_path(c, p.client_cookie, "CLOSE SYN_SENT ESTABLISHED CLOSE");
	assert_owner(c, p.client_cookie, "self", getpid(), NULL);
	assert_path(c, p.listener_cookie, "CLOSE LISTEN CLOSE");
	assert_owner(c, p.listener_cookie, "self", getpid(), NULL);
	must(strstr(c->err, ", 0 lost"));
}

static void assert_none_left(pid_t pid)
{
	static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapAmb" };

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		must(!rights__of(pid, sets[i]));
	must(rights__of(pid, "NoNewPrivs") == 1);
}

static void gives_up_all(void)
{
	struct trace t = trace__start();

	assert_none_left(t.pid);
	must(!rights__of(t.pid, "CapBnd"));
	assert_sees_connection(&t);
}

static void nobody_with_two(void)
{
	rights__keep(NOBODY, NEEDED);
}

/* Sockets of others too, and those that were open before. */
static void as_nobody(void)
{
	struct trace_setup setup = { .before_exec = nobody_with_two };
	const struct capture *c;
	struct trace t;
	int listener;
	uint64_t cookie;

	need_reachable(program());
	listener = net__listen("127.0.0.1", 0);
	cookie = net__cookie(listener);
	t = trace__start_with(&setup);
	assert_none_left(t.pid);
	close(listener);
	c = trace__stop(&t);
	assert_owner(c, cookie, "snapshot", getpid(), NULL);
	t = trace__start_with(&setup);
	assert_sees_connection(&t);
}

static void root_with_two(void)
{
	rights__keep(0, NEEDED);
}

/* The same where nobody else can reach the program. */
static void as_powerless_root(void)
{
	struct trace_setup setup = { .before_exec = root_with_two };
	struct trace t = trace__start_with(&setup);

	assert_none_left(t.pid);
	assert_sees_connection(&t);
}

static void root_with_admin(void)
{
	rights__keep(0, RIGHT(CAP_SYS_ADMIN));
}

static void as_admin(void)
{
	struct trace_setup setup = { .before_exec = root_with_admin };
	struct trace t = trace__start_with(&setup);

	assert_sees_connection(&t);
}

static void assert_refused_as(void (*before_exec)(void), const char *const *arguments,
			      const char *reason)
{
	struct trace_setup setup = { .before_exec = before_exec };
	const struct capture *c;
	struct trace t;

	setup.out = memfd_create("standard output", MFD_CLOEXEC);
	t = trace__start_as(&setup, arguments);
	c = trace__join(&t, 10);
	assert_int_equal(c->exit_status, 1);
	assert_string_equal(c->err, reason);
}

static void assert_refused(void (*before_exec)(void), const char *reason)
{
	assert_refused_as(before_exec, (const char *const[]){ "trace", NULL }, reason);
}

static void only_bpf(void)
{
	rights__keep(0, RIGHT(CAP_BPF));
}

static void only_perfmon(void)
{
	rights__keep(0, RIGHT(CAP_PERFMON));
}

static void all_others(void)
{
	rights__keep(0, rights__of(getpid(), "CapEff") & ~(NEEDED | RIGHT(CAP_SYS_ADMIN)));
}

static void what_is_missing_is_named(void)
{
	assert_refused(only_bpf, "tcpflux: not permitted: CAP_PERFMON missing; run it as root\n");
	assert_refused(only_perfmon, "tcpflux: not permitted: CAP_BPF missing; run it as root\n");
	assert_refused(all_others, "tcpflux: not permitted: CAP_BPF and CAP_PERFMON missing; "
				   "run it as root\n");
}

/* Zeros would be no answer. The suite's namespace, where tcpflux runs, is not the test's. */
static void other_namespace_is_not_counted(void)
{
	static const char reason[] = "tcpflux: -N: not permitted: CAP_SYS_ADMIN missing; run it as "
				     "root\n";
	char inode[16];

	snprintf(inode, sizeof(inode), "%llu", (unsigned long long)net__inode());
	assert_refused_as(root_with_two, (const char *const[]){ "stat", "-N", inode, NULL },
			  reason);
	assert_refused_as(root_with_two,
			  (const char *const[]){ "stat", "--by", "pid", "-N", inode, NULL },
			  reason);
	assert_refused_as(root_with_two,
			  (const char *const[]){ "trace", "--totals", "1s", "-N", inode, NULL },
			  reason);
}

/* What is not counted is said to be missing. */
static void totals_of_this_namespace(void)
{
	struct trace_setup setup = { .before_exec = root_with_two };
	struct trace t = trace__start_with(&setup, "--totals", "1s");
	const struct capture *c = trace__stop(&t);

	must(strstr(c->err, "tcpflux: probe census: "));
	must(strstr(c->err, " can't be looked at\n"));
}

/* What this very program does behind --; the descriptor is the test's. */
struct told {
	pid_t pid;
	uid_t uid;
	uint64_t effective, ambient, no_new_privs;
};

static int tell_rights(int fd, uid_t uid)
{
	struct told told = {
		.pid = getpid(),
		.uid = geteuid(),
		.effective = rights__of(getpid(), "CapEff"),
		.ambient = rights__of(getpid(), "CapAmb"),
		.no_new_privs = rights__of(getpid(), "NoNewPrivs"),
	};
	char byte;

	if (uid && syscall(SYS_setresuid, uid, uid, uid))
		return 1;
	if (write(fd, &told, sizeof(told)) != sizeof(told))
		return 1;
	/* Until it is told to end, or the test is gone. */
	return read(fd, &byte, 1) < 0;
}

/* Starts a trace of this program; `fd` leads to it. */
static struct trace trace_myself(const struct trace_setup *setup, const char *uid, int *fd)
{
	static char self[256], number[16];
	struct trace t;
	int fds[2];

	must(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	must(!fcntl(fds[0], F_SETFD, FD_CLOEXEC));
	snprintf(number, sizeof(number), "%d", fds[1]);
	t = trace__start_with(setup, "--", self, "--tell-rights", number, uid);
	close(fds[1]);
	*fd = fds[0];
	return t;
}

static struct told hear_rights(int fd)
{
	struct told told;

	must(recv(fd, &told, sizeof(told), MSG_WAITALL) == sizeof(told));
	return told;
}

/* It has what the caller of tcpflux has, neither more nor less. */
static void the_program_keeps_its_rights(void)
{
	struct trace_setup setup = { 0 };
	struct told told;
	int fd;
	struct trace t = trace_myself(&setup, "0", &fd);

	told = hear_rights(fd);
	assert_none_left(t.pid);
	assert_int_equal(told.effective, rights__of(getpid(), "CapEff"));
	assert_int_equal(told.no_new_privs, 0);
	close(fd);
	assert_int_equal(trace__join(&t, 10)->exit_status, 0);

	setup.before_exec = root_with_two;
	t = trace_myself(&setup, "0", &fd);
	told = hear_rights(fd);
	assert_none_left(t.pid);
	assert_int_equal(told.effective, NEEDED);
	assert_int_equal(told.ambient, NEEDED);
	close(fd);
	assert_int_equal(trace__join(&t, 10)->exit_status, 0);
}

static void the_program_is_ended(void)
{
	struct trace_setup setup = { 0 };
	char byte;
	int fd;
	struct trace t = trace_myself(&setup, "0", &fd);

	hear_rights(fd);
	must(!strstr(trace__stop(&t)->err, "goes on"));
	must(recv(fd, &byte, 1, 0) == 0);
	close(fd);
}

/* Who has given up CAP_KILL can't end another user's program, and says so. */
static void another_users_program_goes_on(void)
{
	struct trace_setup setup = { 0 };
	const struct capture *c;
	char expected[64];
	struct told told;
	int fd;
	struct trace t = trace_myself(&setup, "65534", &fd);

	told = hear_rights(fd);
	c = trace__stop(&t);
	snprintf(expected, sizeof(expected), "process %d goes on: Operation not permitted",
		 told.pid);
	must(strstr(c->err, expected));
	must(!kill(told.pid, 0));
	close(fd);
}

static struct {
	char directory[32], path[64];
	char self[256], fd[16]; /* for the program behind -- */
} copy;

static void remove_copy(void *arg)
{
	(void)arg;
	unlink(copy.path);
	rmdir(copy.directory);
}

/* A copy of the program that has file capabilities, or set-user-ID root. */
static void make_copy(mode_t mode, const char *caps)
{
	int from = open(program(), O_RDONLY | O_CLOEXEC), to;
	struct stat st;
	cap_t set;

	strcpy(copy.directory, "/tmp/tcpflux-XXXXXX");
	must(mkdtemp(copy.directory) && !chmod(copy.directory, 0755));
	snprintf(copy.path, sizeof(copy.path), "%s/tcpflux", copy.directory);
	suite__defer(remove_copy, NULL);
	to = open(copy.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	must(from >= 0 && to >= 0 && !fstat(from, &st));
	for (ssize_t n = 1; n > 0;)
		must((n = sendfile(to, from, NULL, st.st_size)) >= 0);
	must(!fchmod(to, mode));
	close(from);
	close(to);
	set = cap_from_text(caps);
	if (*caps && (!set || cap_set_file(copy.path, set)))
		suite__skip("no file capabilities in /tmp: %s", strerror(errno));
	cap_free(set);
	must(readlink("/proc/self/exe", copy.self, sizeof(copy.self) - 1) > 0);
	need_reachable(copy.path);
}

static void nobody_execs_copy(void)
{
	rights__become(NOBODY);
	execl(copy.path, copy.path, "-o", "csv", "-N", "self", NULL);
}

static void nobody_execs_copy_with_program(void)
{
	rights__become(NOBODY);
	execl(copy.path, copy.path, "-o", "csv", "--", copy.self, "--tell-rights", copy.fd, "0",
	      NULL);
}

/* What the program behind -- has if the copy is started by nobody, who has no capabilities. */
static void assert_program_gets_nothing(void)
{
	struct trace_setup setup = { .before_exec = nobody_execs_copy_with_program };
	struct told told;
	int fds[2];
	struct trace t;

	need_reachable(copy.self);
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	must(!fcntl(fds[0], F_SETFD, FD_CLOEXEC));
	snprintf(copy.fd, sizeof(copy.fd), "%d", fds[1]);
	t = trace__start_with(&setup);
	close(fds[1]);
	told = hear_rights(fds[0]);
	must(!told.effective && !told.ambient);
	assert_int_equal(told.uid, NOBODY);
	close(fds[0]);
	assert_int_equal(trace__join(&t, 10)->exit_status, 0);
}

static void by_file_capabilities(void)
{
	struct trace_setup setup = { .before_exec = nobody_execs_copy, .here = true };
	struct trace t;

	make_copy(0755, "cap_bpf,cap_perfmon=ep");
	t = trace__start_with(&setup);
	assert_none_left(t.pid);
	assert_sees_connection(&t);
	assert_program_gets_nothing();
}

static void by_set_user_id(void)
{
	make_copy(04755, "");
	assert_program_gets_nothing();
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		TEST(gives_up_all),
		TEST(as_nobody),
		TEST(as_powerless_root),
		TEST(as_admin),
		TEST(what_is_missing_is_named),
		TEST(other_namespace_is_not_counted),
		TEST(totals_of_this_namespace),
		TEST(the_program_keeps_its_rights),
		TEST(the_program_is_ended),
		TEST(another_users_program_goes_on),
		TEST(by_file_capabilities),
		TEST(by_set_user_id),
	};

	if (argc == 4 && !strcmp(argv[1], "--tell-rights"))
		return tell_rights(atoi(argv[2]), atoi(argv[3]));
	return suite__main(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
