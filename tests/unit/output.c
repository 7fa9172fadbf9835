// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Standard output: slow readers, readers that went away, full disks, and the end of patience. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "support/output.h"

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void make_pipe(int fds[2])
{
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
}

/* The byte at `offset` of the test's stream, which repeats late and at no power of two. */
static unsigned char pattern(size_t offset)
{
	return offset % 251 ^ offset / 251 % 241;
}

/* Rows of many lengths up to the largest, `total` bytes in all. */
static void write_pattern(struct output *out, size_t total)
{
	size_t offset = 0, size;

	for (size_t row = 0; offset < total; row++) {
		size = 1 + row * 7919 % OUTPUT_ROW_MAX;
		if (size > total - offset)
			size = total - offset;
		char *p = output__reserve(out, size);

		for (size_t i = 0; i < size; i++)
			p[i] = pattern(offset + i);
		output__commit(out, p + size);
		offset += size;
	}
	output__flush(out);
}

/*
 * A process that reads `total` bytes after a while and with pauses, then expects the end. Its exit
 * status is 0 if every byte was right.
 */
static pid_t start_reader(const int fds[2], size_t total, unsigned int wait_us)
{
	static unsigned char buf[32768];
	size_t offset = 0;
	pid_t pid = fork();
	ssize_t n;

	assert_true(pid >= 0);
	if (pid)
		return pid;
	close(fds[1]);
	usleep(wait_us);
	while ((n = read(fds[0], buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] != pattern(offset++))
				_exit(2);
		if (offset % 16 == 0)
			usleep(500);
	}
	_exit(offset == total ? 0 : 3);
}

static void check_reader(pid_t pid)
{
	int status;
	pid_t ended;

	do
		ended = waitpid(pid, &status, 0);
	while (ended < 0 && errno == EINTR);
	assert_int_equal(ended, pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void check_all_arrives(int flags)
{
	enum { TOTAL = 3000000 };
	struct output *out;
	int fds[2];
	pid_t pid;

	make_pipe(fds);
	if (flags)
		assert_int_equal(fcntl(fds[1], F_SETFL, flags), 0);
	pid = start_reader(fds, TOTAL, 20000);
	close(fds[0]);
	out = output__new(fds[1], -1);
	assert_non_null(out);
	write_pattern(out, TOTAL);
	assert_int_equal(output__error(out), 0);
	output__free(out);
	close(fds[1]);
	check_reader(pid);
}

TEST(test_slow_reader)
{
	check_all_arrives(0);
}

/* Another program that shares the pipe may have set this. */
TEST(test_pipe_that_does_not_block)
{
	check_all_arrives(O_NONBLOCK);
}

static void do_nothing(int signal)
{
	(void)signal;
}

TEST(test_interrupted)
{
	struct itimerval often = { { 0, 300 }, { 0, 300 } }, never = {};
	struct sigaction action = { .sa_handler = do_nothing }, before;

	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &often, NULL);
	check_all_arrives(0);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
}

TEST(test_file)
{
	enum { TOTAL = 2000000 };
	FILE *file = tmpfile();
	struct output *out = output__new(fileno(file), -1);

	write_pattern(out, TOTAL);
	assert_int_equal(output__error(out), 0);
	output__free(out);
	rewind(file);
	for (size_t i = 0; i < TOTAL; i++)
		if (fgetc(file) != pattern(i))
			fail_msg("byte %zu", i);
	assert_int_equal(fgetc(file), EOF);
	fclose(file);
}

/* Rows wait in the buffer until they are flushed, or until there is no room for the next. */
TEST(test_buffered)
{
	FILE *file = tmpfile();
	struct output *out = output__new(fileno(file), -1);
	char *p;

	p = output__reserve(out, 100);
	memcpy(p, "row\n", 4);
	output__commit(out, p + 4);
	assert_int_equal(lseek(fileno(file), 0, SEEK_CUR), 0);
	/* Reserved and not used. */
	output__commit(out, output__reserve(out, 100));
	output__flush(out);
	assert_int_equal(lseek(fileno(file), 0, SEEK_CUR), 4);
	output__flush(out);
	assert_int_equal(lseek(fileno(file), 0, SEEK_CUR), 4);
	output__free(out);
	fclose(file);
}

/* The first error is the one that stays, and nothing hangs, grows or is written after it. */
static void check_sticky(struct output *out, int expected)
{
	assert_int_equal(output__error(out), expected);
	write_pattern(out, 2000000);
	assert_int_equal(output__error(out), expected);
	output__free(out);
}

TEST(test_closed_reader)
{
	struct output *out;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	make_pipe(fds);
	close(fds[0]);
	out = output__new(fds[1], -1);
	assert_int_equal(output__error(out), 0);
	write_pattern(out, 10);
	check_sticky(out, -EPIPE);
	close(fds[1]);
}

/* It goes away while the writer waits for it. */
TEST(test_reader_that_goes_away)
{
	struct output *out;
	int fds[2], status;
	pid_t pid;

	signal(SIGPIPE, SIG_IGN);
	make_pipe(fds);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(fds[1]);
		usleep(50000);
		_exit(0);
	}
	close(fds[0]);
	out = output__new(fds[1], -1);
	write_pattern(out, 1000000);
	check_sticky(out, -EPIPE);
	close(fds[1]);
	waitpid(pid, &status, 0);
}

