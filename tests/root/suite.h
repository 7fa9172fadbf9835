/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What every root test stands on: a table of tests run by cmocka, each in a network namespace of
 * its own, with its skips, its time limit, and the cleaning up after a failure.
 */
#ifndef TESTS_ROOT_SUITE_H
#define TESTS_ROOT_SUITE_H

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct test {
	const char *name;
	void (*run)(void);
};

#define TEST(function)                                                                             \
	{                                                                                          \
#function, function                                                                \
	}

/*
 * Runs the tests whose name contains argv[1] (all if there is none) and returns the exit status.
 * The output is TAP, unless the environment's CMOCKA_MESSAGE_OUTPUT names another format. A test
 * that has to be skipped is reported as TAP wants it: `ok 3 - name # SKIP reason`.
 */
int suite__main(const struct test *tests, size_t count, int argc, char **argv);

#define SUITE(...)                                                                                 \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		static const struct test tests[] = { __VA_ARGS__ };                                \
		return suite__main(tests, sizeof(tests) / sizeof(*tests), argc, argv);             \
	}

/* Leaves the running test, which is then reported as skipped. Not from a child process. */
_Noreturn void suite__skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line of diagnosis: a TAP comment on standard output. */
void suite__diag(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Calls undo(arg) when the test is over, however it ended; last in, first out. */
void suite__defer(void (*undo)(void *arg), void *arg);

/*
 * A child process must call this first: from then on a failed must() ends the child instead of
 * jumping into a copy of cmocka, and the child dies with its parent.
 */
void suite__in_child(void);

/* Kills and reaps the child at the end of the test if the test has not reaped it by then. */
void suite__adopt(pid_t pid);
/* Waits for an adopted child and returns its wait status; fails the test after `seconds`,
 * patiently. */
int suite__reap(pid_t pid, int seconds);

/* The network namespace in which the suite was started. */
int suite__home_netns(void);

/* What has to work for the test to mean anything; its failure is the test's. */
#define must(condition)                                                                            \
	((condition) ? (void)0 : suite__broken(#condition, errno, __FILE__, __LINE__))

_Noreturn void suite__broken(const char *what, int error, const char *file, int line);
_Noreturn void suite__fail_at(const char *file, int line);

/* CLOCK_MONOTONIC and CLOCK_REALTIME in nanoseconds. */
uint64_t suite__now(void);
uint64_t suite__wall(void);
void suite__nap_us(unsigned int us);
/*
 * How long to wait for what takes at most `seconds` on an ordinary machine. TEST_PATIENCE in the
 * environment is the factor by which this one is slower: an emulated one, for instance.
 */
unsigned int suite__patience(unsigned int seconds);

/* Between two looks at something. A CPU that is emulated would else be busy with looking. */
void suite__poll_nap(void);

/* Polls until the condition holds; fails the test if that takes longer than 10 s, patiently. */
#define wait_until(condition) wait_seconds(10, condition)
#define wait_seconds(seconds, condition)                                                           \
	do {                                                                                       \
		uint64_t end_ = suite__now() + suite__patience(seconds) * 1000000000ull;           \
		while (!(condition)) {                                                             \
			if (suite__now() > end_)                                                   \
				suite__broken("in time: " #condition, 0, __FILE__, __LINE__);      \
			suite__poll_nap();                                                         \
		}                                                                                  \
	} while (0)

#endif
