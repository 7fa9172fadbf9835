// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The program behind --: how it starts, and how it ends. */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "support/child.h"

#define WORDS(...) ((char *[]){ __VA_ARGS__, NULL })

/* Waits until the descriptor says so, for a few seconds at most. */
static bool has_ended(const struct child *child)
{
	struct pollfd pollfd = { .fd = child->fd, .events = POLLIN };

	return poll(&pollfd, 1, 10000) == 1;
}

/* Runs a program to its end and returns its exit status. */
static int run(char **words)
{
	struct child child = {};
	siginfo_t info = {};

	assert_int_equal(child__start(&child, words), 0);
	assert_true(child.pid > 0);
	assert_true(has_ended(&child));
	assert_int_equal(waitid(P_PID, child.pid, &info, WEXITED | WNOWAIT), 0);
	child__end(&child);
	assert_int_equal(child.pid, 0);
	assert_int_equal(info.si_code, CLD_EXITED);
	return info.si_status;
}

TEST(test_found_in_path)
{
	assert_int_equal(run(WORDS("sh", "-c", "exit 7")), 7);
}

/*
 * As if the shell had started it, whatever this program does with its signals. Some shells put
 * them in order themselves, so none may come between.
 */
TEST(test_signals_are_as_usual)
{
	sigset_t set, before;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &before);
	assert_int_equal(run(WORDS("grep", "-q", "^SigBlk:[[:space:]]*0*$", "/proc/self/status")),
			 0);
	/* SIGPIPE is 13, bit 12: the fourth digit from behind is even. */
	assert_int_equal(run(WORDS("grep", "-q", "^SigIgn:.*[02468ace]...$", "/proc/self/status")),
			 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, SIG_DFL);
}

static void check_refused(char *program, int expected)
{
	struct child child = {};

	assert_int_equal(child__start(&child, WORDS(program)), expected);
	assert_int_equal(child.pid, 0);
	/* Nothing to end, and no process to wait for. */
	child__end(&child);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

TEST(test_not_to_be_started)
{
	/* A directory in PATH that this user may not search would be another error. */
	setenv("PATH", "/usr/bin:/bin", 1);
	check_refused("/nonexistent", -ENOENT);
	check_refused("nonexistent-in-path", -ENOENT);
	check_refused("/etc/passwd", -EACCES);
	check_refused("/", -EACCES);
	check_refused("/etc/passwd/below", -ENOTDIR);
	check_refused("", -ENOENT);
}

/* The program goes on when the tracing shall end: it is told to, and not waited for. */
TEST(test_ended)
{
	struct child child = {};
	pid_t pid;
	int status;

	assert_int_equal(child__start(&child, WORDS("sleep", "60")), 0);
	pid = child.pid;
	child__end(&child);
	assert_int_equal(child.pid, 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

TEST(test_end_nothing)
{
	struct child child = {};

	child__end(&child);
	assert_int_equal(child.pid, 0);
}

RUN(cmocka_unit_test(test_found_in_path), cmocka_unit_test(test_signals_are_as_usual),
    cmocka_unit_test(test_not_to_be_started), cmocka_unit_test(test_ended),
    cmocka_unit_test(test_end_nothing))