TEST(test_full_disk)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct output *out = output__new(fd, -1);

	assert_true(fd >= 0);
	write_pattern(out, 10);
	check_sticky(out, -ENOSPC);
	close(fd);
}

TEST(test_no_descriptor)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct output *out;

	close(fd);
	out = output__new(fd, -1);
	write_pattern(out, 10);
	check_sticky(out, -EBADF);
}

TEST(test_not_open_for_writing)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct output *out = output__new(fd, -1);

	write_pattern(out, 10);
	check_sticky(out, -EBADF);
	close(fd);
}

/* The program shall end, and the reader only pauses: what is there is still delivered. */
TEST(test_patience_with_a_reader_that_comes_back)
{
	enum { TOTAL = 500000 };
	int fds[2], stop[2];
	struct output *out;
	pid_t pid;

	make_pipe(fds);
	make_pipe(stop);
	pid = start_reader(fds, TOTAL, 300000);
	close(fds[0]);
	assert_int_equal(write(stop[1], "", 1), 1);
	out = output__new(fds[1], stop[0]);
	write_pattern(out, TOTAL);
	assert_int_equal(output__error(out), 0);
	output__free(out);
	close(fds[1]);
	check_reader(pid);
	close(stop[0]);
	close(stop[1]);
}

/* The reader is stopped for good: the program waits for as long as it runs, and not for ever. */
TEST(test_patience_ends)
{
	int fds[2], stop[2];
	struct output *out;
	double begin;
	pid_t pid;

	make_pipe(fds);
	make_pipe(stop);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		usleep(300000);
		_exit(write(stop[1], "", 1) != 1);
	}
	out = output__new(fds[1], stop[0]);
	begin = now();
	write_pattern(out, 200000);
	assert_int_equal(output__error(out), -ETIMEDOUT);
	if (now() - begin < 1.3 || now() - begin > 15)
		fail_msg("after %.1f s", now() - begin);
	check_reader(pid);
	/* From here on at once. */
	begin = now();
	check_sticky(out, -ETIMEDOUT);
	assert_true(now() - begin < 1);
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
		close(stop[i]);
	}
}

TEST(test_free_nothing)
{
	output__free(NULL);
}

RUN(cmocka_unit_test(test_slow_reader), cmocka_unit_test(test_pipe_that_does_not_block),
    cmocka_unit_test(test_interrupted), cmocka_unit_test(test_file),
    cmocka_unit_test(test_buffered), cmocka_unit_test(test_closed_reader),
    cmocka_unit_test(test_reader_that_goes_away), cmocka_unit_test(test_full_disk),
    cmocka_unit_test(test_no_descriptor), cmocka_unit_test(test_not_open_for_writing),
    cmocka_unit_test(test_patience_with_a_reader_that_comes_back),
    cmocka_unit_test(test_patience_ends), cmocka_unit_test(test_free_nothing))
